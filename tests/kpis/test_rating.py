from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.rating import KpiStatus, change, rate, rating_sentence, show_value, target_in_force
from kpis.vocabulary import Missing, Polarity, Unit


@pytest.mark.parametrize(
    ("on_time", "expected"),
    [(None, KpiStatus.NO_DATA), (60, KpiStatus.MET), (55, KpiStatus.SLIGHTLY_BEHIND), (54, KpiStatus.BEHIND)],
)
def test_rating_against_a_target_of_sixty(on_time, expected):
    assert rate(on_time, target=60, floor=55, polarity=Polarity.HIGHER) == expected


@pytest.mark.parametrize(
    ("value", "tolerance", "floor", "expected"),
    [
        ("90", None, None, KpiStatus.MET),
        ("90.1", None, None, KpiStatus.MET),
        ("89.9", None, None, KpiStatus.BEHIND),
        ("89.9", 5, None, KpiStatus.SLIGHTLY_BEHIND),
        ("85", 5, None, KpiStatus.SLIGHTLY_BEHIND),
        ("84.999999", 5, None, KpiStatus.BEHIND),
        ("89.9", 0, None, KpiStatus.BEHIND),
        ("85", None, 85, KpiStatus.SLIGHTLY_BEHIND),
        ("84.9", None, 85, KpiStatus.BEHIND),
        ("86", 5, 87, KpiStatus.BEHIND),  # within the tolerance, beyond the floor
        ("86", 3, 80, KpiStatus.BEHIND),  # above the floor, beyond the tolerance
        ("88", 3, 87, KpiStatus.SLIGHTLY_BEHIND),
    ],
)
def test_higher_is_better(value, tolerance, floor, expected):
    assert rate(Decimal(value), target=90, tolerance=tolerance, floor=floor, polarity=Polarity.HIGHER) == expected


@pytest.mark.parametrize(
    ("weeks", "tolerance", "floor", "expected"),
    [
        (17, None, None, KpiStatus.MET),
        (18, None, None, KpiStatus.MET),
        (19, None, None, KpiStatus.BEHIND),
        (20, 2, None, KpiStatus.SLIGHTLY_BEHIND),
        (21, 2, None, KpiStatus.BEHIND),
        (22, None, 22, KpiStatus.SLIGHTLY_BEHIND),  # a floor is a ceiling where lower is better
        (23, None, 22, KpiStatus.BEHIND),
    ],
)
def test_lower_is_better(weeks, tolerance, floor, expected):
    assert rate(weeks, target=18, tolerance=tolerance, floor=floor, polarity=Polarity.LOWER) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"value": 95}, KpiStatus.ON_TRAJECTORY),
        ({"value": 89, "tolerance": 5}, KpiStatus.SLIGHTLY_BEHIND),
        ({"value": 80, "tolerance": 5}, KpiStatus.BEHIND),
    ],
)
def test_a_milestone_reached_is_a_trajectory_kept(given, expected):
    assert rate(target=90, polarity=Polarity.HIGHER, is_milestone=True, **given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"value": 5, "target": None}, KpiStatus.NO_TARGET),
        ({"value": None, "target": None}, KpiStatus.NO_DATA),
        ({"value": 0, "target": 0}, KpiStatus.MET),  # nought is a figure
        ({"value": 5, "target": 9, "polarity": Polarity.CONTEXTUAL}, KpiStatus.CONTEXTUAL),
        ({"value": None, "target": 9, "polarity": Polarity.CONTEXTUAL}, KpiStatus.CONTEXTUAL),
        ({"value": None, "target": 9, "missing": Missing.SUPPRESSED}, KpiStatus.SUPPRESSED),
        ({"value": None, "target": 9, "missing": Missing.SUPPRESSED, "is_due": False}, KpiStatus.SUPPRESSED),
        ({"value": None, "target": 9, "missing": Missing.NOT_AVAILABLE, "is_due": False}, KpiStatus.NO_DATA),
        ({"value": None, "target": 9, "missing": Missing.LOW}, KpiStatus.NO_DATA),
        ({"value": None, "target": 9, "is_due": False}, KpiStatus.NOT_YET_DUE),
        ({"value": 9, "target": 9, "is_due": False}, KpiStatus.MET),
    ],
)
def test_five_ways_of_having_no_rating_are_kept_apart(given, expected):
    assert rate(**({"polarity": Polarity.HIGHER} | given)) == expected


def test_binary_fractions_do_not_decide():
    assert rate(0.3, target=0.4, tolerance=0.1, polarity=Polarity.HIGHER) == KpiStatus.SLIGHTLY_BEHIND
    assert rate(Decimal("0.3"), target=0.3, polarity=Polarity.LOWER) == KpiStatus.MET


