"""How the Word rendering looks: its page, its styles, and what stands at the head and the foot of each page."""

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from board.papers.blocks import Paper
from board.papers.fitting import clean
from board.papers.word_sheet import HIGH, WIDE, Sheet
from board.papers.word_xml import TABLE_STYLE
from common.dates import in_words

FACE, INK, TEXT, GREY, RULE, LINK = "Arial", "16364F", "0B0C0C", "4D5B66", "C3CACE", "1D4F8C"


def dress(document, paper: Paper, sheet: Sheet) -> None:
    _page(document, sheet)
    _styles(document, sheet)
    _properties(document, paper)
    _head_and_foot(document, paper, sheet)


def _page(document, sheet: Sheet) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(WIDE), Cm(HIGH)
    section.left_margin = section.right_margin = Cm(sheet.side)
    section.top_margin, section.bottom_margin = Cm(sheet.head), Cm(sheet.foot)
    section.header_distance = section.footer_distance = Cm(sheet.edge)


# name, based on, size, is bold, colour, space before, space after
_STYLES = [
    ("Title", None, 24, True, INK, 0, 6),
    ("Heading 1", None, 16, True, INK, 18, 6),
    ("Heading 2", None, 12, True, INK, 10, 3),
    ("Heading 3", None, 11, True, INK, 10, 2),
    ("Caption", None, 9.5, True, TEXT, 8, 3),
    ("TOC Heading", None, 13, True, INK, 14, 4),
    ("List Bullet", None, 10.5, False, TEXT, 0, 4),
    ("Header", None, 8.5, False, GREY, 0, 0),
    ("Footer", None, 8.5, False, GREY, 0, 0),
    ("Lead", "Normal", 12.5, False, TEXT, 0, 8),
    ("Remark", "Normal", 9.5, False, GREY, 0, 6),
    ("Notice", "Normal", 10.5, True, TEXT, 4, 10),
    ("Fact", "Normal", 9.5, False, TEXT, 0, 1),
    ("Meaning", "Normal", 9.5, False, TEXT, 0, 3),
    ("Figure", "Normal", 13, True, TEXT, 0, 2),
    ("Cell", "Normal", 9, False, TEXT, 0, 0),
    ("Cell heading", "Cell", 9, True, TEXT, 0, 0),
    ("Cell reason", "Cell", 8.5, False, GREY, 1, 0),
    ("TOC 1", "Normal", 10.5, False, TEXT, 2, 0),
]
# The same styles where two sides are all there is: nothing below 8.5 points.
_CLOSE_STYLES = [
    ("Title", None, 16, True, INK, 0, 2),
    ("Heading 1", None, 12, True, INK, 7, 2),
    ("Heading 2", None, 8.5, True, INK, 1, 1),
    ("Heading 3", None, 8.5, True, INK, 1, 1),
    ("Caption", None, 8.5, True, TEXT, 2, 2),
    ("TOC Heading", None, 12, True, INK, 7, 2),
    ("List Bullet", None, 9, False, TEXT, 0, 2),
    ("Header", None, 8.5, False, GREY, 0, 0),
    ("Footer", None, 8.5, False, GREY, 0, 0),
    ("Lead", "Normal", 10.5, False, TEXT, 0, 2),
    ("Remark", "Normal", 8.5, False, GREY, 1, 1),
    ("Notice", "Normal", 8.5, True, TEXT, 1, 3),
    ("Fact", "Normal", 8.5, False, TEXT, 0, 0),
    ("Meaning", "Normal", 8.5, False, TEXT, 0, 1),
    ("Figure", "Normal", 12, True, TEXT, 0, 0),
    ("Cell", "Normal", 8.5, False, TEXT, 0, 0),
    ("Cell heading", "Cell", 8.5, True, TEXT, 0, 0),
    ("Cell reason", "Cell", 8.5, False, GREY, 0, 0),
    ("TOC 1", "Normal", 9, False, TEXT, 0, 0),
]


def _styles(document, sheet: Sheet) -> None:
    styles = document.styles
    _language(styles)
    normal = styles["Normal"]
    _letters(normal, 9 if sheet.is_close else 10.5, False, TEXT)
    normal.paragraph_format.space_after = Pt(2 if sheet.is_close else 6)
    normal.paragraph_format.line_spacing = 1.0 if sheet.is_close else 1.1
    for name, base, *look in _CLOSE_STYLES if sheet.is_close else _STYLES:
        style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if base:
            style.base_style = styles[base]
        _letters(style, *look[:3])
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(look[3]), Pt(look[4])
    _details(styles, sheet)


def _language(styles) -> None:
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for found in defaults.findall(qn("w:lang")):
        defaults.remove(found)
    defaults.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/>'))


