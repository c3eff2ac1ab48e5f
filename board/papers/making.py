"""Making papers: read once, laid out once, rendered in each format there is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec

from board.models import Pack
from board.papers.blocks import Paper
from board.papers.contents import contents_of
from board.papers.reading import WHOLE, Scope, gather, narrowed
from board.report import BoardReport, make_report
from board.vocabulary import PackFormat, PackKind
from common.dates import end_of_day, london_day
from strategies.models import Meeting, Strategy

# Each module has `render(paper, report) -> bytes`. They are loaded when asked for: what draws a slide is of no use to a page.
RENDERINGS = {
    PackFormat.PDF: "board.papers.pdf",
    PackFormat.DOCX: "board.papers.word",
    PackFormat.PPTX: "board.papers.slides",
    PackFormat.XLSX: "board.papers.workbook",
    PackFormat.CSV: "board.papers.rows",
    PackFormat.HTML: "board.papers.page",
}
CONTENT_TYPES = {
    PackFormat.PDF: "application/pdf",
    PackFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PackFormat.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    PackFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PackFormat.CSV: "text/csv; charset=utf-8",
    PackFormat.HTML: "text/html; charset=utf-8",
}


@lru_cache(maxsize=1)
def formats() -> tuple[PackFormat, ...]:
    """Those that can be made here, in the order in which they are offered."""
    return tuple(PackFormat(each) for each, module in RENDERINGS.items() if find_spec(module))


def rendering(file_format: str) -> Callable[[Paper, BoardReport], bytes]:
    return import_module(RENDERINGS[PackFormat(file_format)]).render


@dataclass(frozen=True)
class Order:
    """What papers are asked for: of which plan and part, as at which moment, by whom, reached at which address."""

    strategy: Strategy
    moment: datetime
    address: str
    made_by: str
    made_at: datetime
    kind: str = PackKind.FULL
    scope: Scope = WHOLE
    meeting: Meeting | None = None  # for which they are made; what changed is told since the one before it
    is_illustrative: bool = False


def make_paper(order: Order) -> tuple[Paper, BoardReport]:
    """What the papers say, and the report that they say it of: read once, for every format."""
    strategy = order.strategy
    before = _meeting_before(order)
    successor = Strategy.objects.published().filter(continues=strategy).first()
    report = make_report(
        strategy,
        order.moment,
        compare=_seen_at(before, order) if before else None,
        by=order.scope.kind,
        successor=successor,
    )
    report = narrowed(report, order.scope, successor)
    paper = contents_of(
        report,
        kind=order.kind,
        scope=order.scope,
        gathered=gather(report, order.scope, is_full=order.kind == PackKind.FULL),
        address=order.address,
        made_by=order.made_by,
        made_at=order.made_at,
        is_illustrative=order.is_illustrative,
    )
    return paper, report


def _meeting_before(order: Order) -> Meeting | None:
    """Nothing is told of what changed before a plan began or after it ended."""
    day = london_day(order.moment)
    if order.strategy.has_ended(day):
        return None
    held = Meeting.objects.going_ahead(order.moment).filter(
        area=order.strategy.area, held_on__gte=order.strategy.starts_on, held_on__lt=day
    )
    if order.meeting:
        held = held.filter(held_on__lt=order.meeting.held_on)
    return held.order_by("-held_on").first()


def _seen_at(before: Meeting, order: Order) -> datetime:
    """What the Board saw last: the moment of the papers frozen for the meeting before, or else the end of its day.

    What it decided at that meeting came after those papers, and is told in these.
    """
    whole = Pack.objects.filter(meeting=before, strategy=order.strategy, scope="", recorded_at__lte=order.moment)
    seen = whole.order_by("-number").values_list("as_at", flat=True).first()
    return seen or end_of_day(before.held_on)


@dataclass(frozen=True)
class MadeFile:
    format: PackFormat
    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        return len(self.content)


def make_file(order: Order, paper: Paper, report: BoardReport, file_format: str) -> MadeFile:
    content = rendering(file_format)(paper, report)
    return MadeFile(PackFormat(file_format), file_name(order, file_format), content)


def file_name(order: Order, file_format: str) -> str:
    """lewisham-send-strategy-2025-full-2026-11-26.pdf: of letters, digits and dashes alone, whatever a plan is called."""
    strategy = order.strategy
    part = order.scope.value.replace(":", "-")
    words = [strategy.area.slug, strategy.slug, part, order.kind, str(london_day(order.moment))]
    name = "-".join(filter(None, words))
    return "".join(c if c.isascii() and (c.isalnum() or c in "-") else "-" for c in name)[:110] + f".{file_format}"
