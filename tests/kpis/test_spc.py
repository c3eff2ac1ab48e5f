"""Control charts equal those of the reference, rule by rule.

The reference's cases are read from the file that the environment variable SPC_CASES names, else from our own copy.
"""

import json
import os
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.spc import (
    Assurance,
    Direction,
    Label,
    PointType,
    SeriesError,
    Variation,
    control_chart,
    direction_of,
    limits_of,
)
from kpis.spc_words import (
    assurance_sentence,
    caution_sentences,
    variation_sentence,
)
from kpis.vocabulary import Polarity
from tests.kpis.spc_series import FIXED, STEADY, chart, directions, labels, monthly, rebased, rebases, several

CASES = json.loads(
    Path(os.environ.get("SPC_CASES") or Path(__file__).with_name("spc_cases.json")).read_text(encoding="utf-8")
)["cases"]

OUR_OWN_RULE = "missing_value_in_trend_window"
ASSURANCE_TYPES = {"pass": "consistent_pass", "fail": "consistent_fail", "inconsistent": "inconsistent", None: None}


def of_case(case):
    given = case["input"]
    return control_chart(
        zip(map(date.fromisoformat, given["dates"]), given["values"], strict=True),
        improvement_direction=given["improvement_direction"],
        target=given["target"],
        rebase_dates=[date.fromisoformat(day) for day in given["rebase_dates"]],
        fix_after_n_points=given["fix_after_n_points"],
        screen_outliers=given["screen_outliers"],
    )


def as_in_the_reference(found):
    """Every field that the reference gives, under its names."""
    return {
        "variation_icon": found.variation,
        "assurance_icon": found.assurance,
        "assurance_type": ASSURANCE_TYPES[found.assurance],
        "short_series_notice": found.is_short,
        "points": [
            {
                "date": point.date.isoformat(),
                "value": point.value,
                "rebase_group": segment.number,
                "in_baseline": point.in_baseline,
                "short_group_warning": segment.is_short,
                "mean": point.limits.mean,
                "lpl": point.limits.lpl,
                "upl": point.limits.upl,
                "outside_limits": point.is_outside,
                "relative_to_mean": point.side,
                "close_to_limits": point.is_close,
                "special_cause_type": point.label,
                "special_cause_flag": point.is_special_cause,
                "point_type": point.type,
                "target": found.target,
            }
            for segment in found.segments
            for point in segment.points
        ],
    }


NUMBERS = ("mean", "lpl", "upl")
WITH_OUTPUT = [pytest.param(case, id=case["id"]) for case in CASES if not case["expected"]["error"]]


def to_match(row):
    """The reference's row, its numbers to be met within a billionth and everything else exactly."""
    return row | {name: None if row[name] is None else pytest.approx(row[name], rel=1e-9, abs=1e-9) for name in NUMBERS}


@pytest.mark.parametrize("case", WITH_OUTPUT)
def test_a_chart_is_that_of_the_reference(case):
    expected, found = case["expected"], as_in_the_reference(of_case(case))

    assert len(found["points"]) == len(expected["points"])
    for ours, theirs in zip(found["points"], expected["points"], strict=True):
        assert ours == {name: to_match(theirs)[name] for name in ours}
    for name in ("variation_icon", "assurance_icon", "assurance_type", "short_series_notice"):
        assert found[name] == expected[name], name


@pytest.mark.parametrize("case", WITH_OUTPUT)
def test_a_segment_counts_as_in_the_reference(case):
    found = of_case(case)

    for ours, theirs in zip(found.segments, case["expected"]["segments"], strict=True):
        types = [point.type for point in ours.points]
        counted = {
            "rebase_group": ours.number,
            "n": len(types),
            "mean": ours.limits.mean,
            "lpl": ours.limits.lpl,
            "upl": ours.limits.upl,
            "last_point_type": types[-1],
        } | {kind: types.count(kind) for kind in PointType if kind in theirs}
        assert counted == {name: to_match(theirs)[name] for name in counted}


