"""The pictures of the Word paper: KPIs, alone and beside each other, how the statuses moved, and the register of risks."""

from functools import partial

from board.papers import word_xml as xml
from board.papers.blocks import KpiBlock, KpiGrid, Months, RiskPicture
from board.papers.native_charts import letters_key, line_chart, months_chart
from board.papers.word_writer import Writer
from board.risk_matrix import SHADES
from board.risk_matrix import Cell as RiskCell
from board.risks import IMPACTS, LIKELIHOODS, Level
from common.words import plural, sentence_case
from kpis.icons import SHORT_WORDS
from kpis.icons import WORDS as ICON_WORDS

IN_A_ROW = 4
INK_RULE = '<w:top w:val="single" w:sz="8" w:space="0" w:color="16364F"/>'


def kpi(writer: Writer, block: KpiBlock, *, room: float = 0, height: float = 150, is_small: bool = False) -> None:
    _title(writer, block)
    beside = xml.run(f"  {block.period}", xml.sized(10))
    beside += xml.run(f"{block.period and ' · '}{block.status}", xml.sized(10, is_bold=True)) if block.status else ""
    writer.paragraph(xml.run(block.figure) + beside, "Figure", xml.KEEP_WITH_NEXT)
    if block.chart.is_line:
        writer.draw(line_chart(block.chart), room or writer.sheet.room, height)
    said = _said(block)
    for line in [" · ".join(said)] if is_small and said else said:
        keep = xml.KEEP_WITH_NEXT if line is said[0] and line is not said[-1] else xml.KEEP_LINES
        writer.paragraph(xml.run(line), "Remark", keep)


def _title(writer: Writer, block: KpiBlock) -> None:
    href = block.href
    content = writer.link(block.title, href) if href else ""
    writer.head(block.title, min(max(writer.level, 1) + 1, 3), content)


def _said(block: KpiBlock) -> list[str]:
    icons = [ICON_WORDS[icon] for icon in (block.variation, block.assurance) if icon in ICON_WORDS]
    return [line for line in (*map(sentence_case, block.lines), *icons) if line]


def grid(writer: Writer, block: KpiGrid) -> None:
    (_beside if writer.sheet.is_close else _in_columns)(writer, block)


def _in_columns(writer: Writer, block: KpiGrid) -> None:
    """Two newspaper columns, and no table made for its looks: they are read in order. An odd one stands below, by itself."""
    pairs = len(block.kpis) // 2 * 2
    if pairs:
        writer.end_section(1)
    for each in block.kpis[:pairs]:
        kpi(writer, each, room=(writer.sheet.room - 24) / 2, height=92, is_small=True)
    if pairs:
        writer.end_section(2)
    for each in block.kpis[pairs:]:
        kpi(writer, each, height=112)


def _beside(writer: Writer, block: KpiGrid) -> None:
    """Four in a row: newspaper columns would be read downwards, and break in two where a page ends."""
    width = writer.sheet.room / IN_A_ROW
    rows = []
    for start in range(0, len(block.kpis), IN_A_ROW):
        cells = [
            xml.cell(writer.apart(partial(_small, writer, each, width - 9)), width, f"<w:tcBorders>{INK_RULE}</w:tcBorders>")
            for each in block.kpis[start : start + IN_A_ROW]
        ]  # fmt: skip
        empty = xml.cell(xml.paragraph("", writer.style("Cell")), width)
        rows.append(xml.row("".join([*cells, *[empty] * (IN_A_ROW - len(cells))]), xml.WHOLE_ROW))
    caption = "The KPIs beside each other, read row by row from left to right"
    writer.pieces.append(xml.layout(caption, [width] * IN_A_ROW, "".join(rows)))
    writer.paragraph("", "Cell", xml.TINY)


def _judged(block: KpiBlock) -> list[str]:
    """In short what the figures do, in full what this means for the target."""
    said = [SHORT_WORDS.get(block.variation, ""), ICON_WORDS.get(block.assurance, "")]
    return [words for words in said if words]


