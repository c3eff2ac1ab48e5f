"""The picture of a register: five by five, with the number of open risks in each cell.

Drawn with presentation attributes alone. The shade of a cell only repeats what its letter says; each number is a link to
the risks that it counts, and the same numbers stand in a table beside it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from board.risks import IMPACTS, LIKELIHOODS, SCALE, Level, RiskStanding, level_of
from common.words import plural

SHADES = {Level.LOW: "#ffffff", Level.MEDIUM: "#e4eaef", Level.HIGH: "#b9c9d6", Level.VERY_HIGH: "#7f9bb1"}
TEXT, GREY = "#0b0c0c", "#505a5f"
LEFT, TOP, WIDE, HIGH = 132, 6, 92, 58


@dataclass(frozen=True, slots=True)
class Cell:
    likelihood: int
    impact: int
    count: int
    href: str

    @property
    def score(self) -> int:
        return self.likelihood * self.impact

    @property
    def level(self) -> Level:
        return level_of(self.score)

    @property
    def words(self) -> str:
        where = f"likelihood {self.likelihood}, impact {self.impact}: {self.level.label.lower()}"
        return f"{plural(self.count, 'risk')}, {where}"


def matrix_of(rows: Iterable[RiskStanding], address: Callable[[int, int], str]) -> list[list[Cell]]:
    """A row for each likelihood, the likeliest first; `address` leads to the risks of a likelihood and an impact."""
    counted = Counter((row.score.likelihood, row.score.impact) for row in rows if row.score)
    return [
        [Cell(likelihood, impact, counted[likelihood, impact], address(likelihood, impact)) for impact in SCALE]
        for likelihood in reversed(SCALE)
    ]


def picture(matrix: list[list[Cell]]) -> SafeString:
    """The matrix as SVG of a fixed size, so that its words stay readable and it scrolls on a phone; each number says what it counts."""
    width, height = LEFT + WIDE * 5 + 4, TOP + HIGH * 5 + 62
    drawn = [_cell(cell, LEFT + WIDE * x, TOP + HIGH * y) for y, row in enumerate(matrix) for x, cell in enumerate(row)]
    name = "Open risks by likelihood and impact; the same numbers are in the table"
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-size="15" fill="{TEXT}"'
    return mark_safe(f'<svg {box} role="group" aria-label="{name}">{_axes(height)}{"".join(drawn)}</svg>')


def _axes(height: int) -> str:
    said = [
        _text(LEFT - 10, TOP + HIGH * y + HIGH / 2 + 5, f"{LIKELIHOODS[n]} {_bold(n)}", "end")
        for y, n in enumerate(reversed(SCALE))
    ]
    said += [
        _text(LEFT + WIDE * x + WIDE / 2, TOP + HIGH * 5 + 20, f"{_bold(n)} {IMPACTS[n]}") for x, n in enumerate(SCALE)
    ]
    said.append(
        _text(LEFT + WIDE * 2.5, height - 10, _bold("Impact, from left to right; likelihood, from bottom to top"))
    )
    return f'<g aria-hidden="true">{"".join(said)}</g>'


def _text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{more}>{words}</text>'


def _bold(words) -> str:
    return f'<tspan font-weight="700">{words}</tspan>'


def _cell(cell: Cell, x: int, y: int) -> str:
    box = (
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" fill="{SHADES[cell.level]}" stroke="{GREY}"/>'
        f'<text x="{x + 7}" y="{y + 18}" font-size="13" aria-hidden="true">{cell.level.value} {cell.score}</text>'
    )
    if not cell.count:
        return box
    middle = x + WIDE / 2 + 12
    number = _text(middle, y + 39, _bold(cell.count), more=' font-size="18" text-decoration="underline"')
    disc = f'<circle cx="{middle:g}" cy="{y + 33}" r="19" fill="#ffffff" stroke="{TEXT}" stroke-width="2"/>'
    return f'{box}<a href="{escape(cell.href)}" aria-label="{escape(cell.words)}">{disc}{number}</a>'
