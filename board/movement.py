"""How the statuses moved: at each month's end, how many actions stood reported at each letter.

Counts of what leads had *reported* by then (`?` where nothing had been said), not of what dates and data said. One query,
one index seek an action and month, whatever the length of the history.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from common.dates import MONTHS, end_of_day, london_day, month_ends
from strategies.models import Strategy
from workstrands.models import Action, Placement, ProgressUpdate
from workstrands.status import SHOWN_ORDER, SHOWN_WORDS, SILENT


@dataclass(frozen=True, slots=True)
class MonthOfStatuses:
    day: date
    counts: dict[str, int]  # by letter, in the order shown; only those above nought

    @property
    def label(self) -> str:
        return MONTHS[self.day.month - 1][:3]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def movement(
    strategy: Strategy, moment: datetime, *, months: int = 12, part: tuple[str, str] | None = None
) -> list[MonthOfStatuses]:
    """The last `months` month-ends up to `moment`, from the plan's start on; the last is the moment itself.

    `part` is ("priority", its reference) or ("strand", its slug): then those actions alone that hung there at each month's end.
    """
    days = [day for day in month_ends(london_day(moment), months) if day >= strategy.starts_on]
    if not days:
        return []
    moments = [min(moment, end_of_day(day)) for day in days]
    return [
        MonthOfStatuses(day, {letter: found[letter] for letter in SHOWN_ORDER if found[letter]})
        for day, found in zip(days, _counts_at(strategy, moments, part), strict=True)
    ]


def _counts_at(strategy: Strategy, moments: list[datetime], part: tuple[str, str] | None) -> list[Counter]:
    """A row an action with its letter at each moment, counted here: to have the database group each month apart costs twice."""
    said = ProgressUpdate.objects.filter(action=OuterRef("pk")).order_by("-number").values("status")
    letters = {
        f"letter_{index}": Case(
            When(
                _was_there(moment, part),
                then=Coalesce(Subquery(said.filter(recorded_at__lte=moment)[:1]), Value(SILENT)),
            )
        )
        for index, moment in enumerate(moments)
    }
    rows = list(Action.objects.filter(strategy=strategy).order_by().annotate(**letters).values_list(*letters))
    return [Counter(column) for column in zip(*rows, strict=True)] or [Counter() for _ in moments]


def _was_there(moment: datetime, part: tuple[str, str] | None) -> Q:
    """The condition of `RetirableQuerySet.existing`, and where the action hung."""
    added = Q(added_at__isnull=True) | Q(added_at__lte=moment)
    there = added & (Q(retired_at__isnull=True) | Q(retired_at__gt=moment))
    return there & Q(_hung_in(part, moment)) if part else there


_PARTS = {
    "priority": ("priority__ref", "objective__priority__ref"),
    "strand": ("workstrand__slug", "objective__workstrand__slug"),
}


def _hung_in(part: tuple[str, str], moment: datetime) -> Exists:
    """The placement that stood at the moment hangs on the part, or on an objective of it."""
    kind, name = part
    known = Placement.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment)
    itself, through_objective = _PARTS[kind]
    here = Q(**{itself: name}) | Q(**{through_objective: name})
    later = Placement.objects.filter(action=OuterRef("action"), recorded_at__lte=moment, number__gt=OuterRef("number"))
    return Exists(known.filter(here).filter(~Exists(later)).order_by())


def _counted(month: MonthOfStatuses) -> str:
    return ", ".join(f"{count} {SHOWN_WORDS[letter].lower()}" for letter, count in month.counts.items())


def movement_sentence(months: list[MonthOfStatuses]) -> str:
    """The same in words, from the first month to the last."""
    if not any(month.total for month in months):
        return ""
    first, last = months[0], months[-1]
    if first is last:
        return f"As leads reported, {first.label} {first.day.year}: {_counted(first)}."
    parts = [
        f"{SHOWN_WORDS[letter].lower()} from {first.counts.get(letter, 0)} to {last.counts.get(letter, 0)}"
        for letter in ("N", "G", "A", "R", "B", SILENT)
        if first.counts.get(letter) or last.counts.get(letter)
    ]
    return f"As leads reported, {first.label} {first.day.year} to {last.label} {last.day.year}: {', '.join(parts)}."
