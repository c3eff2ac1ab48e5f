"""The sentences of a control chart say what its figures say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.spc import (
    Caution,
    control_chart,
)
from kpis.spc_words import (
    assurance_sentence,
    caution_sentences,
    screening_sentence,
    variation_sentence,
)
from kpis.vocabulary import Unit
from tests.kpis.spc_series import FIXED, STEADY, chart, directions, monthly, rebased, rebases, several

# Cautions


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([10, 12] * 7, []),
        ([10, 12] * 6 + [10], []),
        ([10, 12] * 6, [Caution.SHORT]),
        ([10], [Caution.SHORT, Caution.NO_LIMITS]),
        ([7] * 14, [Caution.NO_LIMITS]),
        ([0] * 13 + [8], [Caution.COLLAPSED]),
    ],
)
def test_what_to_bear_in_mind(values, expected):
    found = chart(*values)

    assert [caution for _, caution in found.cautions] == expected
    assert len(caution_sentences(found)) == len(expected)


def test_rare_events_flag_every_figure_and_say_so():
    found = chart(*[0] * 13, 8)

    assert {point.is_special_cause for point in found.points} == {True}
    assert caution_sentences(found) == [
        "So many figures are the same that both limits fall on the average: every other figure counts as special cause. "
        "Read it with care; a chart of the time between events would say more."
    ]


def test_the_segment_that_a_caution_is_about_is_named_where_there_are_several():
    series = monthly(*STEADY, 30, 34, 30)

    assert caution_sentences(control_chart(series, rebase_dates=[series[24][0]])) == [
        "31 August 2026 to 31 October 2026: The limits rest on three periods only and can still move: 13 make them firm."
    ]


# Sentences

SHIFT_UP, SHIFT_DOWN = [12.5, 12] * 3 + [12.5], [9.5, 10] * 3 + [9.5]


@pytest.mark.parametrize(
    ("more", "given", "expected"),
    [
        (SHIFT_UP, {}, "Special cause of improvement: the last 7 months all lie above the average of 11.0%."),
        (
            [*SHIFT_UP, 12, 12.5],
            {},
            "Special cause of improvement: the last 9 months all lie above the average of 11.0%.",
        ),
        (
            SHIFT_DOWN,
            {"direction": "decrease", "period": "quarter"},
            "Special cause of improvement: the last 7 quarters all lie below the average of 11.0%.",
        ),
        (
            SHIFT_DOWN,
            {"direction": "neutral"},
            "Special cause, neither better nor worse: the last 7 months all lie below the average of 11.0%.",
        ),
        ([17], {}, "Special cause of improvement: the latest month, 17.0%, lies above the upper limit of 16.3%."),
        ([5], {}, "Special cause of concern: the latest month, 5.0%, lies below the lower limit of 5.7%."),
        (
            [16.33],
            {"decimals": 0},
            "Special cause of improvement: the latest month, 16.33%, lies above the upper limit of 16.32%.",
        ),
        (
            [8, 9, 10, 11, 12, 13, 14],
            {"direction": "decrease"},
            "Special cause of concern: the last 7 months rise without a break, from 8.0% to 14.0%.",
        ),
        (
            [14, 13, 12, 11, 10, 9, 8, 7.9],
            {"decimals": 0},
            "Special cause of concern: the last 9 months fall without a break, from 15% to 8%.",
        ),
        (
            [15, 12, 15],
            {},
            "Special cause of improvement: two of the last three months lie close to the upper limit of 16.3%, "
            "and all three above the average of 11.0%.",
        ),
        (
            [7, 7.1, 7],
            {},
            "Special cause of concern: three of the last three months lie close to the lower limit of 5.7%, "
            "and all three below the average of 11.0%.",
        ),
        (
            [12],
            {},
            "Common cause: the latest month, 12.0%, lies in the usual range of 5.7% to 16.3%, and no run or trend leads to it.",
        ),
        ([17, None], {}, "The latest month has no figure, so the variation says nothing of it."),
    ],
)  # fmt: skip
def test_what_the_variation_means(more, given, expected):
    lead = [15] if more[0] == 14 else [11]
    decimals, period = given.get("decimals", 1), given.get("period", "month")
    found = chart(*STEADY, *lead, *more, improvement_direction=given.get("direction", "increase"), **FIXED)

    assert variation_sentence(found, unit=Unit.PERCENT, decimals=decimals, period=period) == expected


@pytest.mark.parametrize("values", [[5], [5] * 14])
def test_without_limits_the_variation_says_so(values):
    assert variation_sentence(chart(*values)) == "Common cause: there are no limits yet to tell a real change by."


def test_an_average_is_shown_apart_from_the_figures_that_lie_above_it():
    """Figures of 11 or more above an average that would round to 11 too."""
    values = [*[10, 11.8] * 12, *[11.2, 11] * 4]

    sentence = variation_sentence(chart(*values, **FIXED), unit=Unit.COUNT, decimals=0)

    assert sentence == "Special cause of improvement: the last 9 months all lie above the average of 10.9."


@pytest.mark.parametrize(
    ("target", "given", "expected"),
    [
        (17, {}, "The target of 17% will not be met reliably: it lies above the upper limit of 16.3%."),
        (
            17,
            {"direction": "decrease"},
            "The target of 17% will be reliably met: it lies above the upper limit of 16.3%.",
        ),
        (5, {}, "The target of 5% will be reliably met: it lies below the lower limit of 5.7%."),
        (
            5,
            {"direction": "decrease"},
            "The target of 5% will not be met reliably: it lies below the lower limit of 5.7%.",
        ),
        (12.5, {}, "The target of 12.5% will be met or missed by chance: it lies within the limits of 5.7% to 16.3%."),
        (16.33, {}, "The target of 16.33% will not be met reliably: it lies above the upper limit of 16.32%."),
        (5.6, {"decimals": 0}, "The target of 5.6% will be reliably met: it lies below the lower limit of 5.7%."),
        (17, {"direction": "neutral"}, ""),
        (None, {}, ""),
    ],
)
def test_what_the_assurance_means(target, given, expected):
    found = chart(*STEADY, target=target, improvement_direction=given.get("direction", "increase"))

    assert assurance_sentence(found, unit=Unit.PERCENT, decimals=given.get("decimals", 1)) == expected


def test_without_limits_nobody_can_say_whether_a_target_will_be_met():
    assert (
        assurance_sentence(chart(60, target=60), unit=Unit.PERCENT)
        == "Whether the target of 60% will be met cannot be said: there are no limits yet to hold it against."
    )


@pytest.mark.parametrize(
    ("values", "screened", "expected"),
    [
        (STEADY, True, "Moving ranges beyond the screening limit are left out of the limits: none of 23."),
        ([*STEADY, 90, 10], True, "Moving ranges beyond the screening limit are left out of the limits: 2 of 25."),
        ([*STEADY, 90, 10], False, "Moving ranges are not screened: every one counts towards the limits."),
        ([5, None, 6], True, "There are no moving ranges to screen: no two figures follow one another."),
    ],
)
def test_which_moving_ranges_count(values, screened, expected):
    assert screening_sentence(chart(*values, screen_outliers=screened)) == expected


@given(several, rebases, directions, st.none() | st.integers(-60, 60), st.integers(0, 2))
def test_every_chart_has_its_sentences(values, at, direction, target, decimals):
    found = rebased(values, at, improvement_direction=direction, target=target)

    variation = variation_sentence(found, unit=Unit.PERCENT, decimals=decimals)
    assurance = assurance_sentence(found, unit=Unit.PERCENT, decimals=decimals)
    assert bool(variation) == bool(values)
    assert bool(assurance) == (found.assurance is not None)
    for sentence in [variation, assurance, screening_sentence(found), *caution_sentences(found)]:
        assert sentence == "" or (sentence.endswith(".") and "None" not in sentence)
    if found.latest and found.latest.is_special_cause:
        head = {"improvement": "Special cause of improvement", "concern": "Special cause of concern"}
        assert variation.startswith(head.get(found.variation.split("_")[0], "Special cause, neither"))
