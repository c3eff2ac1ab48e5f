"""The tables of a Word document, each with the headings above it.

Read from the document's own XML, since a plan's tables hold what a plain reading drops: content controls, tracked
insertions, numbered paragraphs, cells merged both ways.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace

from board.plan_import.errors import NotAPlan
from board.plan_import.grids import Cell, Grid, Heading, Row, cell_of, within_bounds
from board.plan_import.headings import Above, levels_of
from common.workbook_fills import NO_ONE_COLOUR
from common.workbooks import MOST_COLUMNS

UNREADABLE = "The document is broken and cannot be read. Open it in Word, save it anew, and choose that."
MOST_TABLES = 300


def read_document(content: bytes) -> list[Grid]:
    import docx

    try:
        document = docx.Document(io.BytesIO(content))
        return within_bounds(_tables(document))
    except NotAPlan:
        raise
    except Exception:  # over a broken document the library raises nearly anything
        raise NotAPlan(UNREADABLE) from None


def _tables(document) -> Iterator[Grid]:
    """In the order of the document, each under its headings."""
    above, count = Above(levels_of(_styles(document))), 0
    for block in _blocks(document.element.body):
        if block.tag == _w("tbl"):
            count += 1
            if count > MOST_TABLES:
                raise NotAPlan(f"The document holds more than {MOST_TABLES} tables. Leave only the plan in it.")
            yield _grid(block, count, above.table(count))
        else:
            above.read(cell_of(_text(block), "").text, _style(block), _outline(block.find(_w("pPr"))))


def _styles(document) -> dict[str, tuple[str, str, int | None]]:
    """Of each style of paragraphs its name, the style it is based on and the level of its outline."""
    found = {}
    for style in document.styles.element.iterchildren(_w("style")):
        if style.get(_w("type"), "paragraph") == "paragraph":
            name, based_on = (_value(style.find(_w(part))) for part in ("name", "basedOn"))
            found[style.get(_w("styleId"), "")] = name, based_on, _outline(style.find(_w("pPr")))
    return found


def _outline(properties) -> int | None:
    """Word counts outlines from nought; 9 is the body of the text."""
    level = "" if properties is None else _value(properties.find(_w("outlineLvl")))
    return int(level) + 1 if len(level) == 1 and level in "012345678" else None


def _value(part) -> str:
    return "" if part is None else part.get(_w("val"), "")


def _blocks(parent):
    for child in parent:
        if child.tag in (_w("p"), _w("tbl")):
            yield child
        elif child.tag == _w("sdt"):
            for content in child.iterchildren(_w("sdtContent")):
                yield from _blocks(content)


def _grid(table, number: int, headings: list[Heading]) -> Grid:
    grid = Grid(f"Table {number}", headings=headings, may_continue=True)
    above: dict[int, Cell] = {}
    for row_number, row in enumerate(_inside(table, "tr"), start=1):
        cells = _cells(row, f"table {number}, row {row_number}", above)
        if any(cell.text or cell.problem for cell in cells):
            grid.take(Row(row_number, cells))
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
        return replace(above, columns=span, is_repeated=True)
    text = "\n".join(filter(None, map(_paragraph, _outermost(part))))
    return cell_of(text, place, columns=span, fill=_fill(part))


def _outermost(part) -> Iterator:
    """The paragraphs of a cell, those of tables in it too, but none that stands inside another (that of a text box does):
    the outer one's text holds it already, and many inside one another would be read as often.
    """
    for child in part:
        if child.tag == _w("p"):
            yield child
        else:
            yield from _outermost(child)


def _fill(part) -> str:
    """The colour of a cell's shading, which Word writes outright also where it comes from the theme."""
    shading = part.find(f"{_w('tcPr')}/{_w('shd')}")
    if shading is None:
        return ""
    pattern, fill = shading.get(_w("val"), "clear"), shading.get(_w("fill"), "auto")
    if pattern == "solid":  # then the pattern's own colour covers all
        fill = shading.get(_w("color"), "auto")
    elif pattern not in ("clear", "nil"):
        return NO_ONE_COLOUR
    return fill.upper() if re.fullmatch(r"[0-9A-Fa-f]{6}", fill) else ""


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
    return _value(paragraph.find(f"{_w('pPr')}/{_w('pStyle')}"))


def _inside(parent, name: str):
    """Children of that name, also where content controls stand around them, however many."""
    wanted, control = _w(name), _w("sdt")
    levels = [iter(parent)]
    while levels:
        child = next(levels[-1], None)
        if child is None:
            levels.pop()
        elif child.tag == wanted:
            yield child
        elif child.tag == control:
            levels.append(each for content in child.iterchildren(_w("sdtContent")) for each in content)


def _number(part, properties: str, name: str, default: int = 0) -> int:
    found = part.find(f"{_w(properties)}/{_w(name)}")
    text = "" if found is None else found.get(_w("val"), "")
    return min(int(text), MOST_COLUMNS) if text.isascii() and text.isdigit() and len(text) < 6 else default


def _w(name: str) -> str:
    return f"{{http://schemas.openxmlformats.org/wordprocessingml/2006/main}}{name}"
