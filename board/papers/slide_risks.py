"""The risk picture on a slide: a table of the programme's own, whose cells say letter, score and count, so that grey says it too."""

from collections.abc import Iterator

from board.papers.blocks import RiskPicture
from board.papers.fitting import LINE_HEIGHT, clean
from board.papers.slide_look import BODY, EMU, GREY, TEXT, Box
from board.papers.slide_tables import Link, frame_xml, words_xml
from board.risk_matrix import SHADES
from board.risk_matrix import Cell as RiskCell
from board.risks import IMPACTS, LIKELIHOODS

FIRST, HEAD, ROW = 150, 30, 62  # points: the column of likelihoods, the row of impacts, each row below it
SMALL, LARGE = 11, 18
BELOW = Box(BODY.left, BODY.top + HEAD + 5 * ROW + 6, BODY.width, 2 * SMALL * LINE_HEIGHT)
KEY = (
    "Letter: the level of a cell (L low, M medium, H high, V very high). Beside it the score, likelihood times impact. "
    "Below it, in bold, how many risks stand there."
)


def add_matrix(slide, block: RiskPicture, link: Link) -> None:
    from pptx.oxml import parse_xml

    wide = (BODY.width - FIRST) / len(block.matrix[0])
    widths = [FIRST, *([wide] * len(block.matrix[0]))]
    rows = [(HEAD, _heads(block)), *((ROW, _row(row, link)) for row in block.matrix)]
    box = Box(BODY.left, BODY.top, BODY.width, HEAD + ROW * len(block.matrix))
    drawn = [f'<a:tr h="{round(high * EMU)}">{"".join(cells)}</a:tr>' for high, cells in rows]
    slide.shapes._spTree.append(parse_xml(frame_xml(slide, block.sentence, widths, "".join(drawn), box)))


def counts_in_words(block: RiskPicture) -> list[str]:
    """For the notes, each with its address."""
    return [f"{cell.words}: {cell.href}" for row in block.matrix for cell in row if cell.count]


def _heads(block: RiskPicture) -> Iterator[str]:
    yield _cell(words_xml("Likelihood, by impact", 'b="1"'))
    for cell in block.matrix[0]:
        yield _cell(words_xml(f"{cell.impact} {IMPACTS[cell.impact]}", 'b="1"'))


def _row(row: tuple[RiskCell, ...], link: Link) -> Iterator[str]:
    likelihood = row[0].likelihood
    yield _cell(words_xml(f"{likelihood} {LIKELIHOODS[likelihood]}", 'b="1"'))
    for cell in row:
        where = words_xml(f"{cell.level.value} {cell.score}", points=SMALL, colour=TEXT)
        yield _cell(where, _count(cell, link) if cell.count else "", fill=SHADES[cell.level])


def _count(cell: RiskCell, link: Link) -> str:
    """On white: a link has a colour of its own, which would not be read on the darker shades."""
    white = '<a:highlight><a:srgbClr val="FFFFFF"/></a:highlight>'
    leads = f'<a:hlinkClick r:id="{link(cell.href)}" tooltip="{clean(cell.words)}"/>' if cell.href else ""
    return words_xml(f" {cell.count} ", 'b="1"', points=LARGE, colour=TEXT, inside=white + leads)


def _cell(said: str, below: str = "", *, fill: str = "") -> str:
    centred = '<a:pPr algn="ctr"/>'
    more = f"<a:p>{centred}{below}</a:p>" if below else ""
    line = f'w="9525"><a:solidFill><a:srgbClr val="{GREY}"/></a:solidFill>'
    edges = "".join(f"<a:{name} {line}</a:{name}>" for name in ("lnL", "lnR", "lnT", "lnB"))
    shade = f'<a:solidFill><a:srgbClr val="{fill[1:].upper()}"/></a:solidFill>' if fill else "<a:noFill/>"
    sides = f'marL="{5 * EMU}" marR="{5 * EMU}" marT="{3 * EMU}" marB="{3 * EMU}"'
    return (
        f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p>{said}</a:p>{more}</a:txBody>"
        f'<a:tcPr {sides} anchor="{"t" if fill else "ctr"}">{edges}{shade}</a:tcPr></a:tc>'
    )
