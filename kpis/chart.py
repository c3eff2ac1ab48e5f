"""The one description of a KPI's chart, from which every picture and every sentence about it is made.

Which chart, by the data: one to four figures are values and their change; five and more are a line. The page says which
was chosen and why. (Control limits for long regular series join here, as fields of `Chart`.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from common.words import number, sentence_case
from kpis.rating import show_value, target_in_force
from kpis.vocabulary import TargetKind

FEWEST_FOR_A_LINE = 5

# What every picture of a chart is drawn in.
INK, PROMISE, PROMISE_INK, OTHERS = "#0b0c0c", "#ca3535", "#942514", "#6b8299"


class Kind(StrEnum):
    NONE = "none"
    VALUES = "values"
    LINE = "line"


class Drawable(Protocol):
    """What a chart needs of a figure: `kpis.reading.Point`."""

    period_end: date
    period: str
    value: float | None
    qualifier: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`points` hold the periods without a figure too: there a line breaks. `targets[i]` is what was promised for `points[i]`.

    `forecasts` and `others` (published figures of other places, by name) are drawn apart from the area's own figures.
    """

    title: str
    unit: str
    decimals: int
    points: tuple[Drawable, ...]
    targets: tuple[float | None, ...]
    target_words: str
    forecasts: tuple[Drawable, ...] = ()
    others: tuple[tuple[str, tuple[Drawable, ...]], ...] = ()

    @property
    def drawn(self) -> list[Drawable]:
        return [point for point in self.points if point.value is not None]

    @property
    def kind(self) -> Kind:
        count = sum(point.value is not None for point in self.points)
        return Kind.LINE if count >= FEWEST_FOR_A_LINE else Kind.VALUES if count else Kind.NONE

    @property
    def is_line(self) -> bool:
        return self.kind == Kind.LINE

    @property
    def has_targets(self) -> bool:
        return any(target is not None for target in self.targets)

    def shown(self, point: Drawable) -> str:
        return show_value(point.value, self.unit, self.decimals, point.qualifier)

    @property
    def values(self) -> list[tuple[str, str]]:
        """(figure, period), oldest first."""
        return [(self.shown(point), point.period) for point in self.drawn]

    @property
    def sentence(self) -> str:
        """What the picture shows, for those who do not see it."""
        drawn = self.drawn
        if not drawn:
            return f"{self.title}: no figure to draw."
        first, last = drawn[0], drawn[-1]
        if len(drawn) == 1:
            return f"{self.title}: {self.shown(last)}, {last.period}."
        against = f", against a {self.target_words}" if self.has_targets and self.target_words else ""
        return f"{self.title}: from {self.shown(first)}, {first.period}, to {self.shown(last)}, {last.period}{against}."

    @property
    def range_words(self) -> str:
        """Highest 81.2%, January 2026; lowest 73.4%, October 2026."""
        drawn = self.drawn
        if len(drawn) < 2:
            return ""
        high, low = max(drawn, key=lambda point: point.value), min(drawn, key=lambda point: point.value)
        return f"Highest {self.shown(high)}, {high.period}; lowest {self.shown(low)}, {low.period}."

    @property
    def why(self) -> str:
        count = len(self.drawn)
        if self.kind == Kind.NONE:
            return "There is no number to draw."
        if self.kind == Kind.VALUES:
            few = "One figure is" if count == 1 else f"{sentence_case(number(count))} figures are"
            return (
                f"{few} too few for a trend, so the values stand by themselves: a line starts at {FEWEST_FOR_A_LINE}."
            )
        gap = " It breaks where a period has no figure." if count < len(self.points) else ""
        return f"{count} figures: a line. It shows what was measured, not by itself whether a change is real.{gap}"

    def runs(self) -> Iterator[list[int]]:
        """The places in `points` of figures that follow one another without a gap."""
        run: list[int] = []
        for at, point in enumerate(self.points):
            if point.value is not None:
                run.append(at)
            elif run:
                yield run
                run = []
        if run:
            yield run


def chart_of(kpi) -> Chart:
    """The chart of a `kpis.reading.KpiFigure`."""
    return Chart(
        title=kpi.title,
        unit=kpi.unit,
        decimals=kpi.decimals,
        points=tuple(kpi.points),
        targets=_targets(kpi.targets, kpi.points),
        target_words=kpi.target_words,
        forecasts=tuple(point for point in kpi.forecasts if point.value is not None),
        others=tuple(
            (name, tuple(point for point in points if point.value is not None))
            for name, points in kpi.comparators.items()
        ),
    )


def _targets(targets: Sequence, points: Sequence[Drawable]) -> tuple[float | None, ...]:
    if not targets:
        return (None,) * len(points)
    if len(targets) == 1 and targets[0].kind == TargetKind.STANDING:
        only = targets[0]
        value = None if only.value is None else float(only.value)
        return tuple([value if point.period_end >= only.period_start else None for point in points])
    found = [target_in_force(targets, point.period_end) for point in points]
    return tuple(None if target is None or target.value is None else float(target.value) for target in found)