def _small(writer: Writer, block: KpiBlock, room: float) -> None:
    _title(writer, block)
    period = xml.run(f"  {block.period}", xml.sized(writer.sheet.points))
    writer.paragraph(xml.run(block.figure) + period, "Figure", xml.KEEP_WITH_NEXT)
    first, *others = [*map(sentence_case, block.lines), *_judged(block), ""]
    beside = xml.run(f"{block.status and ' · '}{first}") if first else ""
    writer.paragraph(xml.run(block.status, xml.BOLD) + beside, "Meaning", xml.KEEP_WITH_NEXT)
    if block.chart.is_line:
        writer.draw(line_chart(block.chart), room, 40, changed=_bare)
    if any(others):
        writer.paragraph(xml.run(" · ".join(filter(None, others))), "Remark", xml.KEEP_LINES)


def _bare(chart: bytes) -> bytes:
    """The lines alone, ending in a dot: at this size there is no room for axes, and the figure and target stand in words."""
    from docx.oxml import parse_xml
    from lxml import etree

    names = {"c": f"{xml.MAIN}/chart"}
    drawn = parse_xml(chart)
    for axis in drawn.xpath("//c:catAx/c:delete | //c:valAx/c:delete", namespaces=names):
        axis.set("val", "1")
    for words in drawn.xpath("//c:legend | //c:ser/c:dLbls", namespaces=names):
        words.getparent().remove(words)
    return etree.tostring(drawn, xml_declaration=True, encoding="UTF-8", standalone=True)


def months(writer: Writer, block: Months) -> None:
    writer.paragraph(xml.run(block.sentence), "Normal", xml.KEEP_WITH_NEXT)
    if not block.months:
        return
    chart = months_chart(block)
    writer.draw(chart, writer.sheet.room, 200)
    writer.paragraph(xml.run(letters_key(chart)), "Remark")


# The register of risks, five by five

TITLES = 1.5  # the column of likelihoods is so much wider than each other


def risk_picture(writer: Writer, block: RiskPicture) -> None:
    """A table that is the picture: the shade of a cell only repeats what its letter says."""
    writer.paragraph(xml.run(block.sentence), "Normal", xml.KEEP_WITH_NEXT)
    caption = "Open risks by likelihood and impact"
    writer.paragraph(xml.run(caption), "Caption")
    unit = writer.sheet.room / (TITLES + len(IMPACTS))
    widths = [unit * TITLES, *[unit] * len(IMPACTS)]
    rows = [_impacts(writer, widths), *(_likelihood(writer, row, widths) for row in block.matrix)]
    writer.pieces.append(xml.table(caption, widths, "".join(rows), borders=_LINES))
    levels = ", ".join(f"{level.value} {level.label.lower()}" for level in Level)
    writer.paragraph(xml.run(f"In each cell the level and the score, likelihood times impact: {levels}."), "Remark")


_LINES = "<w:tblBorders>{}</w:tblBorders>".format(
    "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="505A5F"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
)


def _impacts(writer: Writer, widths: list[float]) -> str:
    said = ["Likelihood, then impact", *(f"{impact} {word}" for impact, word in IMPACTS.items())]
    cells = [
        xml.cell(xml.paragraph(xml.run(words), writer.style("Cell heading"), xml.KEEP_WITH_NEXT), width)
        for words, width in zip(said, widths, strict=True)
    ]
    return xml.row("".join(cells), xml.HEADING_ROW)


def _likelihood(writer: Writer, row: tuple[RiskCell, ...], widths: list[float]) -> str:
    likelihood = row[0].likelihood
    words = xml.run(f"{likelihood} {LIKELIHOODS[likelihood]}")
    title = xml.cell(xml.paragraph(words, writer.style("Cell heading"), xml.KEEP_WITH_NEXT), widths[0])
    cells = [_risks(writer, each, width) for each, width in zip(row, widths[1:], strict=True)]
    return xml.row("".join([title, *cells]), xml.WHOLE_ROW)


def _risks(writer: Writer, each: RiskCell, width: float) -> str:
    scored = xml.paragraph(xml.run(f"{each.level.value} {each.score}"), writer.style("Cell"), xml.KEEP_WITH_NEXT)
    said = ""
    if each.count:  # in ink: the blue of a link would be hard to read on the darker shades
        words = plural(each.count, "risk")
        ink = '<w:color w:val="0B0C0C"/>'
        said = writer.link(words, each.href, is_strong=True, look=ink) if each.href else xml.run(words, xml.BOLD)
    counted = xml.paragraph(said, writer.style("Cell"), xml.KEEP_WITH_NEXT)
    return xml.cell(scored + counted, width, xml.shade(SHADES[each.level]))
