"""What was promised of a KPI and what came of each promise, in order of time.

A milestone is held against the last figure whose period ends within its own; a standing target against the last figure
from its start until the next one starts. The baseline is the last figure before the first promise. A promise that a later
one for the same time took the place of is kept, and said to be replaced; it is held against nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from common.dates import in_words
from kpis.figure import KnownTarget, KpiFigure, Point
from kpis.models import Target
from kpis.periods import period_in_words
from kpis.rating import KpiStatus, rate
from kpis.vocabulary import TargetKind


@dataclass(frozen=True, slots=True)
class Promised:
    """One row of the trajectory. `target` is none for the baseline; `measured` is none where no figure is held yet."""

    target: Target | None
    period: str
    promised: str
    measured: str
    measured_period: str
    status: KpiStatus | None
    replaced_by: Target | None = None

    @property
    def status_words(self) -> str:
        if self.target is None:
            return "Where it started"
        if self.replaced_by:
            return f"Replaced on {in_words(self.replaced_by.recorded_at.date())}"
        return self.status.label


def trajectory(kpi: KpiFigure, targets: Iterable[Target]) -> list[Promised]:
    """Every promise by the time it is for; the baseline stands first."""
    ordered = sorted(targets, key=lambda target: (target.period_end or target.period_start, target.number))
    if not ordered:
        return []
    start = _baseline(kpi, min(target.period_start for target in ordered))
    return [*start, *(_row(kpi, target, ordered) for target in ordered)]


def _baseline(kpi: KpiFigure, first_promise: date) -> list[Promised]:
    before = [point for point in kpi.points if point.period_end < first_promise and point.value is not None]
    if not before:
        return []
    point = before[-1]
    return [Promised(None, "Baseline", "", kpi.shown(point), point.period, None)]


def _row(kpi: KpiFigure, target: Target, targets: Sequence[Target]) -> Promised:
    replaced_by = next((other for other in reversed(targets) if _takes_the_place(other, target)), None)
    point = None if replaced_by else _measured(kpi, target, targets)
    return Promised(
        target=target,
        period=holds_in_words(target),
        promised=kpi.promised(_known(target)),
        measured=kpi.shown(point) if point else "",
        measured_period=point.period if point else "",
        status=_status(kpi, target, point),
        replaced_by=replaced_by,
    )


def _takes_the_place(other: Target, target: Target) -> bool:
    same_time = (other.period_start, other.period_end) == (target.period_start, target.period_end)
    return other.number > target.number and other.kind == target.kind and same_time


def _measured(kpi: KpiFigure, target: Target, targets: Sequence[Target]) -> Point | None:
    last_day = target.period_end or _day_before_the_next(target, targets)
    held = [point for point in kpi.points if target.period_start <= point.period_end <= last_day]
    return held[-1] if held else None


def _day_before_the_next(target: Target, targets: Sequence[Target]) -> date:
    later = [
        other.period_start
        for other in targets
        if other.kind == TargetKind.STANDING and other.period_start > target.period_start
    ]
    return min(later) - timedelta(days=1) if later else date.max


def _status(kpi: KpiFigure, target: Target, point: Point | None) -> KpiStatus:
    if point is None:
        return KpiStatus.NOT_YET_DUE if target.period_start > kpi.day else KpiStatus.NO_DATA
    return rate(
        point.value, target=target.value, tolerance=kpi.tolerance, floor=kpi.floor, polarity=kpi.polarity,
        is_milestone=target.kind == TargetKind.MILESTONE, missing=point.missing,
    )  # fmt: skip


def _known(target: Target) -> KnownTarget:
    return KnownTarget(
        target.kind, target.period_start, target.period_end, target.value, target.number, target.as_written,
        target.period_label, target.qualifier,
    )  # fmt: skip


def holds_in_words(target: Target) -> str:
    if target.kind == TargetKind.STANDING:
        return f"From {in_words(target.period_start)} until the next"
    return target.period_label or period_in_words(target.period_start, target.period_end)
