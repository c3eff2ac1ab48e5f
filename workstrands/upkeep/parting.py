"""Splitting an action into two or more, and merging several into one that stays."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from common.dates import london_day
from common.text import tidy
from common.words import listed
from people.models import Lead
from strategies import keeping
from workstrands.models import Action, Deadline, Evidence
from workstrands.planning import set_deadline
from workstrands.status import DeadlineState
from workstrands.upkeep.editing import add_action, refuse_closed, set_supporting
from workstrands.upkeep.places import Place, latest_placement
from workstrands.upkeep.seen import Seen, hold, refuse_made_up, refuse_overtaken

SPLIT_FROM = "Split from "
COPIED = ("partner", "starts_on", "is_critical", "intended_impact", "effect_expected_from")
LINKED = ("supporting_leads", "kpis", "findings", "also_serves")
CARRIED = {
    "leads": "Their leads, who will support its lead",
    "kpis": "The KPIs that they should move",
    "findings": "The findings that they answer",
    "evidence": "The web addresses of their evidence, on its latest update",
}
MOST_PARTS, MOST_MERGED = 6, 20


# Splitting


@dataclass(frozen=True, slots=True)
class Part:
    """One of the new actions; what is not named is as it was."""

    title: str
    ref: str = ""
    lead: Lead | None = None
    place: Place | None = None


@transaction.atomic
def split_action(
    action: Action,
    parts: Iterable[Part],
    *,
    by,
    at: datetime,
    seen: Seen | None,
    stays_as: str | None = None,
    because: str = "",
) -> list[Action]:
    """The new actions. The old one stays with narrower wording (`stays_as`), or is retired and leads to the first."""
    held = hold(action)
    refuse_overtaken(held, seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    parts = list(parts)
    least = 2 if stays_as is None else 1
    if len(parts) < least:
        raise ValidationError(f"Give the wording of at least {'two new actions' if least == 2 else 'one new action'}.")
    made = [_made(held, part, by=by, at=at) for part in parts]
    if stays_as is None:
        said = tidy(because) or f"Split into {listed(one.ref for one in made)}."
        keeping.retire(held, because=said, by=by, at=at, seen=None, replaced_by=made[0])
    else:
        if not tidy(stays_as):
            raise ValidationError({"stays_as": "Say what the action keeps doing."})
        keeping.change(held, {"title": stays_as}, by=by, at=at, seen=None)
    return made


def _made(action: Action, part: Part, *, by, at: datetime) -> Action:
    stood, agreed = latest_placement(action), agreed_dates(action)
    copied = {name: getattr(action, name) for name in COPIED}
    copied["starts_on"] = start_of_part(action.starts_on, [row.due_on for row in agreed], on=london_day(at))
    made = add_action(
        action.strategy, place=part.place or Place.of(stood), title=part.title, ref=part.ref, by=by, at=at,
        lead=part.lead or (stood and stood.lead), reason=f"{SPLIT_FROM}{action.key}",
        links={name: list(getattr(action, name).all()) for name in LINKED},
        **copied,
    )  # fmt: skip
    for row in agreed:
        set_deadline(
            made, due_on=row.due_on, applies_to=row.applies_to, as_written=row.as_written, by=by, at=at,
            reason=f"Split from {action.ref}",
        )  # fmt: skip
    return made


def start_of_part(starts_on: date | None, due: list[date], *, on: date) -> date | None:
    """The day of the split: before it nobody could report on the part. As before where the start is to come, or a date has passed."""
    if (starts_on and starts_on > on) or any(day < on for day in due):
        return starts_on
    return on


def agreed_dates(action: Action) -> list[Deadline]:
    """The agreed date that stands for each part of the work, in the order in which they were first set."""
    standing: dict[str, Deadline] = {}
    for row in action.deadlines.filter(state=DeadlineState.AGREED).order_by("number"):
        standing[row.applies_to] = row
    return list(standing.values())


# Merging


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge made: how many actions it retired, and how many pieces of evidence it carried over."""

    actions: int
    evidence: int = 0


@dataclass(frozen=True, slots=True)
class Other:
    """An action that is merged into another, and what the form saw of it."""

    action: Action
    seen: Seen | None = field(default=None)


