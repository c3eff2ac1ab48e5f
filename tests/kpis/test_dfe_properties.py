"""What holds of every period and every cell that the open-data standard allows, and of every one that it does not."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.dates import MONTHS
from kpis.dfe.errors import Unreadable
from kpis.dfe.periods import period_of
from kpis.dfe.symbols import SYMBOLS, read_cell
from kpis.vocabulary import Missing

FOUR = ["Calendar year", "Reporting year", *MONTHS, *[f"Week {week}" for week in range(1, 53)]]
SIX = [
    "Academic year", "Financial year", "Tax year", "Autumn term", "Spring term", "Summer term", "Autumn and spring term",
    *[f"Financial year Q{quarter}" for quarter in range(1, 5)], "Part 1 (April to September)", "Part 2 (October to March)",
]  # fmt: skip
YEARS = st.integers(1950, 2099)


def digits_of(identifier: str, year: int) -> str:
    return str(year) if identifier in FOUR else f"{year}{(year + 1) % 100:02d}"


# Periods


@given(identifier=st.sampled_from(FOUR + SIX), year=YEARS)
def test_every_kind_of_period_ends_after_it_starts_within_its_years(identifier, year):
    period = period_of(identifier, digits_of(identifier, year))
    assert period.start <= period.end
    assert year - 1 <= period.start.year <= period.end.year <= year + 1  # the first week may start in December
    assert (period.end - period.start).days < 366


@given(identifier=st.sampled_from(FOUR + SIX), year=st.integers(1950, 2098))
def test_the_same_kind_of_a_later_year_lies_after_it(identifier, year):
    first = period_of(identifier, digits_of(identifier, year))
    later = period_of(identifier, digits_of(identifier, year + 1))
    assert first.start < later.start
    assert first.end < later.start


@given(year=YEARS)
def test_the_parts_of_a_year_follow_each_other_and_fill_it(year):
    whole = period_of("Financial year", digits_of("Financial year", year))
    for parts in (
        [f"Financial year Q{quarter}" for quarter in range(1, 5)],
        ["Part 1 (April to September)", "Part 2 (October to March)"],
    ):
        found = [period_of(part, digits_of(part, year)) for part in parts]
        assert (found[0].start, found[-1].end) == (whole.start, whole.end)
        assert all(one.end + timedelta(days=1) == following.start for one, following in pairwise(found))


@given(year=YEARS, spaces=st.sampled_from(["", " ", "  "]), case=st.sampled_from([str.upper, str.lower, str.title]))
def test_case_and_spaces_do_not_matter(year, spaces, case):
    written = case("academic year").replace(" ", f" {spaces}") + spaces
    assert period_of(written, digits_of("Academic year", year)) == period_of(
        "Academic year", digits_of("Academic year", year)
    )


@given(first=YEARS, second=st.integers(0, 99))
def test_six_digits_name_two_years_that_follow_each_other_or_nothing(first, second):
    digits = f"{first}{second:02d}"
    if second == (first + 1) % 100:
        assert period_of("Academic year", digits).start.year == first
    else:
        with pytest.raises(Unreadable):
            period_of("Academic year", digits)


@given(identifier=st.text(max_size=30), digits=st.text(max_size=10))
def test_anything_else_is_refused_in_words_and_never_breaks(identifier, digits):
    period = refused = None
    try:
        period = period_of(identifier, digits)
    except Unreadable as refusal:
        refused = str(refusal)
    assert refused or period.start <= period.end


# Cells


@given(symbol=st.sampled_from(sorted(SYMBOLS)), before=st.sampled_from(["", " ", "\t"]), upper=st.booleans())
def test_a_symbol_is_never_a_number(symbol, before, upper):
    value, missing = read_cell(before + (symbol.upper() if upper else symbol) + before, "rate")
    assert value is None
    assert missing in Missing.values


@given(number=st.decimals(-(10**11), 10**11, allow_nan=False, allow_infinity=False, places=6))
def test_a_number_is_read_as_it_stands(number):
    assert read_cell(f"{number:f}", "rate") == (number, "")


@given(number=st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=17))
def test_long_decimals_are_kept_to_the_millionth(number):
    value, missing = read_cell(f"{number:f}", "rate")
    assert missing == ""
    assert abs(value - number) <= Decimal("0.0000005")


@pytest.mark.parametrize("cell", ["0", "0.0", "0.000", "-0", "0e0"])
def test_a_true_nought_is_nought(cell):
    assert read_cell(cell, "rate") == (0, "")


@given(cell=st.text(max_size=40))
def test_every_other_text_is_refused_in_words_and_never_read_as_nought(cell):
    value = missing = refused = None
    try:
        value, missing = read_cell(cell, "rate")
    except Unreadable as refusal:
        refused = str(refusal)
    assert refused or (value is None) == bool(missing)
    if value == 0:
        assert Decimal(cell.strip()).quantize(Decimal("0.000001")) == 0
