"""One indicator across places: which figures are read, as known when, in how many queries."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpis.benchmarking import Aim, Band, Rank
from kpis.comparing import Role, aim_of
from kpis.figure import KnownTarget
from kpis.models import Indicator, Kpi, Measurement, SeriesBreak
from kpis.periods import Period
from kpis.places import benchmark_of, places_with, standings_of
from strategies.models import Area, Neighbour
from tests.world import at

NOW = at(2026, 7, 20)
NEAR = ["Ashby", "Brook", "Combe"]


def place(name: str, **fields) -> Area:
    return Area.objects.create(name=name, slug=name.lower().replace(" ", "-"), **fields)


def an_indicator(code="plans-on-time", **fields) -> Indicator:
    wanted = {"title": "Plans on time", "unit": "percent", "decimals": 1, "polarity": "higher", "frequency": "annual"}
    return Indicator.objects.create(code=code, **(wanted | fields))


def a_figure(indicator, area, year: int, value, **fields) -> Measurement:
    wanted = {"number": 1, "recorded_at": at(2026, 1, 15), "is_published": True, "period_label": str(year)}
    return Measurement.objects.create(
        indicator=indicator, area=area, period_start=date(year, 1, 1), period_end=date(year, 12, 31),
        value=None if value is None else Decimal(str(value)), **(wanted | fields),
    )  # fmt: skip


def year(number: int) -> Period:
    return Period(date(number, 1, 1), date(number, 12, 31))


@pytest.fixture
def indicator(db) -> Indicator:
    return an_indicator()


@pytest.fixture
def area(db) -> Area:
    """Northvale lies in an inner region of a wider one, and has three neighbours by the model of 2025 and two by that of 2021."""
    england = place("England", kind="country")
    wide = place("Wide region", kind="region", within=england)
    inner = place("Inner region", kind="region", within=wide)
    place("Far region", kind="region", within=england)
    own = place("Northvale", within=inner)
    near = [place(name, within=inner) for name in NEAR]
    for position, other in enumerate(near, 1):
        Neighbour.objects.create(of=own, area=other, position=position, closeness="Very close", model_year=2025)
    for position, other in enumerate(reversed(near[1:]), 1):
        Neighbour.objects.create(of=own, area=other, position=position, model_year=2021)
    place("Dale", within=wide)
    return own


@pytest.fixture
def figures(indicator, area) -> dict[str, Area]:
    """Two years of every place but the inner region."""
    values = {
        "England": (45, 46), "Wide region": (60, 66), "Northvale": (70, 80), "Ashby": (50, 60), "Brook": (90, 70),
        "Combe": (None, 50), "Dale": (20, 30), "Far region": (10, 11),
    }  # fmt: skip
    places = {each.name: each for each in Area.objects.all()}
    for name, years in values.items():
        for number, value in zip((2023, 2024), years, strict=True):
            a_figure(indicator, places[name], number, value, missing="" if value is not None else "suppressed")
    return places


def read(indicator, area, moment=NOW, **options):
    return benchmark_of(indicator, area, moment, **options)


# What stands beside the area


def test_the_area_stands_beside_its_neighbours_their_mean_its_region_and_the_country(indicator, area, figures):
    found = read(indicator, area)
    assert [(row.name, row.role) for row in found.rows] == [
        ("Northvale", Role.OWN), ("Ashby", Role.NEIGHBOUR), ("Brook", Role.NEIGHBOUR), ("Combe", Role.NEIGHBOUR),
        ("Mean of its 3 neighbours", Role.MEAN), ("Wide region", Role.REGION), ("England", Role.COUNTRY),
    ]  # fmt: skip
    assert [row.value(year(2024)) for row in found.rows] == [80, 60, 70, 50, 60, 66, 46]
    assert [row.closeness for row in found.neighbours] == ["Very close"] * 3


def test_the_mean_leaves_out_the_missing_year_by_year(indicator, area, figures):
    found = read(indicator, area)
    assert [found.mean.value(year(number)) for number in (2023, 2024)] == [70, 60]
    assert found.mean_at(year(2023)).counted == 2
    assert found.mean_at(year(2022)) is None


def test_the_nearest_region_with_a_figure_for_the_latest_period_stands_there(indicator, area, figures):
    assert read(indicator, area).region.name == "Wide region"
    a_figure(indicator, figures["Inner region"], 2023, 99)
    assert read(indicator, area).region.name == "Wide region"
    a_figure(indicator, figures["Inner region"], 2024, 72)
    assert read(indicator, area).region.name == "Inner region"


def test_an_area_that_lies_in_no_region_stands_beside_the_country(indicator, area, figures):
    Area.objects.filter(pk=area.pk).update(within=None)
    found = read(indicator, Area.objects.get(pk=area.pk))
    assert (found.region, found.country.name) == (None, "England")


def test_the_neighbours_are_those_of_the_model_asked_for(indicator, area, figures):
    found = read(indicator, area, model_year=2021)
    assert [row.name for row in found.neighbours] == ["Combe", "Brook"]
    assert (found.model_year, found.model_years) == (2021, [2025, 2021])
    assert "(2021 model)" in found.others_sentence
    with pytest.raises(LookupError):
        read(indicator, area, model_year=2007)


@pytest.mark.parametrize(
    ("moment", "model"), [(at(2026, 7, 20), 2025), (at(2024, 7, 20), 2021), (at(2020, 7, 20), 2021)]
)
def test_unasked_the_newest_model_of_that_day_is_taken(indicator, area, moment, model):
    assert read(indicator, area, moment).model_year == model


def test_places_asked_for_stand_in_the_neighbours_place_in_the_order_asked(indicator, area, figures):
    found = read(indicator, area, chosen=["far-region", "dale", "dale", "nowhere"])
    assert [row.name for row in found.rows] == [
        "Northvale", "Far region", "Dale", "Mean of its 3 neighbours", "Wide region", "England",
    ]  # fmt: skip


def test_places_with_a_published_figure_can_be_chosen(indicator, area, figures):
    a_figure(indicator, place("Private"), 2024, 50, is_published=False)
    names = [name for _, name in places_with(indicator, NOW, but=area)]
    assert names == ["Ashby", "Brook", "Combe", "Dale", "Far region", "Wide region"]
    assert places_with(indicator, at(2025, 12, 1), but=area) == []


# Which figures


def test_unpublished_figures_are_never_read_across_places(indicator, area, figures):
    a_figure(indicator, area, 2025, 99, is_published=False)
    a_figure(indicator, figures["Ashby"], 2025, 99, is_published=False)
    a_figure(indicator, figures["Brook"], 2024, 99, is_published=False, number=2)
    found = read(indicator, area)
    assert found.latest == year(2024)
    assert found.neighbours[1].value(year(2024)) == 70
    assert found.standing.rank == Rank(1, 5)


@pytest.mark.parametrize("state", ["provisional", "forecast"])
def test_only_final_figures_are_compared_and_a_provisional_one_is_mentioned(indicator, area, figures, state):
    a_figure(indicator, area, 2025, 99, state=state)
    a_figure(indicator, figures["Ashby"], 2024, 99, state=state)
    found = read(indicator, area)
    assert (found.latest, found.neighbours[0].value(year(2024))) == (year(2024), 60)
    said = "A provisional figure for 2025 is held too; only final figures are compared."
    assert found.provisional_sentence == (said if state == "provisional" else "")


def test_a_provisional_figure_that_has_become_final_is_not_mentioned(indicator, area, figures):
    a_figure(indicator, area, 2024, 79, state="provisional")
    assert read(indicator, area).provisional_sentence == ""


def test_figures_of_parts_and_unpublished_ones_are_left_out(indicator, area, figures):
    a_figure(indicator, area, 2025, 99, breakdown="Girls")
    a_figure(indicator, area, 2025, 99, is_published=False)
    assert read(indicator, area).latest == year(2024)


def test_a_figure_that_is_not_exact_is_shown_and_not_reckoned_with(indicator, area, figures):
    a_figure(indicator, figures["Ashby"], 2024, 99, number=2, qualifier="over", as_written="over 99%")
    found = read(indicator, area)
    assert found.shown(found.neighbours[0].figures[year(2024)]) == "over 99%"
    assert found.mean_at(year(2024)).value == 60
    assert found.standing.rank == Rank(1, 4)


def test_of_each_period_the_figure_known_last_by_the_moment_counts(indicator, area, figures):
    a_figure(indicator, figures["Brook"], 2024, 85, number=2, recorded_at=at(2026, 3, 1), reason="Late returns")
    assert read(indicator, area, at(2026, 2, 1)).standing.rank == Rank(1, 5)
    assert read(indicator, area, at(2026, 4, 1)).standing.rank == Rank(2, 5)
    assert read(indicator, area, at(2026, 1, 1)).is_empty


def test_a_figure_taken_back_is_ranked_no_longer(indicator, area, figures):
    a_figure(indicator, figures["Dale"], 2024, None, number=2, missing="unreliable")
    assert read(indicator, area).standing.rank == Rank(1, 4)


# Standing and sentences


def test_the_latest_figure_is_ranked_among_the_local_areas_alone(indicator, area, figures):
    found = read(indicator, area)
    assert found.standing == (Rank(1, 5), Band.A, "")
    assert [found.standing_of(row).rank for row in found.rows] == [
        Rank(1, 5), Rank(3, 5), Rank(2, 5), Rank(4, 5), None, None, None,
    ]  # fmt: skip


def test_the_sentences_say_what_the_figures_show(indicator, area, figures):
    assert read(indicator, area, targets=[a_target(year(2026), 90)]).sentences == [
        "80.0% in 2024: rank 1 of 5 local areas, best quarter (A).",
        "10 points better than 2023.",
        "The mean of its 3 statistical neighbours (2025 model) is 60.0%, Wide region 66.0%, England 46.0%.",
        "20 points better than the mean of its neighbours.",
        "Ashby improved by 10 percentage points from 2023 to 2024, the most of our neighbours; "
        "our target asks for 10 percentage points by 2026.",
    ]


def test_without_polarity_nothing_is_ranked_or_called_better(area, figures):
    context = an_indicator("plans", polarity="contextual", unit="count", decimals=0)
    for name in ("Northvale", "Ashby", "Brook"):
        for number, value in ((2023, 40), (2024, 50)):
            a_figure(context, figures[name], number, value)
    found = read(context, area, targets=[a_target(year(2026), 90)])
    assert [found.standing_of(row)[:2] for row in found.rows] == [(None, None)] * len(found.rows)
    said = " ".join(found.sentences)
    assert "Neither more nor less of it is better, so no place is ranked" in said
    assert "10 more than 2023" in said
    assert not any(word in said for word in ("better than", "worse", "improved", "quarter"))


def test_a_missing_figure_is_said_and_not_ranked(indicator, area, figures):
    a_figure(indicator, area, 2025, None, missing="suppressed")
    a_figure(indicator, figures["Ashby"], 2025, 65)
    found = read(indicator, area)
    assert found.sentences[0] == "Suppressed in 2025. Without a figure a place is not ranked."
    assert found.change_sentence == ""


def test_a_change_is_not_said_over_a_gap_or_a_break(indicator, area, figures):
    a_figure(indicator, area, 2026, 85)
    assert read(indicator, area).change_sentence.startswith("No change is given: the last figure before is for 2024")
    SeriesBreak.objects.create(indicator=indicator, from_period=date(2025, 1, 1), reason="A record for each child")
    said = "It is counted in another way from 2026 on, so no change from before is given."
    assert read(indicator, area).change_sentence == said


def test_over_a_break_no_neighbour_has_improved(indicator, area, figures):
    assert read(indicator, area).best_neighbour_sentence
    SeriesBreak.objects.create(indicator=indicator, from_period=date(2024, 1, 1), reason="A record for each child")
    assert read(indicator, area).best_neighbour_sentence == ""


def test_an_area_without_a_published_figure_says_so_beside_the_others(indicator, area, figures):
    other = place("Newtown")
    found = read(indicator, other)
    assert found.sentences[0] == "Newtown has no published figure; those of other places are for 2024."
    assert found.standing.rank is None


def test_where_few_local_areas_have_a_figure_none_is_ranked(indicator, area, figures):
    for number in range(6):
        place(f"Elsewhere {number}")
    said = "80.0% in 2024. 5 of 11 local areas have a figure here, too few for a rank."
    assert read(indicator, area).standing_sentence == said


def test_a_place_that_has_ended_is_not_among_those_expected_to_have_a_figure(indicator, area, figures):
    for number in range(6):
        place(f"Elsewhere {number}", ended_on=date(2019, 3, 31))
    assert read(indicator, area).standing.rank == Rank(1, 5)


# What the target asks for


def a_target(period: Period, value, *, kind="milestone", number=1) -> KnownTarget:
    end = period.end if kind == "milestone" else None
    return KnownTarget(kind, period.start, end, None if value is None else Decimal(value), number, "", "")


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([], None),
        ([a_target(year(2026), 90)], Aim(Decimal(90), "by 2026", 2)),
        ([a_target(year(2026), 90), a_target(year(2025), 85, number=2)], Aim(Decimal(85), "by 2025", 1)),
        ([a_target(year(2026), 90), a_target(year(2026), 88, number=2)], Aim(Decimal(88), "by 2026", 2)),
        ([a_target(year(2023), 90, kind="standing")], Aim(Decimal(90), "", 1)),
        ([a_target(year(2026), 90, kind="standing")], Aim(Decimal(90), "from 1 January 2026", 2)),
        ([a_target(year(2020), 50)], None),
        ([a_target(year(2026), None)], None),
    ],
)
def test_the_nearest_target_to_come_is_what_is_asked(targets, expected):
    assert aim_of(targets, year(2024), "annual") == expected


# Queries


def test_however_many_places_and_years_five_queries_are_made(indicator, area, figures):
    with CaptureQueriesContext(connection) as few:
        read(indicator, area, chosen=["dale"])
    for number in range(20):
        other = place(f"Elsewhere {number}")
        Neighbour.objects.create(of=area, area=other, position=10 + number, model_year=2025)
        for back in range(6):
            a_figure(indicator, other, 2024 - back, 50 + number)
    with CaptureQueriesContext(connection) as many:
        assert len(read(indicator, area, chosen=["dale"]).neighbours) == 23
    assert len(few) == len(many) == 5


# Many at once


def test_the_table_of_kpis_gets_the_same_rank_and_quarter_as_the_page(indicator, area, figures):
    Kpi.objects.create(area=area, indicator=indicator)
    found = standings_of(area, NOW)["plans-on-time"]
    assert (found.period, found.value, found.standing) == ("2024", 80, read(indicator, area).standing)


def test_each_indicator_is_ranked_for_its_own_latest_period(indicator, area, figures):
    other = an_indicator("waits", polarity="lower")
    for name, value in (("Northvale", 9), ("Ashby", 8), ("Brook", 7)):
        a_figure(other, figures[name], 2022, value)
        a_figure(other, figures[name], 2021, 1)
    found = standings_of(area, NOW, codes=["plans-on-time", "waits"])
    assert {code: (row.period, row.standing.rank) for code, row in found.items()} == {
        "plans-on-time": ("2024", Rank(1, 5)), "waits": ("2022", Rank(3, 3)),
    }  # fmt: skip


def test_only_what_is_tracked_and_has_a_polarity_and_a_published_final_figure_is_in_the_table(indicator, area, figures):
    assert standings_of(area, NOW) == {}
    context, forecast = an_indicator("context", polarity="contextual"), an_indicator("forecast")
    for each in (indicator, context, forecast):
        Kpi.objects.create(area=area, indicator=each)
    a_figure(context, area, 2024, 5)
    a_figure(forecast, area, 2024, 5, state="forecast")
    assert list(standings_of(area, NOW)) == ["plans-on-time"]
    assert standings_of(area, at(2025, 1, 1)) == {}


def test_the_table_reads_as_at_the_moment_and_leaves_out_what_was_taken_back(indicator, area, figures):
    Kpi.objects.create(area=area, indicator=indicator)
    a_figure(indicator, figures["Dale"], 2024, None, number=2, missing="unreliable", recorded_at=at(2026, 3, 1))
    assert standings_of(area, at(2026, 2, 1))["plans-on-time"].standing.rank == Rank(1, 5)
    assert standings_of(area, NOW)["plans-on-time"].standing.rank == Rank(1, 4)


def test_for_one_kpi_and_for_thirty_two_queries_are_made(indicator, area, figures):
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            standings_of(area, NOW)
        return len(made)

    Kpi.objects.create(area=area, indicator=indicator)
    assert queries() == 2
    for number in range(30):
        other = an_indicator(f"k-{number}")
        Kpi.objects.create(area=area, indicator=other)
        a_figure(other, area, 2000 + number % 20, 5)
    assert queries() == 2
    assert len(standings_of(area, NOW)) == 31