@pytest.mark.parametrize("case", [case for case in CASES if case["expected"]["error"]], ids=lambda case: case["id"])
def test_where_the_reference_stops_we_draw_or_refuse_in_words(case):
    """A missing value in what would be a trend is drawn without the trend; what is no series is refused."""
    if case["expected"]["error"] != OUR_OWN_RULE:
        with pytest.raises(SeriesError):
            of_case(case)
        return
    points = of_case(case).points
    holes = [at for at, point in enumerate(points) if point.value is None]

    assert holes
    assert [points[at].label for at in holes] == [Label.COMMON_CAUSE] * len(holes)
    assert [point.value for point in points] == case["input"]["values"]
    for hole in holes:
        for start in range(max(0, hole - 6), hole + 1):
            window = [points[at].label for at in range(start, min(start + 7, len(points)))]
            assert window.count(Label.RISING) < 7
            assert window.count(Label.FALLING) < 7


def test_our_copy_of_the_cases_says_where_they_come_from():
    copy = json.loads(Path(__file__).with_name("spc_cases.json").read_text(encoding="utf-8"))

    assert copy["meta"]["reference"]["package"] == "NHSRplotthedots"
    assert copy["meta"]["reference"]["licence"] == "MIT"
    assert len({case["id"] for case in copy["cases"]}) == 20


# Limits


@pytest.mark.parametrize(
    ("values", "screened", "mean", "lpl", "upl"),
    [
        ([10, 14], True, 12, 12 - 2.66 * 4, 12 + 2.66 * 4),
        ([10, None, 14], True, 12, None, None),  # ranges never bridge a gap
        ([10, 14, None, 99], True, 41, 41 - 2.66 * 4, 41 + 2.66 * 4),  # the mean counts every figure there is
        ([10], True, 10, None, None),
        ([None, None], True, None, None, None),
        ([], True, None, None, None),
        ([5, 5, 5], True, 5, None, None),  # nought is not strictly below nought
        ([5, 5, 5], False, 5, 5, 5),
        ([0, 0, 0, 0, 0, 0, 0, 8], True, 1, 1, 1),  # 8 is beyond 3.267 times 8/7
        ([0, 0, 0, 0, 0, 0, 0, 8], False, 1, 1 - 2.66 * 8 / 7, 1 + 2.66 * 8 / 7),
        ([-2, 2], True, 0, -2.66 * 4, 2.66 * 4),  # not clipped at nought
    ],
)
def test_mean_and_limits(values, screened, mean, lpl, upl):
    found = limits_of(values, screen_outliers=screened)

    assert [found.mean, found.lpl, found.upl] == pytest.approx([mean, lpl, upl])


def test_near_limits_stand_two_thirds_of_the_way():
    limits = limits_of([10, 14])

    assert limits.near_upper == pytest.approx(12 + (limits.upl - 12) * 2 / 3)
    assert limits.near_lower == pytest.approx(12 - (12 - limits.lpl) * 2 / 3)


def test_ranges_are_screened_once_only():
    """After the first screening 30 would be beyond too; it stays."""
    ranges = [1] * 20 + [9] + [100]
    values, at = [0], 0
    for step, moved in enumerate(ranges):
        at += moved if step % 2 else -moved
        values.append(at)

    found = limits_of(values)

    assert (found.ranges, found.kept) == (22, 21)
    assert found.upl - found.mean == pytest.approx(2.66 * 29 / 21)


def test_the_mean_is_rounded_once_so_that_a_figure_on_it_is_on_no_side():
    """Summed one after the other, ten tenths are less than one: every figure would lie above its own mean."""
    found = chart(*[0.1] * 10)

    assert sum([0.1] * 10) / 10 != 0.1
    assert {point.side for point in found.points} == {0}
    assert found.points[-1].label == Label.COMMON_CAUSE


def test_stored_decimals_give_the_chart_of_floats():
    written = ["55.7", "56.7", "66.9", "56.0", "52.2", "59.2"]

    assert chart(*map(Decimal, written)) == chart(*map(float, written))


def test_limits_are_fixed_after_the_first_points_of_every_segment():
    values = [10, 12] * 8 + [30, 34] * 8
    series = monthly(*values)
    found = control_chart(series, rebase_dates=[series[16][0]], fix_after_n_points=12)

    assert [segment.limits for segment in found.segments] == [limits_of([10, 12] * 6), limits_of([30, 34] * 6)]
    assert [point.in_baseline for point in found.points] == ([True] * 12 + [False] * 4) * 2


