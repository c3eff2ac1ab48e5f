"""What is asked of a figure before it is saved. Nothing of it is refused."""

from datetime import date
from decimal import Decimal

import pytest

from kpis.questions import (
    Figure,
    Limits,
    Sense,
    agrees,
    answer_to,
    is_answered,
    percentage_of,
    questions,
)

TODAY = date(2026, 3, 10)
FEBRUARY = date(2026, 2, 28)


def asked(value, *, unit="percent", period_end=FEBRUARY, numerator=None, denominator=None, overlaps="", **sense):
    figure = Figure(
        None if value is None else Decimal(value), period_end, "February 2026", overlaps,
        None if numerator is None else Decimal(numerator), None if denominator is None else Decimal(denominator),
    )  # fmt: skip
    if "last" in sense:
        sense["last"] = Decimal(sense["last"])
    return questions(figure, Sense(unit, **sense), today=TODAY)


@pytest.mark.parametrize(
    ("value", "given", "codes"),
    [
        ("94.8", {}, []),
        ("100", {}, []),
        ("100.1", {}, ["over_100"]),
        ("104", {"may_pass_100": True}, []),
        ("104", {"unit": "count"}, []),
        ("104", {"unit": "percent_change"}, []),
        ("-0.1", {}, ["below_nought"]),
        ("-3", {"unit": "count"}, ["below_nought"]),
        ("-3", {"unit": "weeks"}, ["below_nought"]),
        ("-3", {"unit": "percent_change"}, []),
        ("-3", {"unit": "gbp"}, []),
        ("0", {}, []),
        ("12.5", {"unit": "count", "counts_people": True}, ["part_of_a_person"]),
        ("12.5", {"unit": "count"}, []),
        ("12.5", {"counts_people": True}, []),
        ("60", {"last": "64"}, []),
        ("-5", {"unit": "gbp", "last": "4"}, ["other_side_of_nought"]),
        ("5", {"unit": "percent_change", "last": "-4"}, ["other_side_of_nought"]),
        ("0", {"unit": "gbp", "last": "-4"}, []),
        ("640", {"unit": "count", "last": "64"}, ["other_size"]),
        ("639", {"unit": "count", "last": "64"}, []),
        ("6.4", {"last": "64"}, ["other_size"]),
        ("6.5", {"last": "64"}, []),
        ("0", {"last": "64"}, []),
        ("64", {"last": "0"}, []),
        ("80", {"limits": Limits(50.5, 79.9)}, ["beyond_limits"]),
        ("79.9", {"limits": Limits(50.5, 79.9)}, []),
        ("50.4", {"limits": Limits(50.5, 79.9)}, ["beyond_limits"]),
        ("52", {"numerator": 61, "denominator": 52}, ["more_than_all"]),
        ("100", {"numerator": 52, "denominator": 52}, []),
        ("117", {"numerator": 61, "denominator": 52, "may_pass_100": True}, []),
        ("94", {"period_end": TODAY}, []),
        ("94", {"period_end": date(2026, 3, 11)}, ["not_ended"]),
        (None, {"period_end": date(2026, 3, 11)}, ["not_ended"]),
        (None, {"last": "64"}, []),
        ("94", {"overlaps": "2026"}, ["shared_days"]),
    ],
)
def test_what_is_asked(value, given, codes):
    assert [question.code for question in asked(value, **given)] == codes


@pytest.mark.parametrize(
    ("value", "given", "sentence"),
    [
        ("104.5", {}, "104.5% is more than the whole: this percentage cannot usually pass 100%."),
        ("-3", {"unit": "weeks"}, "-3 weeks is below nought."),
        ("7.4", {"last": "79.9", "last_period": "January 2026"},
         "7.4% is at most a tenth of the figure before, 79.9% for January 2026."),
        ("6400", {"unit": "count", "last": "64"}, "6,400 is at least a hundred times the figure before, 64."),
        ("64000", {"unit": "count", "last": "64"}, "64,000 is at least a thousand times the figure before, 64."),
        ("-5", {"unit": "gbp", "last": "4"}, "-£5 is on the other side of nought than the figure before, £4."),
        ("80", {"limits": Limits(50.52, 79.89)},
         "80% is outside the limits of the figures so far, 50.5% to 79.9%: such a jump seldom comes by chance."),
        ("52", {"numerator": 61, "denominator": 52}, "61 of 52: more are counted than there were."),
        ("94", {"period_end": date(2026, 3, 31)}, "February 2026 ends on 31 March 2026, which is still to come."),
        ("94", {"overlaps": "2026"}, "February 2026 shares days with 2026, which has a figure already."),
    ],
)  # fmt: skip
def test_each_question_is_a_sentence_with_its_figures(value, given, sentence):
    assert [question.sentence for question in asked(value, **given)] == [sentence]


def test_an_answer_holds_for_these_questions_about_these_numbers_alone():
    figure = Figure(Decimal(104), FEBRUARY, "February 2026")
    sense = Sense("percent")
    found = questions(figure, sense, today=TODAY)
    answer = answer_to(found, figure, of="plans-on-time")

    assert is_answered(answer, found, figure, of="plans-on-time")
    assert is_answered(answer, found, Figure(Decimal("104.0"), FEBRUARY, "February 2026"), of="plans-on-time")
    assert not is_answered(answer, found, Figure(Decimal(105), FEBRUARY, "February 2026"), of="plans-on-time")
    assert not is_answered(answer, found, figure, of="annual-reviews")
    assert not is_answered(answer, found[:0], figure, of="plans-on-time")
    assert not is_answered("yes", found, figure, of="plans-on-time")
    assert not is_answered("\ud800\x00", found, figure, of="plans-on-time")


def test_a_percentage_is_worked_out_of_its_counts():
    assert percentage_of(Decimal(52), Decimal(61)) == Decimal("85.245902")


@pytest.mark.parametrize(
    ("typed", "is_right"),
    [("85", True), ("85.2", True), ("85.25", True), ("85.3", False), ("86", False), ("90", False)],
)
def test_a_percentage_agrees_with_its_counts_as_far_as_it_was_rounded(typed, is_right):
    assert agrees(Decimal(typed), percentage_of(Decimal(52), Decimal(61))) == is_right
