"""A workbook's sheets, read row by row: values only. No formula is worked out, no macro run, no link followed.

`openpyxl` reads what is small (texts, formats, names of sheets). The sheets themselves are streamed: the library keeps a
row until it ends, and a whole sheet to learn its size, which a hostile file can make very large. Reading stops where
nothing but empty rows follow, so a sheet with a million formatted rows costs no more than its plan. Merged cells stand
behind the rows in the file, so they are looked up before.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.cell import coordinate_from_string, coordinate_to_tuple

from board.plan_import.errors import NotAPlan
from board.plan_import.grids import (
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    Grid,
    Row,
    cell_of,
    too_long,
    within_bounds,
)
from board.plan_import.opening import PIECE
from common.text import LONGEST_TEXT

MOST_EMPTY = 1000  # empty rows after which a sheet is taken to be at its end
MOST_ELEMENTS = 600_000  # of a sheet's XML
LONGEST_CELL = 40_000  # Excel's own limit is 32,767
MOST_SHEETS = 50
MOST_MERGES = 20_000
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,200}?ref="([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})"')
UNREADABLE = "The workbook is broken and cannot be read. Open it in Excel, save it anew, and choose that."
NO_RESULT = "It holds a formula without a kept result. Open the workbook in Excel, save it, and choose it again."
AN_ERROR = "It shows the error of a formula. Mend the formula, or write the words themselves."


def read_workbook(content: bytes) -> list[Grid]:
    try:
        return within_bounds(_read_sheet(sheet) for sheet in _sheets_of(content))
    except NotAPlan:
        raise
    except Exception:  # over a broken workbook the library raises nearly anything
        raise NotAPlan(UNREADABLE) from None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is not opened yet."""

    title: str
    is_hidden: bool
    path: str
    book: object
    archive: object
    strings: list[str]

    def open(self):
        return self.archive.open(self.path)


def _sheets_of(content: bytes) -> Iterator[Sheet]:
    """The library's own opening without its sheets: to learn a sheet's size it would read the whole of it into memory."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet

    reader = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False, keep_vba=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    for number, (sheet, link) in enumerate(reader.parser.find_sheets()):
        if number < MOST_SHEETS and link.target in reader.valid_files and "chartsheet" not in link.Type:
            is_hidden = sheet.state != "visible"
            yield Sheet(sheet.name, is_hidden, link.target, reader.wb, reader.archive, reader.shared_strings)


def _read_sheet(sheet: Sheet) -> Grid:
    grid = Grid(sheet.title)
    if sheet.is_hidden:
        grid.notes.append(f"The hidden sheet {sheet.title} is not read.")
        return grid
    reading = Reading(sheet, grid, Merged(_merges_of(sheet)))
    with sheet.open() as source:
        reading.read(source)
    return grid


class AtItsEnd(Exception):
    """Nothing further of a sheet need be read."""


@dataclass(slots=True)
class Raw:
    """A cell as the file gives it."""

    column: int
    kind: str
    style: int
    words: list[str] = field(default_factory=list)
    length: int = 0
    has_formula: bool = False

    def add(self, text: str) -> None:
        """No more than a cell can hold is kept; one beyond says so by its length."""
        self.length += len(text)
        if self.length <= LONGEST_CELL:
            self.words.append(text)


class Reading:
    """A sheet's text as it streams by. Only the row at hand is kept, and of it only the columns of a plan."""

    def __init__(self, sheet: Sheet, grid: Grid, merged: "Merged"):
        self.sheet, self.grid, self.merged = sheet, grid, merged
        self.number = self.elements = self.empty = self.characters = self.column = 0
        self.cell: Raw | None = None
        self.row: dict[int, Raw] = {}
        self.takes_text = self.is_spoken = False

    def read(self, source) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self.text, self.refuse
        try:
            while piece := source.read(PIECE):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except AtItsEnd:
            return

    def refuse(self, *args) -> None:
        raise NotAPlan(UNREADABLE)

    def start(self, name: str, attributes: dict) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise too_long()
        name = name.rpartition(" ")[2]
        if name == "row":
            self.number, self.column, self.row = int(attributes.get("r") or self.number + 1), 0, {}
        elif name == "c":
            place = attributes.get("r")
            self.column = coordinate_to_tuple(place)[1] if place else self.column + 1
            self.cell = Raw(self.column, attributes.get("t", "n"), int(attributes.get("s") or 0))
        elif self.cell is not None:
            self.cell.has_formula |= name == "f"
            self.is_spoken |= name == "rPh"  # how Japanese is spoken
            self.takes_text = name in ("v", "t") and not self.is_spoken

    def text(self, text: str) -> None:
        if self.takes_text and self.cell is not None:
            self.cell.add(text)

    def end(self, name: str) -> None:
        name = name.rpartition(" ")[2]
        self.takes_text = False
        if name == "rPh":
            self.is_spoken = False
        elif name == "c" and self.cell is not None:
            self.keep(self.cell)
            self.cell = None
        elif name == "row":
            self.end_row()
        elif name == "sheetData":
            raise AtItsEnd

    def keep(self, cell: Raw) -> None:
        if 1 <= cell.column <= MOST_COLUMNS:
            self.row[cell.column] = cell
        elif cell.length:
            self.note(f"{self.sheet.title}: columns to the right of the {MOST_COLUMNS}th are not read.")

    def end_row(self) -> None:
        row = Row(self.number, _cells(self.sheet, self.number, self.row, self.merged))
        self.row = {}
        if row.filled:
            self.empty = 0
            self.grid.rows.append(row)
            self.characters += sum(len(row.cells[column].text) for column in row.filled)
            if len(self.grid.rows) > MOST_ROWS or self.characters > MOST_CHARACTERS:
                raise too_long()
            return
        self.empty += 1
        if self.empty > MOST_EMPTY:
            self.note(f"{self.sheet.title} was read up to row {self.number:,}: {MOST_EMPTY:,} empty rows stand there.")
            raise AtItsEnd

    def note(self, note: str) -> None:
        if note not in self.grid.notes:
            self.grid.notes.append(note)


