"""Handing over what a lead answers for to another, one by one or all at once; and that a lead has left.

Actions get a further placement; what names its lead in place (work strands, priorities, KPIs, risks) is changed there, with
its history. What a lead supports without leading it is only named: that is taken up on the action itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from board.models import Risk
from board.upkeep.dependents import words_of
from common.dates import in_words
from kpis.models import Kpi
from people.models import Lead, User
from priorities.models import Priority
from strategies import keeping
from strategies.keeping import Overtaken
from strategies.models import Strategy
from strategies.own_words import strand_word
from workstrands.illustration import refuse_real
from workstrands.models import Action, WorkStrand
from workstrands.rearranging import hand_over_actions, standing_placements


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that a lead answers for. `key` is what a form carries of it: "action-12"."""

    kind: str
    record: object
    address: str
    placement: object = None

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.record.pk}"

    @property
    def words(self) -> str:
        return words_of(self.record)


@dataclass(frozen=True, slots=True)
class Held:
    """What a lead answers for, by heading; and the actions that they only support."""

    groups: list[tuple[str, list[Holding]]]
    supported: list[Action]

    @property
    def holdings(self) -> list[Holding]:
        return [holding for _, holdings in self.groups for holding in holdings]

    @property
    def digest(self) -> str:
        """What a form carries to say what it showed."""
        return "_".join(holding.key for holding in self.holdings)


def held_by(lead: Lead) -> Held:
    """Of plans in any state, and not of what was retired or closed; six queries."""
    placements = standing_placements(Q(lead=lead))
    strands = WorkStrand.objects.in_use().filter(lead=lead).select_related("strategy__area")
    priorities = Priority.objects.in_use().filter(sros=lead).select_related("strategy__area")
    kpis = Kpi.objects.in_use().filter(owner=lead).select_related("indicator", "area")
    risks = Risk.objects.filter(owner=lead, closed_on=None).select_related("strategy__area")
    priority_words = "Priorities of which they are senior responsible owner"
    groups = [
        ("Actions that they lead", [Holding("action", each.action, _of(each.action), each) for each in placements]),
        (f"The {strand_word(is_plural=True)} that they lead", [Holding("strand", each, _of(each)) for each in strands]),
        (priority_words, [Holding("priority", each, _of(each)) for each in priorities]),
        ("KPIs that they own", [Holding("kpi", each, _of(each)) for each in kpis]),
        ("Open risks that they own", [Holding("risk", each, _of(each)) for each in risks]),
    ]
    supported = Action.objects.in_use().filter(supporting_leads=lead).select_related("area").order_by("position", "pk")
    return Held([(heading, found) for heading, found in groups if found], list(supported))


def _of(record) -> str:
    if isinstance(record, Risk):
        return reverse("board:risk", args=[record.strategy.area.slug, record.strategy.slug, record.ref])
    return record.get_absolute_url()


@transaction.atomic
def hand_over(
    lead: Lead,
    *,
    to: Lead | None,
    to_nobody: bool = False,
    keys: Collection[str],
    left_on: date | None,
    by: User,
    at: datetime,
    seen: int | None,
    seen_held: str | None = None,
) -> int:
    """The chosen holdings go to another lead, or to nobody, and the lead leaves where a day is given; all of it or nothing.

    How many went.
    """
    for plan in Strategy.objects.filter(area=lead.area_id).order_by("pk"):
        keeping.hold(plan)
    keeping.refuse_overtaken(lead, seen)
    refuse_real(by, lead, to, what=str(lead))
    held = held_by(lead)
    if seen_held is not None and seen_held != held.digest:
        raise Overtaken([])
    chosen = [holding for holding in held.holdings if holding.key in keys]
    _refuse_what_cannot_be(lead, to, chosen, left_on, at, to_nobody=to_nobody)
    hand_over_actions([holding.placement for holding in chosen if holding.kind == "action"], to, by=by, at=at)
    for holding in chosen:
        _hand_over(holding, lead, to, by=by, at=at)
    if left_on and left_on != lead.left_on:
        keeping.change(lead, {"left_on": left_on}, by=by, at=at, seen=None)
    return len(chosen)


def _refuse_what_cannot_be(
    lead: Lead, to: Lead | None, chosen: list[Holding], left_on: date | None, at: datetime, *, to_nobody: bool
) -> None:
    if not chosen and not left_on:
        raise ValidationError({"keys": "Tick what is handed over, or give the day on which they left."})
    if chosen and to is None and not to_nobody:
        raise ValidationError({"to": "Choose who takes it on, or that nobody does."})
    if to is not None and (to.pk == lead.pk or to.area_id != lead.area_id):
        raise ValidationError({"to": "Choose another lead of this area."})
    if to is not None and to.left_on and to.left_on <= at.date():
        raise ValidationError({"to": f"{to} left on {in_words(to.left_on)}. Choose a lead in post."})


def _hand_over(holding: Holding, lead: Lead, to: Lead | None, *, by: User, at: datetime) -> None:
    record = holding.record
    if holding.kind == "strand":
        keeping.change(record, {"lead": to}, by=by, at=at, seen=None)
    elif holding.kind in ("kpi", "risk"):
        keeping.change(record, {"owner": to}, by=by, at=at, seen=None)
    elif holding.kind == "priority":
        owners = {owner for owner in record.sros.all() if owner.pk != lead.pk} | ({to} if to else set())
        keeping.change(record, {}, links={"sros": owners}, by=by, at=at, seen=None)
