"""The paper as a Word document: real headings, styles and tables, charts that can be edited, addresses that can be followed.

Text is written as XML here and not cell by cell through python-docx, whose tables take a second for a few hundred rows; the
page, the styles and the file are python-docx's. Exceptions only stands on a closer sheet, so that it takes two A4 sides.
"""

import io
from functools import singledispatch

from board.papers import word_figures
from board.papers import word_xml as xml
from board.papers.blocks import (
    Bullets,
    Cell,
    Heading,
    Key,
    KpiBlock,
    KpiGrid,
    Months,
    NewPage,
    Paper,
    Paragraph,
    RiskPicture,
    Span,
    Table,
)
from board.papers.fitting import column_widths, counted, lines
from board.papers.word_sheet import sheet_of
from board.papers.word_writer import Writer
from board.report import BoardReport

STYLE_OF_KIND = {"": "Normal", "lead": "Lead", "quiet": "Remark", "notice": "Notice"}
TALLEST_WHOLE_ROW = 30  # lines; a taller row may break over pages
LINES = (
    ("Broken red line", "the target; a dot is the latest figure"),
    ("Thin grey lines", "the average, and the limits of what happens by chance"),
)
MANY_COLUMNS = 8  # from here on a table of the full paper is set smaller


def render(paper: Paper, report: BoardReport | None = None) -> bytes:
    import docx

    from board.papers.word_look import dress

    document = docx.Document()
    writer = Writer(document, sheet_of(paper))
    dress(document, paper, writer.sheet)
    (_close_front if writer.sheet.is_close else _front)(writer, paper)
    for block in paper.blocks:
        _write(block, writer)
    writer.finish()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _front(writer: Writer, paper: Paper) -> None:
    writer.paragraph(xml.run(paper.title), "Title")
    if paper.notice:
        writer.paragraph(xml.run(paper.notice), "Notice")
    for what, value in _facts(paper):
        writer.paragraph(xml.run(what, xml.BOLD) + xml.TAB + _fact(writer, value), "Fact")
    writer.contents_at = len(writer.pieces)


def _close_front(writer: Writer, paper: Paper) -> None:
    """The facts one after another, as the room is wanted for what the Board reads."""
    writer.paragraph(xml.run(paper.title), "Title")
    if paper.notice:
        writer.paragraph(xml.run(paper.notice), "Notice")
    told = [(what, value) for what, value in _facts(paper) if value != paper.title]
    facts = [xml.run(f"{what} ", xml.BOLD) + _fact(writer, value) for what, value in told]
    writer.paragraph(xml.run(" · ").join(facts), "Fact")


def _facts(paper: Paper) -> list[tuple[str, str]]:
    """Without the notice, which stands above and at the head of every page."""
    return [(what, value) for what, value in paper.facts if value != paper.notice]


def _fact(writer: Writer, value: str) -> str:
    return writer.link(value, value) if value.startswith(("http://", "https://")) else xml.run(value)


# Blocks


@singledispatch
def _write(block, writer: Writer) -> None:
    raise TypeError(f"{type(block).__name__} is no block of a paper")


@_write.register
def _(block: Heading, writer: Writer) -> None:
    """Levels go down one at a time, whatever was asked for."""
    writer.level = max(1, min(block.level - 1, writer.level + 1, 3))
    writer.head(block.text, writer.level)


@_write.register
def _(block: Paragraph, writer: Writer) -> None:
    writer.paragraph(writer.spans(block.spans), STYLE_OF_KIND.get(block.kind, "Normal"))


@_write.register
def _(block: Bullets, writer: Writer) -> None:
    for item in block.items:
        writer.paragraph(writer.spans(item), "List Bullet")


@_write.register
def _(block: KpiBlock, writer: Writer) -> None:
    word_figures.kpi(writer, block)


@_write.register
def _(block: KpiGrid, writer: Writer) -> None:
    word_figures.grid(writer, block)


@_write.register
def _(block: Months, writer: Writer) -> None:
    word_figures.months(writer, block)


