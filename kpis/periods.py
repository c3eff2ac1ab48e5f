"""The periods of a figure: which comes next, what it is called, and when its figure is due.

The next period is the same one a step later: after October 2026 comes November 2026, after the census month of January
2026 that of January 2027. A term is September to December, January to March, or April to August. A figure is due some
days after its period has ended, so that it can be counted first; from time to time means that none is ever due.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from common.dates import MONTHS, in_words, last_day_of_month, month_in_words, months_before
from kpis.vocabulary import Frequency

MONTHS_A_STEP = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.ANNUAL: 12}
DAYS_TO_COUNT = {Frequency.MONTHLY: 21, Frequency.QUARTERLY: 28, Frequency.TERMLY: 28, Frequency.ANNUAL: 90}
TERMS = ((1, 3), (4, 8), (9, 12))  # first and last month


class Period(NamedTuple):
    start: date
    end: date

    @property
    def words(self) -> str:
        return period_in_words(self.start, self.end)

    @property
    def key(self) -> str:
        """How a form names it: 2026-10-01/2026-10-31."""
        return f"{self.start}/{self.end}"


@lru_cache(maxsize=4096)  # figures of many KPIs are of the same months
def next_period(frequency: str, last_period_end: date, *, last_period_start: date | None = None) -> Period | None:
    """The period after the last one; none where figures come from time to time.

    Without its start, the last period is taken to have lasted a whole step.
    """
    if frequency == Frequency.TERMLY:
        return _term_holding(last_period_end + timedelta(days=1))
    if frequency not in MONTHS_A_STEP:
        return None
    step = MONTHS_A_STEP[frequency]
    end = _end_later(last_period_end, step)
    return Period(_later(last_period_start, step) if last_period_start else last_period_end + timedelta(days=1), end)


def last_whole_period(frequency: str, day: date) -> Period | None:
    """The latest calendar period of a frequency that had ended by a day: where a new series starts."""
    if frequency == Frequency.TERMLY:
        return _term_holding(_term_holding(day).start - timedelta(days=1))
    if frequency not in MONTHS_A_STEP:
        return None
    step = MONTHS_A_STEP[frequency]
    start = date(day.year, (day.month - 1) // step * step + 1, 1)
    return Period(months_before(start, step), start - timedelta(days=1))


def periods_due(frequency: str, last: Period | None, today: date, *, most: int = 12) -> list[Period]:
    """Every period after the last that has begun by today, in order; the first is the next due."""
    coming = next_period(frequency, last.end, last_period_start=last.start) if last else None
    coming = coming or (None if last else last_whole_period(frequency, today))
    found: list[Period] = []
    while coming and len(found) < most and (coming.start <= today or not found):
        found.append(coming)
        coming = next_period(frequency, coming.end, last_period_start=coming.start)
    return found


def due_on(frequency: str, period_end: date) -> date | None:
    """The day by which the figure of a period should be entered; none where figures come from time to time."""
    days = DAYS_TO_COUNT.get(frequency)
    return None if days is None else period_end + timedelta(days=days)


def due_in_words(frequency: str, period: Period | None, today: date) -> str:
    """The figure for October 2026 is due by 21 November 2026; "was due" once that day has passed."""
    due = due_on(frequency, period.end) if period else None
    if due is None:
        return "This figure comes from time to time: no day is set for the next"
    return f"The figure for {period.words} {'was' if due < today else 'is'} due by {in_words(due)}"


def period_in_words(start: date, end: date) -> str:
    """October 2026; 2026; 2025/26 from September to August; 2025-26 from April to March; April to June 2026."""
    if start == end:
        return in_words(start)
    if start.day != 1 or end != last_day_of_month(end):
        return f"{in_words(start)} to {in_words(end)}"
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if months == 1:
        return month_in_words(start)
    if months == 12 and start.month in (1, 4, 9):
        joint = {4: "-", 9: "/"}.get(start.month)
        return f"{start.year}{joint}{end.year % 100:02d}" if joint else str(start.year)
    first = MONTHS[start.month - 1] if start.year == end.year else month_in_words(start)
    return f"{first} to {month_in_words(end)}"


def _term_holding(day: date) -> Period:
    first, last = next(term for term in TERMS if term[0] <= day.month <= term[1])
    return Period(date(day.year, first, 1), last_day_of_month(date(day.year, last, 1)))


def _later(day: date, months: int) -> date:
    return months_before(day, -months)


def _end_later(day: date, months: int) -> date:
    """The last day of a month is followed by the last day of a month: 28 February by 31 March."""
    moved = _later(day, months)
    return last_day_of_month(moved) if day == last_day_of_month(day) else moved
