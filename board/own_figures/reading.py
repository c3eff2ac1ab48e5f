"""A table of figures that somebody sent, Excel or CSV, as rows of text with their places. Nothing is judged here.

Whatever its shape, each figure becomes one line that names its KPI and its period. A workbook may define the KPIs too, on a
sheet of their own.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from board.own_figures.columns import (
    DEFINITIONS,
    FIGURES,
    FILLED,
    GUIDE,
    MOST_DEFINED,
    Shape,
    columns_of_kpis,
    columns_of_periods,
    names_of,
    plain,
    shape_of,
)
from common.dates import in_words, month_in_words
from common.text import tidy, unkeepable_in
from common.workbooks import MOST_COLUMNS, Cell, NotAWorkbook, Sheet, read_sheets
from kpis.period_words import read_period
from kpis.vocabulary import Missing

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 1000  # with something filled in
MOST_LINES = 20_000
LONGEST_CELL = 100_000  # characters
FIRST_ROWS = 20
NO_RESULT = "It holds a formula without a kept result. Open the file in Excel, save it, and choose it again."
AN_ERROR = "It shows the error of a formula. Write the figure itself."
NO_HEAD = (
    "The file has no row with the headings KPI, Period and Figure. Take the template, or write these headings over your table. "
    "A table with a column for each KPI needs the heading Period over its periods; one with a row for each, the heading KPI."
)
NO_FIGURE = {"-", "–", "—", "..", "…"}  # how people write that a cell is left empty
A_REASON = {plain(str(label)) for label in Missing.labels}


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
    """One figure, or one KPI. `place` is its cell where a row of the file holds several."""

    number: int
    cells: dict[str, Given]
    place: str = ""

    def text(self, name: str) -> str:
        return self.cells[name].text if name in self.cells else ""

    @property
    def where(self) -> str:
        return self.place or f"row {self.number}"

    @property
    def is_filled(self) -> bool:
        return any(self.cells[name].text or self.cells[name].problem for name in FILLED if name in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says: its figures, and the KPIs that it defines. In a wide table there is no room to explain a figure."""

    figures: list[Line]
    defined: list[Line]
    is_wide: bool = False


Rows = Iterable[tuple[int, list[Given]]]


def read_table(content: bytes) -> Table:
    """The rows below the headings that say anything at all."""
    if len(content) > MOST_BYTES:
        raise NotFigures(f"The file is larger than {MOST_BYTES // 2**20} MB. Leave only the table of figures in it.")
    try:
        found = _of_sheets(content) if content.startswith(b"PK") else [("", *_below_head(_of_text(content)))]
    except NotAWorkbook as problem:
        raise NotFigures(str(problem)) from None
    table = _chosen([each for each in found if each[1]])
    if sum(1 for line in table.figures if line.is_filled) > MOST_ROWS:
        raise NotFigures(f"The file holds more than {MOST_ROWS:,} figures. Bring them in as several files.")
    if len(table.defined) > MOST_DEFINED:
        raise NotFigures(f"The file defines more than {MOST_DEFINED} KPIs. Bring them in as several files.")
    return table


def _chosen(found: list[tuple[str, Shape, list[Line]]]) -> Table:
    """Of several tables of figures: the sheet of the template if it is filled in, else the first that is."""
    if not found:
        raise NotFigures(NO_HEAD)
    defined = next((lines for _, shape, lines in found if shape == Shape.DEFINITIONS), [])
    figures = [each for each in found if each[1] != Shape.DEFINITIONS]
    figures.sort(key=lambda each: (not any(line.is_filled for line in each[2]), each[0] != FIGURES))
    _, shape, lines = figures[0] if figures else ("", Shape.ROWS, [])
    return Table(lines, defined, is_wide=shape != Shape.ROWS)


def _below_head(rows: Rows) -> tuple[Shape | None, list[Line]]:
    """What stands below the first row of headings; no shape where there is none."""
    rows = iter(rows)
    for position, (_, cells) in enumerate(rows):
        shape = shape_of([cell.text for cell in cells])
        if shape:
            return shape, [line for line in READERS[shape](cells, rows) if _says_anything(line)]
        if position >= FIRST_ROWS:
            break
    return None, []


def _says_anything(line: Line) -> bool:
    return any(cell.text or cell.problem for cell in line.cells.values())


def _by_names(names: dict[int, str], rows: Rows) -> Iterator[Line]:
    for number, cells in rows:
        yield Line(number, {name: cells[at] for at, name in names.items() if at < len(cells)})


def _figure_a_row(head: list[Given], rows: Rows) -> Iterator[Line]:
    return _by_names(names_of([cell.text for cell in head]), rows)


def _kpi_defined_a_row(head: list[Given], rows: Rows) -> Iterator[Line]:
    for line in _by_names(names_of([cell.text for cell in head], DEFINITIONS), rows):
        yield Line(line.number, line.cells, f"row {line.number} of the KPIs")


def _kpi_a_column(head: list[Given], rows: Rows) -> Iterator[Line]:
    headings = [cell.text for cell in head]
    period = next(at for at, name in names_of(headings).items() if name == "period")
    is_by_month, columns = plain(headings[period]) == "month", columns_of_kpis(headings)
    for number, cells in rows:
        for at in columns:
            if at < len(cells) and _is_figure(cells[at]):
                when = cells[period] if period < len(cells) else Given()
                if is_by_month:
                    when = _month_of(when)
                yield _line(number, cells[at], kpi=head[at], period=when)


def _month_of(cell: Given) -> Given:
    """Below the heading Month a day stands for its month: spreadsheets keep October 2026 as its first day."""
    period = read_period(cell.text)
    is_day = period is not None and period.start == period.end
    return Given(month_in_words(period.start), cell.place, cell.problem) if is_day else cell


def _kpi_a_row(head: list[Given], rows: Rows) -> Iterator[Line]:
    headings = [cell.text for cell in head]
    ours = {at: name for at, name in names_of(headings).items() if name in ("kpi", "code")}
    columns = columns_of_periods(headings)
    for number, cells in rows:
        named = {name: cells[at] for at, name in ours.items() if at < len(cells)}
        for at in columns:
            if at < len(cells) and _is_figure(cells[at]):
                yield _line(number, cells[at], period=head[at], **named)


def _line(number: int, cell: Given, **named: Given) -> Line:
    name = "missing" if plain(cell.text) in A_REASON else "figure"
    return Line(number, {**named, name: cell}, cell.place)


def _is_figure(cell: Given) -> bool:
    return bool(cell.problem or (cell.text and cell.text not in NO_FIGURE))


READERS = {
    Shape.ROWS: _figure_a_row,
    Shape.DEFINITIONS: _kpi_defined_a_row,
    Shape.COLUMNS: _kpi_a_column,
    Shape.ALONG: _kpi_a_row,
}


# Workbooks


def _of_sheets(content: bytes) -> list[tuple[str, Shape | None, list[Line]]]:
    sheets = read_sheets(content, most_bytes=MOST_BYTES, with_hidden=False)
    return [(sheet.name, *_below_head(_rows(sheet))) for sheet in sheets if sheet.name != GUIDE]


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
