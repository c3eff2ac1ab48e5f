"""The sheets of a workbook as tables of a plan: what their cells show, with merged cells in each of their rows."""

import re
from dataclasses import replace
from datetime import datetime

from board.plan_import.errors import NotAPlan
from board.plan_import.grids import Cell, Grid, Row, cell_of, within_bounds
from common import workbooks
from common.text import LONGEST_TEXT
from common.workbooks import MOST_COLUMNS, NotAWorkbook, Range, Sheet, read_sheets

GUIDE = "How to fill this in"  # the template's sheet that explains, and holds no plan
NO_RESULT = "It holds a formula without a kept result. Open the workbook in Excel, save it, and choose it again."
AN_ERROR = "It shows the error of a formula. Mend the formula, or write the words themselves."
NO_DAY = "It is formatted as a date, and is too large or too small for one."


def read_workbook(content: bytes) -> list[Grid]:
    try:
        sheets = read_sheets(content, with_hidden=False, with_fills=True)
        return within_bounds(_grid(sheet) for sheet in sheets if sheet.name != GUIDE)
    except NotAWorkbook as problem:
        raise NotAPlan(str(problem)) from None


def _grid(sheet: Sheet) -> Grid:
    grid = Grid(sheet.name, notes=list(sheet.notes))
    if sheet.is_hidden:
        grid.notes.append(f"The hidden sheet {sheet.name} is not read.")
    merged = Merged(sheet.merged)
    for number in sheet.rows:
        row = Row(number, _cells(sheet, number, merged))
        if row.filled:
            grid.rows.append(row)
    return grid


def _cells(sheet: Sheet, number: int, merged: "Merged") -> list[Cell]:
    from openpyxl.utils import get_column_letter

    last = max([*sheet.rows[number], *merged.columns_in(number)])
    cells = []
    for column in range(1, last + 1):
        found = sheet.cell(number, column)
        cell = _cell(found, f"{sheet.name}!{get_column_letter(column)}{number}")
        cell.fill = found.fill
        cells.append(merged.applied(cell, number, column))
    return cells


def _cell(cell: workbooks.Cell, place: str) -> Cell:
    said = cell.value
    if cell.is_too_long:
        return Cell("", place, problem=f"It has {cell.length:,} characters, and the most is {LONGEST_TEXT:,}.")
    if said is None:
        return Cell("", place, problem=NO_RESULT if cell.is_formula else "")
    if cell.is_error:
        return _error(said, place)
    if isinstance(said, bool):
        return Cell("TRUE" if said else "FALSE", place)
    if isinstance(said, int | float):
        return Cell(_shown(said, cell.number_format), place)
    if isinstance(said, datetime):
        return Cell(f"{said.day}/{said.month}/{said.year}", place, day=said.date())
    return cell_of(str(said), place)


def _error(said: str | float, place: str) -> Cell:
    is_sign = isinstance(said, str)
    return Cell(said if is_sign else f"{said:.10g}", place, problem=AN_ERROR if is_sign else NO_DAY)


def _shown(number: float, number_format: str) -> str:
    """Reference 1.10 is kept as the number 1.1 under the format 0.00: the format says what people see."""
    decimals = re.fullmatch(r"0\.(0{1,4})", number_format)
    return f"{number:.{len(decimals[1])}f}" if decimals else f"{number:.10g}"


class Merged:
    """Merged ranges, applied row by row: a cell merged downwards shows its value in each of its rows."""

    def __init__(self, ranges: list[Range]):
        self.spans = {(each.top, each.left): each for each in ranges if each.left <= MOST_COLUMNS}
        self.open: dict[int, tuple[Cell, int]] = {}  # by column: the cell above, and its last row

    def columns_in(self, number: int) -> list[int]:
        return [column for column, (_, bottom) in self.open.items() if number <= bottom]

    def applied(self, cell: Cell, number: int, column: int) -> Cell:
        above = self.open.get(column)
        if above and number <= above[1]:
            shown = above[0]
            return replace(shown, is_repeated=True)
        span = self.spans.get((number, column))
        if span:
            cell.columns = span.right - span.left + 1
            if span.bottom > number:
                self.open[column] = (cell, span.bottom)
        return cell
