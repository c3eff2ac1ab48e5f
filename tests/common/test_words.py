from datetime import UTC, date, datetime

import pytest
from django.template import Context, Engine

from common import words


@pytest.mark.parametrize(
    ("n", "expected"),
    [(0, "none"), (1, "one"), (3, "three"), (10, "ten"), (11, "11"), (999, "999"), (1200, "1,200"), (-2, "-2")],
)
def test_numbers_are_words_up_to_ten(n, expected):
    assert words.number(n) == expected


@pytest.mark.parametrize(
    ("n", "nouns", "expected"),
    [
        (0, ("action",), "0 actions"),
        (1, ("action",), "1 action"),
        (3, ("action",), "3 actions"),
        (1500, ("action",), "1,500 actions"),
        (2, ("priority",), "2 priorities"),
        (2, ("day",), "2 days"),
        (2, ("success",), "2 successes"),
        (2, ("child", "children"), "2 children"),
        (1, ("child", "children"), "1 child"),
    ],
)
def test_counts_for_tables_are_digits(n, nouns, expected):
    assert words.plural(n, *nouns) == expected


@pytest.mark.parametrize(
    ("n", "expected"), [(0, "no actions"), (1, "one action"), (6, "six actions"), (12, "12 actions")]
)
def test_counts_for_sentences_are_words(n, expected):
    assert words.count_words(n, "action") == expected


@pytest.mark.parametrize(
    ("things", "expected"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), ([1, 2], "1 and 2")],
)
def test_lists_end_with_and(things, expected):
    assert words.listed(things) == expected
    assert words.listed(thing for thing in things) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("on track", "On track"), ("EHC plans", "EHC plans"), ("six EHC plans", "Six EHC plans"), ("", "")],
)
def test_sentences_start_with_a_capital_and_keep_the_others(text, expected):
    assert words.sentence_case(text) == expected


@pytest.mark.parametrize(("n", "expected"), [(1, "once"), (2, "twice"), (3, "three times"), (12, "12 times")])
def test_times(n, expected):
    assert words.times(n) == expected


def shown(template: str, **context) -> str:
    return Engine(builtins=["common.templatetags.words"]).from_string(template).render(Context(context))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (date(2019, 10, 31), "31 October 2019"),
        (datetime(2019, 10, 31, 12, tzinfo=UTC), "31 October 2019"),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "1 July 2026"),  # past midnight in London's summer
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "31 December 2026"),
        (None, ""),
        ("", ""),
    ],
)
def test_dates_are_written_out_as_days_in_london(when, expected):
    assert shown("{{ when|long_date }}", when=when) == expected


def test_a_month_and_a_missing_variable():
    assert shown("{{ when|month }}", when=datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "July 2026"
    assert shown("{{ nothing|month }}{{ nothing|long_date }}{{ nothing|number_words }}") == ""


def test_counts_in_templates():
    assert shown('{{ n|number_words }}, {{ n|plural:"action" }}, {{ n|plural:"child,children" }}', n=3) == (
        "three, 3 actions, 3 children"
    )
