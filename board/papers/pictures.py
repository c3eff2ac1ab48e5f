"""The pictures of papers as SVG: those of the pages, with the typeface named, and the statuses by month."""

from functools import lru_cache

from django.utils.html import escape

from board.papers.typeface import FAMILY
from common.templatetags.marks import HATCH, LOOKS, PLAIN, TEXT, status_mark
from kpis import icons
from kpis.chart import Chart
from kpis.spc import Assurance, Variation
from kpis.svg import paper_chart, small_chart

SPACE = 'xmlns="http://www.w3.org/2000/svg"'


def alone(drawn: str) -> str:
    """A drawing of a page as a file of its own: it names its space, and its letters their face."""
    return str(drawn).replace("<svg ", f'<svg {SPACE} font-family="{FAMILY}" ', 1) if drawn else ""


@lru_cache(maxsize=16)
def status_shape(letter: str) -> str:
    return alone(status_mark(letter, ""))


@lru_cache(maxsize=16)
def assurance_or_variation(name: str) -> str:
    is_variation = name in list(Variation)
    return alone(icons.variation_icon(Variation(name)) if is_variation else icons.assurance_icon(Assurance(name)))


def kpi_chart(chart: Chart) -> str:
    return alone(paper_chart(chart))


def small_kpi_chart(chart: Chart) -> str:
    return alone(small_chart(chart))


WIDTH, HEIGHT, FOOT, LEAST_LABELLED = 720, 190, 22, 12


def month_chart(months) -> str:
    """One stack a month, all on one scale; a count too low for its label stands in the table beside."""
    highest = max((sum(count for _, count in counts) for _, counts in months), default=0)
    if not highest:
        return ""
    step = WIDTH / len(months)
    drawn = []
    for number, (month, counts) in enumerate(months):
        x, y = number * step + step * 0.1, float(HEIGHT)
        for letter, count in reversed(counts):
            height = HEIGHT * count / highest
            y -= height
            drawn.append(_piece(letter, count, x, y, step * 0.8, height))
        drawn.append(_words(month, x + step * 0.4, HEIGHT + 15, TEXT))
    return f'<svg {SPACE} font-family="{FAMILY}" viewBox="0 0 {WIDTH} {HEIGHT + FOOT}">{"".join(drawn)}</svg>'


def _piece(letter: str, count: int, x: float, y: float, width: float, height: float) -> str:
    fill, colour, edge = LOOKS.get(letter, PLAIN)
    edged = f'stroke="{edge}" stroke-width="1"' if edge else 'stroke="#fff" stroke-width="1"'
    box = f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" {edged}/>'
    if letter == "?":
        box += _hatching(x, y, width, height)
    if height < LEAST_LABELLED:
        return box
    if letter == "?":  # on hatching the label needs white behind it to be read
        box += f'<rect x="{x + width / 2 - 14:.1f}" y="{y + height / 2 - 6:.1f}" width="28" height="12" fill="#fff"/>'
    return box + _words(f"{letter} {count}", x + width / 2, y + height / 2 + 4, colour)


def _hatching(x: float, y: float, width: float, height: float) -> str:
    """Slanting lines, each cut to the box, so that no clipping is needed."""
    lines = []
    for at in range(6, int(width + height), 7):
        left, low = max(0.0, at - height), min(float(at), height)
        right, high = min(float(at), width), max(0.0, at - width)
        lines.append(f"M{x + left:.1f} {y + low:.1f}L{x + right:.1f} {y + high:.1f}")
    return f'<path d="{"".join(lines)}" stroke="{HATCH}" stroke-width="1.5"/>'


def _words(words: str, x: float, y: float, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="11.5" fill="{colour}">{escape(words)}</text>'
