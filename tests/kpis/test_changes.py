"""What changed of the figures between two moments."""

from datetime import date
from decimal import Decimal

import pytest

from common.dates import last_day_of_month
from kpis.changes import FigureChangeKind, figure_changes
from kpis.figure import KnownTarget, KpiFigure, Point

ALL = FigureChangeKind


def a_point(year: int, value: float | None, number=1, missing="") -> Point:
    return Point(date(year, 1, 1), date(year, 12, 31), str(year), value, missing, "", "", False, number, "final")


def a_kpi(*points, target=60, pk=1, tolerance=2) -> KpiFigure:
    kpi = KpiFigure(
        pk, "on-time", "Plans on time", "percent", 0, "higher", "annual", None, Decimal(tolerance), None, None, None,
        True, False, day=date(2026, 7, 1),
    )  # fmt: skip
    kpi.points = list(points)
    if target is not None:
        kpi.targets = [KnownTarget("standing", date(2020, 1, 1), None, Decimal(target), 1, "", "")]
    return kpi


def kinds(then: KpiFigure, now: KpiFigure) -> list[FigureChangeKind]:
    return [change.kind for change in figure_changes([then], [now])]


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ([50], [50], []),
        ([50], [50, 62], [ALL.REACHED, ALL.NEW_FIGURE]),
        ([62], [62, 50], [ALL.MISSED, ALL.NEW_FIGURE]),
        ([62], [62, 59], [ALL.NEW_FIGURE]),  # slightly behind is not missed
        ([59], [59, 50], [ALL.MISSED, ALL.NEW_FIGURE]),
        ([50], [50, 51], [ALL.NEW_FIGURE]),
        ([50], [55], [ALL.RESTATED]),
        ([50], [61], [ALL.RESTATED, ALL.REACHED]),
        ([], [61], [ALL.NEW_FIGURE]),
    ],
)
def test_a_change_has_its_name(then, now, expected):
    points = [[a_point(2020 + at, value) for at, value in enumerate(values)] for values in (then, now)]
    assert kinds(a_kpi(*points[0]), a_kpi(*points[1])) == expected


def test_a_restatement_says_both_figures():
    [change] = figure_changes([a_kpi(a_point(2020, 50))], [a_kpi(a_point(2020, 55, number=2))])
    assert change.sentence == "2020: 55%, was 50%."


def test_a_figure_that_is_suppressed_now_is_restated_too():
    [change] = figure_changes([a_kpi(a_point(2020, 50))], [a_kpi(a_point(2020, None, missing="suppressed"))])
    assert change.sentence == "2020: suppressed, was 50%."


def test_without_a_target_nothing_is_reached_or_missed():
    assert kinds(a_kpi(a_point(2020, 50), target=None), a_kpi(a_point(2020, 50), a_point(2021, 80), target=None)) == [
        ALL.NEW_FIGURE
    ]


def test_a_kpi_that_was_not_tracked_then_has_not_changed():
    assert figure_changes([], [a_kpi(a_point(2020, 50))]) == []


def test_a_signal_is_raised_once():
    def monthly(*values):
        kpi = a_kpi(target=None)
        kpi.frequency = "monthly"
        kpi.points = [
            Point(
                date(2024 + at // 12, at % 12 + 1, 1), last_day_of_month(date(2024 + at // 12, at % 12 + 1, 1)),
                "", value, "", "", "", False, 1, "final",
            )
            for at, value in enumerate(values)
        ]  # fmt: skip
        return kpi

    steady = [50, 52] * 8
    falling = [*steady, 49, 48, 47, 46, 45, 44, 43]
    assert ALL.CONCERN in kinds(monthly(*steady), monthly(*falling))
    assert ALL.CONCERN not in kinds(monthly(*falling), monthly(*falling, 42))
