"""How a KPI would stand with a figure that is not saved yet: what is asked of it, and whether it must be explained.

`said` is what `kpis.recording.enter_figure` takes.
"""

from dataclasses import replace
from datetime import date

from common.dates import in_words
from kpis.figure import KpiFigure, Point
from kpis.periods import Period
from kpis.questions import Figure, Limits, Question, Sense, questions
from kpis.series import KpiSeries
from kpis.vocabulary import MeasurementState


def questions_about(said: dict, *, kpi: KpiFigure, series: KpiSeries, today: date) -> tuple[Figure, list[Question]]:
    """The figure as the rule takes it, and what the rule asks of it: against its unit, and the figures before its period."""
    indicator, period = series.indicator, Period(said["period_start"], said["period_end"])
    figure = Figure(
        said["value"], period.end, said["period_label"], series.overlapping(period), said["numerator"],
        said["denominator"],
    )  # fmt: skip
    last = next(iter(series.before(period)[-1:]), None)
    sense = Sense(
        indicator.unit, indicator.may_pass_100, indicator.counts_people,
        last=last.value if last else None,
        last_period=(last.period_label or in_words(last.period_end)) if last else "",
        limits=limits_before(kpi, period.end),
    )  # fmt: skip
    return figure, questions(figure, sense, today=today)


def trouble_with(said: dict, *, kpi: KpiFigure) -> str:
    """What must be explained: behind its target, or worse than chance explains. A provisional figure is not rated."""
    if said["state"] != MeasurementState.FINAL or said["value"] is None:
        return ""
    return with_figure(kpi, point_of(said)).trouble_words


def point_of(said: dict) -> Point:
    value = None if said["value"] is None else float(said["value"])
    return Point(
        said["period_start"], said["period_end"], said["period_label"], value, said["missing"], said["as_written"],
        said["qualifier"], False, 0, said["state"],
    )  # fmt: skip


def with_figure(kpi: KpiFigure, point: Point) -> KpiFigure:
    """The KPI as though the figure were its latest: what comes after its period is left out."""
    return replace(kpi, points=[*_before(kpi, point.period_end), point])


def limits_before(kpi: KpiFigure, period_end: date) -> Limits | None:
    """The control limits of the figures before a period; none where no control chart holds for them."""
    before = _before(kpi, period_end)
    control = replace(kpi, points=before).chart.control if before else None
    limits = control.latest.limits if control and control.latest else None
    return Limits(limits.lpl, limits.upl) if limits and limits.hold else None


def _before(kpi: KpiFigure, period_end: date) -> list[Point]:
    return [point for point in kpi.points if point.period_end < period_end]
