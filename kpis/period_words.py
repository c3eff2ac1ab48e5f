"""A period as people write it, read back: October 2026; Oct-26; 2025/26; 2025-26; 2026; April to June 2026; 31 March 2026.

What a KPI calls a period of its own comes first, so that "2025" is the year or the school year that its figures have.
"""

import re
from datetime import date

from django.core.exceptions import ValidationError

from common.dates import MONTHS, last_day_of_month
from kpis.periods import Period
from kpis.series import KpiSeries
from kpis.vocabulary import Frequency

SUCH_AS = {
    Frequency.MONTHLY: "October 2026",
    Frequency.QUARTERLY: "July to September 2026",
    Frequency.TERMLY: "September to December 2026",
    Frequency.ANNUAL: "2026, 2025/26 (school year) or 2025-26 (financial year)",
}
SHORT = {month[:3].casefold(): number for number, month in enumerate(MONTHS, start=1)} | {"sept": 9}
_MONTH = re.compile(r"([a-z]{3,9})\.?(?:[ -](\d{4}|\d{2}))?")
_DAY = re.compile(r"(\d{1,2}) ([a-z]{3,9})(?: (\d{4}))?")
_NUMBERS = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_YEAR = re.compile(r"(\d{4})(?:([/-])(\d{2}|\d{4}))?")


Known = dict[str, set[Period]]


def period_from(text: str, *, series: KpiSeries, today: date, known: Known | None = None) -> Period:
    """The period that is meant; a `ValidationError` that says how to write it. Whoever asks of many texts gives what
    `known_periods` of the series are, since it may have thousands.
    """
    said = _plain(text)
    if not said:
        raise ValidationError(f"Give the period, {_such_as(series)}.")
    called = (known_periods(series, today) if known is None else known).get(said, set())
    if len(called) > 1:
        raise ValidationError(
            "Two periods of this KPI are called so. Write its days, such as 1 October 2026 to 31 October 2026."
        )
    found = next(iter(called), None) or read_period(text)
    if found is None or not 1990 <= found.start.year <= found.end.year <= 2100:
        raise ValidationError(f"This period is not understood. Write it {_such_as(series)}.")
    if found.end < found.start:
        raise ValidationError("A period ends on or after the day it starts.")
    if found.start == found.end and not called and Frequency(series.indicator.frequency).is_sub_annual:
        raise ValidationError(f"This is one day, and figures of this KPI are for longer. Write it {_such_as(series)}.")
    return found


def read_period(text: str) -> Period | None:
    said = _plain(text)
    first, _, last = said.partition(" to ")
    if not last:
        return _one(said)
    end = _one(last)
    start = _one(first) or (end and _one(f"{first} {end.end.year}"))
    return Period(start.start, end.end) if start and end else None


def _plain(text: str) -> str:
    return re.sub(r" [-–—] | (?:until|till) ", " to ", " ".join(text.split()).casefold()).replace("–", "-")


def known_periods(series: KpiSeries, today: date) -> Known:
    found: Known = {}
    for period in [*series.by_period, *series.periods_due(today)]:
        for words in (period.words, series.label_of(period), period.key):
            found.setdefault(_plain(words), set()).add(period)
    return found


def _one(text: str) -> Period | None:
    """A day, a month or a year."""
    try:
        return _day(text) or _month(text) or _year(text)
    except ValueError:  # 31 February
        return None


def _day(text: str) -> Period | None:
    if match := _ISO.fullmatch(text):
        day = date(*map(int, match.groups()))
    elif match := _NUMBERS.fullmatch(text):
        day = date(*map(int, reversed(match.groups())))
    elif (match := _DAY.fullmatch(text)) and match[3] and (month := _number_of(match[2])):
        day = date(int(match[3]), month, int(match[1]))
    else:
        return None
    return Period(day, day)


def _month(text: str) -> Period | None:
    match = _MONTH.fullmatch(text)
    month = _number_of(match[1]) if match and match[2] else None
    if not month:
        return None
    start = date(int(match[2]) + (2000 if len(match[2]) == 2 else 0), month, 1)
    return Period(start, last_day_of_month(start))


def _number_of(name: str) -> int | None:
    number = SHORT.get(name) or SHORT.get(name[:3])
    return number if number and (name in SHORT or MONTHS[number - 1].casefold() == name) else None


def _year(text: str) -> Period | None:
    """2026; 2025/26 from September; 2025-26 from April."""
    match = _YEAR.fullmatch(text)
    if not match:
        return None
    year = int(match[1])
    if not match[2]:
        return Period(date(year, 1, 1), date(year, 12, 31))
    if int(match[3]) % 100 != (year + 1) % 100:
        return None
    month = 9 if match[2] == "/" else 4
    return Period(date(year, month, 1), last_day_of_month(date(year + 1, month - 1, 1)))


def _such_as(series: KpiSeries) -> str:
    words = SUCH_AS.get(series.indicator.frequency, "31 March 2026, March 2026 or 2026")
    return f"as {words}"
