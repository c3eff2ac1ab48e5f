"""Making the annex: read once, laid out once, rendered as it is asked for."""

from dataclasses import dataclass
from datetime import date, datetime

from board.annex.contents import Addresses, paper_of
from board.annex.sheets import render_workbook
from board.inspection_thread import inspections_of
from board.vocabulary import PackFormat
from strategies.models import Area


@dataclass(frozen=True)
class AnnexOrder:
    """What is asked for: of which area, as at which moment, by whom, reached at which address."""

    area: Area
    moment: datetime
    day: date
    address: str
    made_by: str
    made_at: datetime
    is_illustrative: bool = False


def make_annex(order: AnnexOrder, file_format: str) -> bytes:
    inspections = inspections_of(order.area, order.moment, day=order.day)
    addresses = Addresses(order.address, order.area.slug, order.moment)
    paper = paper_of(
        inspections, area=order.area, moment=order.moment, day=order.day, addresses=addresses, made_by=order.made_by,
        made_at=order.made_at, is_illustrative=order.is_illustrative,
    )  # fmt: skip
    if file_format == PackFormat.XLSX:
        return render_workbook(paper, inspections, addresses)
    from board.papers import word

    return word.render(paper)


def named(order: AnnexOrder, file_format: str) -> str:
    """lewisham-self-evaluation-annex-2026-11-26.docx"""
    return f"{order.area.slug}-self-evaluation-annex-{order.day}.{file_format}"
