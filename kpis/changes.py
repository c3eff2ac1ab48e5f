"""What changed of the figures between two moments: restated, target reached or missed, a signal raised, a new figure.

A figure is restated where the same period had another value then. A target is reached or missed where the status of the
latest figure was not so then. A signal is raised where the control chart's latest figure is special cause now and was not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models

from kpis.figure import KpiFigure, Point
from kpis.rating import KpiStatus


class FigureChangeKind(models.TextChoices):
    MISSED = "missed", "Fell behind"
    CONCERN = "concern", "Concern raised"
    RESTATED = "restated", "Restated"
    REACHED = "reached", "Target reached"
    IMPROVEMENT = "improvement", "Improvement seen"
    NEW_FIGURE = "new_figure", "New figure"


@dataclass(frozen=True, slots=True)
class FigureChange:
    kind: FigureChangeKind
    now: KpiFigure
    sentence: str


def figure_changes(then: Iterable[KpiFigure], now: Iterable[KpiFigure]) -> list[FigureChange]:
    """In the order of the kinds above, then of the KPIs; a KPI that was not tracked then has not changed."""
    before = {figure.id: figure for figure in then}
    found = [change for figure in now if figure.id in before for change in _changes_of(before[figure.id], figure)]
    order = list(FigureChangeKind)
    return sorted(found, key=lambda change: order.index(change.kind))


def _changes_of(then: KpiFigure, now: KpiFigure) -> Iterable[FigureChange]:
    for old, new in _restated(then, now):
        words = f"{new.period}: {now.shown(new)}, was {then.shown(old)}."
        yield FigureChange(FigureChangeKind.RESTATED, now, words)
    figure = f"{now.latest_shown}, {now.latest_period}"
    if now.status.is_good and _was_rated(then) and not then.status.is_good:
        yield FigureChange(FigureChangeKind.REACHED, now, f"{figure}: {now.status_reason}.")
    if now.status == KpiStatus.BEHIND and _was_rated(then) and then.status != KpiStatus.BEHIND:
        yield FigureChange(FigureChangeKind.MISSED, now, f"{figure}: {now.status_reason}.")
    if now.is_concerning and not then.is_concerning:
        yield FigureChange(FigureChangeKind.CONCERN, now, now.chart.variation_words)
    if _is_improving(now) and not _is_improving(then):
        yield FigureChange(FigureChangeKind.IMPROVEMENT, now, now.chart.variation_words)
    if now.latest and (then.latest is None or now.latest.period_end > then.latest.period_end):
        yield FigureChange(FigureChangeKind.NEW_FIGURE, now, f"{figure}{_since(then)}.")


def _since(then: KpiFigure) -> str:
    return f"; the latest was {then.latest_shown}, {then.latest_period}" if then.latest else "; there was none"


def _restated(then: KpiFigure, now: KpiFigure) -> list[tuple[Point, Point]]:
    held = {(point.period_start, point.period_end): point for point in then.points}
    pairs = [(held.get((point.period_start, point.period_end)), point) for point in now.points]
    return [(old, new) for old, new in pairs if old and (old.value, old.missing) != (new.value, new.missing)]


def _was_rated(figure: KpiFigure) -> bool:
    return figure.has_target and figure.latest is not None and figure.latest.value is not None


def _is_improving(figure: KpiFigure) -> bool:
    return bool(figure.variation and figure.variation.is_improvement)
