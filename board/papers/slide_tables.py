"""A table over as many slides as it needs: rows are counted out by their height, and none is cut."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

from board.papers.blocks import Cell, Table
from board.papers.fitting import LINE_HEIGHT, cell_words, clean, column_widths, counted, lines, shortened, status_words
from board.papers.native_charts import look
from board.papers.slide_look import BODY, EMU, GREY, INK, LINK, RULE, Box

POINTS, SMALLER = 11, 10  # letters of a cell, and of the reason in it
SIDES, ENDS = 5, 3  # room round the words of a cell
TALLEST_CELL = 14  # lines; what is longer is shortened, and stands whole in the notes
LINE = POINTS * LINE_HEIGHT

Link = Callable[[str], str]  # from an address to the name under which the slide knows it


@dataclass(frozen=True)
class Portion:
    """The rows of one slide. `left_out` is what was too long for it, whole."""

    rows: tuple[tuple[Cell, ...], ...]
    heights: tuple[float, ...]
    head: float
    left_out: tuple[str, ...] = ()

    @property
    def height(self) -> float:
        return self.head + sum(self.heights)


@dataclass(frozen=True)
class Fitted:
    table: Table
    widths: list[float]
    portions: list[Portion]


def fit(table: Table, box: Box = BODY) -> Fitted:
    widths = column_widths(table, box.width, POINTS, padding=2 * SIDES + 2)
    titles = tuple(Cell(column.title) for column in table.columns)
    head = _height(titles, widths)
    return Fitted(table, widths, list(_portions(table, widths, head, box.height)))


def _portions(table: Table, widths: list[float], head: float, room: float) -> Iterator[Portion]:
    rows, heights, left_out, used = [], [], [], head
    for row in table.rows:
        short = tuple(_shortened(cell, width) for cell, width in zip(row, widths, strict=True))
        high = _height(short, widths)
        if rows and used + high > room:
            yield Portion(tuple(rows), tuple(heights), head, tuple(left_out))
            rows, heights, left_out, used = [], [], [], head
        rows.append(short)
        heights.append(high)
        left_out += [cell_words(cell) for cell, fits in zip(row, short, strict=True) if cell is not fits]
        used += high
    if rows:
        yield Portion(tuple(rows), tuple(heights), head, tuple(left_out))


def _room(width: float) -> float:
    return width - 2 * SIDES


def _height(row: tuple[Cell, ...], widths: list[float]) -> float:
    return max(_lines(cell, width) for cell, width in zip(row, widths, strict=True)) * LINE + 2 * ENDS


def _lines(cell: Cell, width: float) -> int:
    said = clean(
        f"{cell.status and f'{cell.status} {status_words(cell.status)} '}{cell.text} {counted(cell.counts)}"
    ).strip()
    return lines(said, POINTS, _room(width)) + (lines(clean(cell.reason), SMALLER, _room(width)) if cell.reason else 0)


def _shortened(cell: Cell, width: float) -> Cell:
    """The cell itself where it fits."""
    if _lines(cell, width) <= TALLEST_CELL:
        return cell
    letters = int(_room(width) / (POINTS * 0.5)) * TALLEST_CELL // (2 if cell.text and cell.reason else 1)
    for _ in range(8):
        short = replace(cell, text=shortened(clean(cell.text), letters), reason=shortened(clean(cell.reason), letters))
        if _lines(short, width) <= TALLEST_CELL:
            return short
        letters = letters * 3 // 4
    return replace(cell, text=shortened(clean(cell.text), 20), reason="")


# As DrawingML: a cell at a time through python-pptx takes a second for a few hundred rows


def add_table(slide, fitted: Fitted, portion: Portion, link: Link, box: Box = BODY) -> None:
    from pptx.oxml import parse_xml

    of = fitted.table.columns
    heads = "".join(_cell_xml(words_xml(c.title, 'b="1"'), is_number=c.is_number, edge=INK) for c in of)
    rows = "".join(
        f'<a:tr h="{round(high * EMU)}">{"".join(_row_cells(fitted.table, row, link))}</a:tr>'
        for row, high in zip(portion.rows, portion.heights, strict=True)
    )
    head = f'<a:tr h="{round(portion.head * EMU)}">{heads}</a:tr>'
    place = Box(box.left, box.top, sum(fitted.widths), portion.height)
    slide.shapes._spTree.append(parse_xml(frame_xml(slide, fitted.table.caption, fitted.widths, head + rows, place)))


def frame_xml(slide, alternative: str, widths: list[float], rows: str, place: Box) -> str:
    """A table of a slide, round its rows."""
    number = max(shape.shape_id for shape in slide.shapes) + 1
    columns = "".join(f'<a:gridCol w="{round(width * EMU)}"/>' for width in widths)
    left, top, width, height = place.emu
    return (
        f'<p:graphicFrame {_NAMESPACES}><p:nvGraphicFramePr><p:cNvPr id="{number}" name="Table" '
        f'descr={quoteattr(clean(alternative))}/><p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/>'
        f'</p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="{left}" y="{top}"/>'
        f'<a:ext cx="{width}" cy="{height}"/></p:xfrm><a:graphic><a:graphicData uri="{_MAIN}/table"><a:tbl>'
        f'<a:tblPr firstRow="1" firstCol="1"/><a:tblGrid>{columns}</a:tblGrid>{rows}</a:tbl></a:graphicData></a:graphic>'
        f"</p:graphicFrame>"
    )


_MAIN = "http://schemas.openxmlformats.org/drawingml/2006"
_NAMESPACES = (
    f'xmlns:a="{_MAIN}/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def _row_cells(table: Table, row: tuple[Cell, ...], link: Link) -> Iterator[str]:
    for column, cell in zip(table.columns, row, strict=True):
        said = words_xml(cell.status, 'b="1"') + words_xml(f" {status_words(cell.status)} ") if cell.status else ""
        if cell.text:
            said += linked_xml(cell.text, cell.href, link, attributes=f'b="{int(cell.is_strong)}"')
        said += words_xml(counted(cell.counts)) if cell.counts else ""
        reason = words_xml(cell.reason, points=SMALLER, colour=GREY) if cell.reason else ""
        yield _cell_xml(said, reason, is_number=column.is_number, side=cell.status)


LONGEST_LINK = 24  # letters
_LINKED = re.compile(rf"\S*\d\S{{0,7}}(?= )|.{{1,{LONGEST_LINK}}}(?=\s|$)|.{{{LONGEST_LINK}}}", re.S)


def linked_xml(
    text: str,
    href: str,
    link: Link,
    *,
    attributes: str,
    points: float = POINTS,
    colour: str = "",
    longest: int = LONGEST_LINK,
) -> str:
    """The reference or the first words lead there: some programmes cut words in a long link at the end of a line."""
    text = clean(text)
    if not href or not text:
        return words_xml(text, attributes, points=points, colour=colour)
    first = text if len(text) <= longest else _LINKED.match(text)[0]
    leading = words_xml(first, attributes, points=points, colour=LINK, inside=f'<a:hlinkClick r:id="{link(href)}"/>')
    rest = text[len(first) :]
    return leading + (words_xml(rest, attributes, points=points, colour=colour) if rest else "")


def words_xml(text: str, attributes: str = "", *, points: float = POINTS, colour: str = "", inside: str = "") -> str:
    fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>' if colour else ""
    look = f'<a:rPr lang="en-GB" sz="{points * 100}" {attributes}>{fill}{inside}</a:rPr>'
    return "<a:br/>".join(f"<a:r>{look}<a:t>{escape(line)}</a:t></a:r>" for line in clean(text).split("\n"))


def _cell_xml(said: str, reason: str = "", *, is_number: bool = False, edge: str = RULE, side: str = "") -> str:
    """A status has a bar of its colour at the left, beside its letter and word."""
    align = '<a:pPr algn="r"/>' if is_number else ""
    more = f"<a:p>{align}{reason}</a:p>" if reason else ""
    fill, _, rim = look(side)
    bar = (
        f'<a:lnL w="50800"><a:solidFill><a:srgbClr val="{(rim or fill)[1:].upper()}"/></a:solidFill></a:lnL>'
        if side
        else ""
    )
    left, right, top = (f'<a:{name} w="0"><a:noFill/></a:{name}>' for name in ("lnL", "lnR", "lnT"))
    return (
        f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p>{align}{said}</a:p>{more}</a:txBody>"
        f'<a:tcPr marL="{SIDES * EMU}" marR="{SIDES * EMU}" marT="{ENDS * EMU}" marB="{ENDS * EMU}">'
        f"{bar or left}{right}{top}"
        f'<a:lnB w="9525"><a:solidFill><a:srgbClr val="{edge}"/></a:solidFill></a:lnB><a:noFill/></a:tcPr></a:tc>'
    )
