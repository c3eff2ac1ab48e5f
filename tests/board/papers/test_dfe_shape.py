"""KPIs as areas under improvement publish them: a row a KPI, planned beside actual."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.papers.dfe import dfe_table
from common.dates import end_of_day
from kpis.models import Indicator, Kpi, Measurement, Target
from tests.board.papers.a_plan import DAY, build_plan
from tests.world import at


@pytest.fixture
def world(db):
    return build_plan()


def rows(table) -> dict[str, dict]:
    heads, *found = table.rows
    return {row[0]: dict(zip(heads, row, strict=True)) for row in found}


def test_a_kpi_has_baseline_target_and_each_milestone_planned_and_actual(world):
    row = rows(dfe_table(world.area, end_of_day(DAY)))["waiting-list"]
    assert (row["KPI"], row["Better when"]) == ("Children waiting", "Lower is better")
    assert row["Baseline"] == pytest.approx(301.25)  # of February 2026, the last before the first promise
    assert row["Baseline, when"] == "February 2026"
    assert (row["Target"], row["Target, by when"]) == (Decimal(280), "30 September 2026")
    assert row["Planned by 31 March 2026"] == Decimal(300)
    assert row["Actual by 31 March 2026"] == pytest.approx(303.25)
    assert (row["Planned by 30 September 2026"], row["Actual by 30 September 2026"]) == (Decimal(280), "")


def test_a_standing_target_holds_from_its_day(world):
    row = rows(dfe_table(world.area, end_of_day(DAY)))["plans-within-20-weeks"]
    assert (row["Target"], row["Target, by when"]) == (Decimal(70), "from 1 January 2025")
    assert (row["Baseline"], row["Baseline, when"]) == (61.2, "2024")
    assert row["Planned by 31 March 2026"] == row["Actual by 31 March 2026"] == ""


def test_a_promise_that_another_took_the_place_of_is_left_out(world):
    kpi = Kpi.objects.get(indicator__code="waiting-list")
    Target.objects.create(
        kpi=kpi, number=3, recorded_at=at(2026, 7, 1), kind="milestone", period_start=date(2026, 9, 1),
        period_end=date(2026, 9, 30), value=None, as_written="as few as can be",
    )  # fmt: skip
    row = rows(dfe_table(world.area, end_of_day(DAY)))["waiting-list"]
    assert row["Planned by 30 September 2026"] == row["Target"] == "“as few as can be”"
    before = rows(dfe_table(world.area, end_of_day(date(2026, 6, 30))))["waiting-list"]
    assert before["Planned by 30 September 2026"] == Decimal(280)


def test_a_figure_that_is_not_exact_stays_in_words(world):
    indicator = Indicator.objects.create(code="rough", title="Roughly", unit="percent", polarity="higher")
    kpi = Kpi.objects.create(area=world.area, indicator=indicator)
    Target.objects.create(
        kpi=kpi, number=1, recorded_at=at(2026, 1, 1), period_start=date(2026, 1, 1), value=90, qualifier="at_least"
    )
    Measurement.objects.create(
        indicator=indicator, area=world.area, number=1, recorded_at=at(2026, 1, 1), period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31), value=80, qualifier="over",
    )  # fmt: skip
    row = rows(dfe_table(world.area, end_of_day(DAY)))["rough"]
    assert (row["Baseline"], row["Target"]) == ("over 80%", "at least 90%")


def test_kpis_without_a_promise_and_other_areas_are_not_in_it(world):
    indicator = Indicator.objects.create(code="bare", title="Nothing promised", unit="count", polarity="higher")
    Kpi.objects.create(area=world.area, indicator=indicator)
    Kpi.objects.create(area=world.other_area, indicator=world.kpi.indicator)
    assert set(rows(dfe_table(world.area, end_of_day(DAY)))) == {"waiting-list", "plans-within-20-weeks"}
    assert rows(dfe_table(world.other_area, end_of_day(DAY))) == {}


def test_both_files_hold_the_same_and_say_what_they_are(world):
    table = dfe_table(world.area, end_of_day(DAY), header=[("Made by", "officer@example.test")])
    lines = list(csv.reader(io.StringIO(table.as_csv.decode("utf-8-sig"))))
    assert ["As at", "15 July 2026"] in lines
    assert ["Made by", "officer@example.test"] in lines
    sheet = openpyxl.load_workbook(io.BytesIO(table.as_xlsx)).active
    of_sheet = [[str(cell.value) if cell.value is not None else "" for cell in row] for row in sheet.iter_rows()]
    gap = lines.index([])
    assert of_sheet[gap + 1 :] == lines[gap + 1 :]


def test_the_number_of_queries_does_not_grow_with_the_kpis(world):
    with CaptureQueriesContext(connection) as few:
        dfe_table(world.area, end_of_day(DAY))
    for number in range(20):
        indicator = Indicator.objects.create(code=f"k{number}", title=f"K {number}", unit="count", polarity="higher")
        kpi = Kpi.objects.create(area=world.area, indicator=indicator)
        Target.objects.create(kpi=kpi, number=1, recorded_at=at(2026, 1, 1), period_start=date(2026, 1, 1), value=1)
    with CaptureQueriesContext(connection) as many:
        dfe_table(world.area, end_of_day(DAY))
    assert len(few) == len(many) <= 6
