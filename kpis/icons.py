"""Icons for variation and assurance, in the Making Data Count meaning and of our own drawing.

The outline says which kind it is, so that grey says it too: a filled disc is good, a filled square asks for attention, an
open ring is chance, an open hexagon is neither better nor worse. Variation: figures that rise beside an H or fall beside an
L, or that waver. Assurance: the target (a dashed line) below the figures with a P, above them with an F, or amid them.
Presentation attributes only and no ids, since the content policy drops inline style and many icons stand on one page.
"""

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from kpis.spc import Assurance, Variation

SIZE = 32
IMPROVEMENT, CONCERN, CHANCE, NEITHER, WHITE = "#00709a", "#b35309", "#6b7276", "#3d474d", "#fff"

WORDS = {
    Variation.COMMON_CAUSE: "Common cause: no sign of real change",
    Variation.IMPROVEMENT_HIGH: "Improvement: higher, and higher is better",
    Variation.IMPROVEMENT_LOW: "Improvement: lower, and lower is better",
    Variation.CONCERN_HIGH: "Concern: higher, and lower is better",
    Variation.CONCERN_LOW: "Concern: lower, and higher is better",
    Variation.NEUTRAL_HIGH: "Real change: higher, neither better nor worse",
    Variation.NEUTRAL_LOW: "Real change: lower, neither better nor worse",
    Assurance.PASS: "Target will be reliably met",
    Assurance.FAIL: "Target will not be met reliably",
    Assurance.INCONSISTENT: "Target met or missed by chance",
}

# Where the icon stands beside them, in a column or on a card.
SHORT_WORDS = {
    Variation.COMMON_CAUSE: "No real change",
    Variation.IMPROVEMENT_HIGH: "Improvement",
    Variation.IMPROVEMENT_LOW: "Improvement",
    Variation.CONCERN_HIGH: "Concern",
    Variation.CONCERN_LOW: "Concern",
    Variation.NEUTRAL_HIGH: "Real change, higher",
    Variation.NEUTRAL_LOW: "Real change, lower",
    Assurance.PASS: "Will be met",
    Assurance.FAIL: "Will not be met",
    Assurance.INCONSISTENT: "Met by chance",
}

# Outlines in a box of 36 by 36.
DISC = f'<circle cx="18" cy="18" r="17" fill="{IMPROVEMENT}"/>'
SQUARE = f'<rect x="1.5" y="1.5" width="33" height="33" rx="3" fill="{CONCERN}"/>'
RING = f'<circle cx="18" cy="18" r="16" fill="{WHITE}" stroke="{CHANCE}" stroke-width="2"/>'
HEXAGON = f'<path d="M18 1.2 33 9.6v16.8L18 34.8 3 26.4V9.6z" fill="{WHITE}" stroke="{NEITHER}" stroke-width="2" stroke-linejoin="round"/>'


def _dots(places: list[tuple[float, float]], ink: str) -> str:
    """Figures on the line that joins them."""
    path = " ".join(f"{x:g} {y:g}" for x, y in places)
    dots = "".join(f'<circle cx="{x:g}" cy="{y:g}" r="2.3"/>' for x, y in places)
    return f'<path d="M{path}" fill="none" stroke="{ink}" stroke-width="1.4"/><g fill="{ink}">{dots}</g>'


def _letter(letter: str, x: float, y: float, ink: str, *, size: float = 14) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-size="{size:g}" font-weight="700" fill="{ink}">{letter}</text>'


def _target(y: float, ink: str) -> str:
    return f'<path d="M6.8 {y:g}h22.4" stroke="{ink}" stroke-width="2" stroke-dasharray="4 2.13"/>'


def _target_around(y: float, ink: str) -> str:
    """The target line, with room for a letter amid it."""
    return f'<path d="M4.5 {y:g}h7M24.5 {y:g}h7" stroke="{ink}" stroke-width="2" stroke-dasharray="2.6 1.8"/>'


def _smaller(drawn: str) -> str:
    """To fit between slanting edges."""
    return f'<g transform="translate(2.2 2.4) scale(.88)">{drawn}</g>'


def _high(ink: str) -> str:
    return _letter("H", 12.5, 17, ink) + _dots([(8.5, 25), (15, 24), (21.5, 18.5), (27, 11.5)], ink)


def _low(ink: str) -> str:
    return _letter("L", 24, 17, ink) + _dots([(9, 11.5), (14.5, 18.5), (21, 24), (27.5, 25)], ink)


def _wavering(ink: str) -> str:
    return _dots([(6.5, 18), (12.25, 12.5), (18, 22.5), (23.75, 13.5), (29.5, 18)], ink)


DRAWINGS = {
    Variation.COMMON_CAUSE: RING + _wavering(CHANCE),
    Variation.IMPROVEMENT_HIGH: DISC + _high(WHITE),
    Variation.IMPROVEMENT_LOW: DISC + _low(WHITE),
    Variation.CONCERN_HIGH: SQUARE + _high(WHITE),
    Variation.CONCERN_LOW: SQUARE + _low(WHITE),
    Variation.NEUTRAL_HIGH: HEXAGON + _smaller(_high(NEITHER)),
    Variation.NEUTRAL_LOW: HEXAGON + _smaller(_low(NEITHER)),
    Assurance.PASS: DISC + _letter("P", 18, 20.5, WHITE, size=18) + _target(26, WHITE),
    Assurance.FAIL: SQUARE + _letter("F", 18, 28.5, WHITE, size=18) + _target(10, WHITE),
    Assurance.INCONSISTENT: RING + _letter("?", 18, 24.5, CHANCE, size=18) + _target_around(18, CHANCE),
}


def variation_icon(variation: str | None, *, is_silent: bool = False) -> SafeString:
    """Nothing for none. `is_silent` where the words stand beside it: then nobody hears them twice."""
    return _icon(Variation(variation), is_silent) if variation else mark_safe("")


def assurance_icon(assurance: str | None, *, is_silent: bool = False) -> SafeString:
    return _icon(Assurance(assurance), is_silent) if assurance else mark_safe("")


def words(icon: Variation | Assurance | None) -> str:
    """What an icon says, for beside it and for the key; nothing for none."""
    return WORDS[icon] if icon else ""


def short_words(icon: Variation | Assurance | None) -> str:
    return SHORT_WORDS[icon] if icon else ""


@lru_cache(maxsize=64)
def _icon(icon: Variation | Assurance, is_silent: bool) -> SafeString:
    spoken = mark_safe('aria-hidden="true"') if is_silent else format_html('role="img" aria-label="{}"', WORDS[icon])
    return format_html(
        '<svg class="st-spc__icon" viewBox="0 0 36 36" width="{size}" height="{size}" {spoken}>{title}{drawn}</svg>',
        size=SIZE,
        spoken=spoken,
        title="" if is_silent else format_html("<title>{}</title>", WORDS[icon]),
        drawn=mark_safe(DRAWINGS[icon]),
    )
