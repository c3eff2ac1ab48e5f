"""Means, ranks, quarters, changes and improvements among places, each with its table of cases, and the sentences said of them."""

from datetime import date
from decimal import Decimal
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kpis.benchmarking import (
    Band,
    Mean,
    Rank,
    Standing,
    Step,
    band_of,
    best_neighbour_sentence,
    best_step,
    change_sentence,
    gap_sentence,
    improvement,
    in_period,
    is_across,
    mean_of,
    others_sentence,
    quarter_points,
    rank_of,
    shown_figure,
    span_back,
    standing_of,
    standing_sentence,
    steps_between,
    steps_until,
)
from kpis.periods import Period

HIGHER, LOWER, CONTEXT = "higher", "lower", "contextual"
PERCENT = {"unit": "percent", "decimals": 1}


def d(text: str) -> Decimal:
    return Decimal(text)


def year(number: int) -> Period:
    return Period(date(number, 1, 1), date(number, 12, 31))


def january(number: int) -> Period:
    return Period(date(number, 1, 1), date(number, 1, 31))


def school_year(number: int) -> Period:
    return Period(date(number, 9, 1), date(number + 1, 8, 31))


# Plans issued within 20 weeks, excluding exceptions, 2024. Source: Department for Education, Education, health and care plans
# 2025, timeliness: Lewisham and Lambeth, and the ten statistical neighbours of Lewisham by the 2025 model in their order.
LEWISHAM, LAMBETH = d("94.8"), d("87.2")
NEIGHBOURS_OF_LEWISHAM = [d(v) for v in "87.2 36 72.8 85.4 36.1 50.8 84.2 100 9.3 62.6".split()]
NEIGHBOURS_OF_LAMBETH_MEAN = d("73.62")


# Means


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], None),
        ([None, None], None),
        ([d("0"), None], Mean(d("0"), 1, 2)),  # nought is a figure
        ([d("50"), d("60"), None, d("70")], Mean(d("60"), 3, 4)),
        (NEIGHBOURS_OF_LEWISHAM, Mean(d("62.44"), 10, 10)),
    ],
)
def test_the_mean_is_of_the_places_with_a_figure(values, expected):
    assert mean_of(values) == expected


# Ranks


@pytest.mark.parametrize(
    ("value", "polarity", "expected"),
    [
        ("90", HIGHER, Rank(1, 5)),
        ("80", HIGHER, Rank(2, 5, is_shared=True)),
        ("70", HIGHER, Rank(4, 5)),  # the two before it share the second place: there is no third
        ("60", HIGHER, Rank(5, 5)),
        ("60", LOWER, Rank(1, 5)),
        ("80", LOWER, Rank(3, 5, is_shared=True)),
        ("90", LOWER, Rank(5, 5)),
        ("80", CONTEXT, None),
        (None, HIGHER, None),
    ],
)
def test_one_is_best_and_equal_figures_share_the_lowest_number(value, polarity, expected):
    values = [d(v) for v in ("90", "80", "80", "70", "60")]
    assert rank_of(value and d(value), values, polarity) == expected


@given(some.lists(some.decimals(0, 100, places=1), min_size=1, max_size=60), some.sampled_from([HIGHER, LOWER]))
def test_some_place_is_first_and_no_place_is_beyond_the_last(values, polarity):
    places = [rank_of(value, values, polarity).place for value in values]
    assert min(places) == 1
    assert all(1 <= place <= len(values) for place in places)
    assert all(
        places.count(place) == 1 or rank_of(v, values, polarity).is_shared
        for v, place in zip(values, places, strict=True)
    )


# Quarters


def test_the_points_are_those_of_the_published_tool():
    values = [d(v) for v in "3.2 29.1 29.2 40 52.3 60 79.3 79.5 100".split()]
    assert quarter_points(values) == [d("3.2"), d("29.2"), d("52.3"), d("79.3"), d("100")]
    assert quarter_points([d("1"), d("2"), d("3"), d("4")]) == [1, d("1.75"), d("2.5"), d("3.25"), 4]


@pytest.mark.parametrize(
    ("value", "higher", "lower"),
    [
        ("0", "D", "A"),
        ("10", "D", "A"),  # upper limits are inclusive
        ("10.1", "C", "B"),
        ("20", "C", "B"),
        ("20.1", "B", "C"),
        ("30", "B", "C"),
        ("30.1", "A", "D"),
        ("40", "A", "D"),
    ],
)
def test_a_quarter_holds_its_upper_limit(value, higher, lower):
    points = [d(v) for v in ("0", "10", "20", "30", "40")]
    assert band_of(d(value), points, HIGHER) == higher
    assert band_of(d(value), points, LOWER) == lower
    assert band_of(d(value), points, CONTEXT) is None


