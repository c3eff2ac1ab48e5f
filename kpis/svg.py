"""A chart as inline SVG: drawn by the server, painted without any script. Presentation attributes only.

The area's figures and what was promised are the two lines of class `series`; the last figure is a dot. Limits are thin
broken lines round an unbroken average; a figure that chance does not explain is marked by shape and colour: a disc for
improvement, a diamond for concern, a square for neither.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kpis.chart import CONCERN, IMPROVEMENT, INK, LIMITS, NEITHER, OTHERS, PROMISE, PROMISE_INK, Chart
from kpis.quality import Part
from kpis.spc import PointType


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a drawing, the room round its lines, and the size of its letters (0: none)."""

    css: str
    width: int
    height: int
    right: int
    foot: int
    letters: int
    left: int = 5
    top: int = 8


SMALL = Frame("st-chart kpi-chart", 280, 80, right=36, foot=8, letters=12)
SPARK = Frame("st-chart kpi-chart", 120, 32, right=6, foot=5, letters=0, top=5)
LARGE = Frame("st-chart st-chart--large kpi-chart", 760, 280, right=130, foot=32, letters=12, top=20)
PAPER = Frame("kpi-chart", 400, 158, right=112, foot=32, letters=10, top=20)  # beside sentences, in the Board's papers


def small_chart(chart: Chart) -> SafeString | str:
    """The small multiple; empty where there are too few figures for a line."""
    return mark_safe(_Drawing(chart, SMALL).svg()) if chart.is_line else ""


def sparkline(chart: Chart) -> SafeString | str:
    return mark_safe(_Drawing(chart, SPARK).svg()) if chart.is_line else ""


def large_chart(chart: Chart) -> SafeString | str:
    """With the first and last figure, forecasts and other places."""
    return mark_safe(_Drawing(chart, LARGE).svg()) if chart.is_line else ""


def paper_chart(chart: Chart) -> SafeString | str:
    """The same, at the size at which papers print it."""
    return mark_safe(_Drawing(chart, PAPER).svg()) if chart.is_line else ""


GREY = "#4d5b66"


