"""What became of the promises of an earlier plan, as decided by a moment.

A plan's promises are its objectives, and those of its actions that hang on no objective. What somebody decided of one stands
until something else is decided of it: that it is carried on in a later record (in several, if several were named), that it
was delivered, dropped, or is still open. That a later record is *not* the same promise refuses a proposal and takes back that
it carries the earlier one on; it accounts for nothing. A promise of which nothing stands is one nobody has accounted for.

A record that was moved or merged since is read as the one that took its place.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse

from board.models import Succession
from board.succession_proposing import Proposal, proposals
from board.vocabulary import Fate
from strategies.models import Area, Strategy
from workstrands.models import Action, Objective, Placement

NOBODY = "none"  # in addresses: nobody has accounted for it
FATE_WORDS = {
    Fate.CARRIED_ON: "Carried on", Fate.DELIVERED: "Delivered", Fate.DROPPED: "Dropped", Fate.OPEN: "Still open",
    NOBODY: "Nobody has accounted for it",
}  # fmt: skip
KINDS = {"objectives": Objective, "actions": Action}  # as addresses say them
Key = tuple[str, int]  # kind and id


# Rules


@dataclass(slots=True)
class Account:
    """What stands of one promise: the row of its fate, those that say where it is carried on, those that refuse a proposal."""

    alone: Succession | None = None
    carried: dict[Key, Succession] = field(default_factory=dict)
    refused: dict[Key, Succession] = field(default_factory=dict)
    last: Succession | None = None

    @property
    def fate(self) -> str:
        if self.carried:
            return Fate.CARRIED_ON
        return self.alone.fate if self.alone else NOBODY

    @property
    def rows(self) -> list[Succession]:
        """Those that say the fate, in the order in which they were decided."""
        if self.carried:
            return sorted(self.carried.values(), key=lambda row: row.number)
        return [self.alone] if self.alone else []


def account(rows: Iterable[Succession]) -> Account:
    """What stands after the rows of one promise, which come in their order."""
    stands = Account()
    for row in rows:
        later = later_key(row)
        if row.fate == Fate.CARRIED_ON:
            stands.carried[later], stands.alone = row, None
            stands.refused.pop(later, None)
        elif row.fate == Fate.NOT_THE_SAME:
            stands.refused[later] = row
            stands.carried.pop(later, None)
        else:
            stands.alone, stands.carried = row, {}
        stands.last = row
    return stands


def later_key(row: Succession) -> Key | None:
    if row.later_objective_id:
        return "objectives", row.later_objective_id
    return ("actions", row.later_action_id) if row.later_action_id else None


def earlier_key(row: Succession) -> Key:
    return ("objectives", row.earlier_objective_id) if row.earlier_objective_id else ("actions", row.earlier_action_id)


# Reading


class Promise(NamedTuple):
    """An objective or action of a plan. `ids` are its own and those of the records whose place it took."""

    kind: str
    id: int
    key: str
    ref: str
    text: str
    place: str
    is_illustrative: bool
    ids: frozenset[int]

    @property
    def noun(self) -> str:
        return "objective" if self.kind == "objectives" else "action"

    @property
    def value(self) -> str:
        """As a form names it."""
        return f"{self.kind}/{self.key}"


class Proposed(NamedTuple):
    promise: Promise
    proposal: Proposal


@dataclass(slots=True)
class Traced:
    """A promise, what stands of it, and what is proposed."""

    promise: Promise
    stands: Account
    proposed: list[Proposed] = field(default_factory=list)

    @property
    def fate(self) -> str:
        return self.stands.fate

    @property
    def fate_words(self) -> str:
        return FATE_WORDS[self.fate]

    @property
    def seen_number(self) -> int:
        """What a form carries to say what it saw of this promise; 0 where nothing was said of it."""
        return self.stands.last.number if self.stands.last else 0


def promises_of(plan: Strategy, moment: datetime) -> list[Promise]:
    """What a plan promised, in its order; two queries. One that was merged counts once, as what it became."""
    return [*_objectives(plan, moment), *_actions(plan, moment, loose_only=True)]


def candidates_of(plan: Strategy, moment: datetime) -> list[Promise]:
    """What may carry an earlier promise on: every objective and action of a plan; two queries."""
    return [*_objectives(plan, moment), *_actions(plan, moment, loose_only=False)]


def _objectives(plan: Strategy, moment: datetime) -> list[Promise]:
    rows = Objective.objects.filter(strategy=plan).select_related("priority", "workstrand").order_by("position", "pk")
    places = {row.pk: _place(row.priority, row.workstrand) for row in rows}
    return _promises("objectives", rows, moment, text=lambda row: row.text, place=lambda row: places[row.pk])


def _actions(plan: Strategy, moment: datetime, *, loose_only: bool) -> list[Promise]:
    placed = Placement.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")
    rows = Action.objects.filter(strategy=plan).order_by("position", "pk")
    rows = rows.annotate(
        of_objective=Subquery(placed.values("objective")[:1]),
        part=Subquery(placed.annotate(ref=F("priority__ref")).values("ref")[:1]),
        strand=Subquery(placed.annotate(name=F("workstrand__name")).values("name")[:1]),
    )
    found = [row for row in rows if not (loose_only and row.of_objective)]
    return _promises(
        "actions", found, moment, text=lambda row: row.title,
        place=lambda row: row.strand or (f"Priority {row.part}" if row.part else ""),
    )  # fmt: skip


def _place(priority, strand) -> str:
    return strand.name if strand else f"Priority {priority.ref}"


def _promises(kind: str, rows, moment: datetime, *, text, place) -> list[Promise]:
    rows = list(rows)
    became = {row.pk: row.replaced_by_id for row in rows}
    ids = defaultdict(set)
    for row in rows:
        ids[_last_of(row.pk, became)].add(row.pk)
    return [
        Promise(
            kind,
            row.pk,
            row.key,
            row.ref,
            text(row),
            place(row),
            row.is_illustrative,
            frozenset(ids[row.pk] | {row.pk}),
        )
        for row in rows
        if (row.added_at is None or row.added_at <= moment) and (row.retired_at is None or row.retired_at > moment)
    ]


def _last_of(pk: int, became: dict[int, int | None]) -> int:
    """What took a record's place in the end; a ring, which there should be none of, ends where it closes."""
    seen = set()
    while became.get(pk) and pk not in seen:
        seen.add(pk)
        pk = became[pk]
    return pk