@transaction.atomic
def merge_actions(
    stays: Action,
    others: Iterable[Other],
    *,
    because: str,
    carry: Iterable[str] = (),
    title: str = "",
    by,
    at: datetime,
    seen: Seen | None,
) -> Merged:
    """The others are retired and lead to the one that stays; what they reported stays with them, to be read."""
    held = hold(stays)
    refuse_overtaken(held, seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    merged = [_mergeable(held, other, by=by, at=at) for other in others]
    if not merged:
        raise ValidationError({"others": "Tick at least one action to merge into this one."})
    if not tidy(because):
        raise ValidationError({"because": "Say why they become one."})
    carried = _carry(held, merged, set(carry), by=by, at=at)
    if tidy(title):
        keeping.change(held, {"title": title}, by=by, at=at, seen=None)
    for other in merged:
        said = f"Merged into {held.ref}: {tidy(because)}"
        keeping.retire(other, because=said, by=by, at=at, seen=None, replaced_by=held)
    return Merged(len(merged), carried)


def _mergeable(stays: Action, other: Other, *, by, at: datetime) -> Action:
    if other.action.strategy_id != stays.strategy_id or other.action.pk == stays.pk:
        raise ValidationError({"others": "Actions of the same plan become one."})
    other.action.strategy, other.action.area = stays.strategy, stays.area
    held = hold(other.action)
    refuse_overtaken(held, other.seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    return held


def _carry(stays: Action, merged: list[Action], carry: set[str], *, by, at: datetime) -> int:
    """How many pieces of evidence were carried over."""
    if "leads" in carry:
        _carry_leads(stays, merged, by=by, at=at)
    links = {
        name: {*getattr(stays, name).all(), *(one for other in merged for one in getattr(other, name).all())}
        for name in ("kpis", "findings")
        if name in carry
    }
    if links:
        keeping.change(stays, {}, links=links, by=by, at=at, seen=None)
    return _carry_evidence(stays, merged, by=by, at=at) if "evidence" in carry else 0


def _carry_leads(stays: Action, merged: list[Action], *, by, at: datetime) -> None:
    own = latest_placement(stays)
    leads = {lead for other in [stays, *merged] for lead in other.supporting_leads.all()}
    leads |= {placed.lead for other in merged if (placed := latest_placement(other)) and placed.lead}
    set_supporting(stays, [lead for lead in leads if own is None or lead.pk != own.lead_id], by=by, at=at)


def _carry_evidence(stays: Action, merged: list[Action], *, by, at: datetime) -> int:
    """Onto the latest update of the one that stays; where it has none, evidence stays where it is."""
    latest = stays.updates.order_by("-number").first()
    if latest is None:
        return 0
    there = set(Evidence.objects.filter(update__action=stays).values_list("url", flat=True))
    found = Evidence.objects.filter(update__action__in=merged).exclude(url="").order_by("update", "pk")
    fresh = {one.url: one for one in found if one.url not in there}
    for one in fresh.values():
        copy = Evidence(update=latest, title=one.title, kind=one.kind, url=one.url, dated_on=one.dated_on,
                        added_at=at, added_by=by, is_illustrative=one.is_illustrative or bool(by and by.is_illustrative))  # fmt: skip
        copy._history_user, copy._history_date = by, at
        copy.save()
    return len(fresh)


# Reading


@dataclass(frozen=True, slots=True)
class Kin:
    """What an action was split from, none of what was added on its own; and what was split off it, in the plan's order."""

    came_from: Action | None = None
    split_off: list[Action] = field(default_factory=list)


def kin_of(action: Action) -> Kin:
    """As the first lines of their histories say. One query, and a second where there is any."""
    said = f"{SPLIT_FROM}{action.key}"
    lines = Action.history.model.objects.filter(strategy=action.strategy_id, history_type="+")
    found = lines.filter(Q(id=action.pk) | Q(history_change_reason=said)).values_list("id", "history_change_reason")
    reasons = dict(found)
    origin = reasons.pop(action.pk, "") or ""
    key = origin.removeprefix(SPLIT_FROM) if origin.startswith(SPLIT_FROM) else None
    if not key and not reasons:
        return Kin()
    kin = Action.objects.filter(Q(pk__in=reasons) | Q(area=action.area_id, key=key or ""))
    kin = list(kin.select_related("area").order_by("position", "pk"))
    return Kin(
        came_from=next((one for one in kin if one.key == key), None),
        split_off=[one for one in kin if one.pk in reasons],
    )