@given(st.integers(-50, 50), st.integers(-50, 50), st.none() | st.integers(0, 20), st.none() | st.integers(-50, 50))
def test_lower_is_better_is_higher_is_better_in_the_mirror(value, target, tolerance, floor):
    mirrored = rate(
        -value, target=-target, tolerance=tolerance, floor=None if floor is None else -floor, polarity=Polarity.LOWER
    )

    assert rate(value, target=target, tolerance=tolerance, floor=floor, polarity=Polarity.HIGHER) == mirrored


@dataclass(frozen=True)
class Promise:
    kind: str
    period_start: date
    period_end: date | None
    value: int | None
    number: int


STANDING = Promise("standing", date(2024, 4, 1), None, 80, 1)
RAISED = Promise("standing", date(2026, 4, 1), None, 90, 2)
MARCH = Promise("milestone", date(2026, 3, 1), date(2026, 3, 31), 85, 3)
YEAR = Promise("milestone", date(2025, 4, 1), date(2026, 3, 31), 84, 4)


@pytest.mark.parametrize(
    ("targets", "period_end", "expected"),
    [
        ([], date(2026, 1, 31), None),
        ([STANDING], date(2024, 3, 31), None),
        ([STANDING], date(2024, 4, 1), STANDING),
        ([STANDING, RAISED], date(2026, 3, 31), STANDING),
        ([STANDING, RAISED], date(2026, 4, 1), RAISED),
        ([RAISED, STANDING], date(2030, 1, 1), RAISED),
        ([STANDING, MARCH], date(2026, 2, 28), STANDING),
        ([STANDING, MARCH], date(2026, 3, 1), MARCH),
        ([STANDING, MARCH], date(2026, 3, 31), MARCH),
        ([STANDING, MARCH], date(2026, 4, 1), STANDING),
        ([MARCH], date(2026, 4, 30), None),  # a milestone holds for its period alone
        ([MARCH, YEAR], date(2025, 10, 31), YEAR),
        ([YEAR, MARCH], date(2026, 3, 31), MARCH),  # the more particular promise
    ],
)
def test_the_target_in_force(targets, period_end, expected):
    assert target_in_force(targets, period_end) == expected


@pytest.mark.parametrize("first", [STANDING, MARCH])
def test_the_latest_word_on_a_period_counts(first):
    revised = Promise(first.kind, first.period_start, first.period_end, 70, 9)

    assert target_in_force([revised, first], date(2026, 3, 31)) == revised


PERCENT = {"unit": Unit.PERCENT, "decimals": 1, "polarity": Polarity.HIGHER}


@pytest.mark.parametrize(
    ("value", "given", "expected"),
    [
        (
            Decimal("94.800000"),
            {"target": Decimal("90.000000"), "statutory_standard": Decimal("100.000000"), "counted": "plan"},
            "94.8%. Local target of 90% met; the legal duty is every plan",
        ),
        (60, {"target": None, "statutory_standard": 95}, "60.0%. No target for this period; the legal duty is 95%"),
        (
            82,
            {"target": 85, "tolerance": 5},
            "82.0%. Slightly behind: 3 percentage points short of the local target of 85%",
        ),
        (84, {"target": 85}, "84.0%. Behind: 1 percentage point short of the local target of 85%"),
        (
            61,
            {"target": Decimal("85.5"), "is_milestone": True},
            "61.0%. Behind: 24.5 percentage points short of the milestone for this period of 85.5%",
        ),
        (86, {"target": 85, "is_milestone": True}, "86.0%. Milestone for this period of 85% reached"),
        (
            9,
            {"target": 8, "polarity": Polarity.LOWER, "unit": Unit.WEEKS, "decimals": 0},
            "9 weeks. Behind: 1 week above the local target of 8 weeks",
        ),
        (
            1,
            {"target": 900000, "unit": Unit.GBP, "decimals": 0},
            "£1. Behind: £899,999 short of the local target of £900,000",
        ),
        (
            320,
            {"target": 300, "unit": Unit.COUNT, "decimals": 0, "qualifier": "over"},
            "Over 320. Local target of 300 met",
        ),
        (50, {"target": None, "target_as_written": "fewer by March"}, "50.0%. Promised in words: fewer by March"),
        (
            11.2,
            {"target": None, "polarity": Polarity.CONTEXTUAL, "unit": Unit.SCORE},
            "11.2. Context: neither more nor less is better",
        ),
        (None, {"target": 85}, "No figure for this period"),
        (None, {"target": 85, "as_written": "almost half"}, "Almost half. No figure for this period"),
        (None, {"target": 85, "missing": "not_available"}, "No figure: not available"),
        (None, {"target": 85, "missing": "low"}, "No figure: too small to show"),
        (
            None,
            {"target": 85, "missing": "suppressed"},
            "Suppressed: so few people are counted that the figure could point to one of them",
        ),
        (
            None,
            {"target": 85, "is_due": False, "next_release_on": date(2027, 1, 15)},
            "Not yet due; the next figure is expected on 15 January 2027",
        ),
    ],
)
def test_the_sentence_behind_the_status(value, given, expected):
    assert rating_sentence(value, **(PERCENT | given)) == expected


