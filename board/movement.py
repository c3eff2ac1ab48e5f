"""How the statuses moved: at each month's end, how many actions stood reported at each letter.

Counts of what leads had *reported* by then (`?` where nothing had been said), not of what dates and data said. One query,
one index seek an action and month, whatever the length of the history.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
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
    queries = [_counts_at(strategy, min(moment, end_of_day(day)), index, part) for index, day in enumerate(days)]
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for index, letter, count in queries[0].union(*queries[1:], all=True):
        found[index][letter] = count
    return [
        MonthOfStatuses(day, {letter: found[index][letter] for letter in SHOWN_ORDER if found[index].get(letter)})
        for index, day in enumerate(days)
    ]


def _counts_at(strategy: Strategy, moment: datetime, index: int, part: tuple[str, str] | None):
    said = ProgressUpdate.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by(
        "-recorded_at", "-number"
    )
    actions = Action.objects.filter(strategy=strategy).existing(moment)
    if part:
        actions = actions.filter(_hung_in(part, moment))
    return (
        actions.order_by()
        .annotate(letter=Coalesce(Subquery(said.values("status")[:1]), Value(SILENT)))
        .values("letter")
        .annotate(index=Value(index), count=Count("pk"))
        .values_list("index", "letter", "count")
    )


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
