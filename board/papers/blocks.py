"""What a paper is made of. Every rendering knows these blocks and nothing of the records behind them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from board.risk_matrix import Cell as RiskCell
from kpis.chart import Chart

Value = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Span:
    """Some words. `href` is the whole address that shows the same figure as at the same moment."""

    text: str
    href: str = ""
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 2 for a part of the paper, 3 within it; the title of the paper is level 1 and no block."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`kind`: "" for plain words, "lead" for what a chair reads out, "quiet" for a remark, "notice" for what must not be missed."""

    spans: tuple[Span, ...]
    kind: str = ""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """`share` of the table's width; `is_number` stands at the right."""

    title: str
    share: float = 1
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """`status` is a letter of the scale (its word comes from `workstrands.status.SHOWN_WORDS`); `reason` stands below, in grey.

    `counts` is a bar of counted segments, as (letter, count); its `href` leads to all the rows counted, and one more
    `&assessed=` and the letter to those of a segment.
    """

    text: str = ""
    href: str = ""
    reason: str = ""
    status: str = ""
    is_strong: bool = False
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The first column titles its rows. Headings repeat on every page."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_empty_words: str = "There is nothing to show here."


@dataclass(frozen=True, slots=True)
class KpiBlock:
    """A KPI with its picture: `lines` are what is said of it beside its figure and the word of its status.

    The first holds the figure against its target. `chart.sentence` is the alternative text.
    """

    title: str
    href: str
    figure: str
    period: str
    status: str
    lines: tuple[str, ...]
    chart: Chart
    variation: str = ""  # kpis.spc.Variation
    assurance: str = ""  # kpis.spc.Assurance


@dataclass(frozen=True, slots=True)
class KpiGrid:
    """Small multiples, some beside each other."""

    kpis: tuple[KpiBlock, ...]


@dataclass(frozen=True, slots=True)
class Months:
    """How the statuses moved: (month, ((letter, count), ...)), with the sentence that says it.

    `hrefs` lead to the rows of each month; one more `&reported=` and the letter narrows them to a count.
    """

    sentence: str
    months: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    hrefs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """(letter, word, meaning) of the statuses, (word, meaning) of the KPI statuses, icons as (name, meaning)."""

    statuses: tuple[tuple[str, str, str], ...]
    kpi_statuses: tuple[tuple[str, str], ...]
    icons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RiskPicture:
    """The register five by five, the likeliest row first; `sentence` says it. The hrefs of its cells are whole addresses."""

    sentence: str
    matrix: tuple[tuple[RiskCell, ...], ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows starts on a page, or a slide, of its own."""


Block = Heading | Paragraph | Bullets | Table | KpiBlock | KpiGrid | Months | Key | RiskPicture | NewPage


@dataclass(frozen=True)
class Paper:
    """`facts` stand on the first page and in the file's properties: area, plan, moment, filters, who made it, when, address."""

    title: str
    area: str
    strategy: str
    kind: str  # board.vocabulary.PackKind
    as_at: date
    moment: datetime
    facts: tuple[tuple[str, str], ...]
    notice: str = ""  # the illustrative-data notice, on every page
    blocks: tuple[Block, ...] = field(default=())
    narrowing: str = ""  # "priority=1", "strand=early-years"; nothing for the whole plan