def test_a_missing_row_counts_among_those_that_limits_are_fixed_after():
    values = [10, 12, None, 10, 12, 10, 12, 10, 12, 10, 12, 10, 99]

    found = chart(*values, fix_after_n_points=12)

    assert found.segments[0].limits == limits_of(values[:12])
    assert [point.in_baseline for point in found.points] == [True, True, False] + [True] * 9 + [False]


def test_fixing_beyond_the_end_changes_nothing():
    assert chart(1, 5, 2, fix_after_n_points=40) == chart(1, 5, 2)


# Rules


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # Outside the limits
        ([17], [Label.ABOVE_LIMIT]),
        ([5], [Label.BELOW_LIMIT]),
        ([16.3], [Label.COMMON_CAUSE]),
        # Shift: seven on one side; a figure on the mean is on neither
        ([12.5, 12] * 3 + [12.5], [Label.ABOVE_MEAN] * 7),
        ([9.5, 10] * 3 + [9.5], [Label.BELOW_MEAN] * 7),
        ([11] + [12.5, 12] * 3, [Label.COMMON_CAUSE] * 7),
        ([12.5, 12, 12.5, 11, 12.5, 12, 12.5, 12], [Label.COMMON_CAUSE] * 8),
        ([12.5, 12, 12.5, None, 12.5, 12, 12.5, 12], [Label.COMMON_CAUSE] * 8),
        ([10.5] + [12.5, 12] * 3, [Label.COMMON_CAUSE] * 7),
        # Trend: six steps up or down; a tie or a gap breaks it
        ([8, 9, 10, 11, 12, 13, 14], [Label.RISING] * 7),
        ([14, 13, 12, 11, 10, 9, 8], [Label.FALLING] * 7),
        ([8, 9, 10, 11, 12, 13, 13], [Label.COMMON_CAUSE] * 7),
        ([8, 9, 10, None, 11, 12, 13, 14], [Label.COMMON_CAUSE] * 8),
        ([9, 10, 11, 12, 13, 14], [Label.COMMON_CAUSE] * 6),
        # Two in three: two close ones and a third on their side; the third goes unflagged
        ([15, 12, 15], [Label.NEAR_UPPER, Label.COMMON_CAUSE, Label.NEAR_UPPER]),
        ([7, 10, 7], [Label.NEAR_LOWER, Label.COMMON_CAUSE, Label.NEAR_LOWER]),
        ([15, 10, 15], [Label.COMMON_CAUSE] * 3),
        ([15, 11, 15], [Label.COMMON_CAUSE] * 3),
        ([15, None, 15], [Label.COMMON_CAUSE] * 3),
        ([10, 15, 15], [Label.COMMON_CAUSE] * 3),  # no window holds the two with a third on their side
        ([15, 7, 15], [Label.COMMON_CAUSE] * 3),
        ([15, 17, 12], [Label.COMMON_CAUSE, Label.ABOVE_LIMIT, Label.COMMON_CAUSE]),  # outside is not close
        ([15, 17, 15], [Label.NEAR_UPPER, Label.ABOVE_LIMIT, Label.NEAR_UPPER]),  # but may be the third
        # The first rule that holds names the figure
        ([8, 9, 10, 11, 12, 13, 17], [Label.RISING] * 6 + [Label.ABOVE_LIMIT]),
        ([13, 12, 12.1, 12.2, 12.3, 12.4, 12.5, 12.6], [Label.ABOVE_MEAN] + [Label.RISING] * 7),
        ([15, 12, 15, 12, 12.5, 12, 12.5], [Label.NEAR_UPPER, Label.ABOVE_MEAN, Label.NEAR_UPPER] + [Label.ABOVE_MEAN] * 4),
        # A peak of two trends goes with the fall
        ([8, 9, 10, 11, 12, 13, 14, 13, 12, 11, 10, 9, 8], [Label.RISING] * 6 + [Label.FALLING] * 7),
        # The end of a rise that a second rise follows directly takes its sign from the step between
        ([8, 9, 10, 11, 12, 13, 14, 8, 9, 10, 11, 12, 13, 14], [Label.RISING] * 6 + [Label.FALLING] + [Label.RISING] * 7),
    ],
)  # fmt: skip
def test_what_a_figure_is_called(more, expected):
    """Each list follows two years of figures that alternate about 11, which fix the limits."""
    values = [*STEADY, 11, *more]  # the 11 is on the mean, so that no run reaches back

    found = labels(*values, **FIXED)

    assert found[len(values) - len(more) :] == expected
    assert set(found[: len(values) - len(more)]) == {Label.COMMON_CAUSE}


