"""The one description of a KPI's chart, from which every picture and every sentence about it is made.

Which chart, by the data: one to four points are values and their change; five and more are a line. (Control limits for
long regular series, and statistical neighbours for yearly ones, join here.)
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kpis.rating import target_in_force

if TYPE_CHECKING:
    from kpis.reading import KpiFigure

FEWEST_FOR_A_LINE = 5


@dataclass(frozen=True, slots=True)
class ChartPoint:
    day: date
    label: str
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`targets[i]` is what was promised for `points[i]`, or None. Limits and signals are the next thing to stand here."""

    title: str
    unit: str
    points: tuple[ChartPoint, ...]
    targets: tuple[float | None, ...]
    target_shown: str
    sentence: str
    why: str

    @property
    def is_line(self) -> bool:
        return len(self.points) >= FEWEST_FOR_A_LINE

    @property
    def has_targets(self) -> bool:
        return any(target is not None for target in self.targets)


def chart_of(kpi: "KpiFigure") -> Chart:
    drawn = [point for point in kpi.points if point.value is not None]
    points = tuple(ChartPoint(p.period_end, p.period, float(p.value), kpi.shown(p)) for p in drawn)
    return Chart(
        title=kpi.title,
        unit=kpi.unit,
        points=points,
        targets=_targets(kpi, drawn),
        target_shown=kpi.target_words,
        sentence=_sentence(kpi, points),
        why=_why(len(points)),
    )


def _targets(kpi: "KpiFigure", drawn) -> tuple[float | None, ...]:
    if not kpi.targets:
        return (None,) * len(drawn)
    if len(kpi.targets) == 1 and kpi.targets[0].period_end is None:
        only = kpi.targets[0]
        value = float(only.value) if only.value is not None else None
        return tuple(value if point.period_end >= only.period_start else None for point in drawn)
    found = (target_in_force(kpi.targets, point.period_end) for point in drawn)
    return tuple(float(target.value) if target and target.value is not None else None for target in found)


def _sentence(kpi: "KpiFigure", points: tuple[ChartPoint, ...]) -> str:
    if not points:
        return f"{kpi.title}: no figure to draw."
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"{kpi.title}: {last.shown}, {last.label}."
    target = f" against a {kpi.target_words}" if kpi.has_target else ""
    return f"{kpi.title}: from {first.shown}, {first.label}, to {last.shown}, {last.label}{target}."


def _why(count: int) -> str:
    if count == 0:
        return "There is no figure to draw yet."
    if count < FEWEST_FOR_A_LINE:
        return f"{'One figure is' if count == 1 else f'{count} figures are'} too few for a trend, so the values stand by themselves."
    return f"{count} figures: a line. It shows what was measured and does not say by itself whether a change is real."