@pytest.mark.parametrize(
    "values",
    ["100 100 100 90 80", "1 1 1 1", "5 6 7", ""],  # the last quarter point is the highest; all the same; too few; none
)
def test_there_are_no_quarters_where_points_are_the_same_or_places_too_few(values):
    assert quarter_points([d(v) for v in values.split()]) is None
    assert band_of(d("5"), None, HIGHER) is None


@given(some.lists(some.decimals(0, 100, places=1), min_size=4, max_size=160))
def test_quarters_do_not_depend_on_which_way_is_better(values):
    points = quarter_points(values)
    if points is None:
        return
    assert points[1:4] == quantiles(values, n=4, method="inclusive")
    mirrored = {"A": "D", "B": "C", "C": "B", "D": "A"}
    for value in values:
        assert mirrored[band_of(value, points, HIGHER)] == band_of(value, points, LOWER)


# Standing


def test_a_place_stands_by_rank_and_quarter():
    values = [d(v) for v in "94.8 87.2 60 50 40 30 20 10".split()]
    assert standing_of(LEWISHAM, values, HIGHER, local_areas=8) == Standing(Rank(1, 8), Band.A)
    assert standing_of(d("10"), values, HIGHER, local_areas=8) == Standing(Rank(8, 8), Band.D)
    assert standing_of(d("10"), values, LOWER, local_areas=8) == Standing(Rank(1, 8), Band.A)


@pytest.mark.parametrize(
    ("value", "values", "polarity", "local_areas", "rank", "why_not"),
    [
        ("5", "5 6 7 8", CONTEXT, 4, None, "Neither more nor less of it is better, so no place is ranked"),
        (None, "5 6 7 8", HIGHER, 5, None, "Without a figure a place is not ranked"),
        ("5", "5 6 7 8", HIGHER, 9, None, "4 of 9 local areas have a figure here, too few for a rank"),
        ("5", "5 6 7 8", HIGHER, 8, Rank(4, 4), ""),
        ("5", "5 6 7", HIGHER, 3, Rank(3, 3), "Too few local areas have a figure to cut them into quarters"),
        ("5", "5 5 5 8", HIGHER, 4, Rank(2, 4, True), "There are no quarters: the range of the figures is too small"),
    ],
)  # fmt: skip
def test_what_is_not_given_says_why(value, values, polarity, local_areas, rank, why_not):
    found = standing_of(value and d(value), [d(v) for v in values.split()], polarity, local_areas=local_areas)
    assert (found.rank, found.why_not) == (rank, why_not)
    assert (found.band is None) == bool(why_not)


# Periods


@pytest.mark.parametrize(
    ("frequency", "earlier", "later", "steps"),
    [
        ("annual", year(2023), year(2024), 1),
        ("annual", year(2022), year(2024), 2),
        ("annual", january(2024), january(2025), 1),
        ("annual", school_year(2022), school_year(2023), 1),
        ("annual", school_year(2018), school_year(2021), 3),
        ("annual", january(2024), year(2025), None),  # a day's count and a year's are not of one kind
        ("annual", school_year(2022), year(2024), None),
        ("annual", year(2024), year(2024), None),
        ("annual", year(2024), year(2023), None),
        ("annual", Period(date(2023, 3, 1), date(2024, 2, 29)), Period(date(2024, 3, 1), date(2025, 2, 28)), 1),
        ("quarterly", Period(date(2024, 10, 1), date(2024, 12, 31)), Period(date(2025, 1, 1), date(2025, 3, 31)), 1),
        ("quarterly", Period(date(2024, 7, 1), date(2024, 9, 30)), Period(date(2025, 1, 1), date(2025, 3, 31)), 2),
        ("monthly", Period(date(2024, 2, 1), date(2024, 2, 29)), Period(date(2024, 3, 1), date(2024, 3, 31)), 1),
        ("monthly", january(2024), january(2025), 12),
        ("termly", Period(date(2024, 9, 1), date(2024, 12, 31)), Period(date(2025, 1, 1), date(2025, 3, 31)), 1),
        ("irregular", year(2023), year(2024), 1),
        ("irregular", year(2022), year(2024), None),
        ("irregular", january(2024), january(2025), None),
        ("irregular", Period(date(2024, 1, 5), date(2024, 1, 9)), Period(date(2024, 1, 10), date(2024, 1, 14)), None),
    ],
)
def test_periods_follow_one_another_only_when_they_are_of_one_kind(frequency, earlier, later, steps):
    assert steps_between(frequency, earlier, later) == steps