def _letters(style, size: float, is_bold: bool, colour: str) -> None:
    """The face by name: the template's styles name a theme's, which would win."""
    font = style.font
    font.name, font.size, font.bold, font.italic = FACE, Pt(size), is_bold, False
    font.color.rgb = RGBColor.from_string(colour)
    faces = style.element.rPr.rFonts
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        faces.attrib.pop(qn(f"w:{kind}Theme"), None)
        faces.set(qn(f"w:{kind}"), FACE)


def _details(styles, sheet: Sheet) -> None:
    for name in ("Title", "Heading 1", "Heading 2", "Heading 3", "Caption"):
        styles[name].paragraph_format.keep_with_next = True
    title = styles["Title"].element.pPr
    for border in title.findall(qn("w:pBdr")):
        title.remove(border)
    if not sheet.is_close:
        _hanging(styles["Fact"].paragraph_format)
    for name in ("Header", "Footer"):  # the template's stops are for another width of page
        stops = styles[name].paragraph_format.tab_stops
        stops.clear_all()
        stops.add_tab_stop(Cm(WIDE - 2 * sheet.side), WD_TAB_ALIGNMENT.RIGHT)
    _edged(styles["Notice"])
    _link_style(styles)
    above, beside = (24, round(sheet.padding * 10)) if sheet.is_close else (50, 70)
    styles.element.append(parse_xml(_TABLE.format(ns=nsdecls("w"), above=above, beside=beside)))


def _hanging(format_) -> None:
    format_.tab_stops.add_tab_stop(Cm(4))
    format_.left_indent, format_.first_line_indent = Cm(4), Cm(-4)


def _edged(style) -> None:
    """A bar at the left, so that a notice is one in grey too."""
    border = f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="36" w:space="8" w:color="{INK}"/></w:pBdr>'
    style.element.pPr.find(qn("w:spacing")).addprevious(parse_xml(border))


def _link_style(styles) -> None:
    style = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    style.font.color.rgb, style.font.underline = RGBColor.from_string(LINK), True


_TABLE = f"""<w:style {{ns}} w:type="table" w:customStyle="1" w:styleId="{TABLE_STYLE}"><w:name w:val="Tracker table"/>
<w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:qFormat/><w:tblPr><w:tblBorders>
<w:top w:val="single" w:sz="8" w:space="0" w:color="{INK}"/><w:bottom w:val="single" w:sz="8" w:space="0" w:color="{INK}"/>
<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{RULE}"/></w:tblBorders><w:tblCellMar>
<w:top w:w="{{above}}" w:type="dxa"/><w:left w:w="{{beside}}" w:type="dxa"/>
<w:bottom w:w="{{above}}" w:type="dxa"/><w:right w:w="{{beside}}" w:type="dxa"/>
</w:tblCellMar></w:tblPr><w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>
<w:bottom w:val="single" w:sz="8" w:space="0" w:color="{INK}"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>"""


def _properties(document, paper: Paper) -> None:
    held = document.core_properties
    facts = dict(paper.facts)
    held.title, held.subject = clean(paper.title)[:255], clean(f"{paper.area}: {paper.strategy}")[:255]
    held.author = clean(facts.get("Made by", "") or paper.area)[:255]
    held.last_modified_by = held.author
    held.language, held.comments = "en-GB", clean(f"As at {in_words(paper.as_at)}. {paper.notice}")[:255]
    held.keywords = "SEND, Partnership Board"
    held.created = held.modified = paper.moment.replace(tzinfo=None)


def _head_and_foot(document, paper: Paper, sheet: Sheet) -> None:
    section = document.sections[0]
    head = section.header.paragraphs[0]
    head.text = clean(f"{paper.area} · {paper.strategy}")
    if paper.notice and sheet.is_close:  # in short, on the same line: the first side says all of it
        _loud(head.add_run(clean(f"  {paper.notice.partition('. ')[0].rstrip('.')}")))
    head.add_run(clean(f"\tAs at {in_words(paper.as_at)}"))
    if paper.notice and not sheet.is_close:
        _loud(section.header.add_paragraph(style="Header").add_run(clean(paper.notice)))
    foot = section.footer.paragraphs[0]
    foot.text = clean(f"{paper.title}\t")
    _field(foot, "Page ", "PAGE")
    _field(foot, " of ", "NUMPAGES")


def _loud(run) -> None:
    run.bold = True
    run.font.color.rgb = RGBColor.from_string(TEXT)


def _field(paragraph, before: str, what: str) -> None:
    paragraph.add_run(before)
    paragraph._p.append(
        parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr=" {what} "><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    )
