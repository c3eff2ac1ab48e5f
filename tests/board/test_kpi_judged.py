"""KPIs judged: limits and icons, rank, quality, breaks, releases, and what actions should move them."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.models import Decision
from common.dates import last_day_of_month, months_before
from kpis.models import Indicator, Kpi, Measurement, Rebase, Release, SeriesBreak, Target
from priorities.models import SuccessMeasure
from strategies.models import Area, Meeting
from tests.world import BACKEND, at, build_world
from workstrands.models import Deadline, ProgressUpdate

LIST = "/northvale/kpis/"
LAST = date(2026, 6, 1)


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    return build_world()


@pytest.fixture
def get(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    return lambda address: client.get(address)


def monthly(world, *values, code="waits", polarity="higher", target=None, **defined) -> Kpi:
    """A KPI with a figure for each month up to June 2026; None leaves the month out."""
    indicator = Indicator.objects.create(
        code=code, title=code.title(), unit="percent", polarity=polarity, frequency="monthly", **defined
    )
    kpi = Kpi.objects.create(area=world.area, indicator=indicator, is_headline=True)
    for back, value in enumerate(reversed(values)):
        first = months_before(LAST, back)
        if value is not None:
            Measurement.objects.create(
                indicator=indicator, area=world.area, number=1, recorded_at=at(2026, 7, 1), period_start=first,
                period_end=last_day_of_month(first), value=Decimal(value),
            )  # fmt: skip
    if target is not None:
        Target.objects.create(
            kpi=kpi, number=1, recorded_at=at(2024, 1, 1), period_start=date(2024, 1, 1), value=Decimal(target)
        )
    return kpi


STEADY = [50, 52] * 8
FALLING = [*STEADY, 49, 48, 47, 46, 45, 44, 43]


def main_of(response) -> str:
    return response.content.decode().split("<main")[1]


def rows_of(response) -> list[dict]:
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    heading, *rest = rows[rows.index([]) + 1 :]
    return [dict(zip(heading, row, strict=True)) for row in rest]


# Control charts


def test_a_run_of_falling_months_is_said_to_be_a_concern_on_table_page_and_board(get, world):
    monthly(world, *FALLING, target=60)
    assert "Concern" in main_of(get(LIST))
    assert "Concern" in main_of(get("/northvale/"))
    page = main_of(get(f"{LIST}waits/"))
    assert "Special cause of concern" in page
    assert "The target of 60% will not be met reliably" in page
    assert "a control chart" in page


def test_the_file_says_variation_and_assurance_in_words(get, world):
    monthly(world, *FALLING, target=60)
    [row] = rows_of(get(f"{LIST}?q=waits&_export=csv"))
    assert row["Variation"] == "Concern: lower, and higher is better"
    assert row["Assurance"] == "Target will not be met reliably"


@pytest.mark.parametrize(("count", "expected"), [(11, "need 12 figures"), (12, "a control chart"), (60, "48 figures")])
def test_limits_start_at_twelve_figures_and_reach_back_forty_eight(get, world, count, expected):
    monthly(world, *(STEADY * 4)[:count])
    assert expected in main_of(get(f"{LIST}waits/"))


def test_a_month_left_out_breaks_the_line_and_no_more(get, world):
    monthly(world, *STEADY[:10], None, *STEADY[:6])
    page = main_of(get(f"{LIST}waits/"))
    assert "16 figures at a regular interval: a control chart" in page
    assert "breaks where a period has no figure" in page


def test_figures_at_no_interval_have_no_limits(get, world):
    kpi = monthly(world, *STEADY)
    Measurement.objects.create(
        indicator=kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 7, 1), period_start=date(2025, 1, 5),
        period_end=date(2025, 1, 20), value=Decimal(51),
    )  # fmt: skip
    assert "do not come at a regular interval" in main_of(get(f"{LIST}waits/"))


def test_limits_are_calculated_anew_from_a_rebase_and_the_page_says_why(get, world):
    kpi = monthly(world, *([20, 22] * 8), *([50, 52] * 8))
    before = main_of(get(f"{LIST}waits/"))
    Rebase.objects.create(
        kpi=kpi, number=1, recorded_at=at(2026, 7, 2), from_period=date(2025, 3, 1), reason="A new service opened"
    )
    after = main_of(get(f"{LIST}waits/"))
    assert "special cause" in before.casefold()
    assert "Limits are calculated anew from 1 March 2025: A new service opened." in after
    assert "lies in the usual range" in after


def test_as_at_before_the_rebase_it_is_not_known(get, world):
    kpi = monthly(world, *STEADY)
    Rebase.objects.create(
        kpi=kpi, number=1, recorded_at=at(2026, 7, 15), from_period=date(2026, 1, 1), reason="A new service opened"
    )
    assert "A new service opened" not in main_of(get(f"{LIST}waits/?as_at=2026-07-10"))
    assert "A new service opened" in main_of(get(f"{LIST}waits/?as_at=2026-07-15"))


def test_the_table_is_narrowed_to_what_is_a_concern(get, world):
    monthly(world, *FALLING)
    monthly(world, *STEADY, code="visits")
    assert [row["KPI"] for row in rows_of(get(f"{LIST}?variation=concern&_export=csv"))] == ["Waits"]
    assert [row["KPI"] for row in rows_of(get(f"{LIST}?variation=common&_export=csv"))] == ["Visits"]


def test_screening_is_said_with_how_many_ranges_it_leaves_out(get, world):
    kpi = monthly(world, *STEADY, 90, 50)
    assert "Moving ranges beyond the screening limit are left out of the limits: 2 of 17." in main_of(
        get(f"{LIST}waits/")
    )
    Kpi.objects.filter(pk=kpi.pk).update(screens_outliers=False)
    assert "Moving ranges are not screened" in main_of(get(f"{LIST}waits/"))


# Places


def published(indicator, area, year, value, **more):
    return Measurement.objects.create(
        indicator=indicator, area=area, number=1, recorded_at=at(2026, 1, 15), period_start=date(year, 1, 1),
        period_end=date(year, 12, 31), period_label=str(year), value=Decimal(value), is_published=True, **more,
    )  # fmt: skip


def test_rank_and_quarter_stand_in_the_table(get, world):
    indicator = Indicator.objects.create(
        code="timely", title="Timely plans", unit="percent", polarity="higher", frequency="annual"
    )
    Kpi.objects.create(area=world.area, indicator=indicator)
    published(indicator, world.area, 2025, 80)
    for number in range(7):
        published(indicator, Area.objects.create(name=f"Place {number}", slug=f"place-{number}"), 2025, 40 + number)
    [row] = rows_of(get(f"{LIST}?q=timely&_export=csv"))
    assert (row["Rank"], row["Of"], row["Quarter"]) == ("1", "8", "A")
    assert "best quarter, 2025" in main_of(get(f"{LIST}?q=timely"))


def test_a_published_figure_names_its_release_its_column_and_its_licence(get, world):
    release = Release.objects.create(
        publication="Education, health and care plans", edition="2025", published_on=date(2025, 6, 26)
    )
    world.kpi.indicator.measurements.all().delete()
    published(
        world.kpi.indicator, world.area, 2024, "94.8", release=release, source_locator="pc_plans", numerator=183,
        denominator=193, published_on=date(2025, 6, 26),
    )  # fmt: skip
    Indicator.objects.update(counted="plans")
    page = main_of(get(f"{LIST}plans-within-20-weeks/"))
    for words in (
        "Education, health and care plans, 2025", "pc_plans", "183 of 193 plans",
        "licensed under the Open Government Licence v3.0 (Department for Education)",
        "A newer edition should be out: this figure was published on 26 June 2025",
    ):  # fmt: skip
        assert words in page


def test_a_break_of_the_series_is_marked_with_its_reason(get, world):
    for year in range(2018, 2024):
        published(world.kpi.indicator, world.area, year, 50 + year % 7)
    SeriesBreak.objects.create(
        indicator=world.kpi.indicator, from_period=date(2023, 1, 1), reason="A record for each child"
    )
    page = main_of(get(f"{LIST}plans-within-20-weeks/"))
    assert "The series breaks from 1 January 2023: A record for each child." in page
    assert "counted anew" in page


# Trust


def test_quality_counts_five_parts_and_says_what_is_lacking(get, world):
    monthly(world, *STEADY[:10], None, *STEADY[:3])
    [row] = rows_of(get(f"{LIST}?q=waits&_export=csv"))
    assert (row["Quality"], row["Not so"]) == ("2", "not defined, not owned, not whole")


def test_gaps_list_what_no_kpi_measures_and_what_has_no_fresh_figure(get, world):
    measure = SuccessMeasure.objects.get()
    page = main_of(get(LIST))
    assert "1 measure of success that no KPI measures" in page
    assert measure.text in page
    world.kpi.success_measures.add(measure)
    assert "that no KPI measures" not in main_of(get(LIST))


# What should move it


def test_an_action_on_track_whose_kpi_is_behind_is_contradicted_on_action_kpi_and_board_page(get, world):
    kpi = monthly(world, *STEADY, target=60)
    world.action.kpis.add(kpi)
    type(world.action).objects.filter(pk=world.action.pk).update(effect_expected_from=date(2026, 3, 1))
    Deadline.objects.create(action=world.action, number=2, recorded_at=at(2026, 6, 1), due_on=date(2026, 8, 31))
    said = "which it should move from 1 March 2026, stands at 52%, June 2026: 8 percentage points short of the local target of 60%"
    for address in (f"{LIST}waits/", "/northvale/actions/a-1/", "/northvale/?as_at=2026-07-19"):
        assert said in main_of(get(address)), address


def test_before_its_effect_is_expected_it_is_too_early_to_judge(get, world):
    kpi = monthly(world, *STEADY, target=60)
    world.action.kpis.add(kpi)
    type(world.action).objects.filter(pk=world.action.pk).update(effect_expected_from=date(2030, 3, 1))
    page = main_of(get(f"{LIST}waits/"))
    assert "Too early to judge: an effect is expected from 1 March 2030." in page
    assert "which it should move" not in page
    assert "Too early to judge" in main_of(get("/northvale/actions/a-1/"))


def test_a_complete_action_whose_figure_is_no_better_is_flagged(get, world):
    kpi = monthly(world, *[60] * 10, *[50] * 6)
    world.action.kpis.add(kpi)
    type(world.action).objects.filter(pk=world.action.pk).update(effect_expected_from=date(2026, 3, 1))
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 2, 20), status="B", narrative="Done.",
        author=world.people["lead"],
    )  # fmt: skip
    rows = rows_of(get("/northvale/send-strategy/actions/?flag=unmoved&_export=csv"))
    assert len(rows) == 1


def test_what_the_board_decided_of_a_figure_stands_on_its_page_from_that_day(get, world):
    Decision.objects.create(
        meeting=Meeting.objects.get(),
        number=1,
        recorded_at=at(2026, 3, 18),
        kpi=world.kpi,
        text="Bring it back in June.",
    )
    assert "Bring it back in June." in main_of(get(f"{LIST}plans-within-20-weeks/"))
    assert "What the Board decided" not in main_of(get(f"{LIST}plans-within-20-weeks/?as_at=2026-03-17"))


# Files and cost


def test_the_figures_of_one_kpi_are_a_file_with_what_the_page_says(get, world):
    monthly(world, *FALLING, target=60)
    response = get(f"{LIST}waits/?_export=csv")
    assert len(rows_of(response)) == len(FALLING)
    assert "will not be met reliably" in response.content.decode()


def test_the_chart_is_a_picture_of_its_own(get, world):
    monthly(world, *STEADY)
    response = get(f"{LIST}waits/?_export=svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"')
    assert get(f"{LIST}plans-within-20-weeks/?_export=svg").status_code == 404


def test_the_table_of_many_kpis_places_and_years_asks_no_more_questions(get, world):
    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert get(LIST).status_code == 200
        return len(made)

    published(world.kpi.indicator, world.area, 2023, 50)
    few = queries()
    places = [world.area, *[Area.objects.create(name=f"Place {n}", slug=f"place-{n}") for n in range(11)]]
    indicators = Indicator.objects.bulk_create(
        Indicator(code=f"i-{n}", title=f"Indicator {n}", unit="percent", polarity="higher", frequency="annual")
        for n in range(100)
    )
    Kpi.objects.bulk_create(Kpi(area=world.area, indicator=indicator) for indicator in indicators)
    Measurement.objects.bulk_create(
        Measurement(
            indicator=indicator, area=place, number=1, recorded_at=at(2026, 1, 15), period_start=date(year, 1, 1),
            period_end=date(year, 12, 31), value=Decimal(year % 50), is_published=True,
        )
        for indicator in indicators for place in places for year in range(2016, 2026)
    )  # fmt: skip
    assert queries() == few <= 12
