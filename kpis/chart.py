"""The one description of a KPI's chart, from which every picture and every sentence about it is made.

Which chart, by the data: one to four figures are values and their change; five and more are a line; twelve and more that
come at a regular interval within the year are a control chart, over the last 48 periods, with limits calculated anew from
each rebase and each break of the series. Yearly figures are a line beside other places. The page says which was chosen
and why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from common.dates import in_words
from common.words import number, sentence_case
from kpis.periods import next_period
from kpis.rating import show_value, target_in_force
from kpis.spc import (
    ControlChart,
    control_chart,
    direction_of,
)
from kpis.spc_words import (
    assurance_sentence,
    caution_sentences,
    screening_sentence,
    variation_sentence,
)
from kpis.vocabulary import Frequency, TargetKind

FEWEST_FOR_A_LINE = 5
FEWEST_FOR_LIMITS, MOST_WITH_LIMITS = 12, 48

WHY_LIMITS = "Its limits tell a real change from what happens by chance."
PERIOD_WORDS = {Frequency.MONTHLY: "month", Frequency.QUARTERLY: "quarter", Frequency.TERMLY: "term"}

# What every picture of a chart is drawn in.
INK, PROMISE, PROMISE_INK, OTHERS = "#0b0c0c", "#ca3535", "#942514", "#6b8299"
LIMITS, IMPROVEMENT, CONCERN, NEITHER = "#6b7276", "#00709a", "#b35309", "#54319f"


class Kind(StrEnum):
    NONE = "none"
    VALUES = "values"
    LINE = "line"
    CONTROL = "control"


class Drawable(Protocol):
    """What a chart needs of a figure: `kpis.figure.Point`."""

    period_start: date
    period_end: date
    period: str
    value: float | None
    qualifier: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`points` hold the periods without a figure too: there a line breaks. `targets[i]` is what was promised for `points[i]`.

    `forecasts` and `others` (published figures of other places, by name) are drawn apart from the area's own figures.
    `control` is there where a control chart holds: its points are those of `points`, one for one. `marks` are where
    limits start anew and where the series breaks.
    """

    title: str
    unit: str
    decimals: int
    points: tuple[Drawable, ...]
    targets: tuple[float | None, ...]
    target_words: str
    forecasts: tuple[Drawable, ...] = ()
    others: tuple[tuple[str, tuple[Drawable, ...]], ...] = ()
    frequency: str = Frequency.IRREGULAR
    control: ControlChart | None = None
    is_regular: bool = False
    marks: tuple = ()

    @property
    def drawn(self) -> list[Drawable]:
        return [point for point in self.points if point.value is not None]

    @property
    def kind(self) -> Kind:
        if self.control is not None:
            return Kind.CONTROL
        count = sum(point.value is not None for point in self.points)
        return Kind.LINE if count >= FEWEST_FOR_A_LINE else Kind.VALUES if count else Kind.NONE

    @property
    def is_line(self) -> bool:
        """There is a line to draw, with limits or without."""
        return self.kind in (Kind.LINE, Kind.CONTROL)

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
        if self.kind == Kind.CONTROL:
            return f"{count} figures at a regular interval: a control chart. {WHY_LIMITS}{gap}"
        return f"{count} figures: a line. {self._why_no_limits}{gap}"

    @property
    def _why_no_limits(self) -> str:
        if self.frequency == Frequency.ANNUAL:
            return "Yearly figures are too far apart for limits; other places show what is usual."
        if not Frequency(self.frequency).is_sub_annual or not self.is_regular:
            return "They do not come at a regular interval, so no limits hold; it shows what was measured, no more."
        return (
            f"Limits that tell a real change from chance need {FEWEST_FOR_LIMITS} figures; "
            "until then it shows what was measured, no more."
        )

    @property
    def is_judged(self) -> bool:
        """A control chart whose last period has a figure and limits: without them its icons would mislead."""
        return bool(self.control and self.control.latest.value is not None and self.control.segments[-1].limits.hold)

    @property
    def variation_words(self) -> str:
        """What the latest figure is by the rules of variation; nothing without limits."""
        period = PERIOD_WORDS.get(self.frequency, "period")
        return (
            variation_sentence(self.control, unit=self.unit, decimals=self.decimals, period=period)
            if self.control
            else ""
        )

    @property
    def assurance_words(self) -> str:
        return assurance_sentence(self.control, unit=self.unit, decimals=self.decimals) if self.control else ""

    @property
    def cautions(self) -> list[str]:
        """How the limits were made, and what to bear in mind of them."""
        return [screening_sentence(self.control), *caution_sentences(self.control)] if self.control else []

    @property
    def marks_shown(self) -> list:
        """The marks that fall into the periods drawn."""
        if not self.points:
            return []
        return [m for m in self.marks if self.points[0].period_start < m.from_period <= self.points[-1].period_end]

    @property
    def marks_words(self) -> list[str]:
        return [
            f"{'The series breaks' if mark.is_break else 'Limits are calculated anew'} from {in_words(mark.from_period)}: "
            f"{mark.reason.rstrip('.')}."
            for mark in self.marks_shown
        ]

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
    """The chart of a `kpis.figure.KpiFigure`."""
    regular = at_regular_interval(kpi.points, kpi.frequency)
    points = tuple(kpi.points if regular is None else regular[-MOST_WITH_LIMITS:])
    targets = _targets(kpi.targets, points)
    has_limits = regular is not None and sum(point.value is not None for point in points) >= FEWEST_FOR_LIMITS
    return Chart(
        title=kpi.title,
        unit=kpi.unit,
        decimals=kpi.decimals,
        points=points,
        targets=targets,
        target_words=kpi.target_words,
        forecasts=tuple(point for point in kpi.forecasts if point.value is not None),
        others=tuple(
            (name, tuple(point for point in points if point.value is not None))
            for name, points in kpi.comparators.items()
        ),
        frequency=kpi.frequency,
        control=_control(kpi, points, targets[-1]) if has_limits else None,
        is_regular=regular is not None,
        marks=tuple(kpi.marks),
    )


