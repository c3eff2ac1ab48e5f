"""Adds what it is given to the end of a Word document, and keeps what the parts of the document share.

The table of contents is filled in and made of links; it holds no page numbers, since only Word knows them and would ask its
reader before it counted them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from board.papers import word_xml as xml
from board.papers.blocks import Span
from board.papers.fitting import clean
from board.papers.native_charts import EMU_PER_POINT, ChartParts, NativeChart
from board.papers.word_sheet import Sheet

HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
CHART = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart"
PACKAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package"


@dataclass
class Writer:
    document: object
    sheet: Sheet
    links: dict[str, str] = field(default_factory=dict)
    headings: list[tuple[int, str, str]] = field(default_factory=list)  # level, words, bookmark
    pieces: list[str] = field(default_factory=list)
    drawings: int = 0
    level: int = 0
    is_new_page: bool = False
    charts: ChartParts | None = None
    contents_at: int | None = None

    def style(self, name: str) -> str:
        return self.document.styles[name].style_id

    def paragraph(self, content: str, style: str, properties: str = "") -> None:
        self.pieces.append(xml.paragraph(content, self.style(style), properties))

    def head(self, text: str, level: int, content: str = "") -> None:
        name = f"part{len(self.headings) + 1}"
        self.headings.append((level, text, name))
        at = len(self.headings)
        mark = f'<w:bookmarkStart w:id="{at}" w:name="{name}"/>{content or xml.run(text)}<w:bookmarkEnd w:id="{at}"/>'
        on_new_page = "<w:pageBreakBefore/>" if self.is_new_page else ""
        self.is_new_page = False
        self.paragraph(mark, f"Heading {level}", on_new_page)

    def spans(self, spans: tuple[Span, ...]) -> str:
        return "".join(
            self.link(s.text, s.href, is_strong=s.is_strong) if s.href else xml.run(s.text, xml.BOLD * s.is_strong)
            for s in spans
        )

    def link(self, text: str, href: str, *, is_strong: bool = False, look: str = "") -> str:
        if href not in self.links:
            self.links[href] = f"rIdLink{len(self.links) + 1}"
            self.document.part.rels.add_relationship(HYPERLINK, clean(href), self.links[href], is_external=True)
        inside = xml.run(text, f'<w:rStyle w:val="Hyperlink"/>{xml.BOLD * is_strong}{look}')
        return f'<w:hyperlink r:id="{self.links[href]}" w:history="1">{inside}</w:hyperlink>'

    def apart(self, write: Callable[[], None]) -> str:
        """What `write` adds, for a cell of a table rather than for the end of the document."""
        held, self.pieces = self.pieces, []
        write()
        made, self.pieces = "".join(self.pieces), held
        return made

    def draw(
        self, chart: NativeChart, width: float, height: float, *, changed: Callable[[bytes], bytes] | None = None
    ) -> None:
        """`changed` has the last word on the XML of the chart."""
        self.drawings += 1
        self.charts = self.charts or ChartParts()
        drawn, workbook, name = self.charts.part_of(chart, room=width)
        part = _take_over(
            self.document.part, (changed(drawn) if changed else drawn, workbook, name), self.drawings
        )  # fmt: skip
        wide, high = int(width * EMU_PER_POINT), int(height * EMU_PER_POINT)
        self.paragraph(xml.drawing(chart, part, self.drawings, wide, high), "Normal", xml.KEEP_WITH_NEXT)

    def end_section(self, columns: int) -> None:
        self.paragraph("", "Cell", xml.TINY + xml.section(self.sheet, columns))

    def finish(self) -> None:
        from docx.oxml import parse_xml

        if self.contents_at is not None and self.headings:
            self.pieces.insert(self.contents_at, self._contents())
        body = self.document.element.body
        whole = parse_xml(f"<w:body {xml.NAMESPACES}>{''.join(self.pieces)}</w:body>")
        for element in list(whole):
            body.insert(len(body) - 1, element)
        _heads_on_first_section(body)

    def _contents(self) -> str:
        entries = [(level, words, name) for level, words, name in self.headings if level == 1]
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \\o "1-1" \\n \\h \\z '
            '</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        found = [xml.paragraph(xml.run("Contents"), self.style("TOC Heading"))]
        for at, (level, words, name) in enumerate(entries):
            link = f'<w:hyperlink w:anchor="{name}" w:history="1">{xml.run(words)}</w:hyperlink>'
            end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' if at == len(entries) - 1 else ""
            found.append(xml.paragraph((begin if at == 0 else "") + link + end, self.style(f"TOC {level}")))
        return "".join(found)


def _take_over(document_part, drawn: tuple[bytes, bytes, str], number: int) -> str:
    """The chart as a part of the document, its workbook as a part of the chart; returns the chart's name there."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    chart_xml, workbook, name = drawn
    package = document_part.package
    kind = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    chart = Part(PackURI(f"/word/charts/chart{number}.xml"), kind, chart_xml, package)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    book = Part(PackURI(f"/word/embeddings/chart{number}.xlsx"), kind, workbook, package)
    chart.rels.add_relationship(PACKAGE, book, name)
    document_part.rels.add_relationship(CHART, chart, f"rIdChart{number}")
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
