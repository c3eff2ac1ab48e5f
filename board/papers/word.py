"""The paper as a Word document: real headings, styles and tables, charts that can be edited, addresses that can be followed.

Text is written as XML here and not cell by cell through python-docx, whose tables take a second for a few hundred rows; the
page, the styles and the file are python-docx's. The table of contents is filled in and made of links; it holds no page
numbers, since only Word knows them and would ask its reader before it counted them.
"""

import io
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

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
    Span,
    Table,
)
from board.papers.fitting import clean, column_widths, counted, lines, status_words
from board.papers.native_charts import ChartParts, NativeChart, letters_key, line_chart, months_chart
from board.papers.native_charts import look as look_of
from board.report import BoardReport
from board.vocabulary import PackKind
from common.words import sentence_case
from kpis.icons import WORDS as ICON_WORDS

STYLE_OF_KIND = {"": "Normal", "lead": "Lead", "quiet": "Remark", "notice": "Notice"}
TALLEST_WHOLE_ROW = 30  # lines; a taller row may break over pages
EMU_PER_POINT = 12_700
ROOM = (21 - 4) / 2.54 * 72  # points between the margins of an A4 page
TABLE_STYLE = "TrackerTable"


def render(paper: Paper, report: BoardReport | None = None) -> bytes:
    import docx

    from board.papers.word_look import dress

    document = docx.Document()
    dress(document, paper)
    writer = _Writer(document)
    writer.front(paper)
    for block in paper.blocks:
        writer.write(block)
    writer.finish()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# Pieces of WordprocessingML


def _run(text: str, properties: str = "") -> str:
    inside = '</w:t><w:br/><w:t xml:space="preserve">'.join(escape(line) for line in clean(text).split("\n"))
    given = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{given}<w:t xml:space="preserve">{inside}</w:t></w:r>'


def _paragraph(content: str, style: str, properties: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{content}</w:p>'


def _letter(letter: str) -> str:
    """The letter in a bordered box of its colour: a colour alone says nothing, the letter in it does."""
    fill, words, edge = look_of(letter)
    edge = (edge or fill)[1:].upper()
    box = f'<w:bdr w:val="single" w:sz="4" w:space="0" w:color="{edge}"/>'
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill[1:].upper()}"/>'
    return _run(
        f"\N{NO-BREAK SPACE}{letter}\N{NO-BREAK SPACE}", f'<w:b/><w:color w:val="{words[1:].upper()}"/>{box}{shade}'
    )


def _status(letter: str) -> str:
    return _letter(letter) + _run(f" {status_words(letter)}")


BOLD = "<w:b/>"
KEEP_WITH_NEXT, KEEP_LINES = "<w:keepNext/>", "<w:keepLines/>"


