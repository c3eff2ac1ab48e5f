"""How slides look: 16:9, a title that is a sentence, words small enough to fit and large enough to read, a foot on each.

The template that python-pptx brings is for another shape of slide; its master and three of its layouts are laid out anew and the
others taken away, so that somebody who goes on writing gets slides that look the same.
"""

import re
from typing import NamedTuple

from board.papers.fitting import clean

EMU = 12_700  # a point
WIDE, HIGH = 960, 540
FACE, INK, TEXT, GREY, RULE, LINK = "Arial", "16364F", "0B0C0C", "4D5B66", "C3CACE", "1D4F8C"
OPENING, WORDS, PICTURE = "Title Slide", "Title and Content", "Title Only"


class Box(NamedTuple):
    """In points."""

    left: float
    top: float
    width: float
    height: float

    @property
    def emu(self) -> tuple[int, int, int, int]:
        return tuple(round(each * EMU) for each in self)


MARGIN = 40
KICKER = Box(MARGIN, 20, WIDE - 2 * MARGIN, 20)
TITLE = Box(MARGIN, 40, WIDE - 2 * MARGIN, 62)
BODY = Box(MARGIN, 112, WIDE - 2 * MARGIN, 378)
FOOT = Box(MARGIN, 500, WIDE - 2 * MARGIN - 60, 30)
NUMBER = Box(WIDE - MARGIN - 60, 500, 60, 30)
OPENING_TITLE = Box(80, 120, WIDE - 160, 110)
OPENING_WORDS = Box(80, 245, WIDE - 160, 230)


def new_show():
    from pptx import Presentation

    show = Presentation()
    show.slide_width, show.slide_height = WIDE * EMU, HIGH * EMU
    master = show.slide_master
    for layout in list(show.slide_layouts):
        if layout.name not in (OPENING, WORDS, PICTURE):
            show.slide_layouts.remove(layout)
    _theme(master)
    _styles_of(master)
    for holder in (master, *show.slide_layouts):
        _lay_out(holder, is_opening=holder.name == OPENING)
    return show


def layout(show, name: str):
    return show.slide_layouts.get_by_name(name)


def _theme(master) -> None:
    """Face and colours, which tables and links take from the theme."""
    part = next(rel.target_part for rel in master.part.rels.values() if rel.reltype.endswith("/theme"))
    text = part.blob.decode()
    text = re.sub(r'(<a:latin typeface=")[^"]*(")', rf"\g<1>{FACE}\g<2>", text)
    for name, colour in (("dk1", TEXT), ("dk2", INK), ("accent1", INK), ("hlink", LINK), ("folHlink", LINK)):
        text = re.sub(
            rf"<a:{name}>.*?</a:{name}>", f'<a:{name}><a:srgbClr val="{colour}"/></a:{name}>', text, flags=re.S
        )
    part._blob = text.encode()


def _styles_of(master) -> None:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls, qn

    styles = master._element.find(qn("p:txStyles"))
    title = f'<a:lvl1pPr {nsdecls("a")} algn="l"><a:lnSpc><a:spcPct val="95000"/></a:lnSpc><a:buNone/>' + _letters(
        24, True, INK
    )
    body = (
        f'<a:lvl1pPr {nsdecls("a")} marL="228600" indent="-228600" algn="l"><a:spcBef><a:spcPts val="600"/></a:spcBef>'
        '<a:buFont typeface="Arial"/><a:buChar char="•"/>' + _letters(18, False, TEXT)
    )
    for name, xml in (("p:titleStyle", title), ("p:bodyStyle", body)):
        style = styles.find(qn(name))
        style.replace(style.find(qn("a:lvl1pPr")), parse_xml(f"{xml}</a:lvl1pPr>"))


def _letters(points: float, is_bold: bool, colour: str) -> str:
    return (
        f'<a:defRPr sz="{points * 100}" b="{int(is_bold)}" kern="1200"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
        '<a:latin typeface="+mj-lt"/><a:ea typeface="+mj-ea"/><a:cs typeface="+mj-cs"/></a:defRPr>'
    )


