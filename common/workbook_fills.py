"""The colour that the cells of a workbook are filled with, by their style: read from its formats and its theme, streamed.

Colours are given outright, as one of a numbered palette, or as one of the theme's, lighter or darker. A pattern or a gradient
is no one colour.
"""

import colorsys
import re
from typing import NamedTuple

from common.workbook_parts import TOO_MUCH, AtItsEnd, Part, Parts
from common.zip_bounds import BeyondBounds

MOST_FILLS = 65_490  # as many formats as Excel itself allows
NO_ONE_COLOUR = "mixed"
# As a cell counts the theme's colours: each pair of dark and light is turned round.
THEME = (
    "lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink",
)  # fmt: skip
GREYS = ("gray125", "gray0625")  # of the two, the first stands in every workbook and is used by no cell


class Named(NamedTuple):
    """A colour as a fill names it: `kind` is rgb, theme or indexed."""

    kind: str
    value: str
    tint: str


class Fills(Part):
    """`of` gives the colour of a style as six hexadecimal digits: "" for none, `NO_ONE_COLOUR` where it cannot be one."""

    def __init__(self, book: Parts, theme: "Theme"):
        super().__init__(book)
        self.theme = theme.found
        self.fills: list[Named | str] = []
        self.of_styles: list[int] = []
        self.palette: list[str] = []
        self.room = self.pattern = ""
        self.named: Named | None = None
        self.known: dict[int, str] = {}

    def start(self, name, attributes):
        if name in ("fills", "cellXfs", "indexedColors"):
            self.room = name
        elif self.room == "fills":
            self.start_of_fill(name, attributes)
        elif name == "xf" and self.room == "cellXfs":
            self.keep(self.of_styles, int(attributes.get("fillId", 0)))
        elif name == "rgbColor" and self.room == "indexedColors":
            self.keep(self.palette, attributes.get("rgb", "")[:8])

    def start_of_fill(self, name: str, attributes: dict[str, str]) -> None:
        if name == "fill":
            self.pattern, self.named = "", None
        elif name == "patternFill":
            self.pattern = attributes.get("patternType", "none")[:20]
        elif name == "gradientFill":
            self.pattern = "gradient"
        elif name == "fgColor":
            kind = next((each for each in ("rgb", "theme", "indexed") if each in attributes), "")
            self.named = Named(kind, attributes.get(kind, "")[:8], attributes.get("tint", "0")[:24])

    def end(self, name):
        if name == self.room:
            self.room = ""
        elif name == "fill" and self.room == "fills":
            self.keep(self.fills, self.fill())

    def fill(self) -> Named | str:
        if self.pattern in ("", "none", *GREYS):
            return ""
        return self.named if self.pattern == "solid" and self.named else NO_ONE_COLOUR

    def keep(self, among: list, one) -> None:
        if len(among) >= MOST_FILLS:
            raise BeyondBounds(TOO_MUCH)
        among.append(one)

    def of(self, style: int) -> str:
        if style not in self.known:
            number = self.of_styles[style] if 0 <= style < len(self.of_styles) else 0
            fill = self.fills[number] if 0 <= number < len(self.fills) else ""
            self.known[style] = self.colour(fill) if isinstance(fill, Named) else fill
        return self.known[style]

    def colour(self, named: Named) -> str:
        base = named.value
        if named.kind == "theme":
            base = self.theme.get(_one_of(THEME, base), "")
        elif named.kind == "indexed":
            base = _one_of(self.palette, base) or _one_of(_usual_palette(), base)
        if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})?[0-9A-Fa-f]{6}", base):
            return NO_ONE_COLOUR
        return tinted(base[-6:].upper(), named.tint)


class Theme(Part):
    """The twelve colours of the theme, by their short names."""

    def __init__(self, book: Parts):
        super().__init__(book)
        self.found: dict[str, str] = {}
        self.at = ""

    def start(self, name, attributes):
        if name in THEME:
            self.at = name
        elif self.at and name in ("srgbClr", "sysClr"):
            self.found[self.at] = attributes.get("lastClr" if name == "sysClr" else "val", "")[:6]
            self.at = ""

    def end(self, name):
        if name == "clrScheme":
            raise AtItsEnd


def tinted(colour: str, tint: str) -> str:
    """Lighter by a tint above nought, darker by one below it. Past its bounds, or no number, it changes nothing."""
    try:
        share = float(tint)
    except ValueError:
        return colour
    if not share or not -1 <= share <= 1:
        return colour
    hue, light, saturation = colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)))
    light = light * (1 + share) if share < 0 else light + (1 - light) * share
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, light, saturation))


def _one_of(among, number: str) -> str:
    at = int(number) if number.isascii() and number.isdecimal() else len(among)
    return among[at] if at < len(among) else ""


def _usual_palette() -> tuple[str, ...]:
    from openpyxl.styles.colors import COLOR_INDEX

    return COLOR_INDEX
