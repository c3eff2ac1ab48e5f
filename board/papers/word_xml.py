"""Pieces of WordprocessingML: words in, XML out. They know nothing of a document."""

from xml.sax.saxutils import escape, quoteattr

from board.papers.fitting import clean, status_words
from board.papers.native_charts import NativeChart
from board.papers.native_charts import look as look_of
from board.papers.word_sheet import HIGH, WIDE, Sheet, twips

TABLE_STYLE = "TrackerTable"
MAIN = "http://schemas.openxmlformats.org/drawingml/2006"
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    f'xmlns:wp="{MAIN}/wordprocessingDrawing" xmlns:a="{MAIN}/main" xmlns:c="{MAIN}/chart"'
)
BOLD = "<w:b/>"
KEEP_WITH_NEXT, KEEP_LINES = "<w:keepNext/>", "<w:keepLines/>"
TAB = "<w:r><w:tab/></w:r>"
TINY = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'  # a paragraph that nobody sees
WHOLE_ROW, HEADING_ROW = "<w:cantSplit/>", "<w:cantSplit/><w:tblHeader/>"


def run(text: str, properties: str = "") -> str:
    inside = '</w:t><w:br/><w:t xml:space="preserve">'.join(escape(line) for line in clean(text).split("\n"))
    given = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{given}<w:t xml:space="preserve">{inside}</w:t></w:r>'


def sized(points: float, *, is_bold: bool = False) -> str:
    return f'<w:b w:val="{int(is_bold)}"/><w:sz w:val="{round(points * 2)}"/>'


def paragraph(content: str, style: str, properties: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{content}</w:p>'


def letter_box(letter: str) -> str:
    """The letter in a bordered box of its colour: a colour alone says nothing, the letter in it does."""
    fill, words, edge = look_of(letter)
    edge = (edge or fill)[1:].upper()
    box = f'<w:bdr w:val="single" w:sz="4" w:space="0" w:color="{edge}"/>'
    look = f'<w:b/><w:color w:val="{words[1:].upper()}"/>{box}{shade(fill)}'
    return run(f"\N{NO-BREAK SPACE}{letter}\N{NO-BREAK SPACE}", look)


def shade(fill: str) -> str:
    return f'<w:shd w:val="clear" w:color="auto" w:fill="{fill[1:].upper()}"/>'


def status(letter: str) -> str:
    return letter_box(letter) + run(f" {status_words(letter)}")


def aligned(is_number: bool) -> str:
    return '<w:jc w:val="right"/>' if is_number else ""


# Tables


def cell(content: str, width: float, look: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{round(width * 20)}" w:type="dxa"/>{look}</w:tcPr>{content}</w:tc>'


def row(cells: str, properties: str = "") -> str:
    given = f"<w:trPr>{properties}</w:trPr>" if properties else ""
    return f"<w:tr>{given}{cells}</w:tr>"


def table(caption: str, widths: list[float], rows: str, *, borders: str = "") -> str:
    """A table of data, whose first row and first column are headings."""
    look = '<w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    return _table(f'<w:tblStyle w:val="{TABLE_STYLE}"/>', borders, look, caption, widths, rows)


def layout(caption: str, widths: list[float], rows: str) -> str:
    """What merely stands beside each other: it is read cell by cell, from left to right, and has no headings."""
    gap = '<w:left w:w="0" w:type="dxa"/><w:right w:w="180" w:type="dxa"/>'
    look = '<w:tblLook w:val="0600" w:firstRow="0" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
    return _table("", "", f"<w:tblCellMar>{gap}</w:tblCellMar>{look}", caption, widths, rows)


def _table(style: str, borders: str, look: str, caption: str, widths: list[float], rows: str) -> str:
    total = sum(round(width * 20) for width in widths)
    columns = "".join(f'<w:gridCol w:w="{round(width * 20)}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr>{style}<w:tblW w:w="{total}" w:type="dxa"/>{borders}<w:tblLayout w:type="fixed"/>{look}'
        f"<w:tblCaption w:val={quoteattr(clean(caption))}/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )


# Pictures and pages


def drawing(chart: NativeChart, name: str, number: int, wide: int, high: int) -> str:
    words = quoteattr(clean(chart.alternative).replace("\n", " "))
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{1000 + number}" name="Chart {number}" descr={words}/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{MAIN}/chart"><c:chart r:id="{name}"/></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def section(sheet: Sheet, columns: int) -> str:
    """What stands before it, from the end of the section before, is set in so many newspaper columns."""
    side, edge = twips(sheet.side), twips(sheet.edge)
    return (
        f'<w:sectPr><w:type w:val="continuous"/><w:pgSz w:w="{twips(WIDE)}" w:h="{twips(HIGH)}"/>'
        f'<w:pgMar w:top="{twips(sheet.head)}" w:right="{side}" w:bottom="{twips(sheet.foot)}" w:left="{side}" '
        f'w:header="{edge}" w:footer="{edge}" w:gutter="0"/>'
        f'<w:cols w:num="{columns}" w:space="{320 if sheet.is_close else 480}"/></w:sectPr>'
    )
