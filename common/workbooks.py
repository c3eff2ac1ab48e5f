"""A workbook that somebody sent, read without trusting it: values only, sheet by sheet, within bounds.

No formula is worked out, no macro run, no link followed. Reading a sheet stops where nothing but empty rows follow, so that a
million coloured rows cost no more than what is written above them.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from common.dates import in_words
from common.workbook_fills import Fills, Theme
from common.workbook_parts import TOO_MUCH, AtItsEnd, Formats, Links, Listed, Part, Parts, Strings, unescaped
from common.zip_bounds import MOST_BYTES, PIECE, BeyondBounds, checked_parts, refuse_at_sight

MOST_SHEETS = 50
MOST_COLUMNS = 60
MOST_ROWS = 5000  # filled rows of a sheet
MOST_EMPTY = 1000  # empty rows after which a sheet is taken to be at its end
MOST_CHARACTERS = 5_000_000  # of all cells that hold their text themselves
MOST_SHARED = 20_000_000  # of all cells that show a text of the shared ones, which can stand in very many
MOST_MERGES = 20_000
LONGEST_CELL = 40_000  # Excel's own limit is 32,767
LAST_ROW = 1_048_576
MAIN = "xl/workbook.xml"
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,200}?ref="([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})"')
ANEW = "Open it in Excel or LibreOffice, save it as an Excel workbook (.xlsx), and choose that."
NONE = f"The file is no Excel workbook (.xlsx). {ANEW}"
BROKEN = f"The workbook is broken and cannot be read. {ANEW}"


class NotAWorkbook(Exception):
    """The file cannot be read as a workbook. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the file holds it: text, number, yes or no, moment or time. Of a formula it is the result kept with it, None
    where none is kept; of an error its sign, such as #REF!, or the number that is formatted as a day and is none.

    `length` counts the letters as they came: of a text far beyond what Excel allows only the beginning is kept. `fill` is the
    colour that it is filled with as six hexadecimal digits, where that was asked for.
    """

    value: Any = None
    number_format: str = "General"
    is_formula: bool = False
    is_error: bool = False
    length: int = 0
    fill: str = ""

    @property
    def is_filled(self) -> bool:
        return self.is_formula or (self.value is not None and self.value != "")

    @property
    def is_too_long(self) -> bool:
        return self.length > LONGEST_CELL

    @property
    def text(self) -> str:
        """In plain words: whole numbers without a point, days as people say them."""
        said = self.value
        if said is None:
            return ""
        if isinstance(said, bool):
            return "yes" if said else "no"
        if isinstance(said, float):
            return f"{said:.15g}"
        return in_words(said.date()) if isinstance(said, datetime) else str(said)

    @property
    def day(self) -> date | None:
        return self.value.date() if isinstance(self.value, datetime) else None


EMPTY = Cell()


class Range(NamedTuple):
    """Cells merged into one, counted from 1."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(slots=True)
class Sheet:
    """`rows`: the filled cells by row and column, both counted from 1 as a spreadsheet does; of filled rows the coloured ones
    too, where colours were asked for. `notes` say what was left unread.
    """

    name: str
    is_hidden: bool = False
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def cell(self, row: int, column: int) -> Cell:
        return self.rows.get(row, {}).get(column, EMPTY)

    def line(self, row: int) -> list[Cell]:
        """A row from its first column to the last filled one."""
        return [self.cell(row, column) for column in range(1, max(self.rows.get(row, {}), default=0) + 1)]


def read_sheets(
    content: bytes, *, most_bytes: int = MOST_BYTES, with_hidden: bool = True, with_fills: bool = False
) -> Iterator[Sheet]:
    """The sheets of an .xlsx in their order, each read when it is asked for. `NotAWorkbook` for everything else.

    Without `with_hidden` a hidden sheet comes as its name alone. `with_fills`: cells say which colour they are filled with.
    """
    try:
        refuse_at_sight(content, most_bytes=most_bytes)
        if not content.startswith(b"PK") or MAIN not in checked_parts(content):
            raise NotAWorkbook(NONE)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from _Book(archive, with_fills=with_fills).sheets(with_hidden)
    except NotAWorkbook:
        raise
    except BeyondBounds as problem:
        raise NotAWorkbook(str(problem)) from None
    except MemoryError:
        raise NotAWorkbook(TOO_MUCH) from None
    except Exception:  # a broken workbook can be broken anywhere: XML, numbers, names of parts
        raise NotAWorkbook(BROKEN) from None