def test_a_figure_on_a_limit_lies_inside():
    """With a mean of 0 and ranges of 0 the constant series without screening has both limits on its figures."""
    found = chart(*[5] * 14, screen_outliers=False)

    assert {point.is_outside for point in found.points} == {False}
    assert {point.label for point in found.points} == {Label.COMMON_CAUSE}


def test_a_trend_needs_no_limits():
    """The limits are fixed on a year in which no two figures follow one another."""
    found = chart(*[3, None] * 6, 8, 9, 10, 11, 12, 13, 14, fix_after_n_points=12)

    assert not found.segments[0].limits.hold
    assert [point.label for point in found.points[-7:]] == [Label.RISING] * 7


def test_no_rule_looks_across_a_rebase():
    series = monthly(*STEADY, 8, 9, 10, 11, 12, 13, 14)

    assert control_chart(series, **FIXED).latest.label == Label.RISING
    in_two = control_chart(series, rebase_dates=[series[27][0]], **FIXED)
    assert {point.label for point in in_two.points} == {Label.COMMON_CAUSE}


@pytest.mark.parametrize(
    ("rebased_at", "numbers"), [([], [0]), ([0], [1]), ([2], [0, 1]), ([0, 2], [1, 2]), ([2, 4], [0, 1, 2])]
)
def test_a_segment_begins_at_the_row_of_its_rebase(rebased_at, numbers):
    series = monthly(1, 2, 3, 4, 5)

    found = control_chart(series, rebase_dates=[series[at][0] for at in rebased_at])

    assert [segment.number for segment in found.segments] == numbers
    assert [segment.points[0].date for segment in found.segments[-len(rebased_at) :]][-1] == (
        series[rebased_at[-1]][0] if rebased_at else series[0][0]
    )


def test_a_rebase_on_a_day_without_a_figure_is_ignored():
    series = monthly(1, 2, 3, 4, 5)

    assert control_chart(series, rebase_dates=[date(2026, 9, 29)]) == control_chart(series)


# Variation and assurance


@pytest.mark.parametrize(
    ("polarity", "direction"),
    [
        (Polarity.HIGHER, Direction.INCREASE),
        (Polarity.LOWER, Direction.DECREASE),
        (Polarity.CONTEXTUAL, Direction.NEUTRAL),
    ],
)
def test_what_is_better_of_a_kpi_is_what_is_better_of_its_chart(polarity, direction):
    assert direction_of(polarity) == direction


@pytest.mark.parametrize(
    ("latest", "direction", "kind", "icon"),
    [
        (17, "increase", PointType.IMPROVEMENT, Variation.IMPROVEMENT_HIGH),
        (5, "increase", PointType.CONCERN, Variation.CONCERN_LOW),
        (17, "decrease", PointType.CONCERN, Variation.CONCERN_HIGH),
        (5, "decrease", PointType.IMPROVEMENT, Variation.IMPROVEMENT_LOW),
        (17, "neutral", PointType.NEUTRAL_HIGH, Variation.NEUTRAL_HIGH),
        (5, "neutral", PointType.NEUTRAL_LOW, Variation.NEUTRAL_LOW),
        (11, "increase", PointType.COMMON_CAUSE, Variation.COMMON_CAUSE),
        (None, "increase", PointType.COMMON_CAUSE, Variation.COMMON_CAUSE),
    ],
)
def test_variation_is_what_the_latest_figure_is(latest, direction, kind, icon):
    found = chart(*STEADY, 5, latest, improvement_direction=direction, **FIXED)

    assert (found.latest.type, found.variation) == (kind, icon)