@pytest.mark.parametrize(
    ("day", "steps"), [(date(2025, 12, 31), 1), (date(2025, 1, 1), 1), (date(2026, 12, 31), 2), (date(2027, 1, 1), 3)]
)
def test_a_day_lies_so_many_periods_ahead(day, steps):
    assert steps_until("annual", year(2024), day) == steps


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [(2022, 2023, True), (2021, 2024, True), (2023, 2024, False), (2021, 2022, False)],
)
def test_a_break_lies_between_the_years_before_it_and_those_from_it(earlier, later, expected):
    assert is_across([date(2023, 1, 1)], year(earlier), year(later)) == expected


@pytest.mark.parametrize(
    ("held", "steps", "breaks", "expected"),
    [
        ([2021, 2022, 2023, 2024], 2, [], 2022),
        ([2021, 2022, 2023, 2024], 9, [], 2021),
        ([2021, 2023, 2024], 2, [], 2023),  # none is held for 2022
        ([2021, 2024], 2, [], None),
        ([2021, 2022, 2023, 2024], 2, [date(2023, 1, 1)], 2023),
        ([2021, 2022, 2023, 2024], 2, [date(2024, 1, 1)], None),
        ([2024], 2, [], None),
    ],
)
def test_a_span_reaches_back_as_far_as_asked_and_never_over_a_break(held, steps, breaks, expected):
    found = span_back("annual", [year(n) for n in held], year(2024), steps, breaks)
    assert found == (year(expected) if expected else None)


# Improvement


def test_an_improvement_is_a_change_for_the_better():
    assert improvement(d("50"), d("62.5"), HIGHER) == d("12.5")
    assert improvement(d("50"), d("62.5"), LOWER) == d("-12.5")
    assert improvement(d("50"), d("40"), LOWER) == 10


@pytest.mark.parametrize(
    ("polarity", "expected"), [(HIGHER, Step("Croydon", d("35.1"))), (LOWER, Step("Leeds", d("3.0")))]
)
def test_the_best_neighbour_improved_most_of_those_with_both_figures(polarity, expected):
    """2022 and 2024 as published; Southwark's first figure is left out, so it cannot be compared."""
    series = {
        "Southwark": {year(2024): d("36")},
        "Croydon": {year(2022): d("37.7"), year(2024): d("72.8")},
        "Barnet": {year(2022): d("97.9"), year(2024): d("100")},
        "Leeds": {year(2022): d("12.3"), year(2024): d("9.3")},
        "Salford": {year(2022): None, year(2024): d("62.6")},
    }
    assert best_step(series, year(2022), year(2024), polarity) == expected


def test_nobody_improved_where_nobody_has_both_figures():
    assert best_step({"Southwark": {year(2024): d("36")}}, year(2022), year(2024), HIGHER) is None


def test_an_improvement_is_that_of_the_figures_as_shown():
    series = {"Southwark": {year(2023): d("50.04"), year(2024): d("60.06")}}
    assert best_step(series, year(2023), year(2024), HIGHER, decimals=1).size == d("10.1")  # 60.1 less 50.0


# Sentences


@pytest.mark.parametrize(
    ("figure", "standing", "expected"),
    [
        ("94.8%", Standing(Rank(17, 151), Band.A), "94.8% in 2024: rank 17 of 151 local areas, best quarter (A)."),
        ("9.3%", Standing(Rank(150, 151), Band.D), "9.3% in 2024: rank 150 of 151 local areas, last quarter (D)."),
        ("90%", Standing(Rank(3, 151, True), Band.B), "90% in 2024: joint rank 3 of 151 local areas, second quarter (B)."),
        (
            "100%", Standing(Rank(1, 151, True), None, "There are no quarters: the range of the figures is too small"),
            "100% in 2024: joint rank 1 of 151 local areas. There are no quarters: the range of the figures is too small.",
        ),
        (
            "suppressed", Standing(None, None, "Without a figure a place is not ranked"),
            "Suppressed in 2024. Without a figure a place is not ranked.",
        ),
    ],
)  # fmt: skip
def test_the_sentence_says_figure_period_rank_and_quarter(figure, standing, expected):
    assert standing_sentence(figure, "2024", standing) == expected


@pytest.mark.parametrize(
    ("mean", "others", "neighbours", "expected"),
    [
        (
            Mean(d("62.44"), 10, 10), [("London", "66.9%"), ("England", "46.4%")], 10,
            "The mean of its 10 statistical neighbours (2025 model) is 62.4%, London 66.9%, England 46.4%.",
        ),
        (
            Mean(d("62.44"), 9, 10), [("England", "46.4%")], 10,
            "The mean of the 9 with a figure of its 10 statistical neighbours (2025 model) is 62.4%, England 46.4%.",
        ),
        (Mean(NEIGHBOURS_OF_LAMBETH_MEAN, 10, 10), [], 10, "The mean of its 10 statistical neighbours (2025 model) is 73.6%."),
        (None, [("England", "46.4%")], 10, "None of its 10 statistical neighbours (2025 model) has a figure; England 46.4%."),
        (None, [], 10, "None of its 10 statistical neighbours (2025 model) has a figure."),
        (None, [("London", "66.9%"), ("England", "46.4%")], 0, "London has 66.9% and England 46.4%."),
        (None, [("England", "46.4%")], 0, "England has 46.4%."),
        (None, [], 0, ""),
    ],
)  # fmt: skip
def test_the_sentence_says_how_neighbours_region_and_country_stand(mean, others, neighbours, expected):
    assert others_sentence(mean, others, neighbours=neighbours, model_year=2025, **PERCENT) == expected


