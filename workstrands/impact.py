"""What an action should change: the impact intended, the KPIs it should move, and from when an effect is expected.

All three are statements of the action, edited in place; who said what, and when, is in its history.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from common.dates import in_words
from common.text import text_problem, tidy
from kpis.models import Kpi
from people.models import User
from workstrands.illustration import refuse_real
from workstrands.models import Action
from workstrands.options import Option, of_kpi
from workstrands.reporting import leads_of

REASON = "What it should change"


@dataclass(frozen=True, slots=True)
class Aim:
    """What an action should change; `kpis` by id."""

    kpis: frozenset[int] = frozenset()
    intended_impact: str = ""
    effect_expected_from: date | None = None


class Conflict(Exception):
    """Somebody else said otherwise in the meantime. `stands` is what is said now."""

    def __init__(self, stands: Aim):
        super().__init__("What this action should change was said otherwise in the meantime.")
        self.stands = stands


# Rules


def merged(wanted: Aim, *, seen: Aim, stands: Aim) -> Aim:
    """What two people at once make of it: their ticks add up, and what only one of them changed is as that one says."""
    kpis = (stands.kpis | (wanted.kpis - seen.kpis)) - (seen.kpis - wanted.kpis)
    said = {each.name: _said(each.name, wanted, seen, stands) for each in fields(Aim) if each.name != "kpis"}
    return Aim(kpis, **said)


def _said(name: str, wanted: Aim, seen: Aim, stands: Aim):
    ours, before, theirs = (getattr(aim, name) for aim in (wanted, seen, stands))
    if ours == before:
        return theirs
    if theirs not in (before, ours):
        raise Conflict(stands)
    return ours


def why_no_aim(action: Action) -> str:
    """Why nothing can be said of what an action should change, as a sentence; empty when it can."""
    if action.retired_on:
        return f"This action was retired on {in_words(action.retired_on)}. It is kept to be read."
    return ""


# Reading


def aim_of(action: Action) -> Aim:
    ids = frozenset(action.kpis.values_list("pk", flat=True))
    return Aim(ids, tidy(action.intended_impact), action.effect_expected_from)


def kpis_to_move(action: Action, *, by: User) -> list[Option]:
    """The KPIs of its area, each with whether the action should move it; to an illustrative sign-in, those of no real owner."""
    linked = Action.kpis.through.objects.filter(action=action, kpi=OuterRef("pk"))
    kpis = Kpi.objects.filter(area=action.area_id).annotate(is_linked=Exists(linked))
    kpis = kpis.filter(Q(retired_at__isnull=True) | Q(is_linked=True)).select_related("indicator")
    if by.is_illustrative:
        kpis = kpis.filter(Q(owner=None) | Q(owner__is_illustrative=True))
    return [of_kpi(kpi) for kpi in kpis.order_by("-is_headline", "position", "indicator__title", "pk")]


# Writing


@transaction.atomic
def say_impact(
    action: Action,
    *,
    kpis: Iterable[Kpi],
    intended_impact: str,
    effect_expected_from: date | None,
    by: User,
    at: datetime,
    seen: Aim | None = None,
) -> bool:
    """Whether anything was changed; `Conflict` where somebody else changed the same since `seen`."""
    held = Action.objects.select_for_update().get(pk=action.pk)
    stands = aim_of(held)
    seen = stands if seen is None else replace(seen, intended_impact=tidy(seen.intended_impact))
    wanted = Aim(frozenset(kpi.pk for kpi in kpis), tidy(intended_impact), effect_expected_from)
    aim = merged(wanted, seen=seen, stands=stands)
    if aim == stands:
        return False
    _refuse(held, aim, stands, by=by, at=at)
    held._history_user, held._history_date, held._change_reason = by, at, REASON
    said = [name for name in ("intended_impact", "effect_expected_from") if getattr(aim, name) != getattr(stands, name)]
    for name in said:
        setattr(held, name, getattr(aim, name))
    if said:
        held.save(update_fields=said)
    if aim.kpis != stands.kpis:
        held.kpis.set(aim.kpis)
    return True


def _refuse(action: Action, aim: Aim, stands: Aim, *, by: User, at: datetime) -> None:
    """`ValidationError` for what cannot be kept: of a retired action, of another area's KPI, of a real person's work."""
    closed = why_no_aim(action)
    if closed:
        raise ValidationError(closed)
    changed = Kpi.objects.filter(pk__in=aim.kpis ^ stands.kpis).select_related("owner", "indicator")
    if any(kpi.area_id != action.area_id for kpi in changed):
        raise ValidationError("An action moves the KPIs of its own area.")
    refuse_real(by, *leads_of(action, at)[:1], what=f"Action {action.ref}")
    for kpi in changed:
        refuse_real(by, kpi.owner, what=str(kpi))
    problem = text_problem(aim.intended_impact, name="What it should change")
    if problem:
        raise ValidationError({"intended_impact": problem})
    starts_on, day = action.starts_on or action.strategy.starts_on, aim.effect_expected_from
    if day and day != stands.effect_expected_from and day < starts_on:
        message = f"No effect comes before the action starts, {in_words(starts_on)}. Give that day or a later one."
        raise ValidationError({"effect_expected_from": message})
