"""The period of a row: `time_period` in four or six digits, and `time_identifier`, which says of what.

Six digits are two consecutive years. "Reporting year" is a snapshot whose day the file does not say, so its calendar year is
taken and marked as assumed; a week is the ISO week of its number, assumed likewise. Some files write a year and mean one part
of it (plans each January under an academic year): `reads_as` says which.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from common.dates import MONTHS, last_day_of_month
from kpis.dfe.errors import Unreadable
from kpis.dfe.signs import state_said

READS_AS = {
    "": "As the file says",
    "january": "January of the (later) year",
    "march": "March of the (later) year",
    "31-march": "31 March of the (later) year",
    "december-february": "December to February, ending in the (later) year",
    "autumn": "Autumn term",
    "spring": "Spring term",
    "summer": "Summer term",
    "autumn-spring": "Autumn and spring terms",
}
TERMS = {
    "autumn": ("Autumn term", 9, 12),
    "spring": ("Spring term", 1, 3),
    "summer": ("Summer term", 4, 8),
    "autumn-spring": ("Autumn and spring terms", 9, 3),
}
FIRST_MONTH = {"calendar": 1, "academic": 9, "financial": 4, "tax": 4}


class FilePeriod(NamedTuple):
    start: date
    end: date
    label: str
    is_assumed: bool = False
    state: str = "final"


@lru_cache(maxsize=4096)
def period_of(identifier: str, digits: str, reads_as: str = "") -> FilePeriod:
    """`Unreadable` where the two do not fit together."""
    number = re.match(r"\s*(\d*)", digits)[1]
    rest = digits.strip()[len(number) :]
    state = state_said(digits) if rest else "final"
    if rest and state == "final":
        raise Unreadable("time_period", "a period is written in digits only, such as 2024 or 202425")
    words = " ".join(identifier.split()).lower()
    found = _of_identifier(words)
    if found is None:
        raise Unreadable("time_identifier", "no kind of period that the open-data standard names")
    length, made = found
    start, years = _years(number, length, identifier)
    period = _part(years, start, reads_as) if reads_as else made(start)
    return period._replace(state=str(state))


def _years(number: str, length: int, identifier: str) -> tuple[int, tuple[int, int]]:
    """The year it starts in, and the first and last year named."""
    if len(number) != length:
        shape = "four digits, such as 2024" if length == 4 else "six digits, such as 202425"
        raise Unreadable("time_period", f'"{identifier.strip()}" takes {shape}')
    start = int(number[:4])
    if not 1950 <= start <= 2100:
        raise Unreadable("time_period", "the year must lie between 1950 and 2100")
    if length == 4:
        return start, (start, start)
    if (start + 1) % 100 != int(number[4:]):
        raise Unreadable("time_period", "six digits name two years that follow each other, such as 202425")
    return start, (start, start + 1)


@lru_cache(maxsize=256)
def _of_identifier(words: str) -> tuple[int, Callable[[int], FilePeriod]] | None:
    """How many digits the year has, and what makes the period of its first year."""
    if words in ("calendar year", "reporting year"):
        is_reporting = words.startswith("reporting")
        return 4, lambda y: FilePeriod(
            date(y, 1, 1), date(y, 12, 31), f"{y} (reporting year)" if is_reporting else str(y), is_reporting
        )
    if words == "academic year":
        return 6, lambda y: FilePeriod(date(y, 9, 1), date(y + 1, 8, 31), _joint(y, "/"))
    if words == "financial year":
        return 6, lambda y: FilePeriod(date(y, 4, 1), date(y + 1, 3, 31), _joint(y, "-"))
    if words == "tax year":
        return 6, lambda y: FilePeriod(date(y, 4, 6), date(y + 1, 4, 5), f"{_joint(y, '-')} (tax year)")
    return _of_part(words)


def _of_part(words: str) -> tuple[int, Callable[[int], FilePeriod]] | None:
    if words.capitalize() in MONTHS:
        month = MONTHS.index(words.capitalize()) + 1
        return 4, lambda y: FilePeriod(
            date(y, month, 1), last_day_of_month(date(y, month, 1)), f"{MONTHS[month - 1]} {y}"
        )
    if week := re.fullmatch(r"week ([1-9]|[1-4]\d|5[0-3])", words):
        return 4, lambda y: _week(y, int(week[1]))
    if term := re.fullmatch(r"(autumn and spring|autumn|spring|summer) terms?", words):
        return 6, lambda y: _term(y, term[1].replace(" and ", "-"))
    if quarter := re.fullmatch(r"(?:(financial|academic|calendar|tax) year )?q(?:uarter )?([1-4])", words):
        kind = quarter[1] or "financial"
        return 4 if kind == "calendar" else 6, lambda y: _quarter(y, kind, int(quarter[2]))
    if half := re.fullmatch(r"(?:financial year )?part ([12])( \((april to september|october to march)\))?", words):
        if half[3] and (half[1] == "1") != half[3].startswith("april"):
            return None
        return 6, lambda y: _half(y, int(half[1]))
    return None


def _joint(year: int, mark: str) -> str:
    return f"{year}{mark}{(year + 1) % 100:02d}"


def _week(year: int, week: int) -> FilePeriod:
    try:
        monday = date.fromisocalendar(year, week, 1)
    except ValueError:
        raise Unreadable("time_identifier", f"{year} has no week {week}") from None
    return FilePeriod(monday, monday + timedelta(days=6), f"Week {week} of {year}", is_assumed=True)


def _term(year: int, which: str) -> FilePeriod:
    name, first, last = TERMS[which]
    start = date(year if first == 9 else year + 1, first, 1)
    end = last_day_of_month(date(year if last == 12 else year + 1, last, 1))
    return FilePeriod(start, end, f"{name} {_joint(year, '/')}")


def _quarter(year: int, kind: str, which: int) -> FilePeriod:
    months = FIRST_MONTH[kind] - 1 + 3 * (which - 1)
    start = date(year + months // 12, months % 12 + 1, 1)
    following = date(year + (months + 3) // 12, (months + 3) % 12 + 1, 1)
    if kind == "tax":
        start, following = start.replace(day=6), following.replace(day=6)
    named = str(year) if kind == "calendar" else _joint(year, "/" if kind == "academic" else "-")
    return FilePeriod(start, following - timedelta(days=1), f"{named} Q{which}")


def _half(year: int, which: int) -> FilePeriod:
    if which == 1:
        return FilePeriod(date(year, 4, 1), date(year, 9, 30), f"April to September {year}")
    return FilePeriod(date(year, 10, 1), date(year + 1, 3, 31), f"October {year} to March {year + 1}")


def _part(years: tuple[int, int], start: int, reads_as: str) -> FilePeriod:
    last = years[1]
    if reads_as in TERMS:
        if years[0] == last:
            raise Unreadable("time_period", "a term needs a year of six digits, such as 202425")
        return _term(start, reads_as)
    if reads_as in ("january", "march"):
        first = date(last, 1 if reads_as == "january" else 3, 1)
        return FilePeriod(first, last_day_of_month(first), f"{reads_as.capitalize()} {last}")
    if reads_as == "31-march":
        return FilePeriod(date(last, 3, 31), date(last, 3, 31), f"31 March {last}")
    february = last_day_of_month(date(last, 2, 1))
    return FilePeriod(date(last - 1, 12, 1), february, f"December {last - 1} to February {last}")