class _Book(Parts):
    """The parts that say what the sheets are and what their cells mean."""

    def __init__(self, archive: zipfile.ZipFile, *, with_fills: bool = False):
        super().__init__(archive)
        self.characters_left, self.shared_left = MOST_CHARACTERS, MOST_SHARED
        self.links = Links(self).read("xl/_rels/workbook.xml.rels").found
        listed = Listed(self).read(MAIN)
        self.listed, self.has_1904 = listed.sheets, listed.has_1904
        self.strings = Strings(self).read(self.of_kind("/sharedStrings")).found
        self.formats = Formats(self).read(self.of_kind("/styles"))
        self.fills = self.read_fills() if with_fills else None

    def read_fills(self) -> Fills:
        return Fills(self, Theme(self).read(self.of_kind("/theme"))).read(self.of_kind("/styles"))

    def of_kind(self, kind: str) -> str | None:
        return next((path for said, path in self.links.values() if said.endswith(kind)), None)

    def sheets(self, with_hidden: bool) -> Iterator[Sheet]:
        if len(self.listed) > MOST_SHEETS:
            raise NotAWorkbook(f"The workbook has more than {MOST_SHEETS} sheets. Leave only what is needed in it.")
        parts = [self.links[link] for _, _, link in self.listed]
        if len(set(parts)) < len(parts):  # one part as many sheets would be read as often; no Office program writes it
            raise NotAWorkbook(BROKEN)
        for (name, state, _), (kind, path) in zip(self.listed, parts, strict=True):
            if not kind.endswith("/worksheet"):
                continue
            sheet = Sheet(name, is_hidden=state != "visible")
            if with_hidden or not sheet.is_hidden:
                sheet.merged = self.merged_in(path)
                _Cells(self, sheet).read(path)
            yield sheet

    def shared(self, number: int) -> str:
        """A text of many letters in very many cells would cost each reader far more than the file holds."""
        text = self.strings[number]
        self.shared_left -= len(text)
        if self.shared_left < 0:
            raise NotAWorkbook(TOO_MUCH)
        return text

    def merged_in(self, path: str) -> list[Range]:
        """They stand behind the rows, of which not all may be read, so they are looked up in the part's text."""
        found, before = [], b""
        with self.open(path) as source:
            while piece := source.read(PIECE):
                text, last = before + piece, 0
                for match in MERGE.finditer(text):
                    (top, left), (bottom, right) = [_place(corner.decode()) for corner in match.groups()]
                    found.append(Range(left, top, right, bottom))
                    last = match.end()
                if len(found) > MOST_MERGES:
                    raise NotAWorkbook(TOO_MUCH)
                before = text[max(last, len(text) - 300) :]
        return found


def _place(place: str) -> tuple[int, int]:
    from openpyxl.utils.cell import coordinate_to_tuple

    return coordinate_to_tuple(place)


class _Raw:
    """A cell as the file gives it."""

    __slots__ = ("column", "is_formula", "kind", "length", "style", "words")

    def __init__(self, column: int, kind: str, style: int):
        self.column, self.kind, self.style = column, kind, style
        self.words: list[str] | None = None  # None: no value is kept, not even an empty one
        self.length, self.is_formula = 0, False

    def add(self, text: str) -> None:
        room = max(0, LONGEST_CELL - self.length)
        self.length += len(text)
        if room:
            self.words.append(text[:room])


