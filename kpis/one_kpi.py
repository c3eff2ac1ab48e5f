"""What one KPI's page shows beyond its figure: every row that was known, period by period, and other places beside it."""

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from kpis.comparing import Benchmark, PlaceSeries
from kpis.figure import KpiFigure, Point
from kpis.models import Commentary, Kpi, Measurement
from kpis.vocabulary import MeasurementState


@dataclass(frozen=True)
class PeriodFigure:
    """The row that stood for a period, and what was said of it before: (earlier row, the row that took its place).

    `commentaries` are its owner's words on the figure, the latest first.
    """

    row: Measurement
    restated: list[tuple[Measurement, Measurement]]
    commentaries: list[Commentary] = field(default_factory=list)


def figures_by_period(kpi: Kpi, moment: datetime) -> tuple[list[PeriodFigure], list[PeriodFigure]]:
    """All that was known of a KPI's own area, the latest period first: of the whole, and of its parts (breakdowns)."""
    found: dict[tuple, list[Measurement]] = defaultdict(list)
    rows = Measurement.objects.known_by(moment).filter(indicator=kpi.indicator_id, area=kpi.area_id)
    order = ("-period_end", "-period_start", "breakdown", "state", "number")
    for row in rows.select_related("source__area", "release", "figure_import").order_by(*order):
        found[row.period_end, row.period_start, row.breakdown, row.state].append(row)
    said: dict[date, list[Commentary]] = defaultdict(list)
    for each in kpi.commentaries.known_by(moment).select_related("recorded_by"):
        said[each.period_end].append(each)
    periods = [
        PeriodFigure(rows[-1], list(itertools.pairwise(rows))[::-1], [] if breakdown else said[end])
        for (end, _, breakdown, _), rows in found.items()
    ]
    return [p for p in periods if not p.row.breakdown], [p for p in periods if p.row.breakdown]


@dataclass(frozen=True)
class ComparisonRow:
    """`cells` are (place, figure in words or "")."""

    period: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class Comparison:
    """Places side by side, the latest period first."""

    places: list[str]
    rows: list[ComparisonRow]


def comparison_of(kpi: KpiFigure, *, own: str) -> Comparison | None:
    """The area beside the country, its regions and its neighbours; None where no other place has a figure."""
    if not kpi.comparators:
        return None
    series = {own: kpi.points, **kpi.comparators}
    held = {name: {point[:2]: point for point in points} for name, points in series.items()}
    elsewhere = {point[:2]: point for points in kpi.comparators.values() for point in points}
    rows = []
    for period in sorted(elsewhere, key=lambda period: period[::-1], reverse=True):
        cells = [(name, kpi.shown(points[period]) if period in points else "") for name, points in held.items()]
        rows.append(ComparisonRow(elsewhere[period].period, cells))
    return Comparison(list(series), rows)


def lines_beside(benchmark: Benchmark) -> dict[str, list[Point]]:
    """What is drawn beside an area's own line: the mean of its neighbours, its region and the country."""
    places = [benchmark.mean, benchmark.region, benchmark.country]
    return {place.name: _points(place) for place in places if place and place.figures}


def _points(place: PlaceSeries) -> list[Point]:
    return [
        Point(*period, figure.label, float(figure.value), "", "", "", False, 1, MeasurementState.FINAL)
        for period, figure in sorted(place.figures.items(), key=lambda each: each[0][::-1])
        if figure.value is not None
    ]
