"""Working days by England's bank holidays."""

from datetime import date

import pytest

from strategies.working_days import (
    bank_holiday,
    is_working_day,
    working_day_from,
    working_days_after,
    working_days_before,
    working_days_between,
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 26), True),  # a Thursday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 11, 29), False),  # a Sunday
        (date(2026, 12, 25), False),  # Christmas Day
        (date(2026, 12, 28), False),  # Boxing Day fell on a Saturday
        (date(2026, 12, 29), True),
        (date(2027, 3, 26), False),  # Good Friday
        (date(2027, 3, 29), False),  # Easter Monday, no holiday in Scotland
        (date(2027, 8, 30), False),  # the last Monday of August; Scotland's is the first
        (date(2027, 1, 4), True),  # 4 January 2027 is a holiday in Scotland only
        (date(2022, 9, 19), False),  # the state funeral
    ],
)
def test_weekends_and_englands_bank_holidays_are_no_working_days(day, expected):
    assert is_working_day(day) is expected


def test_a_bank_holiday_has_its_name():
    assert bank_holiday(date(2026, 12, 28)) == "Boxing Day (substitute day)"
    assert bank_holiday(date(2026, 12, 29)) == ""


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 24), date(2026, 12, 24)),
        (date(2026, 12, 25), date(2026, 12, 29)),
        (date(2027, 3, 26), date(2027, 3, 30)),
    ],
)
def test_a_day_moves_to_the_next_working_day(day, expected):
    assert working_day_from(day) == expected


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 12, 9), 0, date(2026, 12, 9)),
        (date(2026, 12, 9), 5, date(2026, 12, 2)),
        (date(2027, 1, 4), 5, date(2026, 12, 23)),  # over Christmas, Boxing Day and New Year
        (date(2027, 3, 31), 2, date(2027, 3, 25)),  # over Easter
    ],
)
def test_days_before_leave_holidays_out(day, count, expected):
    assert working_days_before(day, count) == expected
    assert working_days_between(expected, day) == count


def test_days_after_leave_holidays_out():
    assert working_days_after(date(2026, 12, 24), 1) == date(2026, 12, 29)
    assert working_days_between(date(2026, 12, 24), date(2026, 12, 29)) == 1
    assert working_days_between(date(2026, 12, 29), date(2026, 12, 24)) == 0