def rows_about(plan: Strategy, moment: datetime) -> list[Succession]:
    """Everything decided by a moment of an earlier plan's promises, in its order; one query."""
    of_plan = Q(earlier_objective__strategy=plan) | Q(earlier_action__strategy=plan)
    return list(_rows(Succession.objects.filter(of_plan, area=plan.area_id, recorded_at__lte=moment)))


def _rows(rows):
    return rows.order_by("number").select_related(
        "recorded_by", "later_objective__strategy", "later_action__strategy", "earlier_objective__strategy",
        "earlier_action__strategy",
    )  # fmt: skip


def trace(earlier: Strategy, moment: datetime) -> list[Traced]:
    """Each promise of a plan with what stands of it; three queries."""
    decided = defaultdict(list)
    for row in rows_about(earlier, moment):
        decided[earlier_key(row)].append(row)
    return [Traced(one, account(_of(one, decided))) for one in promises_of(earlier, moment)]


def traced_back(traced: Iterable[Traced], candidates: Iterable[Promise]) -> list[tuple[Promise, list[Traced]]]:
    """The other way: each later record with the earlier promises that it carries on; those of none are new."""
    carried = defaultdict(list)
    for one in traced:
        for key in one.stands.carried:
            carried[key].append(one)
    return [(later, [one for key in sorted(_keys(later)) for one in carried.get(key, ())]) for later in candidates]


def _of(promise: Promise, decided: dict[Key, list[Succession]]) -> list[Succession]:
    found = [row for pk in promise.ids for row in decided.get((promise.kind, pk), ())]
    return sorted(found, key=lambda row: row.number)