@pytest.mark.parametrize(
    ("previous", "latest", "polarity", "given", "expected"),
    [
        (353, 312, Polarity.LOWER, {"since": "September"}, "41 fewer than September, better"),
        (312, 353, Polarity.LOWER, {"since": "September"}, "41 more than September, worse"),
        (
            Decimal("98.6"),
            Decimal("94.8"),
            Polarity.HIGHER,
            {"since": "2023", "unit": "percent"},
            "3.8 points worse than 2023",
        ),
        (320, 331, Polarity.HIGHER, {}, "11 more, better"),
        (1000, 2500, Polarity.HIGHER, {}, "1,500 more, better"),
        (8, 8, Polarity.HIGHER, {}, "no change"),
        (8, 8, Polarity.CONTEXTUAL, {"since": "August"}, "no change since August"),
        (Decimal("94.81"), Decimal("94.84"), Polarity.HIGHER, {"decimals": 1}, "no change"),
        (
            Decimal("94.84"),
            Decimal("94.86"),
            Polarity.HIGHER,
            {"decimals": 1},
            "0.1 more, better",
        ),  # as shown: 94.8, 94.9
        (100, 141, Polarity.CONTEXTUAL, {"since": "September"}, "41 more than September"),
        (141, 100, Polarity.CONTEXTUAL, {"since": "September"}, "41 fewer than September"),
        (12, 11, Polarity.CONTEXTUAL, {"unit": "percent"}, "1 point less"),
        (900000, 890000, Polarity.LOWER, {"unit": "gbp"}, "£10,000 better"),
        (9, 8, Polarity.LOWER, {"unit": "weeks"}, "1 week better"),
        (19, 17, Polarity.LOWER, {"unit": "rank"}, "2 places better"),
        (None, 8, Polarity.HIGHER, {}, ""),
        (8, None, Polarity.HIGHER, {}, ""),
        (0, 8, Polarity.HIGHER, {}, "8 more, better"),
        (64, 60, Polarity.HIGHER, {"unit": "score"}, "4 worse"),
    ],
)
def test_a_change_says_better_or_worse(previous, latest, polarity, given, expected):
    assert change(previous, latest, polarity, **given) == expected


@pytest.mark.parametrize(
    ("value", "unit", "given", "expected"),
    [
        (Decimal("94.800000"), Unit.PERCENT, {"decimals": 1}, "94.8%"),
        (Decimal("94.75"), Unit.PERCENT, {"decimals": 1}, "94.8%"),
        (Decimal("0.5"), Unit.COUNT, {}, "1"),
        (94, Unit.PERCENT, {"decimals": 1}, "94.0%"),
        (Decimal("900000.000000"), Unit.GBP, {}, "£900,000"),
        (Decimal("-1200"), Unit.GBP, {}, "-£1,200"),
        (8, Unit.WEEKS, {}, "8 weeks"),
        (1, Unit.WEEKS, {}, "1 week"),
        (320, Unit.COUNT, {"qualifier": "over"}, "over 320"),
        (50, Unit.PERCENT, {"qualifier": "at_least"}, "at least 50%"),
        (12345, Unit.COUNT, {}, "12,345"),
        (Decimal("7.25"), Unit.PERCENT_CHANGE, {"decimals": 2}, "+7.25%"),
        (Decimal("-4.2"), Unit.PERCENT_CHANGE, {"decimals": 1}, "-4.2%"),
        (0, Unit.PERCENT_CHANGE, {}, "0%"),
        (Decimal("-0.2"), Unit.COUNT, {}, "0"),
        (17, Unit.RANK, {}, "17th"),
        (1, Unit.RANK, {}, "1st"),
        (22, Unit.RANK, {}, "22nd"),
        (112, Unit.RANK, {}, "112th"),
        (Decimal("1.5"), Unit.RATIO, {"decimals": 1}, "1.5"),
        (None, Unit.PERCENT, {"as_written": "almost half"}, "almost half"),
        (None, Unit.PERCENT, {}, ""),
        (3, Unit.TEXT, {"as_written": "good"}, "good"),
    ],
)
def test_a_figure_as_shown(value, unit, given, expected):
    assert show_value(value, unit, **given) == expected
