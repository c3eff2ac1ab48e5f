"""Which period comes next, what it is called, and when its figure is due."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kpis.periods import (
    Period,
    due_in_words,
    due_on,
    last_whole_period,
    next_period,
    period_in_words,
    periods_due,
)

DAYS = some.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
REGULAR = some.sampled_from(["monthly", "quarterly", "termly", "annual"])


@pytest.mark.parametrize(
    ("frequency", "last", "expected"),
    [
        ("monthly", (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 11, 1), date(2026, 11, 30))),
        ("monthly", (date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 3, 1), date(2026, 3, 31))),
        ("monthly", (date(2024, 1, 1), date(2024, 1, 31)), (date(2024, 2, 1), date(2024, 2, 29))),
        ("monthly", (date(2026, 12, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 1, 31))),
        ("quarterly", (date(2026, 4, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 9, 30))),
        ("termly", (date(2026, 4, 1), date(2026, 8, 31)), (date(2026, 9, 1), date(2026, 12, 31))),
        ("termly", (date(2026, 9, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 3, 31))),
        ("annual", (date(2025, 1, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 12, 31))),
        ("annual", (date(2024, 4, 1), date(2025, 3, 31)), (date(2025, 4, 1), date(2026, 3, 31))),
        ("annual", (date(2024, 9, 1), date(2025, 8, 31)), (date(2025, 9, 1), date(2026, 8, 31))),
        ("annual", (date(2025, 1, 1), date(2025, 1, 31)), (date(2026, 1, 1), date(2026, 1, 31))),
        ("annual", (date(2026, 1, 15), date(2026, 1, 15)), (date(2027, 1, 15), date(2027, 1, 15))),
    ],
)
def test_the_next_period_is_the_same_one_a_step_later(frequency, last, expected):
    start, end = last
    assert next_period(frequency, end, last_period_start=start) == expected


def test_figures_from_time_to_time_have_no_next_period():
    assert next_period("irregular", date(2025, 12, 31)) is None
    assert periods_due("irregular", Period(date(2025, 1, 1), date(2025, 12, 31)), date(2026, 3, 10)) == []


def test_without_its_start_the_last_period_is_taken_for_a_whole_step():
    assert next_period("annual", date(2025, 3, 31)) == (date(2025, 4, 1), date(2026, 3, 31))


@given(frequency=REGULAR, day=DAYS)
def test_periods_follow_each_other_without_gap_or_overlap(frequency, day):
    first = last_whole_period(frequency, day)
    second = next_period(frequency, first.end, last_period_start=first.start)
    assert first.start <= first.end < day
    assert (second.start - first.end).days == 1
    assert second.start <= day <= second.end


@given(frequency=REGULAR, day=DAYS)
def test_a_figure_is_due_after_its_period_has_ended(frequency, day):
    assert due_on(frequency, day) > day


@pytest.mark.parametrize(
    ("frequency", "day", "expected"),
    [
        ("monthly", date(2026, 1, 4), "December 2025"),
        ("quarterly", date(2026, 3, 31), "October to December 2025"),
        ("termly", date(2026, 2, 4), "September to December 2025"),
        ("annual", date(2026, 12, 31), "2025"),
    ],
)
def test_a_new_series_starts_with_the_latest_period_that_has_ended(frequency, day, expected):
    assert last_whole_period(frequency, day).words == expected


def test_every_period_that_has_begun_since_the_last_is_due():
    august = Period(date(2026, 8, 1), date(2026, 8, 31))
    words = [period.words for period in periods_due("monthly", august, date(2026, 11, 26))]
    assert words == ["September 2026", "October 2026", "November 2026"]


def test_where_every_period_has_its_figure_the_coming_one_is_next():
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    assert [period.words for period in periods_due("annual", year, date(2026, 3, 10))] == ["2027"]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 10, 1), date(2026, 10, 31), "October 2026"),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2026, 4, 1), date(2027, 3, 31), "2026-27"),
        (date(2026, 9, 1), date(2027, 8, 31), "2026/27"),
        (date(1999, 9, 1), date(2000, 8, 31), "1999/00"),
        (date(2026, 4, 1), date(2026, 6, 30), "April to June 2026"),
        (date(2026, 11, 1), date(2027, 1, 31), "November 2026 to January 2027"),
        (date(2026, 1, 15), date(2026, 1, 15), "15 January 2026"),
        (date(2026, 1, 15), date(2026, 2, 14), "15 January 2026 to 14 February 2026"),
    ],
)
def test_a_period_is_called_as_people_call_it(start, end, words):
    assert period_in_words(start, end) == words


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 20), "The figure for October 2026 is due by 21 November 2026"),
        (date(2026, 11, 21), "The figure for October 2026 is due by 21 November 2026"),
        (date(2026, 11, 22), "The figure for October 2026 was due by 21 November 2026"),
    ],
)
def test_when_a_figure_is_due_is_said_and_when_it_was(today, expected):
    assert due_in_words("monthly", Period(date(2026, 10, 1), date(2026, 10, 31)), today) == expected


def test_without_a_rhythm_no_day_is_set():
    assert due_in_words("irregular", None, date(2026, 3, 10)).startswith("This figure comes from time to time")