class _Cells(Part):
    """A sheet's rows. Only the row at hand is kept as it came."""

    def __init__(self, book: _Book, sheet: Sheet):
        super().__init__(book)
        self.sheet = sheet
        self.number = self.column = self.empty = 0
        self.raw: _Raw | None = None
        self.row: dict[int, _Raw] = {}

    def start(self, name, attributes):
        if name == "row":
            self.start_row(int(attributes.get("r") or self.number + 1))
        elif name == "c":
            place = attributes.get("r")
            self.column = _place(place)[1] if place else self.column + 1
            self.raw = _Raw(self.column, attributes.get("t", "n"), int(attributes.get("s") or 0))
        elif self.raw is not None:
            self.raw.is_formula |= name == "f"
            if self.takes_text and self.raw.words is None:
                self.raw.words = []

    def start_row(self, number: int) -> None:
        if not self.number < number <= LAST_ROW:
            raise NotAWorkbook(BROKEN)
        self.number, self.column, self.row, self.raw = number, 0, {}, None

    def text(self, text):
        if self.raw is not None:
            self.book.characters_left -= len(text)
            if self.book.characters_left < 0:
                raise NotAWorkbook(TOO_MUCH)
            self.raw.add(text)

    def end(self, name):
        if name == "c" and self.raw is not None:
            self.keep(self.raw)
            self.raw = None
        elif name == "row":
            self.end_row()
        elif name == "sheetData":
            raise AtItsEnd

    def keep(self, raw: _Raw) -> None:
        if 1 <= raw.column <= MOST_COLUMNS:
            self.row[raw.column] = raw
        elif raw.length:
            self.note(f"{self.sheet.name}: columns to the right of the {MOST_COLUMNS}th are not read.")

    def end_row(self) -> None:
        cells = {column: _cell(self.book, raw) for column, raw in self.row.items() if raw.words or raw.is_formula}
        cells = {column: cell for column, cell in cells.items() if cell.is_filled}
        if cells and self.book.fills:
            cells |= {column: cell for column, cell in self.coloured() if column not in cells}
        self.row = {}
        if cells:
            self.empty = 0
            self.sheet.rows[self.number] = cells
            if len(self.sheet.rows) > MOST_ROWS:
                raise NotAWorkbook(
                    f"The sheet {self.sheet.name} has more than {MOST_ROWS:,} filled rows. Leave only what is needed in it."
                )
            return
        self.empty += 1
        if self.empty > MOST_EMPTY:
            self.note(f"{self.sheet.name} was read up to row {self.number:,}: {MOST_EMPTY:,} empty rows stand there.")
            raise AtItsEnd

    def coloured(self) -> Iterator[tuple[int, Cell]]:
        """The empty cells of the row at hand that are filled with a colour."""
        for column, raw in self.row.items():
            if fill := self.book.fills.of(raw.style):
                yield column, Cell(fill=fill)

    def note(self, note: str) -> None:
        if note not in self.sheet.notes:
            self.sheet.notes.append(note)


def _cell(book: _Book, raw: _Raw) -> Cell:
    words = None if raw.words is None else "".join(raw.words)
    more = {"is_formula": raw.is_formula, "length": raw.length}
    if book.fills:
        more["fill"] = book.fills.of(raw.style)
    if raw.kind == "e":
        return Cell(words or None, is_error=bool(words), **more)
    if raw.kind in ("str", "inlineStr"):
        return Cell(None if words is None else unescaped(words), **more)
    if not words:
        return Cell(**more)
    if raw.kind == "s":
        text = book.shared(_whole(words))
        return Cell(text, **more | {"length": len(text)})
    if raw.kind == "b":
        return Cell(words.strip() == "1", **more)
    if raw.kind == "d":
        return Cell(datetime.fromisoformat(words).replace(tzinfo=None), **more)
    return _number_or_day(book, float(words), raw.style, more)


def _whole(words: str) -> int:
    """Never below zero, which Python would count from the end."""
    if not (words.isascii() and words.isdecimal()):
        raise ValueError("No number of a text.")
    return int(words)


@lru_cache(maxsize=1024)  # a format of brackets alone takes long, and a million cells may have it
def _is_of_days(number_format: str) -> tuple[bool, bool]:
    """Whether numbers are shown as days or times, and whether as lengths of time."""
    from openpyxl.styles.numbers import is_date_format, is_timedelta_format

    return is_date_format(number_format), is_timedelta_format(number_format)


def _number_or_day(book: _Book, number: float, style: int, more: dict) -> Cell:
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    number_format = book.formats.of(style)
    is_day, is_length = _is_of_days(number_format)
    if is_day:
        try:
            epoch = MAC_EPOCH if book.has_1904 else WINDOWS_EPOCH
            return Cell(from_excel(number, epoch, timedelta=is_length), number_format, **more)
        except (OverflowError, ValueError):
            return Cell(number, number_format, **more | {"is_error": True})
    is_whole = number.is_integer() and abs(number) < 1e15
    return Cell(int(number) if is_whole else number, number_format, **more)