def _control(kpi, points: Sequence[Drawable], target: float | None) -> ControlChart:
    """Against the target in force at the last point. A mark counts from the first period that starts with it or later."""
    starts = [mark.from_period for mark in kpi.marks]
    anew = {min((p.period_end for p in points if p.period_end >= start), default=start) for start in starts}
    return control_chart(
        [(point.period_end, point.value) for point in points],
        improvement_direction=direction_of(kpi.polarity),
        target=target,
        rebase_dates=anew,
        screen_outliers=kpi.screens_outliers,
    )


def at_regular_interval(points: Sequence[Drawable], frequency: str) -> list | None:
    """The points with an empty one for each period that was left out; none where they do not come at an interval.

    A quarter of the periods may be left out, no more.
    """
    if not points or not Frequency(frequency).is_sub_annual:
        return None
    found, left_out = [points[0]], 0
    for point in points[1:]:
        due = next_period(frequency, found[-1].period_end, last_period_start=found[-1].period_start)
        while due.end < point.period_end and left_out <= len(points):
            found.append(point.left_out(due.start, due.end, due.words))
            left_out += 1
            due = next_period(frequency, due.end, last_period_start=due.start)
        if due.end != point.period_end:
            return None
        found.append(point)
    return found if left_out * 4 <= len(found) else None


def _targets(targets: Sequence, points: Sequence[Drawable]) -> tuple[float | None, ...]:
    if not targets:
        return (None,) * len(points)
    if len(targets) == 1 and targets[0].kind == TargetKind.STANDING:
        only = targets[0]
        value = None if only.value is None else float(only.value)
        return tuple([value if point.period_end >= only.period_start else None for point in points])
    found = [target_in_force(targets, point.period_end) for point in points]
    return tuple(None if target is None or target.value is None else float(target.value) for target in found)
