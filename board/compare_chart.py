"""The lines of several places as inline SVG: each named at its end, the area itself in ink, so that no colour is needed.

Places across are per cent of the width and heights are pixels: the letters stay the same size on a phone. Presentation
attributes only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from kpis.chart import INK, OTHERS
from kpis.comparing import Benchmark, PlaceSeries, Role
from kpis.periods import Period
from kpis.rating import show_trimmed

GREY, HAIR = "#4d5b66", "#c3cace"
FROM, TO, WORDS_AT = 8.0, 60.0, 62.0  # per cent of the width
TOP, FOOT, LINE, LEAST_HEIGHT = 22, 40, 16, 340
LONGEST_NAME = 24

# (colour, width, dashes) by what a place is.
LOOKS = {
    Role.OWN: (INK, 3, ""),
    Role.MEAN: (GREY, 2, "7 4"),
    Role.REGION: (GREY, 2, "2 4"),
    Role.COUNTRY: (GREY, 2, "12 4 2 4"),
}
QUIET = (OTHERS, 1.2, "")


@dataclass(frozen=True, slots=True)
class Ending:
    """Where a line ends, and the name to write beside it."""

    x: float
    y: float
    name: str
    is_own: bool


def compare_chart(benchmark: Benchmark) -> SafeString | str:
    """Empty where there are fewer than two periods with a figure."""
    drawing = _Drawing(benchmark)
    return mark_safe(drawing.svg()) if len(drawing.periods) > 1 else ""


class _Drawing:
    def __init__(self, benchmark: Benchmark):
        self.benchmark = benchmark
        left_out = benchmark.wide if benchmark.sums_up else []  # a total would press all other lines to the ground
        there = [place for place in benchmark.rows if place not in left_out]
        self.places = [place for place in there if any(value is not None for value in place.values.values())]
        self.periods = [p for p in benchmark.periods if any(place.value(p) is not None for place in self.places)]
        self.height = max(LEAST_HEIGHT, TOP + FOOT + LINE * len(self.places))
        values = [value for place in self.places for value in place.values.values() if value is not None]
        self.low, self.high = (min(values), max(values)) if values else (Decimal(0), Decimal(1))
        days = [period.end.toordinal() for period in self.periods] or [0]
        self.first, self.wide = days[0], (days[-1] - days[0]) or 1

    def share(self, day) -> float:
        """How far along a day lies, from nought to one."""
        return (day.toordinal() - self.first) / self.wide

    def x(self, period: Period) -> float:
        return round(FROM + self.share(period.end) * (TO - FROM), 2)

    def y(self, value: Decimal) -> float:
        tall = self.height - TOP - FOOT
        return round(self.height - FOOT - float((value - self.low) / ((self.high - self.low) or 1)) * tall, 1)

    def svg(self) -> str:
        lines = sorted(self.places, key=lambda place: (place.role == Role.OWN, place.role in LOOKS))  # its own on top
        endings = [self.ending(place) for place in self.places]
        return (
            f'<svg width="100%" height="{self.height}" font-size="12" overflow="visible" role="img" aria-label="{escape(self.sentence)}">'
            f'<rect width="100%" height="100%" fill="#fff"/>{"".join(self.scale())}{"".join(self.marks())}'
            f'<svg x="{FROM}%" width="{TO - FROM}%" height="{self.height}" viewBox="0 0 1000 {self.height}" '
            f'preserveAspectRatio="none" overflow="visible">{"".join(self.line(place) for place in lines)}</svg>'
            f"{''.join(self.names(endings))}</svg>"
        )

    @property
    def sentence(self) -> str:
        first, last = self.benchmark.words_of(self.periods[0]), self.benchmark.words_of(self.periods[-1])
        names = ", ".join(place.name for place in self.places)
        return f"{self.benchmark.indicator.title}, {first} to {last}: {names}. The table below has the same figures."

    def scale(self) -> Iterator[str]:
        """The lowest, the middle and the highest value, and the first and last period."""
        unit = self.benchmark.indicator.unit
        for value in dict.fromkeys((self.low, (self.low + self.high) / 2, self.high)):
            y, words = self.y(value), show_trimmed(round(value, self.benchmark.indicator.decimals), unit)
            yield f'<line x1="{FROM}%" x2="{TO}%" y1="{y}" y2="{y}" stroke="{HAIR}" stroke-width="0.5"/>'
            yield f'<text x="0" y="{y - 3}" fill="{GREY}">{escape(words)}</text>'
        for period, anchor in ((self.periods[0], "start"), (self.periods[-1], "end")):
            words = escape(self.benchmark.words_of(period))
            yield f'<text x="{self.x(period)}%" y="{self.height - 8}" text-anchor="{anchor}" fill="{GREY}">{words}</text>'

    def marks(self) -> Iterator[str]:
        """Where the way of counting changed: a dashed upright before the first period counted anew."""
        for each in self.benchmark.breaks:
            after = [period for period in self.periods if period.end >= each.from_period]
            if not after or after[0] == self.periods[0]:
                continue
            before = self.periods[self.periods.index(after[0]) - 1]
            x = round((self.x(before) + self.x(after[0])) / 2, 2)
            yield (
                f'<line x1="{x}%" x2="{x}%" y1="{TOP - 8}" y2="{self.height - FOOT + 6}" stroke="{INK}" stroke-dasharray="1 4"/>'
                f'<text x="{x}%" y="{self.height - FOOT + 18}" text-anchor="middle" fill="{INK}">counted anew</text>'
            )

    def line(self, place: PlaceSeries) -> str:
        """It breaks where a period has no figure; a figure alone between two gaps is a dot."""
        colour, width, dashes = LOOKS.get(place.role, QUIET)
        path = "".join(self.runs(place))
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ' stroke-linecap="round"'
        return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed} vector-effect="non-scaling-stroke"/>'

    def runs(self, place: PlaceSeries) -> Iterator[str]:
        run: list[str] = []
        for period in [*self.periods, None]:
            value = place.value(period)
            if value is not None:
                run.append(f"{self.share(period.end) * 1000:.1f},{self.y(value):g}")
            elif run:
                yield f"M{' '.join(run)}{'h0' if len(run) == 1 else ''}"
                run = []

    def ending(self, place: PlaceSeries) -> Ending:
        last = max((p for p in self.periods if place.value(p) is not None), key=self.periods.index)
        is_own = place.role == Role.OWN
        figure = f" {self.benchmark.shown(place.figures[last])}" if is_own else ""
        name = "Mean of neighbours" if place.role == Role.MEAN else shortened(place.name)
        return Ending(self.x(last), self.y(place.value(last)), name + figure, is_own)

    def names(self, endings: Iterable[Ending]) -> Iterator[str]:
        """Beside each other's lines they would lie on each other, so they are moved apart and led to their ends."""
        ordered = sorted(endings, key=lambda ending: ending.y)
        for ending, y in zip(ordered, apart([each.y for each in ordered], LINE, self.height - 6), strict=True):
            colour, weight = (INK, "700") if ending.is_own else (GREY, "400")
            yield (
                f'<circle cx="{ending.x}%" cy="{ending.y:g}" r="{4 if ending.is_own else 2}" fill="{colour}"/>'
                f'<line x1="{ending.x}%" y1="{ending.y:g}" x2="{WORDS_AT - 0.6}%" y2="{y:g}" stroke="{HAIR}"/>'
                f'<text x="{WORDS_AT}%" y="{y + 4:g}" fill="{colour}" font-weight="{weight}">{escape(ending.name)}</text>'
            )


def apart(heights: list[float], least: float, lowest: float) -> list[float]:
    """Heights in order, at least so far from each other and none below the lowest."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + least) if placed else height)
    for at in range(len(placed) - 1, -1, -1):
        limit = lowest if at == len(placed) - 1 else placed[at + 1] - least
        placed[at] = min(placed[at], limit)
    return placed


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
