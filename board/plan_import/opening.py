"""Which kind of file it is, by its content: a workbook, a document, or text. Archives are looked over before they are parsed."""

from board.plan_import.errors import NotAPlan
from board.plan_import.grids import Grid
from common.zip_bounds import BeyondBounds, checked_parts, refuse_at_sight

MOST_TEXT_FILE = 5 * 1024 * 1024
SAVE_AS = "Save it as an Excel workbook (.xlsx), a Word document (.docx) or a CSV file, and choose that."


def read_grids(content: bytes) -> list[Grid]:
    """The tables of a file. `NotAPlan` where it is none of the three kinds, broken, or too large."""
    try:
        refuse_at_sight(content)
        read = _reader_of(content)
    except BeyondBounds as problem:
        raise NotAPlan(str(problem)) from None
    found = read(content)
    grids = [grid for grid in found if grid.rows]
    if not grids:
        raise NotAPlan("The file holds no table with anything in it. Choose another.")
    grids[0].notes[:0] = [note for grid in found if not grid.rows for note in grid.notes]
    return grids


def _reader_of(content: bytes):
    """The libraries are loaded by whoever brings a file, not by every page."""
    if not content.startswith(b"PK"):
        from board.plan_import.delimited import read_text

        return read_text
    parts = checked_parts(content)
    if "xl/workbook.xml" in parts:
        from board.plan_import.workbooks import read_workbook

        return read_workbook
    if "word/document.xml" in parts:
        from board.plan_import.documents import read_document

        return read_document
    raise NotAPlan(f"The file is neither a workbook nor a document. {SAVE_AS}")