@dataclass
class _Writer:
    """Adds what it is given to the end of the document."""

    document: object
    links: dict[str, str] = field(default_factory=dict)
    headings: list[tuple[int, str, str]] = field(default_factory=list)  # level, words, bookmark
    pieces: list[str] = field(default_factory=list)
    drawings: int = 0
    level: int = 0
    is_new_page: bool = False
    charts: ChartParts | None = None
    contents_at: int | None = None

    def write(self, block) -> None:
        {
            Heading: self.heading, Paragraph: self.paragraph, Bullets: self.bullets, Table: self.table,
            KpiBlock: self.kpi, KpiGrid: self.grid, Months: self.months, Key: self.key, NewPage: self.new_page,
        }[type(block)](block)  # fmt: skip

    def front(self, paper: Paper) -> None:
        self.pieces.append(_paragraph(_run(paper.title), self._style("Title")))
        if paper.notice:
            self.pieces.append(_paragraph(_run(paper.notice), self._style("Notice")))
        for what, value in paper.facts:
            if value == paper.notice:
                continue  # said above, and at the head of every page
            words = self._link(value, value) if value.startswith(("http://", "https://")) else _run(value)
            self.pieces.append(_paragraph(_run(what, BOLD) + "<w:r><w:tab/></w:r>" + words, self._style("Fact")))
        if paper.kind == PackKind.FULL:
            self.contents_at = len(self.pieces)

    # Blocks

    def heading(self, block: Heading) -> None:
        """Levels go down one at a time, whatever was asked for."""
        self.level = max(1, min(block.level - 1, self.level + 1, 3))
        self._head(block.text, self.level)

    def _head(self, text: str, level: int, content: str = "") -> None:
        name = f"part{len(self.headings) + 1}"
        self.headings.append((level, text, name))
        at = len(self.headings)
        mark = f'<w:bookmarkStart w:id="{at}" w:name="{name}"/>{content or _run(text)}<w:bookmarkEnd w:id="{at}"/>'
        on_new_page = "<w:pageBreakBefore/>" if self.is_new_page else ""
        self.is_new_page = False
        self.pieces.append(_paragraph(mark, self._style(f"Heading {level}"), on_new_page))

    def paragraph(self, block: Paragraph) -> None:
        self.pieces.append(_paragraph(self._spans(block.spans), self._style(STYLE_OF_KIND.get(block.kind, "Normal"))))

    def bullets(self, block: Bullets) -> None:
        self.pieces += [_paragraph(self._spans(item), self._style("List Bullet")) for item in block.items]

    def table(self, block: Table) -> None:
        self.pieces.append(_paragraph(_run(block.caption), self._style("Caption")))
        if not block.rows:
            self.pieces.append(_paragraph(_run(block.is_empty_words), self._style("Remark")))
            return
        points = 9.0 if len(block.columns) < 8 else 8.0
        widths = column_widths(block, ROOM, points)
        rows = [self._row(block, row, widths, points) for row in block.rows]
        self.pieces.append(_table_xml(block, widths, self._heads(block, widths), "".join(rows)))
        self.pieces.append(_paragraph("", self._style("Cell")))  # two tables that touch would be one

    def _heads(self, block: Table, widths: list[float]) -> str:
        cells = [
            _cell(_paragraph(_run(column.title), self._style("Cell heading"), _right(column.is_number)), width)
            for column, width in zip(block.columns, widths, strict=True)
        ]
        return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"

    def _row(self, block: Table, row: tuple[Cell, ...], widths: list[float], points: float) -> str:
        each = list(zip(block.columns, row, widths, strict=True))
        cells = [_cell(self._cell_words(cell, column.is_number), width) for column, cell, width in each]
        tallest = max(lines(f"{cell.text} {cell.reason}", points, width) for _, cell, width in each)
        whole = "<w:trPr><w:cantSplit/></w:trPr>" if tallest < TALLEST_WHOLE_ROW else ""
        return f"<w:tr>{whole}{''.join(cells)}</w:tr>"

    def _cell_words(self, cell: Cell, is_number: bool) -> str:
        parts = [_status(cell.status)] if cell.status else []
        if cell.text:
            parts.append(self._spans((Span(cell.text, cell.href, cell.is_strong),)))
        if cell.counts:
            parts.append(_run(counted(cell.counts)))
        said = _paragraph(_run(" ").join(parts), self._style("Cell"), _right(is_number))
        return said + (_paragraph(_run(cell.reason), self._style("Cell reason")) if cell.reason else "")

    def kpi(self, block: KpiBlock, *, room: float = ROOM, height: float = 150, is_small: bool = False) -> None:
        self._head(block.title, min(max(self.level, 1) + 1, 3), self._spans((Span(block.title, block.href),)))
        beside = _run(f"  {block.period}", '<w:b w:val="0"/><w:sz w:val="20"/>')
        beside += _run(f"{block.period and ' · '}{block.status}", '<w:b/><w:sz w:val="20"/>') if block.status else ""
        self.pieces.append(_paragraph(_run(block.figure) + beside, self._style("Figure"), KEEP_WITH_NEXT))
        if block.chart.is_line:
            self._draw(line_chart(block.chart), room, height)
        icons = [ICON_WORDS[icon] for icon in (block.variation, block.assurance) if icon in ICON_WORDS]
        said = [line for line in (*map(sentence_case, block.lines), *icons) if line]
        for line in [" · ".join(said)] if is_small and said else said:
            keep = KEEP_WITH_NEXT if line is said[0] and line is not said[-1] else KEEP_LINES
            self.pieces.append(_paragraph(_run(line), self._style("Remark"), keep))

    def grid(self, block: KpiGrid) -> None:
        """Two newspaper columns, and no table made for its looks: they are read in order. An odd one stands below, by itself."""
        pairs = len(block.kpis) // 2 * 2
        if pairs:
            self._end_section(1)
        for kpi in block.kpis[:pairs]:
            self.kpi(kpi, room=(ROOM - 24) / 2, height=92, is_small=True)
        if pairs:
            self._end_section(2)
        for kpi in block.kpis[pairs:]:
            self.kpi(kpi, height=112)

    def months(self, block: Months) -> None:
        self.pieces.append(_paragraph(_run(block.sentence), self._style("Normal"), KEEP_WITH_NEXT))
        if not block.months:
            return
        chart = months_chart(block)
        self._draw(chart, ROOM, 200)
        self.pieces.append(_paragraph(_run(letters_key(chart)), self._style("Remark")))

    def key(self, block: Key) -> None:
        self._end_section(1)
        for letter, word, meaning in block.statuses:
            said = _letter(letter) + _run(f" {word}", BOLD) + _run(f": {meaning}")
            self.pieces.append(_paragraph(said, self._style("Meaning")))
        for word, meaning in [*block.kpi_statuses, *_icon_words(block.icons)]:
            said = _run(word, BOLD) + (_run(f": {meaning}") if meaning else "")
            self.pieces.append(_paragraph(said, self._style("Meaning")))
        self._end_section(2)

    def new_page(self, _block: NewPage) -> None:
        """Said of the heading that follows: a paragraph of its own would stand empty at the top of the page."""
        self.is_new_page = True

    # Pieces that need the document

    def _style(self, name: str) -> str:
        return self.document.styles[name].style_id

    def _spans(self, spans) -> str:
        return "".join(
            self._link(s.text, s.href, s.is_strong) if s.href else _run(s.text, BOLD * s.is_strong) for s in spans
        )

    def _link(self, text: str, href: str, is_strong: bool = False) -> str:
        if href not in self.links:
            self.links[href] = f"rIdLink{len(self.links) + 1}"
            self.document.part.rels.add_relationship(_HYPERLINK, clean(href), self.links[href], is_external=True)
        inside = _run(text, f'<w:rStyle w:val="Hyperlink"/>{BOLD * is_strong}')
        return f'<w:hyperlink r:id="{self.links[href]}" w:history="1">{inside}</w:hyperlink>'

    def _draw(self, chart: NativeChart, width: float, height: float) -> None:
        self.drawings += 1
        self.charts = self.charts or ChartParts()
        drawn = self.charts.part_of(chart, room=width)
        name = _take_over(self.document.part, drawn, self.drawings)
        wide, high = int(width * EMU_PER_POINT), int(height * EMU_PER_POINT)
        drawing = _drawing_xml(chart, name, self.drawings, wide, high)
        self.pieces.append(_paragraph(drawing, self._style("Normal"), KEEP_WITH_NEXT))

    def _end_section(self, columns: int) -> None:
        size = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1361" w:right="1134" w:bottom="1134" w:left="1134" '
        section = (
            f'<w:sectPr><w:type w:val="continuous"/>{size}w:header="510" w:footer="510" w:gutter="0"/>'
            f'<w:cols w:num="{columns}" w:space="480"/></w:sectPr>'
        )
        tiny = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
        self.pieces.append(f'<w:p><w:pPr><w:pStyle w:val="{self._style("Cell")}"/>{tiny}{section}</w:pPr></w:p>')

    def finish(self) -> None:
        from docx.oxml import parse_xml

        if self.contents_at is not None and self.headings:
            self.pieces.insert(self.contents_at, self._contents())
        body = self.document.element.body
        whole = parse_xml(f"<w:body {_NAMESPACES}>{''.join(self.pieces)}</w:body>")
        for element in list(whole):
            body.insert(len(body) - 1, element)
        _heads_on_first_section(body)

    def _contents(self) -> str:
        entries = [(level, words, name) for level, words, name in self.headings if level == 1]
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \\o "1-1" \\n \\h \\z '
            '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        found = [_paragraph(_run("Contents"), self._style("TOC Heading"))]
        for at, (level, words, name) in enumerate(entries):
            link = f'<w:hyperlink w:anchor="{name}" w:history="1">{_run(words)}</w:hyperlink>'
            end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' if at == len(entries) - 1 else ""
            found.append(_paragraph((begin if at == 0 else "") + link + end, self._style(f"TOC {level}")))
        return "".join(found)


