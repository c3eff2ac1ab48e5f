"""The figures in papers: the headline KPIs beside each other, and every KPI of the plan with its latest figures."""

from collections.abc import Iterator
from dataclasses import replace

from board.papers.addresses import Addresses
from board.papers.blocks import Block, Cell, Column, Heading, KpiBlock, KpiGrid, Paragraph, Span, Table
from board.papers.reading import Gathered
from board.report import BoardReport
from common.dates import in_words, london_day
from common.words import count_words, sentence_case
from kpis.figure import KpiFigure
from kpis.models import Commentary
from kpis.rating import show_trimmed
from kpis.vocabulary import Unit

LATEST = 6  # figures in the table of a KPI


def headline(report: BoardReport, addresses: Addresses) -> Iterator[Block]:
    yield Heading("KPIs")
    if report.kpis:
        yield KpiGrid(tuple(block(kpi, addresses) for kpi in report.kpis))
    else:
        yield Paragraph((Span("No KPI is marked for the board page. "), Span("All KPIs", addresses.kpis())), "quiet")


def every(report: BoardReport, gathered: Gathered, addresses: Addresses) -> Iterator[Block]:
    """Each with its picture, its sentences and its latest figures."""
    if not gathered.kpis:
        return
    yield Heading("Every KPI of the plan")
    drawn = [kpi for kpi in gathered.kpis if kpi.chart.is_line]
    for kpi in drawn:
        yield block(kpi, addresses, is_whole=True, commentary=gathered.commentary.get(kpi.id))
        yield latest_figures(kpi, addresses)
    others = [kpi for kpi in gathered.kpis if not kpi.chart.is_line]
    if others:
        yield Heading("KPIs with too few figures for a line", 3)
        yield _undrawn(others, gathered, addresses)
    if gathered.other_kpis > 0:
        more = sentence_case(count_words(gathered.other_kpis, "more KPI"))
        tracked = f" of {report.strategy.area.name} {'belongs' if gathered.other_kpis == 1 else 'belong'} to no part of this paper."
        yield Paragraph((Span(more, addresses.kpis()), Span(tracked)), "quiet")


def _undrawn(kpis: list[KpiFigure], gathered: Gathered, addresses: Addresses) -> Table:
    return Table(
        caption="KPIs with too few figures for a line",
        columns=(
            Column("KPI", 3.4), Column("Figure", 1.2, is_number=True), Column("Period", 1.5), Column("Status", 2.4),
            Column("The figure before", 1.9),
        ),
        rows=tuple(
            (
                Cell(kpi.title, addresses.kpi(kpi.code), reason=_beside(kpi, gathered.commentary.get(kpi.id))),
                Cell(kpi.latest_shown, reason=kpi.counted_in_words),
                Cell(kpi.latest_period or "–", reason=kpi.age_words),
                Cell(str(kpi.status.label), reason=kpi.status_reason if kpi.latest else kpi.expected_words),
                Cell(_before(kpi)),
            )
            for kpi in kpis
        ),
    )  # fmt: skip


def _beside(kpi: KpiFigure, commentary: Commentary | None) -> str:
    said = [owner_says(commentary)] if commentary else []
    return " ".join([*said, "Illustrative"] if kpi.is_illustrative else said)


def owner_says(commentary: Commentary) -> str:
    return f"Its owner says ({in_words(london_day(commentary.recorded_at))}): {commentary.text}"


def _before(kpi: KpiFigure) -> str:
    return sentence_case(kpi.change_words) or kpi.previous_words.removeprefix("Before: ") or "–"


def block(
    kpi: KpiFigure, addresses: Addresses, *, is_whole: bool = False, commentary: Commentary | None = None
) -> KpiBlock:
    # The numbers of a whole country would press those of one area flat.
    chart = replace(kpi.chart, others=()) if kpi.unit in (Unit.COUNT, Unit.GBP) else kpi.chart
    said = [kpi.target_words, sentence_case(kpi.change_words), kpi.comparison_words]
    if is_whole:
        said = [
            kpi.status_reason, sentence_case(kpi.change_words), kpi.comparison_words, kpi.counted_in_words,
            chart.variation_words if kpi.variation else "", chart.assurance_words if kpi.assurance else "",
            *chart.marks_words,
        ]  # fmt: skip
    if not kpi.latest:
        said.append(kpi.expected_words)
    if commentary:
        said.append(owner_says(commentary))
    if kpi.is_illustrative:
        said.append("Illustrative")
    return KpiBlock(
        title=kpi.title,
        href=addresses.kpi(kpi.code),
        figure=kpi.latest_shown,
        period=", ".join(filter(None, (kpi.latest_period, kpi.age_words))),
        status=str(kpi.status.label),
        lines=tuple(line for line in said if line),
        chart=chart,
        variation=kpi.variation or "",
        assurance=kpi.assurance or "",
    )


def latest_figures(kpi: KpiFigure, addresses: Addresses) -> Table:
    """The periods beside each other, the figure and what was promised below."""
    points = kpi.chart.points[-LATEST:]
    promised = kpi.chart.targets[-LATEST:]
    href = addresses.kpi(kpi.code)
    rows = [(Cell("Figure", is_strong=True), *(Cell(kpi.shown(point), href) for point in points))]
    if any(target is not None for target in promised):
        shown = ["–" if target is None else show_trimmed(target, kpi.unit) for target in promised]
        rows.append((Cell("Target", is_strong=True), *(Cell(words) for words in shown)))
    return Table(
        caption=f"{kpi.title}: the latest figures",
        columns=(Column("Period", 0.7), *(Column(point.period, 1, is_number=True) for point in points)),
        rows=tuple(rows),
    )
