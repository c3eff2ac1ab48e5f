"""The single facts of a row of open data: its figure, its period, its place, and how sure it is."""

from datetime import date
from decimal import Decimal

import pytest

from kpis.dfe.errors import Unreadable
from kpis.dfe.layout import Layout
from kpis.dfe.periods import period_of
from kpis.dfe.places import Finder, Places
from kpis.dfe.series import term_of
from kpis.dfe.signs import state_in_row, state_said
from kpis.dfe.symbols import read_cell, read_part
from tests.kpis.dfe_files import ELSEWHERE, ENGLAND, HEADER, LONDON, NORTHVALE, a_row, the_places


@pytest.mark.parametrize(
    ("raw", "missing"),
    [
        ("c", "suppressed"), ("z", "not_applicable"), ("x", "not_available"), ("low", "low"), ("k", "low"), ("~", "low"),
        ("u", "unreliable"), (":", "not_available"), (".", "not_available"), ("..", "not_available"),
        ("-", "not_available"), ("NULL", "not_available"), ("NA", "not_available"), ("", "not_available"),
        ("  ", "not_available"), ("X", "not_available"), (" Low ", "low"),
    ],
)  # fmt: skip
def test_a_symbol_says_why_there_is_no_figure_and_is_never_nought(raw, missing):
    assert read_cell(raw, "rate") == (None, missing)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0", "0"), ("0.0", "0"), ("94.8", "94.8"), (" 94.8 ", "94.8"), ("-3.8", "-3.8"), ("+2", "2"), (".5", "0.5"),
        ("57.900000000000", "57.9"), ("0.123456789", "0.123457"), ("1.5e-05", "0.000015"), ("638745", "638745"),
    ],
)  # fmt: skip
def test_a_number_is_kept_to_the_millionth(raw, value):
    assert read_cell(raw, "rate") == (Decimal(value), "")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("=1+1", "formula"), ("+CMD", "formula"), ("@SUM(A1)", "formula"), ("-A1", "formula"), ("1,234", "without commas"),
        ("94.8%", "without a sign"), ("abc", "neither a number nor a symbol"), ("NaN", "neither"), ("Infinity", "neither"),
        ("1_000", "neither"), ("٣", "neither"), ("9" * 200, "200 characters"), ("1e99", "too large"),
        ("1000000000000", "too large"), ("0x10", "neither"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name(raw, reason):
    with pytest.raises(Unreadable, match=reason) as refused:
        read_cell(raw, "rate")
    assert refused.value.column == "rate"


def test_a_count_below_nought_is_refused_and_a_symbol_for_it_is_none():
    assert read_part("x", "plans") is None
    with pytest.raises(Unreadable, match="less than nought"):
        read_part("-1", "plans")


def days(identifier, digits, reads_as=""):
    period = period_of(identifier, digits, reads_as)
    return str(period.start), str(period.end), period.label


@pytest.mark.parametrize(
    ("identifier", "digits", "expected"),
    [
        ("Calendar year", "2024", ("2024-01-01", "2024-12-31", "2024")),
        ("Reporting year", "2025", ("2025-01-01", "2025-12-31", "2025 (reporting year)")),
        ("Academic year", "202425", ("2024-09-01", "2025-08-31", "2024/25")),
        ("Academic year", "199900", ("1999-09-01", "2000-08-31", "1999/00")),
        ("Financial year", "202425", ("2024-04-01", "2025-03-31", "2024-25")),
        ("Tax year", "202425", ("2024-04-06", "2025-04-05", "2024-25 (tax year)")),
        ("January", "2019", ("2019-01-01", "2019-01-31", "January 2019")),
        ("February", "2024", ("2024-02-01", "2024-02-29", "February 2024")),
        ("december", "2024", ("2024-12-01", "2024-12-31", "December 2024")),
        ("Week 1", "2025", ("2024-12-30", "2025-01-05", "Week 1 of 2025")),
        ("Week 52", "2024", ("2024-12-23", "2024-12-29", "Week 52 of 2024")),
        ("Autumn term", "202425", ("2024-09-01", "2024-12-31", "Autumn term 2024/25")),
        ("Spring term", "202425", ("2025-01-01", "2025-03-31", "Spring term 2024/25")),
        ("Summer term", "202425", ("2025-04-01", "2025-08-31", "Summer term 2024/25")),
        ("Autumn and spring term", "202425", ("2024-09-01", "2025-03-31", "Autumn and spring terms 2024/25")),
        ("Financial year Q1", "202425", ("2024-04-01", "2024-06-30", "2024-25 Q1")),
        ("Financial year Q4", "202425", ("2025-01-01", "2025-03-31", "2024-25 Q4")),
        ("Academic year Q2", "202425", ("2024-12-01", "2025-02-28", "2024/25 Q2")),
        ("Calendar year Q4", "2024", ("2024-10-01", "2024-12-31", "2024 Q4")),
        ("Tax year Q1", "202425", ("2024-04-06", "2024-07-05", "2024-25 Q1")),
        ("Part 1 (April to September)", "202425", ("2024-04-01", "2024-09-30", "April to September 2024")),
        ("Part 2 (October to March)", "202425", ("2024-10-01", "2025-03-31", "October 2024 to March 2025")),
        (" calendar  Year ", " 2024 ", ("2024-01-01", "2024-12-31", "2024")),
    ],
)  # fmt: skip
def test_every_kind_of_period_has_its_days(identifier, digits, expected):
    assert days(identifier, digits) == expected


@pytest.mark.parametrize(
    ("reads_as", "expected"),
    [
        ("january", ("2025-01-01", "2025-01-31", "January 2025")),
        ("march", ("2025-03-01", "2025-03-31", "March 2025")),
        ("31-march", ("2025-03-31", "2025-03-31", "31 March 2025")),
        ("december-february", ("2024-12-01", "2025-02-28", "December 2024 to February 2025")),
        ("autumn", ("2024-09-01", "2024-12-31", "Autumn term 2024/25")),
    ],
)
def test_a_year_can_mean_one_part_of_it(reads_as, expected):
    assert days("Academic year", "202425", reads_as) == expected


def test_a_snapshot_and_a_week_are_marked_as_assumed():
    assert period_of("Reporting year", "2025").is_assumed
    assert period_of("Week 3", "2025").is_assumed
    assert not period_of("Calendar year", "2025").is_assumed


@pytest.mark.parametrize(
    ("identifier", "digits", "column", "reason"),
    [
        ("Calendar year", "202425", "time_period", "four digits"),
        ("Academic year", "2024", "time_period", "six digits"),
        ("Academic year", "202426", "time_period", "follow each other"),
        ("Calendar year", "24", "time_period", "four digits"),
        ("Calendar year", "", "time_period", "four digits"),
        ("Calendar year", "1850", "time_period", "between 1950 and 2100"),
        ("Calendar year", "2024 (Rev)", "time_period", "digits only"),
        ("Calendar year", "soon", "time_period", "digits only"),
        ("Fortnight 3", "2024", "time_identifier", "no kind of period"),
        ("Week 53", "2025", "time_identifier", "has no week 53"),
        ("Week 54", "2025", "time_identifier", "no kind of period"),
        ("Part 1 (October to March)", "202425", "time_identifier", "no kind of period"),
    ],
)
def test_what_is_no_period_is_refused_with_its_column(identifier, digits, column, reason):
    with pytest.raises(Unreadable, match=reason) as refused:
        period_of(identifier, digits)
    assert refused.value.column == column


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("2025 (prov)", "provisional"), ("Provisional", "provisional"), ("2025p", "provisional"),
        ("rate_prov", "provisional"), ("Average (provisional)", "provisional"), ("Forecast", "forecast"),
        ("Projected", "forecast"), ("Final", "final"), ("Revised", "final"), ("SEN provision", "final"),
        ("No longer provisional", "final"), ("Improvement", "final"), ("2024", "final"), ("Group", "final"),
    ],
)  # fmt: skip
def test_what_calls_itself_provisional_or_a_forecast_is_heard(text, state):
    assert state_said(text) == state