def propose(traced: Sequence[Traced], candidates: Sequence[Promise], *, area: Area) -> None:
    """Give each promise the later records that read like it, but for those that were refused or carry it on already."""
    found = proposals(
        [one.promise.text for one in traced], [one.text for one in candidates], common=area.name.split(), most=6
    )
    for one, many in zip(traced, found, strict=True):
        known = {*one.stands.refused, *one.stands.carried}
        pairs = (Proposed(candidates[each.index], each) for each in many)
        one.proposed = [pair for pair in pairs if known.isdisjoint(_keys(pair.promise))][:3]


def _keys(promise: Promise) -> set[Key]:
    return {(promise.kind, pk) for pk in promise.ids}


# Both ways, from one record


class Link(NamedTuple):
    """One step of a thread: the record it leads to, and the row that says so."""

    record: Objective | Action
    row: Succession
    area: str  # as addresses name it

    @property
    def noun(self) -> str:
        return "Objective" if isinstance(self.record, Objective) else "Action"

    @property
    def address(self) -> str:
        if isinstance(self.record, Objective):
            return reverse("board:objective", args=[self.area, self.record.strategy.slug, self.record.key])
        return reverse("board:action", args=[self.area, self.record.key])

    @property
    def text(self) -> str:
        return self.record.text if isinstance(self.record, Objective) else self.record.title


def links_of(stands: Account, area: str) -> list[Link]:
    """Where a promise is carried on; `area` as addresses name it."""
    return [Link(row.later_objective or row.later_action, row, area) for row in stands.rows if later_key(row)]


class Thread(NamedTuple):
    """What a record comes from and what became of it."""

    earlier: list[Link]
    stands: Account
    later: list[Link]

    @property
    def fate_row(self) -> Succession | None:
        """Of a promise that was delivered, dropped or is open."""
        return self.stands.alone if not self.stands.carried else None

    def __bool__(self) -> bool:
        return bool(self.earlier or self.stands.rows)


def thread_of(record: Objective | Action, moment: datetime, *, area: Area) -> Thread:
    """Both ways from one record; one query. It holds the rows of each earlier promise whole, as only these say what stands."""
    name = "objective" if isinstance(record, Objective) else "action"
    known = Succession.objects.filter(area=area, recorded_at__lte=moment)
    here = known.filter(_is(f"later_{name}", record))
    concerned = (
        _is(f"earlier_{name}", record)
        | Q(earlier_objective__in=here.filter(earlier_objective__isnull=False).values("earlier_objective"))
        | Q(earlier_action__in=here.filter(earlier_action__isnull=False).values("earlier_action"))
    )
    decided = defaultdict(list)
    for row in _rows(known.filter(concerned)).select_related(*REPLACEMENTS):
        decided[earlier_key(row)].append(row)
    own = _took_place_of(record, name, decided)
    ahead = sorted((row for key in own for row in decided.pop(key)), key=lambda row: row.number)
    behind = [
        Link(row.earlier_objective or row.earlier_action, row, area.slug)
        for rows in decided.values()
        for row in account(rows).carried.values()
        if _leads_to(row, name, record)
    ]
    stands = account(ahead)
    return Thread(sorted(behind, key=lambda link: link.row.number), stands, links_of(stands, area.slug))


REPLACEMENTS = tuple(f"{side}_{name}__replaced_by" for side in ("earlier", "later") for name in ("objective", "action"))


def _is(side: str, record) -> Q:
    """The record itself, or one whose place it took, twice over at most."""
    return (
        Q(**{side: record}) | Q(**{f"{side}__replaced_by": record}) | Q(**{f"{side}__replaced_by__replaced_by": record})
    )


def _took_place_of(record, name: str, decided: dict[Key, list[Succession]]) -> list[Key]:
    kind = f"{name}s"
    return [
        key
        for key, rows in decided.items()
        if key[0] == kind and _is_or_became(getattr(rows[0], f"earlier_{name}"), record)
    ]


def _leads_to(row: Succession, name: str, record) -> bool:
    later = getattr(row, f"later_{name}")
    return later is not None and _is_or_became(later, record)


def _is_or_became(found: Objective | Action, record: Objective | Action) -> bool:
    """This very record, or one whose place it took, as `_is` asks the database."""
    if record.pk in (found.pk, found.replaced_by_id):
        return True
    return found.replaced_by_id is not None and found.replaced_by.replaced_by_id == record.pk
