"""How a KPI stood at a moment: which figures count, which are apart, and what is said of the latest."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.dates import last_day_of_month, months_before
from kpis.models import Indicator, Kpi, Measurement, Target
from kpis.one_kpi import figures_by_period
from kpis.rating import KpiStatus
from kpis.reading import POINTS_SHOWN, kpi_figures
from strategies.models import Area
from tests.world import at, build_world

NOW = at(2026, 7, 20)


@pytest.fixture
def world(db):
    return build_world()


def a_kpi(area, code="pupils-absent", *, polarity="higher", unit="percent", frequency="monthly", decimals=1, **fields):
    indicator, _ = Indicator.objects.get_or_create(
        code=code, defaults={
            "title": code.replace("-", " ").capitalize(), "unit": unit, "decimals": decimals, "polarity": polarity,
            "frequency": frequency,
        },
    )  # fmt: skip
    return Kpi.objects.create(area=area, indicator=indicator, **fields)


def a_figure(kpi, end: date, value=None, *, moment=None, number=1, start=None, area=None, **fields):
    return Measurement.objects.create(
        indicator=kpi.indicator, area=area or kpi.area, number=number, recorded_at=moment or at(2026, 1, 15),
        period_start=start or end.replace(day=1), period_end=end, value=None if value is None else Decimal(str(value)),
        **fields,
    )  # fmt: skip


def a_target(kpi, start: date, value, *, number=1, moment=None, **fields):
    return Target.objects.create(
        kpi=kpi, number=number, recorded_at=moment or at(2026, 1, 15), period_start=start,
        value=None if value is None else Decimal(str(value)), **fields,
    )  # fmt: skip


def read(kpi, moment=NOW, **options):
    [figure] = kpi_figures(kpi.area, moment, kpis=Kpi.objects.filter(pk=kpi.pk), **options)
    return figure


def months(last: date, count: int) -> list[date]:
    return [last_day_of_month(months_before(last.replace(day=1), back)) for back in range(count - 1, -1, -1)]


# Restated


def test_of_a_restated_figure_the_latest_word_by_the_moment_counts(world):
    kpi, may = a_kpi(world.area), date(2026, 5, 31)
    a_figure(kpi, may, 40, moment=at(2026, 6, 10))
    a_figure(kpi, may, 44, moment=at(2026, 7, 1), number=2, reason="Late returns")
    assert [point.value for point in read(kpi).points] == [44]
    assert [point.value for point in read(kpi, at(2026, 6, 20)).points] == [40]
    assert read(kpi, at(2026, 6, 1)).points == []


def test_a_restatement_says_what_stood_before_and_only_once_it_was_known(world):
    kpi, may = a_kpi(world.area), date(2026, 5, 31)
    a_figure(kpi, may, 40, moment=at(2026, 6, 10))
    a_figure(kpi, may, 44, moment=at(2026, 7, 1), number=2)
    [period], _ = figures_by_period(kpi, NOW)
    assert period.row.value == 44
    assert [(before.value, after.value) for before, after in period.restated] == [(40, 44)]
    [earlier], _ = figures_by_period(kpi, at(2026, 6, 20))
    assert (earlier.row.value, earlier.restated) == (40, [])


def test_of_a_target_changed_for_the_same_day_the_latest_word_by_the_moment_counts(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2025, 12, 31), 65)
    a_target(kpi, date(2025, 1, 1), 70)
    a_target(kpi, date(2025, 1, 1), 60, number=2, moment=at(2026, 5, 1))
    assert (read(kpi).target.value, read(kpi).status) == (60, KpiStatus.MET)
    assert (read(kpi, at(2026, 3, 1)).target.value, read(kpi, at(2026, 3, 1)).status) == (70, KpiStatus.BEHIND)


# Apart


def test_a_forecast_is_never_a_figure(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 4, 30), 40)
    a_figure(kpi, date(2026, 8, 31), 99, state="forecast")
    figure = read(kpi)
    assert [point.value for point in figure.points] == [40]
    assert [point.value for point in figure.forecasts] == [99]
    assert figure.latest.value == 40
    assert [point.value for point in figure.chart.points] == [40]


def test_a_forecast_and_a_figure_of_the_same_period_stand_side_by_side(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 4, 30), 99, state="forecast", moment=at(2026, 4, 1))
    a_figure(kpi, date(2026, 4, 30), 40, moment=at(2026, 5, 1))
    figure = read(kpi)
    assert [[p.value for p in points] for points in (figure.points, figure.forecasts)] == [[40], [99]]


def test_with_a_forecast_alone_there_is_no_figure_and_no_rating(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 8, 31), 99, state="forecast", period_label="August 2026")
    a_target(kpi, date(2026, 1, 1), 50)
    figure = read(kpi)
    assert (figure.latest, figure.latest_shown, figure.status) == (None, "–", KpiStatus.NO_DATA)
    assert figure.expected_words == "No figure yet; 99.0% was forecast for August 2026"


def test_a_provisional_figure_is_not_rated_and_stands_on_the_page_alone(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 4, 30), 40, state="provisional")
    assert read(kpi).points == []
    assert [period.row.value for period in figures_by_period(kpi, NOW)[0]] == [40]


def test_a_part_of_the_whole_stands_apart(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 4, 30), 40)
    a_figure(kpi, date(2026, 5, 31), 12, breakdown="Early years")
    assert [point.value for point in read(kpi).points] == [40]
    whole, parts = figures_by_period(kpi, NOW)
    assert [p.row.value for p in whole] == [40]
    assert [(p.row.breakdown, p.row.value) for p in parts] == [("Early years", 12)]


def test_another_council_s_figures_never_stand_beside_an_area_s_and_a_country_s_published_ones_do(world):
    kpi = a_kpi(world.area)
    england = Area.objects.create(name="England", slug="england", kind=Area.Kind.COUNTRY)
    a_figure(kpi, date(2026, 4, 30), 40)
    a_figure(kpi, date(2026, 4, 30), 77, area=world.other_area, is_published=True)
    a_figure(kpi, date(2026, 4, 30), 51, area=england, is_published=True)
    a_figure(kpi, date(2026, 3, 31), 52, area=england)
    figure = read(kpi)
    assert [point.value for point in figure.points] == [40]
    assert {name: [p.value for p in points] for name, points in figure.comparators.items()} == {"England": [51]}
    assert figure.comparison_words == "England 51.0%"


# No number


def test_a_suppressed_figure_says_so_and_is_not_nought(world):
    kpi = a_kpi(world.area, polarity="lower")
    a_figure(kpi, date(2026, 3, 31), 40)
    a_figure(kpi, date(2026, 4, 30), missing="suppressed")
    a_target(kpi, date(2026, 1, 1), 50)
    figure = read(kpi)
    assert (figure.latest.value, figure.latest_shown, figure.status) == (None, "suppressed", KpiStatus.SUPPRESSED)
    assert "so few people" in figure.status_sentence
    assert figure.change_words == ""
    assert figure.gain is None
    assert [point.value for point in figure.chart.drawn] == [40]


def test_nought_is_a_figure_and_is_rated(world):
    kpi = a_kpi(world.area, polarity="lower", unit="count", decimals=0)
    a_figure(kpi, date(2026, 4, 30), 0)
    a_target(kpi, date(2026, 1, 1), 5)
    assert (read(kpi).latest_shown, read(kpi).status) == ("0", KpiStatus.MET)


def test_a_figure_in_words_is_shown_as_written_and_held_against_nothing(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 4, 30), as_written="almost half")
    figure = read(kpi)
    assert (figure.latest_shown, figure.status) == ("almost half", KpiStatus.NO_TARGET)


def test_without_a_figure_it_is_no_data_and_before_the_first_release_not_yet_due(world):
    kpi = a_kpi(world.area)
    assert read(kpi).status == KpiStatus.NO_DATA
    Indicator.objects.filter(pk=kpi.indicator_id).update(next_release_on=date(2026, 9, 1))
    assert read(kpi).status == KpiStatus.NOT_YET_DUE
    assert read(kpi).expected_words == "First figure expected 1 September 2026"


# Change


@pytest.mark.parametrize(
    ("polarity", "words", "gain"), [("higher", "4 points better than", 4), ("lower", "4 points worse than", -4), ("contextual", "4 points more than", None)]
)  # fmt: skip
def test_better_is_the_way_the_indicator_says(world, polarity, words, gain):
    kpi = a_kpi(world.area, polarity=polarity)
    a_figure(kpi, date(2026, 3, 31), 40, period_label="March 2026")
    a_figure(kpi, date(2026, 4, 30), 44, period_label="April 2026")
    assert (read(kpi).change_words, read(kpi).gain) == (f"{words} March 2026", gain)


@pytest.mark.parametrize("inexact", [{"qualifier": "over"}, {"is_period_assumed": True}])
def test_figures_that_are_not_exact_or_not_dated_are_not_compared(world, inexact):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 3, 31), 40)
    a_figure(kpi, date(2026, 4, 30), 44, **inexact)
    assert (read(kpi).change_words, read(kpi).gain) == ("", None)


# Targets


def test_each_figure_is_held_against_what_was_promised_for_its_own_period(world):
    kpi = a_kpi(world.area)
    for end, value in zip(months(date(2026, 5, 31), 5), (40, 41, 42, 43, 44), strict=True):
        a_figure(kpi, end, value)
    a_target(kpi, date(2026, 2, 1), 50)
    a_target(kpi, date(2026, 3, 1), 45, number=2, kind="milestone", period_end=date(2026, 3, 31))
    a_target(kpi, date(2026, 5, 1), 60, number=3)
    assert read(kpi).chart.targets == (None, 50, 45, 50, 60)


def test_a_single_standing_target_holds_from_its_start_and_a_single_milestone_for_its_period_alone(world):
    standing, milestone = a_kpi(world.area, "standing"), a_kpi(world.area, "milestone")
    for kpi in (standing, milestone):
        for end in months(date(2026, 4, 30), 3):
            a_figure(kpi, end, 40)
    a_target(standing, date(2026, 3, 1), 50)
    a_target(milestone, date(2026, 3, 1), 50, kind="milestone", period_end=date(2026, 3, 31))
    assert read(standing).chart.targets == (None, 50, 50)
    assert read(milestone).chart.targets == (None, 50, None)


def test_a_milestone_reached_is_on_trajectory_and_says_by_when(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 3, 31), 50)
    a_target(kpi, date(2026, 1, 1), 50, kind="milestone", period_end=date(2026, 3, 31))
    assert read(kpi).status == KpiStatus.ON_TRAJECTORY
    assert read(kpi).target_words == "target 50% by 31 March 2026"


def test_a_target_still_to_come_is_named_and_rates_nothing(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 3, 31), 50)
    a_target(kpi, date(2026, 9, 1), 80)
    figure = read(kpi)
    assert (figure.status, figure.has_target) == (KpiStatus.NO_TARGET, False)
    assert figure.target_words == "80% is promised from 1 September 2026"
    assert not figure.chart.has_targets


def test_a_target_in_words_draws_no_line(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 3, 31), 50)
    a_target(kpi, date(2026, 1, 1), None, as_written="near the average")
    figure = read(kpi)
    assert (figure.status, figure.chart.targets, figure.target_words) == (
        KpiStatus.NO_TARGET, (None,), "target “near the average”",
    )  # fmt: skip


# How much is read


def test_three_queries_are_made_whatever_the_number_of_kpis_and_figures(world):
    for number in range(6):
        kpi = a_kpi(world.area, f"kpi-{number}")
        for end in months(date(2026, 6, 30), 12):
            a_figure(kpi, end, number)
        a_target(kpi, date(2026, 1, 1), 5)
    with CaptureQueriesContext(
        connection,
    ) as made:
        figures = kpi_figures(world.area, NOW)
        assert [(f.chart.sentence, f.status_sentence, f.target_words) for f in figures]
    assert (len(figures), len(made)) == (7, 4)


def test_of_a_series_through_the_year_the_last_48_months_are_read_and_its_own_page_reads_all(world):
    kpi = a_kpi(world.area)
    ends = months(date(2026, 6, 30), 60)
    for end in ends:
        a_figure(kpi, end, 1)
    figure = read(kpi)
    assert len(figure.points) <= POINTS_SHOWN
    assert (figure.points[0].period_end, figure.points[-1].period_end) == (date(2022, 7, 31), date(2026, 6, 30))
    assert len(read(kpi, whole_history=True).points) == 60


@pytest.mark.parametrize("frequency", ["annual", "irregular"])
def test_of_a_yearly_or_occasional_series_all_figures_are_read(world, frequency):
    kpi = a_kpi(world.area, frequency=frequency)
    for year in range(2014, 2026):
        a_figure(kpi, date(year, 12, 31), 1)
    assert len(read(kpi).points) == 12


def test_a_figure_says_how_old_it_is_where_a_newer_one_could_be_expected(world):
    kpi = a_kpi(world.area)
    a_figure(kpi, date(2026, 6, 30), 1)
    assert read(kpi).age_words == ""
    other = a_kpi(world.area, "long-ago")
    a_figure(other, date(2023, 1, 31), 1)
    assert read(other).age_words == "3 years old"