def _icon_words(icons) -> list[tuple[str, str]]:
    """Without the drawings: what an icon says stands in words beside each figure."""
    return [(word, meaning.strip()) for word, _, meaning in (words.partition(":") for _, words in icons)]


_HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
_CHART = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart"
_PACKAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package"
_MAIN = "http://schemas.openxmlformats.org/drawingml/2006"
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    f'xmlns:wp="{_MAIN}/wordprocessingDrawing" xmlns:a="{_MAIN}/main" xmlns:c="{_MAIN}/chart"'
)


def _right(is_number: bool) -> str:
    return '<w:jc w:val="right"/>' if is_number else ""


def _cell(content: str, width: float) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{round(width * 20)}" w:type="dxa"/></w:tcPr>{content}</w:tc>'


def _table_xml(block: Table, widths: list[float], heads: str, rows: str) -> str:
    total = sum(round(width * 20) for width in widths)
    columns = "".join(f'<w:gridCol w:w="{round(width * 20)}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{TABLE_STYLE}"/><w:tblW w:w="{total}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="00A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val={quoteattr(clean(block.caption))}/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{heads}{rows}</w:tbl>"
    )


def _drawing_xml(chart: NativeChart, name: str, number: int, wide: int, high: int) -> str:
    words = quoteattr(clean(chart.alternative).replace("\n", " "))
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{1000 + number}" name="Chart {number}" descr={words}/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{_MAIN}/chart"><c:chart r:id="{name}"/></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def _take_over(document_part, drawn: tuple[bytes, bytes, str], number: int) -> str:
    """The chart as a part of the document, its workbook as a part of the chart; returns the chart's name there."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    xml, workbook, name = drawn
    package = document_part.package
    kind = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    chart = Part(PackURI(f"/word/charts/chart{number}.xml"), kind, xml, package)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    book = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), kind, workbook, package)
    chart.rels.add_relationship(_PACKAGE, book, name)
    document_part.rels.add_relationship(_CHART, chart, f"rIdChart{number}")
    return f"rIdChart{number}"


def _heads_on_first_section(body) -> None:
    """Later sections take head and foot over from the first; python-docx has put them on the last."""
    from docx.oxml.ns import qn

    sections = list(body.iter(qn("w:sectPr")))
    if len(sections) == 1:
        return
    for tag in ("w:footerReference", "w:headerReference"):
        for found in sections[-1].findall(qn(tag)):
            sections[0].insert(0, found)
    kind = sections[-1].find(qn("w:type"))
    if kind is None:
        kind = sections[-1].makeelement(qn("w:type"), {})
        sections[-1].insert(0, kind)
    kind.set(qn("w:val"), "continuous")