def _cells(sheet: Sheet, number: int, raw: dict[int, Raw], merged: "Merged") -> list[Cell]:
    last = max([*raw, *merged.columns_in(number)], default=0)
    cells = []
    for column in range(1, min(last, MOST_COLUMNS) + 1):
        place = f"{sheet.title}!{get_column_letter(column)}{number}"
        cell = _cell(sheet, raw[column], place) if column in raw else Cell("", place)
        cells.append(merged.applied(cell, number, column))
    return cells


def _cell(sheet: Sheet, raw: Raw, place: str) -> Cell:
    words = "".join(raw.words)
    if raw.length > LONGEST_CELL:
        return Cell("", place, problem=f"It has {raw.length:,} characters, and the most is {LONGEST_TEXT:,}.")
    if not words:
        return Cell("", place, problem=NO_RESULT if raw.has_formula else "")
    if raw.kind == "e":
        return Cell(words, place, problem=AN_ERROR)
    if raw.kind == "s":
        return cell_of(sheet.strings[int(words)], place)
    if raw.kind == "b":
        return Cell("TRUE" if words == "1" else "FALSE", place)
    if raw.kind == "n":
        return _number_or_day(sheet, float(words), raw.style, place)
    return cell_of(words, place)


def _number_or_day(sheet: Sheet, number: float, style: int, place: str) -> Cell:
    from openpyxl.utils.datetime import from_excel

    if style not in sheet.book._date_formats:
        return Cell(_shown(number, _format_of(sheet, style)), place)
    try:
        said = from_excel(number, sheet.book.epoch)
    except (OverflowError, ValueError):
        return Cell(
            f"{number:.10g}", place, problem="It is formatted as a date, and is too large or too small for one."
        )
    if isinstance(said, datetime):
        return Cell(f"{said.day}/{said.month}/{said.year}", place, day=said.date())
    return Cell(str(said), place)


def _format_of(sheet: Sheet, style: int) -> str:
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    styles = sheet.book._cell_styles
    number = styles[style].numFmtId if style < len(styles) else 0
    custom = sheet.book._number_formats
    return custom[number - 164] if 164 <= number < 164 + len(custom) else BUILTIN_FORMATS.get(number, "General")


def _shown(number: float, number_format: str) -> str:
    """Reference 1.10 is kept as the number 1.1 under the format 0.00: the format says what people see."""
    decimals = re.fullmatch(r"0\.(0{1,4})", number_format)
    return f"{number:.{len(decimals[1])}f}" if decimals else f"{number:.10g}"


def _merges_of(sheet) -> list[tuple[int, int, int, int]]:
    """(first column, first row, last column, last row) of each merged range, found in one pass over the sheet's text."""
    found, before = [], b""
    with sheet.open() as source:
        while piece := source.read(PIECE):
            text = before + piece
            last = 0
            for match in MERGE.finditer(text):
                corners = [coordinate_from_string(part.decode()) for part in match.groups()]
                (left, top), (right, bottom) = [(column_index_from_string(name), row) for name, row in corners]
                found.append((left, top, right, bottom))
                last = match.end()
            if len(found) > MOST_MERGES:
                raise too_long()
            before = text[max(last, len(text) - 300) :]
    return found


class Merged:
    """Merged ranges, applied while the rows come by: a cell merged downwards shows its value in each of its rows."""

    def __init__(self, ranges: list[tuple[int, int, int, int]]):
        self.spans = {(top, left): (right, bottom) for left, top, right, bottom in ranges if left <= MOST_COLUMNS}
        self.open: dict[int, tuple[Cell, int, int]] = {}  # by column: the cell above, its last row, its last column

    def columns_in(self, number: int) -> list[int]:
        return [column for column, (_, bottom, _) in self.open.items() if number <= bottom]

    def applied(self, cell: Cell, number: int, column: int) -> Cell:
        above = self.open.get(column)
        if above and number <= above[1]:
            shown = above[0]
            return Cell(shown.text, shown.place, shown.day, shown.problem, shown.columns, is_repeated=True)
        span = self.spans.get((number, column))
        if span:
            right, bottom = span
            cell.columns = right - column + 1
            if bottom > number:
                self.open[column] = (cell, bottom, right)
        return cell