@_write.register
def _(block: RiskPicture, writer: Writer) -> None:
    word_figures.risk_picture(writer, block)


@_write.register
def _(block: Key, writer: Writer) -> None:
    """In newspaper columns. The close key explains the lines, which have no key beside each other, and leaves out the icons:
    what these say stands in words beside each figure."""
    writer.end_section(1)
    for letter, word, meaning in block.statuses:
        said = xml.letter_box(letter) + xml.run(f" {word}", xml.BOLD) + xml.run(f": {meaning}")
        writer.paragraph(said, "Meaning", xml.KEEP_LINES)
    others = LINES if writer.sheet.is_close else _icon_words(block.icons)
    for word, meaning in [*block.kpi_statuses, *others]:
        said = xml.run(word, xml.BOLD) + (xml.run(f": {meaning}") if meaning else "")
        writer.paragraph(said, "Meaning", xml.KEEP_LINES)
    writer.end_section(3 if writer.sheet.is_close else 2)


def _icon_words(icons) -> list[tuple[str, str]]:
    """Without the drawings, which Word does not have."""
    return [(word, meaning.strip()) for word, _, meaning in (words.partition(":") for _, words in icons)]


@_write.register
def _(_block: NewPage, writer: Writer) -> None:
    """Said of the heading that follows: a paragraph of its own would stand empty at the top of the page."""
    writer.is_new_page = not writer.sheet.is_close


# Tables


@_write.register
def _(block: Table, writer: Writer) -> None:
    """The close sheet leaves the caption to the heading above; the table itself still holds it, for those who hear it."""
    if not writer.sheet.is_close:
        writer.paragraph(xml.run(block.caption), "Caption")
    if not block.rows:
        writer.paragraph(xml.run(block.is_empty_words), "Remark")
        return
    points = writer.sheet.points if writer.sheet.is_close or len(block.columns) < MANY_COLUMNS else 8.0
    widths = column_widths(
        block, writer.sheet.room, points, padding=writer.sheet.padding, is_fitted=True, by_words=writer.sheet.is_close
    )
    rows = [_heads(writer, block, widths), *(_row(writer, block, row, widths, points) for row in block.rows)]
    writer.pieces.append(xml.table(block.caption, widths, "".join(rows)))
    writer.paragraph("", "Cell", xml.TINY if writer.sheet.is_close else "")  # two tables that touch would be one


def _heads(writer: Writer, block: Table, widths: list[float]) -> str:
    style = writer.style("Cell heading")
    cells = [
        xml.cell(xml.paragraph(xml.run(column.title), style, xml.aligned(column.is_number)), width)
        for column, width in zip(block.columns, widths, strict=True)
    ]
    return xml.row("".join(cells), xml.HEADING_ROW)


def _row(writer: Writer, block: Table, row: tuple[Cell, ...], widths: list[float], points: float) -> str:
    each = list(zip(block.columns, row, widths, strict=True))
    cells = [xml.cell(_cell_words(writer, cell, column.is_number), width) for column, cell, width in each]
    tallest = max(lines(f"{cell.text} {cell.reason}", points, width) for _, cell, width in each)
    return xml.row("".join(cells), xml.WHOLE_ROW if tallest < TALLEST_WHOLE_ROW else "")


def _cell_words(writer: Writer, cell: Cell, is_number: bool) -> str:
    parts = [xml.status(cell.status)] if cell.status else []
    if cell.text:
        parts.append(writer.spans((Span(cell.text, cell.href, cell.is_strong),)))
    if cell.counts:
        parts.append(xml.run(counted(cell.counts).replace(" ·", "\N{NO-BREAK SPACE}·")))  # no line begins with the dot
    reason = xml.paragraph(xml.run(cell.reason), writer.style("Cell reason")) if cell.reason else ""
    if reason and not parts:
        return reason
    return xml.paragraph(xml.run(" ").join(parts), writer.style("Cell"), xml.aligned(is_number)) + reason
