"""What every kind of file is read into: tables of cells, each cell with its place in the file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from board.plan_import.errors import NotAPlan
from common.text import LONGEST_TEXT, tidy, unkeepable_in

MOST_ROWS = 2000  # filled rows of a whole file
MOST_CHARACTERS = 5_000_000  # of a whole file: far beyond any plan
MOST_LINES = 20_000  # of a whole file, beyond the first of each cell: each may become an action or a measure
MOST_ENTRIES = 10_000  # that a file may bring: actions, measures, milestones and evidence
LINE = re.compile("[\n\u2028\u2029•▪●‣\uf0b7\uf0a7]")


@dataclass(slots=True)
class Cell:
    """`columns`: over how many it is merged. `is_repeated`: merged with the cell above, whose value it shows.
    `fill`: its colour as six hexadecimal digits, where it has one.
    """

    text: str = ""
    place: str = ""
    day: date | None = None
    problem: str = ""
    columns: int = 1
    is_repeated: bool = False
    fill: str = ""

    @property
    def is_filled(self) -> bool:
        return bool(self.text or self.problem) and not self.is_repeated


@dataclass(slots=True)
class Row:
    number: int
    cells: list[Cell]

    def cell(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else Cell()

    @property
    def filled(self) -> list[int]:
        return [column for column, cell in enumerate(self.cells) if cell.is_filled]

    @property
    def is_empty(self) -> bool:
        return not any(cell.text or cell.problem for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Heading:
    """`level`: 1 to 9 as Word counts them, and what stands around these (`headings.py`)."""

    level: int
    text: str
    place: str = ""


@dataclass(slots=True)
class Grid:
    """A sheet, a table of a document, or a whole text file. `headings` stand above it; `notes` say what was not read."""

    name: str
    rows: list[Row] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)  # from the outermost to the nearest
    may_continue: bool = False  # a table of a document may go on from the one before it, without a heading of its own
    notes: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)

    def take(self, row: Row) -> None:
        """Of a text or document, which nothing else bounds while it is read."""
        if len(self.rows) >= MOST_ROWS:
            raise too_long()
        self.rows.append(row)


def cell_of(text: str, place: str, **more) -> Cell:
    """Text as it can be kept: without characters that no page or database carries, and not beyond the longest text."""
    text = tidy(keepable(text))
    if len(text) > LONGEST_TEXT:
        more["problem"] = f"It has {len(text):,} characters, and the most is {LONGEST_TEXT:,}."
        text = ""
    return Cell(text, place, **more)


def keepable(text: str) -> str:
    return "".join(letter for letter in text if unkeepable_in(letter) is None) if unkeepable_in(text) else text


@lru_cache(maxsize=256)  # a priority that is merged over many rows is compared with each of them
def normal(text: str) -> str:
    """For comparing: letters and digits alone, in one case, with one space between words."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def within_bounds(grids: Iterator[Grid]) -> list[Grid]:
    found, rows, characters, lines = [], 0, 0, 0
    for grid in grids:
        texts = [cell.text for row in grid.rows for cell in row.cells if cell.text and not cell.is_repeated]
        rows += len(grid.rows)
        characters += sum(map(len, texts))
        if rows > MOST_ROWS or characters > MOST_CHARACTERS:
            raise too_long()
        lines += sum(len(LINE.findall(text)) for text in texts)
        if lines > MOST_LINES:
            raise too_many_lines()
        found.append(grid)
    return found


def too_long() -> NotAPlan:
    return NotAPlan(
        f"The file holds more than {MOST_ROWS:,} filled rows, or far more text than a plan. Leave only the plan in it."
    )


def too_many_lines() -> NotAPlan:
    return NotAPlan(
        f"The cells of the file hold more than {MOST_LINES:,} lines or bullets. Leave only the plan in it, or bring it in as several files."
    )


def too_many_entries() -> NotAPlan:
    return NotAPlan(
        f"The file would bring more than {MOST_ENTRIES:,} actions, measures, milestones and pieces of evidence at once."
        " Bring it in as several files."
    )
