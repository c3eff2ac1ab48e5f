"""How a KPI would stand with a figure that is not saved yet."""

from datetime import date
from decimal import Decimal

import pytest

from common.dates import last_day_of_month, month_in_words
from kpis.figure import KnownTarget, KpiFigure, Point
from kpis.foreseen import limits_before, trouble_with, with_figure


def month(number: int, value: float | None) -> Point:
    start = date(2025 + number // 12, number % 12 + 1, 1)
    return Point(
        start, last_day_of_month(start), "", value, "" if value is not None else "suppressed", "", "", False, 1, "final"
    )


def kpi(values, *, targets=()) -> KpiFigure:
    points = [month(number, value) for number, value in enumerate(values)]
    return KpiFigure(
        1, "reviews", "Reviews on time", "percent", 1, "higher", "monthly", None, Decimal(5), None, None, None, False, False,
        day=date(2027, 1, 10), points=points, targets=list(targets),
    )  # fmt: skip


def said(point: Point, **fields) -> dict:
    value = None if point.value is None else Decimal(str(point.value))
    return {
        "period_start": point.period_start, "period_end": point.period_end, "period_label": month_in_words(point.period_start), "value": value,
        "missing": point.missing, "as_written": "", "qualifier": "", "state": "final", **fields,
    }  # fmt: skip


CALM = [80, 81, 82] * 4
TARGET = KnownTarget("standing", date(2025, 1, 1), None, Decimal(80), 1, "", "")


def test_the_figure_stands_last_and_what_comes_after_its_period_is_left_out():
    foreseen = with_figure(kpi([70, 75, 80]), month(1, 60))
    assert [point.value for point in foreseen.points] == [70, 60]


def test_nothing_is_changed_of_the_kpi_itself():
    now = kpi([70, 75, 80])
    with_figure(now, month(3, 60))
    assert [point.value for point in now.points] == [70, 75, 80]


@pytest.mark.parametrize("count", [0, 1, 11])
def test_too_few_figures_have_no_limits(count):
    assert limits_before(kpi(CALM[:count]), date(2026, 1, 31)) is None


def test_limits_are_those_of_the_figures_before_the_period():
    before = limits_before(kpi(CALM), date(2026, 1, 31))
    assert before.lower < 80 < 82 < before.upper
    assert limits_before(kpi([*CALM, 20]), date(2026, 1, 31)) == before


def test_a_figure_behind_its_target_must_be_explained_and_one_within_tolerance_need_not_be():
    now = kpi([80], targets=[TARGET])
    assert trouble_with(said(month(1, 74.9)), kpi=now) == (
        "74.9%, February 2025: 5.1 percentage points short of the local target of 80%"
    )
    assert trouble_with(said(month(1, 75)), kpi=now) == ""


def test_a_figure_worse_than_chance_explains_must_be_explained_without_a_target():
    assert trouble_with(said(month(12, 60)), kpi=kpi(CALM)).startswith("60.0%, January 2026: ")
    assert trouble_with(said(month(12, 95)), kpi=kpi(CALM)) == ""


def test_a_provisional_figure_and_none_at_all_need_not_be_explained():
    now = kpi([80], targets=[TARGET])
    assert trouble_with(said(month(1, 20), state="provisional"), kpi=now) == ""
    assert trouble_with(said(month(1, None)), kpi=now) == ""
