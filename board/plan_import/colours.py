"""What the colour of a cell says where it holds no text: red, amber (also orange and yellow), green or blue, by its hue.

White, grey and black say nothing. What is pale, greyish, brown, or between two of the four is never guessed. A colour that
the whole row bears is the row's, and not a status.
"""

import colorsys
from dataclasses import dataclass

from board.plan_import.grids import Row
from common.workbook_fills import NO_ONE_COLOUR

# Degrees of hue, from and up to. What lies between them is named by nobody the same way.
HUES = {"amber": (20, 62), "green": (76, 160), "blue": (190, 250), "red": (345, 371)}
LEAST_CHROMA = 0.06  # below it nobody sees a colour
SURE_CHROMA, SURE_SATURATION = 0.12, 0.3
DARKEST_AMBER = 0.6  # below it the eye sees brown or olive
BY_COLOUR = "read from the colour of the cell"


@dataclass(frozen=True, slots=True)
class Colour:
    """`name` is empty where `doubt` says why it has none."""

    name: str = ""
    doubt: str = ""

    @property
    def text(self) -> str:
        return f"{self.name.capitalize()} ({BY_COLOUR})" if self.name else "(a colour alone)"


def colour_of(fill: str) -> Colour | None:
    """Of a fill as six hexadecimal digits. None where it says nothing: no fill, white, grey or black."""
    if not fill:
        return None
    if fill == NO_ONE_COLOUR:
        return Colour(doubt="It holds no text, and is filled with a pattern or with several colours.")
    red, green, blue = (int(fill[at : at + 2], 16) / 255 for at in (0, 2, 4))
    chroma = max(red, green, blue) - min(red, green, blue)
    if chroma < LEAST_CHROMA:
        return None
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    if chroma < SURE_CHROMA or saturation < SURE_SATURATION:
        return Colour(doubt=f"It holds no text, and its colour (#{fill}) is too pale or too grey to be told.")
    name = _named(hue * 360)
    if not name or (name == "amber" and max(red, green, blue) < DARKEST_AMBER):
        return Colour(doubt=f"It holds no text, and its colour (#{fill}) is not plainly red, amber, green or blue.")
    return Colour(name)


def _named(hue: float) -> str:
    turned = hue + 360 if hue <= HUES["red"][1] - 360 else hue  # red lies on both sides of nought
    return next((name for name, (first, end) in HUES.items() if first <= turned < end), "")


def colour_in(row: Row, column: int) -> Colour | None:
    """What the colour of a cell without text says; None also where the row bears it as a whole."""
    cell = row.cell(column)
    return None if cell.text or cell.problem or is_the_rows(row, column) else colour_of(cell.fill)


def is_the_rows(row: Row, column: int) -> bool:
    """Whether the cells with text beside it are all filled as it is."""
    fill = row.cell(column).fill
    if not fill:
        return False
    others = [cell.fill for at, cell in enumerate(row.cells) if at != column and cell.is_filled]
    return bool(others) and all(other == fill for other in others)
