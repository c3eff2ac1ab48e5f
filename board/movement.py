"""How the statuses moved: at each month's end, how many actions stood reported at each letter.

Counts of what leads had *reported* by then (`?` where nothing had been said), not of what dates and data said. One query,
one index seek an action and month, whatever the length of the history.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from common.dates import MONTHS, end_of_day, london_day, month_ends
from strategies.models import Strategy
from workstrands.models import Action, ProgressUpdate
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


def movement(strategy: Strategy, moment: datetime, *, months: int = 12) -> list[MonthOfStatuses]:
    """The last `months` month-ends up to `moment`, from the plan's start on; the last is the moment itself."""
    days = [day for day in month_ends(london_day(moment), months) if day >= strategy.starts_on]
    if not days:
        return []
    queries = [_counts_at(strategy, min(moment, end_of_day(day)), index) for index, day in enumerate(days)]
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for index, letter, count in queries[0].union(*queries[1:], all=True):
        found[index][letter] = count
    return [
        MonthOfStatuses(day, {letter: found[index][letter] for letter in SHOWN_ORDER if found[index].get(letter)})
        for index, day in enumerate(days)
    ]


def _counts_at(strategy: Strategy, moment: datetime, index: int):
    said = ProgressUpdate.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by(
        "-recorded_at", "-number"
    )
    return (
        Action.objects.filter(strategy=strategy)
        .existing(moment)
        .order_by()
        .annotate(letter=Coalesce(Subquery(said.values("status")[:1]), Value(SILENT)))
        .values("letter")
        .annotate(index=Value(index), count=Count("pk"))
        .values_list("index", "letter", "count")
    )


def movement_sentence(months: list[MonthOfStatuses]) -> str:
    """The same in words, from the first month to the last."""
    if not any(month.total for month in months):
        return ""
    first, last = months[0], months[-1]
    parts = [
        f"{SHOWN_WORDS[letter].lower()} from {first.counts.get(letter, 0)} to {last.counts.get(letter, 0)}"
        for letter in ("G", "A", "R", "B", SILENT)
        if first.counts.get(letter) or last.counts.get(letter)
    ]
    return f"As leads reported, {first.label} {first.day.year} to {last.label} {last.day.year}: {', '.join(parts)}."