def test_a_rise_below_the_mean_is_an_improvement_towards_high():
    found = chart(*STEADY, 6, 6.5, 7, 7.5, 8, 8.5, 9, **FIXED)

    assert found.latest.side == -1
    assert found.variation == Variation.IMPROVEMENT_HIGH


@pytest.mark.parametrize(
    ("target", "direction", "expected"),
    [
        (17, "increase", Assurance.FAIL),
        (17, "decrease", Assurance.PASS),
        (5, "increase", Assurance.PASS),
        (5, "decrease", Assurance.FAIL),
        (11, "increase", Assurance.INCONSISTENT),
        (limits_of(STEADY).upl, "increase", Assurance.INCONSISTENT),
        (limits_of(STEADY).lpl, "increase", Assurance.INCONSISTENT),
        (17, "neutral", None),
        (None, "increase", None),
        (Decimal("17.0"), "increase", Assurance.FAIL),
    ],
)
def test_assurance_is_where_the_target_lies(target, direction, expected):
    assert chart(*STEADY, target=target, improvement_direction=direction).assurance == expected


@pytest.mark.parametrize("values", [[60], [90] * 14, [1, None, 3]])
def test_without_limits_a_target_is_not_assured_even_where_every_figure_meets_it(values):
    assert chart(*values, target=0).assurance == Assurance.INCONSISTENT


def test_the_target_is_held_against_the_latest_limits():
    series = monthly(*STEADY, *[30, 32] * 7)

    found = control_chart(series, rebase_dates=[series[24][0]], target=20)

    assert found.assurance == Assurance.PASS


def test_nothing_is_said_of_nothing():
    found = control_chart([], target=5)

    assert (found.points, found.variation, found.assurance, found.latest, found.is_short) == (
        (),
        None,
        None,
        None,
        False,
    )
    assert (variation_sentence(found), assurance_sentence(found), caution_sentences(found)) == ("", "", [])


# Refusals


@pytest.mark.parametrize(
    ("series", "given", "why"),
    [
        ([(date(2026, 4, 30), 1), (date(2026, 4, 30), 2)], {}, "two figures for 30 April 2026"),
        ([(date(2026, 4, 30), 1)], {"fix_after_n_points": 11}, "12 points or more, not after 11"),
        ([(date(2026, 4, 30), "many")], {}, "“many” is none"),
        ([(date(2026, 4, 30), True)], {}, "“True” is none"),
        ([(date(2026, 4, 30), float("nan"))], {}, "“nan” is none"),
        ([(date(2026, 4, 30), Decimal("NaN"))], {}, "“NaN” is none"),
        ([(date(2026, 4, 30), Decimal("sNaN"))], {}, "“sNaN” is none"),
        ([(date(2026, 4, 30), float("inf"))], {}, "“inf” is none"),
        ([(date(2026, 4, 30), 1)], {"target": "high"}, "“high” is none"),
        ([(date(2026, 4, 30), 1)], {"improvement_direction": "sideways"}, "sideways"),
    ],
)
def test_what_is_no_series_is_refused_in_words(series, given, why):
    with pytest.raises(ValueError, match=why):
        control_chart(series, **given)


# What holds of every series

MIRRORED = {
    Label.ABOVE_LIMIT: Label.BELOW_LIMIT,
    Label.NEAR_UPPER: Label.NEAR_LOWER,
    Label.ABOVE_MEAN: Label.BELOW_MEAN,
    Label.RISING: Label.FALLING,
}
MIRRORED |= {low: high for high, low in MIRRORED.items()} | {Label.COMMON_CAUSE: Label.COMMON_CAUSE}
OPPOSITE = {Direction.INCREASE: Direction.DECREASE, Direction.DECREASE: Direction.INCREASE}


@given(several, rebases, st.booleans(), st.randoms())
def test_the_order_in_which_figures_come_in_does_not_matter(values, at, screened, random):
    series = monthly(*values)
    days = [day for place, (day, _) in enumerate(series) if place in at]
    shuffled = random.sample(series, len(series))

    assert control_chart(shuffled, rebase_dates=days, screen_outliers=screened) == control_chart(
        series, rebase_dates=days, screen_outliers=screened
    )