def _lay_out(holder, *, is_opening: bool) -> None:
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    boxes = {
        KIND.TITLE: TITLE, KIND.CENTER_TITLE: OPENING_TITLE, KIND.SUBTITLE: OPENING_WORDS, KIND.BODY: BODY,
        KIND.OBJECT: BODY, KIND.FOOTER: FOOT, KIND.SLIDE_NUMBER: NUMBER,
    }  # fmt: skip
    for shape in list(holder.placeholders):
        kind = shape.placeholder_format.type
        if kind == KIND.DATE:
            shape._element.getparent().remove(shape._element)
            continue
        shape.left, shape.top, shape.width, shape.height = boxes[kind].emu
        properties = shape._element.txBody.bodyPr
        for child in list(properties):
            properties.remove(child)
        anchor = "b" if kind == KIND.CENTER_TITLE else "ctr" if kind in (KIND.FOOTER, KIND.SLIDE_NUMBER) else "t"
        for name, value in (("anchor", anchor), ("lIns", "0"), ("rIns", "0"), ("tIns", "0"), ("bIns", "0")):
            properties.set(name, value)
        if kind in (KIND.FOOTER, KIND.SLIDE_NUMBER):
            _small(shape, "l" if kind == KIND.FOOTER else "r")
        elif kind in (KIND.CENTER_TITLE, KIND.SUBTITLE):
            _opening(shape, kind == KIND.CENTER_TITLE)


def _list_style(shape, xml: str) -> None:
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls, qn

    old = shape._element.txBody.find(qn("a:lstStyle"))
    new = parse_xml(f"<a:lstStyle {nsdecls('a')}>{xml}</a:lstStyle>")
    shape._element.txBody.replace(old, new) if old is not None else shape._element.txBody.bodyPr.addnext(new)


def _small(shape, side: str) -> None:
    _list_style(shape, f'<a:lvl1pPr algn="{side}"><a:buNone/>{_letters(9, False, GREY)}</a:lvl1pPr>')


def _opening(shape, is_title: bool) -> None:
    look = _letters(36, True, INK) if is_title else _letters(16, False, TEXT)
    _list_style(shape, f'<a:lvl1pPr marL="0" indent="0" algn="l"><a:buNone/>{look}</a:lvl1pPr>')


def add_foot(slide, words: str, notice: str) -> None:
    """The foot and the number, as placeholders: python-pptx leaves them out of new slides."""
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    at = max((int(shape.shape_id) for shape in slide.shapes), default=1) + 1
    said = _run(words) + (f"<a:br/>{_run(notice, is_bold=True)}" if notice else "")
    number = (
        '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr lang="en-GB"/><a:t>‹#›</a:t></a:fld>'
    )
    for offset, (kind, place, name, content) in enumerate(
        (("ftr", 11, "Foot", said), ("sldNum", 12, "Slide number", number))
    ):
        xml = (
            f'<p:sp {nsdecls("p", "a", "r")}><p:nvSpPr><p:cNvPr id="{at + offset}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/>'
            f'</p:cNvSpPr><p:nvPr><p:ph type="{kind}" sz="quarter" idx="{place}"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>'
            f"<a:lstStyle/><a:p>{content}</a:p></p:txBody></p:sp>"
        )
        slide.shapes._spTree.append(parse_xml(xml))


def read_foot_last(slide) -> None:
    """Shapes are read out in the order in which they stand in the file."""
    from pptx.oxml.ns import qn

    tree = slide.shapes._spTree
    for place in list(tree.iter(qn("p:ph"))):
        if place.get("type") in ("ftr", "sldNum"):
            tree.append(place.getparent().getparent().getparent())


def _run(text: str, *, is_bold: bool = False) -> str:
    from xml.sax.saxutils import escape

    return f'<a:r><a:rPr lang="en-GB" b="{int(is_bold)}"/><a:t>{escape(clean(text))}</a:t></a:r>'