class _Drawing:
    """Where each day and each value stands in a frame, and the pieces drawn there."""

    def __init__(self, chart: Chart, frame: Frame):
        self.chart, self.frame = chart, frame
        points = chart.points
        self.is_large = frame in (LARGE, PAPER)
        days = [point.period_end.toordinal() for point in points]
        values = [point.value for point in points if point.value is not None]
        bounds = [*values, *[target for target in chart.targets if target is not None]]
        if chart.control and frame.letters:
            limits = [segment.limits for segment in chart.control.segments]
            bounds += [line for each in limits for line in (each.lpl, each.upl) if line is not None]
        last_day = days[-1]
        if self.is_large:
            extra = [*chart.forecasts, *[point for _, line in chart.others for point in line]]
            bounds += [point.value for point in extra]
            first_day = min([days[0], *[point.period_end.toordinal() for point in extra]])
            last_day = max([last_day, *[point.period_end.toordinal() for point in extra]])
        else:
            first_day = days[0]
        self.first_day, self.low, high = first_day, min(bounds), max(bounds)
        self.wide = (frame.width - frame.left - frame.right) / ((last_day - first_day) or 1)
        self.tall = (frame.height - frame.top - frame.foot) / ((high - self.low) or 1)
        self.base = frame.height - frame.foot if high > self.low else (frame.height + frame.top - frame.foot) / 2
        self.xs = [round(frame.left + (day - first_day) * self.wide) for day in days]
        self.labels: list[tuple[float, str, str]] = []  # height, colour, words: at the right edge

    def x(self, point) -> int:
        return self._x(point.period_end)

    def y(self, value: float) -> float:
        return round(self.base - (value - self.low) * self.tall, 1)

    def svg(self) -> str:
        frame, chart = self.frame, self.chart
        parts = [
            f'<svg class="{frame.css}" viewBox="0 0 {frame.width} {frame.height}" role="img" '
            f'aria-label="{escape(chart.sentence)}">'
        ]
        if self.is_large:
            parts += [self._other(name, line) for name, line in chart.others if line]
            parts += [self._mark(mark) for mark in chart.marks_shown]
        if chart.control and frame.letters:
            parts += [self._limits(segment) for segment in chart.control.segments]
        if chart.has_targets:
            parts.append(self._promise())
        parts.append(self._figures())
        if chart.control and frame.letters:
            parts.append(self._signals())
        if self.is_large:
            parts += [self._ends(), *[self._forecast(point) for point in chart.forecasts]]
        if frame.letters:
            parts.append(self._edge())
        parts.append("</svg>")
        return "".join(parts)

    def _figures(self) -> str:
        """A line that breaks where a period has no figure; a figure alone between two gaps is a dot."""
        points, xs, base, low, tall = self.chart.points, self.xs, self.base, self.low, self.tall
        runs = [
            "M" + " ".join([f"{xs[at]},{round(base - (points[at].value - low) * tall, 1):g}" for at in run])
            + ("h0" if len(run) == 1 else "")
            for run in self.chart.runs()
        ]  # fmt: skip
        last = next(at for at in range(len(points) - 1, -1, -1) if points[at].value is not None)
        return (
            f'<path class="series" d="{"".join(runs)}" fill="none" stroke="{INK}" stroke-width="2" stroke-linecap="round"/>'
            f'<circle cx="{xs[last]}" cy="{self.y(points[last].value):g}" r="{4 if self.frame.letters else 2}"/>'
        )

    def _promise(self) -> str:
        """Steps where the promise changes; none is drawn where there was none."""
        steps, last = [], None
        for x, target in zip(self.xs, self.chart.targets, strict=True):
            if target is not None and target != last:
                corner = "" if last is None else f" {x},{self.y(last):g}"
                steps.append(f"{corner}{'M' if last is None else ' '}{x},{self.y(target):g}")
            elif target is None and last is not None:
                steps.append(f" {x},{self.y(last):g}")
            last = target
        if last is not None:
            steps.append(f" {self.xs[-1]},{self.y(last):g}")
            self.labels.append((self.y(last), PROMISE_INK, f"target {short(last)}" if self.is_large else short(last)))
        return (
            f'<path class="series" d="{"".join(steps)}" fill="none" stroke="{PROMISE}" stroke-width="1.5" '
            f'stroke-dasharray="6 4"/>'
        )

    def _limits(self, segment) -> str:
        """The average and both limits over the periods of a segment; no line crosses into the next."""
        limits = segment.limits
        if limits.mean is None or not limits.hold:
            return ""
        left, right = self._x(segment.points[0].date), self._x(segment.points[-1].date)
        average, upper, lower = (f"M{left},{self.y(line):g}H{right}" for line in (limits.mean, limits.upl, limits.lpl))
        return (
            f'<path d="{average}" stroke="{LIMITS}"/>'
            f'<path d="{upper}{lower}" stroke="{LIMITS}" stroke-dasharray="2 3"/>'
        )

    def _signals(self) -> str:
        """What chance does not explain, by shape and colour: one path for all marks of a kind, since there can be many."""
        found: dict[PointType, list[str]] = defaultdict(list)
        for point in self.chart.control.points:
            if point.is_special_cause:
                found[point.type].append(f"{self._x(point.date)},{self.y(point.value):g}")
        return "".join(self._marks_of(kind, places) for kind, places in found.items())

    def _marks_of(self, kind: PointType, places: list[str]) -> str:
        size = 4 if self.is_large else 2.5
        if kind == PointType.CONCERN:
            corners = f"m0-{size + 1:g}l{size + 1:g},{size + 1:g}-{size + 1:g},{size + 1:g}-{size + 1:g}-{size + 1:g}z"
            return f'<path d="{"".join(f"M{place}{corners}" for place in places)}" fill="{CONCERN}"/>'
        colour, cap = (IMPROVEMENT, "round") if kind == PointType.IMPROVEMENT else (NEITHER, "square")
        dots = "".join(f"M{place}h0" for place in places)
        return f'<path d="{dots}" stroke="{colour}" stroke-width="{2 * size:g}" stroke-linecap="{cap}"/>'

    def _mark(self, mark) -> str:
        """Where limits start anew or the series breaks: an upright line with its word."""
        x = self._x(mark.from_period)
        word = "counted anew" if mark.is_break else "limits anew"
        return (
            f'<path d="M{x},{self.frame.top}V{self.frame.height - self.frame.foot}" stroke="{GREY}" '
            f'stroke-dasharray="1 4"/><text x="{x + 4}" y="{self.frame.top - 6}" font-size="{self.frame.letters}" '
            f'fill="{GREY}">{word}</text>'
        )

    def _x(self, day) -> int:
        return round(self.frame.left + (day.toordinal() - self.first_day) * self.wide)

    def _other(self, name: str, line) -> str:
        places = " ".join([f"{self.x(point)},{self.y(point.value):g}" for point in line])
        self.labels.append((self.y(line[-1].value), GREY, name))
        if len(line) == 1:
            at = line[0]
            return f'<circle cx="{self.x(at)}" cy="{self.y(at.value):g}" r="3" fill="none" stroke="{OTHERS}"/>'
        return f'<polyline points="{places}" fill="none" stroke="{OTHERS}" stroke-width="1.2"/>'

    def _forecast(self, point) -> str:
        x, y = self.x(point), self.y(point.value)
        words = escape(f"forecast {self.chart.shown(point)}")
        return (
            f'<circle cx="{x}" cy="{y:g}" r="4" fill="#fff" stroke="{INK}" stroke-width="1.5" stroke-dasharray="2 2"/>'
            f'<text x="{x}" y="{y - 9:g}" font-size="{self.frame.letters}" text-anchor="end">{words}</text>'
        )

    def _ends(self) -> str:
        """The first and the last figure by value, and their periods below."""
        drawn, frame = self.chart.drawn, self.frame
        first, last = drawn[0], drawn[-1]
        self.labels.append((self.y(last.value), INK, self.chart.shown(last)))
        away = frame.letters + 5 if drawn[1].value > first.value else -8  # on the side that the line does not take
        y = min(max(frame.letters, self.y(first.value) + away), frame.height - frame.letters - 8)
        words = (
            f'<text x="{self.x(first)}" y="{y:g}" font-size="{frame.letters}">{escape(self.chart.shown(first))}</text>'
        )
        for point, anchor in ((first, "start"), (last, "end")):
            words += (
                f'<text x="{self.x(point)}" y="{frame.height - 5}" font-size="{frame.letters}" fill="{GREY}" '
                f'text-anchor="{anchor}">{escape(point.period)}</text>'
            )
        return words

    def _edge(self) -> str:
        """The words at the right edge, moved apart where they would lie on each other."""
        parts, free_from = [], 0.0
        x = self.frame.width - self.frame.right + 8
        for y, colour, words in sorted(self.labels):
            y = max(y + self.frame.letters * 0.35, free_from)
            free_from = y + self.frame.letters + 2
            parts.append(
                f'<text x="{x}" y="{y:.0f}" font-size="{self.frame.letters}" fill="{colour}">{escape(words)}</text>'
            )
        return "".join(parts)


def short(value: float) -> str:
    """90; 12.5; 12.5k; 1.5m: narrow enough for the edge of a small chart."""
    for size, letter in ((1_000_000, "m"), (10_000, "k")):
        if abs(value) >= size:
            return f"{round(value / (1000 if letter == 'k' else size), 1):g}{letter}"
    return f"{value:,g}" if value == int(value) or abs(value) < 1000 else f"{value:,.0f}"


def quality_mark(parts: Sequence[Part]) -> SafeString:
    """A box for each part, filled where it holds; what does not hold is said to those who do not see it."""
    lacking = ", ".join(f"not {part.name.lower()}" for part in parts if not part.holds)
    boxes = "".join(
        f'<rect x="{at * 11 + 1}" y="1" width="8" height="8" fill="{INK if part.holds else "#fff"}" stroke="{INK}"/>'
        for at, part in enumerate(parts)
    )
    said = f'role="img" aria-label="{lacking}"><title>{lacking}</title>' if lacking else 'aria-hidden="true">'
    return mark_safe(
        f'<svg class="st-quality" viewBox="0 0 {11 * len(parts)} 10" width="{11 * len(parts)}" height="10" {said}{boxes}</svg>'
    )
