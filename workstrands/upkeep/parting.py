"""Splitting an action into two or more, and merging several into one that stays."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from common.dates import london_day
from common.text import tidy
from common.words import listed
from people.models import Lead
from strategies import keeping
from workstrands.models import Action, Deadline, Evidence, ProgressUpdate
from workstrands.planning import set_deadline
from workstrands.status import DeadlineState
from workstrands.upkeep.closing import refuse_closed
from workstrands.upkeep.editing import add_action, link_action
from workstrands.upkeep.places import Place, latest_placement
from workstrands.upkeep.seen import Seen, hold, refuse_made_up, refuse_overtaken

COPIED = ("partner", "starts_on", "is_critical", "intended_impact", "effect_expected_from")
LINKED = ("supporting_leads", "kpis", "findings", "also_serves")
CARRIED = {
    "leads": "Their leads, who will support its lead",
    "kpis": "The KPIs that they should move",
    "findings": "The findings that they answer",
    "evidence": "Their evidence, web addresses and files, on its latest update",
}
OF_EVIDENCE = ("title", "kind", "url", "dated_on", "file", "file_name", "content_type", "sha256", "size", "scan")
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
        lead=part.lead or (stood and stood.lead), reason=f"Split from {action.ref}", came_from=action,
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
    leads = [lead for lead in leads if own is None or lead.pk != own.lead_id]
    link_action(stays, {"supporting_leads": leads}, by=by, at=at)


def _carry_evidence(stays: Action, merged: list[Action], *, by, at: datetime) -> int:
    """Onto the latest update of the one that stays; where it has none, evidence stays where it is."""
    latest = stays.updates.order_by("-number").first()
    if latest is None:
        return 0
    given_out = Evidence.objects.filter(withheld_at=None).exclude(scan=Evidence.Scan.INFECTED)
    found = given_out.filter(update__action__in=merged).exclude(url="", file="").order_by("update", "pk")
    there = {_told_by(one) for one in Evidence.objects.filter(update__action=stays)}
    fresh = {_told_by(one): one for one in found if _told_by(one) not in there}
    for one in fresh.values():
        _copy_evidence(one, latest, by=by, at=at)
    return len(fresh)


def _told_by(piece: Evidence) -> tuple[str, str]:
    """A file is told by its content, anything else by its address."""
    return piece.sha256, piece.url


def _copy_evidence(piece: Evidence, update: ProgressUpdate, *, by, at: datetime) -> None:
    """Another row; a file is stored once, and stays for as long as one row names it."""
    made_up = piece.is_illustrative or update.is_illustrative or bool(by and by.is_illustrative)
    copy = Evidence(update=update, added_at=at, added_by=by, is_illustrative=made_up,
                    **{name: getattr(piece, name) for name in OF_EVIDENCE})  # fmt: skip
    copy._history_user, copy._history_date = by, at
    copy.save()


# Reading


@dataclass(frozen=True, slots=True)
class Kin:
    """What an action was split from, none of what was added on its own; and what was split off it, in the plan's order."""

    came_from: Action | None = None
    split_off: list[Action] = field(default_factory=list)


def kin_of(action: Action) -> Kin:
    """One query, and a second of what was split off another."""
    parts = action.parts.select_related("area").order_by("position", "pk")
    origin = action.came_from_id and Action.objects.select_related("area").get(pk=action.came_from_id)
    return Kin(came_from=origin or None, split_off=list(parts))
