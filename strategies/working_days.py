"""Working days in England: Monday to Friday, bank holidays left out.

Counting never includes the day it starts from: the working day before a Monday is the Friday before. The bank holidays
are those of England; substitute days count in place of holidays that fall on a weekend.
"""

from datetime import date, timedelta
from functools import lru_cache

SATURDAY = 5
A_DAY = timedelta(days=1)


@lru_cache(maxsize=1)
def _bank_holidays():
    import holidays  # only where days are counted: it is slow to load

    return holidays.country_holidays("GB", subdiv="ENG")


def bank_holiday(day: date) -> str:
    """What the bank holiday of a day is called, as people here call it; empty where it is none."""
    return _bank_holidays().get(day, "").replace("(observed)", "(substitute day)")


def why_no_working_day(day: date) -> str:
    """a Saturday; Boxing Day (substitute day); empty for a working day."""
    if day.weekday() >= SATURDAY:
        return "a Saturday" if day.weekday() == SATURDAY else "a Sunday"
    return bank_holiday(day)


def is_working_day(day: date) -> bool:
    return not why_no_working_day(day)


def working_day_from(day: date) -> date:
    """The day itself where it is a working day, else the next."""
    while not is_working_day(day):
        day += A_DAY
    return day


def working_days_before(day: date, count: int) -> date:
    """The working day that many working days before `day`; none before is the day itself."""
    return _stepped(day, count, -A_DAY)


def working_days_after(day: date, count: int) -> date:
    return _stepped(day, count, A_DAY)


def working_days_between(first: date, last: date) -> int:
    """How many working days come after `first`, up to and with `last`; 0 where `last` is not later."""
    return sum(is_working_day(first + A_DAY * step) for step in range(1, (last - first).days + 1))


def _stepped(day: date, count: int, step: timedelta) -> date:
    while count > 0:
        day += step
        count -= is_working_day(day)
    return day