@given(several, rebases, st.booleans(), st.integers(-8, 8))
def test_doubling_the_unit_changes_no_label(values, at, screened, power):
    """Powers of two are exact in binary floats."""
    scaled = [None if value is None else value * 2.0**power for value in values]

    assert [point.label for point in rebased(scaled, at, screen_outliers=screened).points] == [
        point.label for point in rebased(values, at, screen_outliers=screened).points
    ]


@given(st.lists(st.integers(-60, 60), min_size=16, max_size=16), st.integers(-40, 40))
def test_a_change_of_level_changes_no_side_and_no_trend(values, shift):
    """Sixteen whole numbers have a mean that is exact in binary, before and after."""
    moved, kept = chart(*[value + shift for value in values]), chart(*values)

    assert [point.side for point in moved.points] == [point.side for point in kept.points]
    assert [(r.kept, r.ranges) for r in (moved.segments[0].limits,)] == [
        (r.kept, r.ranges) for r in (kept.segments[0].limits,)
    ]


@given(several, rebases, st.booleans(), directions)
def test_the_mirrored_series_with_the_opposite_direction_is_the_mirrored_chart(values, at, screened, direction):
    upright = rebased(values, at, screen_outliers=screened, improvement_direction=direction)
    mirrored = rebased(
        [None if value is None else -value for value in values], at,
        screen_outliers=screened, improvement_direction=OPPOSITE.get(direction, direction),
    )  # fmt: skip
    ties = ties_between_trends(upright)

    for place, (one, other) in enumerate(zip(upright.points, mirrored.points, strict=True)):
        if place in ties:
            continue
        assert other.label == MIRRORED[one.label]
        if direction != Direction.NEUTRAL:
            assert other.type == one.type


def ties_between_trends(found):
    """A rise that ends in a tie counts as a fall there, seen upright or mirrored."""
    return {place for place, (one, after) in enumerate(pairwise(found.points)) if one.value == after.value}


@given(several, rebases, st.booleans())
def test_limits_need_two_figures_that_follow_one_another(values, at, screened):
    for segment in rebased(values, at, screen_outliers=screened).segments:
        row = [point.value for point in segment.points]
        neighbours = any(a is not None and b is not None for a, b in pairwise(row))

        assert neighbours or not segment.limits.hold
        if segment.limits.hold:
            assert segment.limits.lpl <= segment.limits.near_lower <= segment.limits.mean
            assert segment.limits.mean <= segment.limits.near_upper <= segment.limits.upl


@given(several, rebases, directions, st.none() | st.integers(-60, 60))
def test_every_figure_is_drawn_once_and_the_icons_follow_from_the_latest(values, at, direction, target):
    found = rebased(values, at, improvement_direction=direction, target=target)

    assert [(point.date, point.value) for point in found.points] == monthly(*values)
    for point in found.points:
        assert point.is_special_cause == (point.type != PointType.COMMON_CAUSE)
        assert point.value is not None or point.label == Label.COMMON_CAUSE
    if values:
        assert found.variation.startswith(found.latest.type.removeprefix("special_cause_"))
        assert (found.assurance is None) == (target is None or direction == Direction.NEUTRAL)


@given(several, st.integers(0, 39), rebases)
def test_what_comes_before_a_rebase_does_not_touch_what_comes_after(values, place, at):
    series = monthly(*values)
    if place >= len(series):
        return
    day = series[place][0]
    after = [row for row in series if row[0] >= day]

    whole, part = control_chart(series, rebase_dates=[day]), control_chart(after, rebase_dates=[day])

    assert whole.segments[-1].limits == part.segments[-1].limits
    assert [point.label for point in whole.segments[-1].points] == [point.label for point in part.points]


def test_gaps_in_the_calendar_are_not_noticed():
    weekly = [(date(2026, 1, 2) + timedelta(days=7 * at), value) for at, value in enumerate([*STEADY, 17])]

    assert [point.label for point in control_chart(weekly).points] == labels(*STEADY, 17)