@pytest.mark.parametrize(
    ("previous", "latest", "polarity", "rest", "expected"),
    [
        ((d("98.6"), "2023"), LEWISHAM, HIGHER, {}, "3.8 points worse than 2023."),
        ((d("71.5"), "2023"), LAMBETH, HIGHER, {}, "15.7 points better than 2023."),
        ((d("71.5"), "2023"), LAMBETH, LOWER, {}, "15.7 points worse than 2023."),
        ((d("71.5"), "2023"), LAMBETH, CONTEXT, {}, "15.7 points more than 2023."),
        ((d("87.2"), "2023"), LAMBETH, HIGHER, {}, "No change since 2023."),
        (
            None, LAMBETH, HIGHER, {"last_before": "2022"},
            "No change is given: the last figure before is for 2022, not the period just before.",
        ),
        (
            None, LAMBETH, HIGHER, {"last_before": "2022", "broken": "2023"},
            "It is counted in another way from 2023 on, so no change from before is given.",
        ),
        (None, LAMBETH, HIGHER, {}, ""),
        ((d("71.5"), "2023"), None, HIGHER, {}, ""),
    ],
)  # fmt: skip
def test_a_change_is_said_from_the_period_just_before_alone(previous, latest, polarity, rest, expected):
    assert change_sentence(previous, latest, polarity, **PERCENT, **rest) == expected


@pytest.mark.parametrize(
    ("step", "asked", "by", "expected"),
    [
        (
            Step("Croydon", d("35.1")), d("8"), "by 2026",
            "Croydon improved by 35.1 percentage points from 2022 to 2024, the most of our neighbours; "
            "our target asks for 8 percentage points by 2026.",
        ),
        (
            Step("Croydon", d("35.1")), d("1"), "",
            "Croydon improved by 35.1 percentage points from 2022 to 2024, the most of our neighbours; "
            "our target asks for 1 percentage point.",
        ),
        (
            Step("Croydon", d("35.1")), d("-4.8"), "by 2026",
            "Croydon improved by 35.1 percentage points from 2022 to 2024, the most of our neighbours; our target by 2026 is met already.",
        ),
        (Step("Croydon", d("35.1")), None, "", "Croydon improved by 35.1 percentage points from 2022 to 2024, the most of our neighbours."),
        (
            Step("Leeds", d("0")), d("8"), "by 2026",
            "None of our neighbours improved from 2022 to 2024; our target asks for 8 percentage points by 2026.",
        ),
        (None, d("8"), "by 2026", ""),
    ],
)  # fmt: skip
def test_what_the_best_neighbour_did_stands_beside_what_our_target_asks(step, asked, by, expected):
    assert best_neighbour_sentence(step, ("2022", "2024"), asked=asked, by=by, **PERCENT) == expected


@pytest.mark.parametrize(
    ("latest", "polarity", "expected"),
    [
        (LEWISHAM, HIGHER, "32.4 points better than the mean of its neighbours."),
        (LEWISHAM, LOWER, "32.4 points worse than the mean of its neighbours."),
        (LEWISHAM, CONTEXT, "32.4 points more than the mean of its neighbours."),
        (d("62.4"), HIGHER, "The same as the mean of its neighbours."),
        (None, HIGHER, ""),
    ],
)
def test_the_distance_from_the_neighbours_is_that_of_the_figures_as_shown(latest, polarity, expected):
    assert gap_sentence(latest, Mean(d("62.44"), 10, 10), polarity, **PERCENT) == expected


def test_what_is_missing_is_said_in_words_and_never_as_nought():
    assert shown_figure(d("0"), "", "percent", 1) == "0.0%"
    assert shown_figure(None, "suppressed", "percent", 1) == "suppressed"
    assert shown_figure(None, "not_available", "percent", 1) == "not available"
    assert shown_figure(None, "", "percent", 1) == "no figure"


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2024", "in 2024"),
        ("2023/24", "in 2023/24"),
        ("January 2025", "in January 2025"),
        ("31 March 2025", "on 31 March 2025"),
        ("April to June 2025", "for April to June 2025"),
        ("undated", "(undated)"),
    ],
)
def test_a_figure_is_of_a_period_or_of_a_day(period, expected):
    assert in_period(period) == expected
