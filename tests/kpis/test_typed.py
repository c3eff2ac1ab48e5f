"""Numbers as people type them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as some

from kpis.typed import number_from


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("1,234.5", "count", "1234.5"),
        ("94.8%", "percent", "94.8"),
        ("94.8 %", "percent", "94.8"),
        ("+4.5%", "percent_change", "4.5"),
        ("\u22123", "percent_change", "-3"),
        ("-3", "count", "-3"),
        ("£1,200", "gbp", "1200"),
        ("-£1,200", "gbp", "-1200"),
        ("1 200 000", "gbp", "1200000"),
        ("18.5 weeks", "weeks", "18.5"),
        (".5", "percent", "0.5"),
        ("0", "count", "0"),
        ("007", "count", "7"),
        ("1.100000", "score", "1.1"),
        ("1." + "0" * 100_000, "score", "1"),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(text, unit, expected):
    assert number_from(text, name="Figure", unit=unit) == Decimal(expected)


@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_nothing_typed_is_no_number(text):
    assert number_from(text, name="Figure", unit="percent") is None


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("12/3", "percent", "Figure: “12/3” could be a fraction or a date. Write one number, such as 92.5."),
        ("94,8", "percent", "Figure: “94,8”: write decimals after a point, such as 94.8."),
        ("1.2m", "gbp", "Figure: write the number in full, such as 1,200,000."),
        ("94.8%", "count", "Figure: this is not a percentage. Write the number alone."),
        ("£5", "percent", "Figure: this is not a sum of money. Write the number alone."),
        ("many", "count", "Figure: write a number, such as 92.5."),
        ("1,23,456", "count", "Figure: write a number, such as 92.5."),
        ("1.234.5", "count", "Figure: write a number, such as 92.5."),
        ("NaN", "count", "Figure: write a number, such as 92.5."),
        ("Infinity", "count", "Figure: write a number, such as 92.5."),
        ("1e5", "count", "Figure: write a number, such as 92.5."),
        ("--5", "count", "Figure: write a number, such as 92.5."),
        ("-", "count", "Figure: write a number, such as 92.5."),
        ("5\x00", "count", "Figure: write a number, such as 92.5."),
        ("٣", "count", "Figure: write a number, such as 92.5."),
        ("9" * 13, "count", "Figure: the number is too large to keep. Check how many figures it has."),
        ("9" * 100_000, "count", "Figure: the number is too large to keep. Check how many figures it has."),
        ("0.1234567", "percent", "Figure: give 6 decimal places at most."),
    ],
)
def test_what_could_mean_two_things_or_nothing_is_refused_with_its_fix(text, unit, message):
    with pytest.raises(ValidationError) as refused:
        number_from(text, name="Figure", unit=unit)
    assert refused.value.messages == [message]


@given(some.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_a_message(text):
    try:
        number = number_from(text, name="Figure", unit="percent")
    except ValidationError:
        return
    assert number is None or number.is_finite()


@given(some.decimals(min_value=-(10**12) + 1, max_value=10**12 - 1, places=4))
def test_a_number_as_the_product_writes_it_is_read_back(number):
    assert number_from(f"{number:,f}", name="Figure", unit="count") == number
