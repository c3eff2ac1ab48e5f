"""A table of figures that somebody sent, Excel or CSV, as rows of text with their places. Nothing is judged here."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from board.own_figures.columns import FIGURES, FILLED, is_head, names_of
from common.dates import in_words, month_in_words
from common.text import tidy, unkeepable_in
from common.workbooks import MOST_COLUMNS, Cell, NotAWorkbook, Sheet, read_sheets

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 1000  # with something filled in
MOST_LINES = 20_000
LONGEST_CELL = 100_000  # characters
FIRST_ROWS = 20
NO_RESULT = "It holds a formula without a kept result. Open the file in Excel, save it, and choose it again."
AN_ERROR = "It shows the error of a formula. Write the figure itself."
NO_HEAD = "The file has no row with the headings KPI, Period and Figure. Take the template, or write these headings over your table."


class NotFigures(Exception):
    """The file cannot be read as a table of figures. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a cell says, and where it stands; `problem` where it says nothing that can be read."""

    text: str = ""
    place: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    cells: dict[str, Given]

    def text(self, name: str) -> str:
        return self.cells[name].text if name in self.cells else ""

    @property
    def is_filled(self) -> bool:
        return any(self.cells[name].text or self.cells[name].problem for name in FILLED if name in self.cells)


def read_lines(content: bytes) -> list[Line]:
    """The rows below the headings that say anything at all."""
    if len(content) > MOST_BYTES:
        raise NotFigures(f"The file is larger than {MOST_BYTES // 2**20} MB. Leave only the table of figures in it.")
    try:
        found = list(_of_workbook(content) if content.startswith(b"PK") else _below_head(_of_text(content)))
    except NotAWorkbook as problem:
        raise NotFigures(str(problem)) from None
    if sum(1 for line in found if line.is_filled) > MOST_ROWS:
        raise NotFigures(f"The file holds more than {MOST_ROWS:,} figures. Bring them in as several files.")
    return found


def _below_head(rows: Iterable[tuple[int, list[Given]]]) -> Iterator[Line]:
    names: dict[int, str] = {}
    for position, (number, cells) in enumerate(rows):
        if not names:
            found = names_of([cell.text for cell in cells])
            if is_head(found):
                names = found
            elif position >= FIRST_ROWS:
                break
            continue
        said = {name: cells[at] for at, name in names.items() if at < len(cells)}
        if any(cell.text or cell.problem for cell in said.values()):
            yield Line(number, said)
    if not names:
        raise NotFigures(NO_HEAD)


# Workbooks


def _of_workbook(content: bytes) -> Iterator[Line]:
    """The sheet of the template, else the first that has the headings."""
    found: dict[str, list[Line]] = {}
    for sheet in read_sheets(content, most_bytes=MOST_BYTES, with_hidden=False):
        try:
            found[sheet.name] = list(_below_head(_rows(sheet)))
        except NotFigures:
            continue
    if not found:
        raise NotFigures(NO_HEAD)
    yield from found.get(FIGURES) or next(iter(found.values()))


def _rows(sheet: Sheet) -> Iterator[tuple[int, list[Given]]]:
    from openpyxl.utils import get_column_letter

    for number in sorted(sheet.rows):
        cells = enumerate(sheet.line(number), start=1)
        yield number, [_given(cell, f"{sheet.name}!{get_column_letter(at)}{number}") for at, cell in cells]


def _given(cell: Cell, place: str) -> Given:
    if cell.is_error:
        return Given(str(cell.value or ""), place, AN_ERROR)
    if cell.value is None:
        return Given("", place, NO_RESULT if cell.is_formula else "")
    if cell.is_too_long:
        return Given("", place, f"It has {cell.length:,} characters, which is far too many.")
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        return Given(_number(cell.value, cell.number_format), place)
    if cell.day:  # Excel makes a day of "October 2026" and shows it without the day
        has_day = "d" in cell.number_format.casefold()
        return Given(in_words(cell.day) if has_day else month_in_words(cell.day), place)
    return Given(_kept(cell.text), place)


def _number(number: float, number_format: str) -> str:
    """As it is shown: a cell that shows 85.2% holds 0.852. To the six decimals that are kept."""
    is_percentage = "%" in number_format
    if not isfinite(number):
        return str(number)
    exact = Decimal(repr(number)) * (100 if is_percentage else 1)
    shown = f"{round(exact, 6).normalize():f}" if abs(exact) < 10**18 else f"{exact:f}"
    return f"{shown}%" if is_percentage else shown


# Text


def _of_text(content: bytes) -> Iterator[tuple[int, list[Given]]]:
    text = _decoded(content)
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    try:
        for number, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if number > MOST_LINES:
                raise NotFigures(f"The file has more than {MOST_LINES:,} lines. Leave only the table of figures in it.")
            if any(len(field) > LONGEST_CELL for field in fields):
                raise csv.Error  # the module's own bound is one for the whole process, and set elsewhere too
            cells = enumerate(fields[:MOST_COLUMNS], start=1)
            yield number, [Given(_kept(field), f"row {number}, column {at}") for at, field in cells]
    except csv.Error:
        raise NotFigures(
            "The file cannot be read as a table: a quotation mark is open, or a cell is far too long."
        ) from None


def _decoded(content: bytes) -> str:
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in content and not is_wide:
        raise NotFigures(
            "The file is neither an Excel workbook (.xlsx) nor CSV. Save it as one of them, and choose that."
        )
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotFigures("The file is no text that can be read. Save it as CSV (UTF-8), and choose that.")


def _kept(text: str) -> str:
    """Without the characters that no page or database carries."""
    return tidy("".join(letter for letter in text if unkeepable_in(letter) is None) if unkeepable_in(text) else text)
