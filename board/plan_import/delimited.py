"""Text with delimiters, as planners and spreadsheets export it."""

import csv
import io

from board.plan_import.errors import NotAPlan
from board.plan_import.grids import Grid, Row, cell_of, within_bounds
from board.plan_import.opening import MOST_TEXT_FILE, SAVE_AS
from common.workbooks import MOST_COLUMNS

DELIMITERS = ",;\t"
FIRST_LINES = 20
MOST_OF_CELL = 1_000_000


def read_text(content: bytes) -> list[Grid]:
    if len(content) > MOST_TEXT_FILE:
        raise NotAPlan(f"A text file of more than {MOST_TEXT_FILE // 2**20} MB is no plan. Choose another.")
    text = _decoded(content)
    csv.field_size_limit(MOST_OF_CELL)
    grid = Grid("File")
    try:
        for number, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), start=1):
            if not any(field and not field.isspace() for field in fields[:MOST_COLUMNS]):
                continue  # a file can hold millions of empty rows
            cells = [
                cell_of(field, f"row {number}, column {at}") for at, field in enumerate(fields[:MOST_COLUMNS], start=1)
            ]
            if any(cell.is_filled for cell in cells):
                grid.take(Row(number, cells))
    except csv.Error:
        raise NotAPlan(
            "The file cannot be read as a table: a quotation mark is open, or a cell is far too long."
        ) from None
    return within_bounds(iter([grid]))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded_as(content, "utf-16")
    if b"\x00" in content:
        raise NotAPlan(f"The file is no text, and neither a workbook nor a document. {SAVE_AS}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded_as(content, "cp1252")


def _decoded_as(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise NotAPlan(f"The file is no text, and neither a workbook nor a document. {SAVE_AS}") from None


def _delimiter(text: str) -> str:
    """The one that gives the first lines the most columns, in most of them alike."""
    lines = text.splitlines()[:FIRST_LINES]

    def width(delimiter: str) -> int:
        try:
            widths = sorted(len(fields) for fields in csv.reader(lines, delimiter=delimiter) if fields)
        except csv.Error:
            return 0
        return widths[len(widths) // 2] if widths else 0

    return max(DELIMITERS, key=width)
