"""Where an action can hang, what reference it gets there, and where it stands in the order."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from priorities.models import Priority
from strategies.models import Strategy
from workstrands.models import Action, Objective, Placement, WorkStrand
from workstrands.upkeep.told import place_in_words

LONGEST_REF = 20


@dataclass(frozen=True, slots=True)
class Place:
    """An objective, or else a priority, a work strand, or both."""

    objective: Objective | None = None
    priority: Priority | None = None
    workstrand: WorkStrand | None = None

    def __str__(self) -> str:
        return place_in_words(self)

    @property
    def ids(self) -> tuple[int | None, int | None, int | None]:
        return tuple(part and part.pk for part in (self.objective, self.priority, self.workstrand))

    @property
    def retired(self):
        parts = (self.objective, self.priority, self.workstrand)
        return next((part for part in parts if part and part.retired_at), None)

    @classmethod
    def of(cls, row: Placement | None) -> "Place":
        return cls(row.objective, row.priority, row.workstrand) if row else cls()


def latest_placement(action: Action) -> Placement | None:
    rows = action.placements.select_related("objective__priority", "objective__workstrand", "priority", "workstrand")
    return rows.select_related("lead").order_by("-number").first()


def refuse_place(place: Place, strategy: Strategy) -> None:
    if not any(place.ids):
        raise ValidationError({"place": "Choose what the action hangs on."})
    if place.retired:
        raise ValidationError({"place": f"{place.retired} was retired. Choose what is in use."})
    if any(part and part.strategy_id != strategy.pk for part in (place.objective, place.priority, place.workstrand)):
        raise ValidationError({"place": "An action hangs on something of its own plan."})


# References and keys


@dataclass(frozen=True, slots=True)
class Hanging:
    """An action of the plan as far as its neighbours ask: where it hangs now."""

    pk: int
    ref: str
    position: int
    objective: int | None
    priority: int | None
    workstrand: int | None


def hanging(strategy: Strategy) -> list[Hanging]:
    """The actions in use, in the plan's order; one query."""
    rows = Action.objects.filter(strategy=strategy, retired_at=None).prefetch_related(None).order_by("position", "pk")
    last = Placement.objects.filter(action__strategy=strategy).order_by("action", "-number")
    placed: dict[int, tuple] = {}
    for action, *ids in last.values_list(
        "action", "objective", "priority", "workstrand", "objective__priority", "objective__workstrand"
    ):
        placed.setdefault(action, tuple(ids))
    nowhere = (None,) * 5
    return [
        Hanging(pk, ref, position, place[0], place[1] or place[3], place[2] or place[4])
        for pk, ref, position in rows.values_list("pk", "ref", "position")
        for place in [placed.get(pk, nowhere)]
    ]


def beside(place: Place, rows: list[Hanging]) -> list[Hanging]:
    """Those that hang on the same; of an objective without any, those of its priority, then of its work strand."""
    objective = place.objective
    priority = place.priority or (objective and objective.priority)
    strand = place.workstrand or (objective and objective.workstrand)
    for name, part in (("objective", objective), ("priority", priority), ("workstrand", strand)):
        found = [row for row in rows if part and getattr(row, name) == part.pk]
        if found:
            return found
    return []


def next_ref(place: Place, strategy: Strategy, *, rows: list[Hanging] | None = None, also: Iterable[str] = ()) -> str:
    """The next free reference under a parent. References of what was retired stay taken, and so do those in `also`."""
    taken = {*Action.objects.filter(strategy=strategy).values_list("ref", flat=True), *also}
    siblings = [row.ref for row in beside(place, hanging(strategy) if rows is None else rows)]
    priority = place.priority or (place.objective and place.objective.priority)
    parent = priority.ref if priority else place.objective.ref if place.objective else f"S{place.workstrand.position}"
    return free_ref(siblings, parent=parent, taken=taken)


def free_ref(siblings: Iterable[str], *, parent: str, taken: set[str]) -> str:
    """1.9 after 1.1 to 1.8; 1.10 where 1.9 was used before; 3.1 under a parent 3 without any."""
    parted = [found.groups() for ref in siblings if (found := re.fullmatch(r"(.*\D)?(\d{1,6})", ref))]
    starts = Counter(start for start, _ in parted if start)
    start = starts.most_common(1)[0][0] if starts else f"{parent[: LONGEST_REF - 7]}."
    number = max((int(number) for begin, number in parted if begin == start), default=0) + 1
    while f"{start}{number}" in taken:
        number += 1
    return f"{start}{number}"


def next_key(strategy: Strategy, ref: str) -> str:
    """What the address of a new action is. A key is never given twice in an area."""
    start = slugify(f"{strategy.slug}-{ref.replace('.', '-')}")[:70] or "action"
    taken = set(Action.objects.filter(area=strategy.area_id, key__startswith=start).values_list("key", flat=True))
    number, key = 1, start
    while key in taken:
        number += 1
        key = f"{start}-{number}"
    return key


def refuse_ref(strategy: Strategy, ref: str, *, own: Action | None = None) -> None:
    other = Action.objects.filter(strategy=strategy, ref=ref).exclude(pk=own and own.pk).first()
    if other is not None:
        retired = ", which was retired" if other.retired_at else ""
        raise ValidationError({"ref": f"{ref} is taken by “{other.title[:80]}”{retired}. References are used once."})


# Order


def reordered(rows: list[tuple[int, int]], moved: int, after: int | None) -> dict[int, int]:
    """The positions that change so that `moved` stands right after `after` (none: first). Rows are (position, pk).

    Rows stand by position and then by pk, so that equal positions mostly save renumbering what follows.
    """
    others = [row for row in sorted(rows) if row[1] != moved]
    at = next((number for number, row in enumerate(others) if row[1] == after), -1) + 1
    before, behind = others[:at], others[at:]
    if before:
        position, pk = before[-1]
        here = position if moved > pk else position + 1
    else:
        here = max(behind[0][0] - 1, 0) if behind else 0
    changed, last = {moved: here}, (here, moved)
    for position, pk in behind:
        if (position, pk) <= last:
            position = last[0] if pk > last[1] else last[0] + 1
            changed[pk] = position
        last = (position, pk)
    stood = {pk: position for position, pk in rows}
    return {pk: position for pk, position in changed.items() if stood.get(pk) != position}