def test_a_row_is_as_sure_as_its_least_sure_cell():
    assert state_in_row(["2024", "Provisional", "3"], [0, 1, 2]) == "provisional"
    assert state_in_row(["2024", "Provisional", "Forecast"], [0, 1, 2]) == "forecast"
    assert state_in_row(["2024", "SEN provision", "3"], [0, 1, 2]) == "final"
    assert period_of("Calendar year", "2025 (prov)").state == "provisional"


@pytest.fixture
def places(db):
    return the_places()


def found(row, places=None):
    finder = Finder(Places.known(), Layout.of(HEADER))
    return finder.find(row, finder.level(row))


def test_a_place_is_known_by_level_and_code(places):
    assert found(a_row(ENGLAND, "1")) == places["england"].pk
    assert found(a_row(LONDON, "1")) == places["london"].pk
    assert found(a_row(NORTHVALE, "1")) == places["northvale"].pk
    assert found(a_row(ELSEWHERE, "1")) is None


def test_an_earlier_nine_character_code_is_known_by_the_three_digits(places):
    """Buckinghamshire was E10000002 and is E06000060, and always 825."""
    former = [*NORTHVALE]
    former[5] = "E10000098"
    assert found(a_row(former, "1")) == places["northvale"].pk
    former[5] = ""
    assert found(a_row(former, "1")) == places["northvale"].pk
    former[5] = "x"
    assert found(a_row(former, "1")) == places["northvale"].pk


def test_two_codes_of_different_places_are_refused(places):
    mixed = [*NORTHVALE]
    mixed[6] = "299"
    with pytest.raises(Unreadable, match="Northvale and Southmoor"):
        found(a_row(mixed, "1"))


def test_a_place_that_has_ended_does_not_take_the_code_of_its_successor(places):
    from strategies.models import Area

    Area.objects.create(name="Old Vale", slug="old-vale", dfe_code="298", ended_on=date(2023, 3, 31))
    assert found(a_row(NORTHVALE, "1")) == places["northvale"].pk


@pytest.mark.parametrize(
    ("item", "reads_as"),
    [
        ("Autumn term", "autumn"), ("Autumn and spring terms", "autumn-spring"), ("Summer", "summer"), ("Total", ""),
        ("Spring term", "spring"),
    ],
)  # fmt: skip
def test_rows_of_a_term_are_of_that_term_whatever_year_they_write(item, reads_as):
    assert term_of({"school_type": "Special", "term": item}) == reads_as
