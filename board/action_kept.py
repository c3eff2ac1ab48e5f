"""What an action's own page says of its upkeep: where it came from, what became part of it, which date waits, what may be done."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from common.dates import in_words, london_day
from people.roles import may_edit
from people.scoping import Past
from workstrands.models import Action, Deadline
from workstrands.status import DeadlineState
from workstrands.upkeep import parting


@dataclass(frozen=True, slots=True)
class Earlier:
    """An action that became part of this one: its reference, what it said, how often it was reported on, where to read it."""

    ref: str
    title: str
    updates: int
    address: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an action came from, what was split off it, which date waits, and what may be done with it."""

    came_from: Earlier | None = None
    split_off: list[Action] = field(default_factory=list)
    earlier: list[Earlier] = field(default_factory=list)
    proposed: Deadline | None = None
    links: list[tuple[str, str]] = field(default_factory=list)
    history: str = ""
    why_not_there: str = ""
    propose_address: str = ""


def kept_of(action: Action, view, *, deadlines: list, may_update: bool) -> Kept:
    """Two queries, three of what was split. `deadlines` are its dates as told at the moment viewed, oldest first."""
    is_now = not view.when.as_at
    last = deadlines[-1].row if deadlines else None
    kin = parting.kin_of(action)
    origin = kin.came_from
    return Kept(
        came_from=origin and Earlier(origin.ref, origin.title, 0, address_to_read(origin)),
        split_off=[one for one in kin.split_off if one.added_at is None or one.added_at <= view.when.moment],
        earlier=[one for one in earlier_of(action, view.when.moment) if origin is None or one.ref != origin.ref],
        proposed=last if last and last.state == DeadlineState.PROPOSED else None,
        links=keeping_links(action, view) if is_now and may_edit(view.membership) else [],
        history=_address("action-history", action),
        propose_address=_address("action-propose-date", action) if is_now and may_update else "",
        why_not_there=why_not_there(action, view.when.moment),
    )


def why_not_there(action: Action, moment) -> str:
    """Why the plan did not hold it at a moment, as a sentence; empty where it did, or where the plan had not begun."""
    if action.added_at and action.added_at > moment:
        return f"On this day the action did not exist yet: it was added on {in_words(london_day(action.added_at))}."
    return ""


def earlier_of(action: Action, moment: datetime) -> list[Earlier]:
    """As each last stood, a second before it was retired."""
    merged = Action.objects.filter(replaced_by=action, retired_at__lte=moment)
    rows = merged.annotate(said=Count("updates")).order_by("position", "pk")
    rows = rows.select_related("area")
    return [Earlier(row.ref, row.title, row.said, address_to_read(row)) for row in rows]


def address_to_read(action: Action) -> str:
    """Of what another took the place of: as it last stood, since its own address leads on."""
    address = _address("action", action)
    if not action.replaced_by_id:
        return address
    stood = Past(action.retired_at - timedelta(seconds=1), exactly=True)
    return f"{address}?{urlencode({'as_at': str(stood)})}"


def keeping_links(action: Action, view) -> list[tuple[str, str]]:
    """What officers may do with it: (words, address)."""
    if action.strategy.has_ended(view.when.today) or action.replaced_by_id:
        return []
    if action.retired_at:
        return [("Take it back", _address("action-retire", action))]
    names = {"Edit": "edit", "Move or hand over": "move", "Split": "split", "Merge": "merge", "Retire": "retire"}
    return [(words, _address(f"action-{name}", action)) for words, name in names.items()]


def _address(name: str, action: Action) -> str:
    return reverse(f"board:{name}", args=[action.area.slug, action.key])
