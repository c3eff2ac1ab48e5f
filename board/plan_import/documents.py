"""The tables of a Word document, each with the heading above it.

Read from the document's own XML, since a plan's tables hold what a plain reading drops: content controls, tracked
insertions, numbered paragraphs, cells merged both ways.
"""

import io
import re
from collections.abc import Iterator

from board.plan_import.errors import NotAPlan
from board.plan_import.grids import Cell, Grid, Row, cell_of, within_bounds
from common.workbooks import MOST_COLUMNS

UNREADABLE = "The document is broken and cannot be read. Open it in Word, save it anew, and choose that."
LONGEST_HEADING = 200
MOST_TABLES = 300


def read_document(content: bytes) -> list[Grid]:
    import docx

    try:
        document = docx.Document(io.BytesIO(content))
        return within_bounds(iter(list(_tables(document))))
    except NotAPlan:
        raise
    except Exception:  # over a broken document the library raises nearly anything
        raise NotAPlan(UNREADABLE) from None


def _tables(document) -> Iterator[Grid]:
    """In the order of the document. A table without a heading of its own stands under the one before."""
    headings = {style.style_id for style in document.styles if re.match(r"heading|title", style.name or "", re.I)}
    heading, plain, count = "", "", 0
    for block in _blocks(document.element.body):
        if block.tag == _w("tbl"):
            count += 1
            heading = plain or heading
            if count > MOST_TABLES:
                raise NotAPlan(f"The document holds more than {MOST_TABLES} tables. Leave only the plan in it.")
            yield _grid(block, count, heading)
            plain = ""
        else:
            text = _text(block).strip()
            is_heading = _style(block) in headings
            if text and is_heading:
                plain = text[:LONGEST_HEADING]
            elif text and not plain and len(text) <= LONGEST_HEADING and not text.endswith("."):
                plain = text


def _blocks(parent):
    for child in parent:
        if child.tag in (_w("p"), _w("tbl")):
            yield child
        elif child.tag == _w("sdt"):
            for content in child.iterchildren(_w("sdtContent")):
                yield from _blocks(content)


def _grid(table, number: int, heading: str) -> Grid:
    grid = Grid(
        f"Table {number}", heading=heading[:LONGEST_HEADING], heading_place=f"table {number}", may_continue=True
    )
    above: dict[int, Cell] = {}
    for row_number, row in enumerate(_inside(table, "tr"), start=1):
        cells = _cells(row, f"table {number}, row {row_number}", above)
        if any(cell.text or cell.problem for cell in cells):
            grid.rows.append(Row(row_number, cells))
    return grid


def _cells(row, place: str, above: dict[int, Cell]) -> list[Cell]:
    cells = [Cell("", place) for _ in range(_number(row, "trPr", "gridBefore"))]
    for part in _inside(row, "tc"):
        column, span = len(cells), max(1, _number(part, "tcPr", "gridSpan", default=1))
        if column >= MOST_COLUMNS:
            break
        cell = _cell(part, place, span, above.get(column))
        above[column] = cell
        cells += [cell, *(Cell("", place) for _ in range(min(span, MOST_COLUMNS) - 1))]
    return cells[:MOST_COLUMNS]


def _cell(part, place: str, span: int, above: Cell | None) -> Cell:
    merge = part.find(f"{_w('tcPr')}/{_w('vMerge')}")
    goes_on = merge is not None and merge.get(_w("val"), "continue") == "continue"
    if goes_on and above is not None:
        return Cell(above.text, above.place, None, above.problem, span, is_repeated=True)
    text = "\n".join(filter(None, (_paragraph(each) for each in part.iter(_w("p")))))
    return cell_of(text, place, columns=span)


def _paragraph(paragraph) -> str:
    """Its text; a paragraph of a list is led by a bullet, which Word keeps apart from the text."""
    text = _text(paragraph).strip()
    is_listed = paragraph.find(f"{_w('pPr')}/{_w('numPr')}") is not None or "List" in _style(paragraph)
    return f"• {text}" if text and is_listed else text


def _text(paragraph) -> str:
    """With what tracked changes inserted, and without what they took out."""
    said = {
        _w("t"): lambda each: each.text or "",
        _w("tab"): lambda _: " ",
        _w("br"): lambda _: "\n",
        _w("cr"): lambda _: "\n",
    }
    runs = (each for each in paragraph.iter() if each.tag in said and each.getparent().tag == _w("r"))
    return "".join(said[each.tag](each) for each in runs)


def _style(paragraph) -> str:
    style = paragraph.find(f"{_w('pPr')}/{_w('pStyle')}")
    return "" if style is None else style.get(_w("val"), "")


def _inside(parent, name: str):
    """Children of that name, also where a content control stands around them."""
    for child in parent:
        if child.tag == _w(name):
            yield child
        elif child.tag == _w("sdt"):
            for content in child.iterchildren(_w("sdtContent")):
                yield from _inside(content, name)


def _number(part, properties: str, name: str, default: int = 0) -> int:
    found = part.find(f"{_w(properties)}/{_w(name)}")
    text = "" if found is None else found.get(_w("val"), "")
    return min(int(text), MOST_COLUMNS) if text.isascii() and text.isdigit() and len(text) < 6 else default


def _w(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"
