"""What the annex says, block by block: the clock, what nothing answers, each finding with what answers it, strengths, sources.

Every record carries the address of its page as at the same moment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from board.inspection_thread import Answered, InspectionShown
from board.papers.blocks import Block, Bullets, Cell, Column, Heading, Paper, Paragraph, Span, Table
from board.papers.contents import ILLUSTRATIVE
from board.vocabulary import PackKind
from common.dates import LONDON, end_of_day, in_words, time_in_words
from common.words import sentence_case
from people.scoping import address_of_moment
from strategies.models import Area
from workstrands.models import Objective

TITLE = "Self-evaluation annex: inspection findings and what answers them"
ACTIONS = (Column("Action", 4), Column("Lead reports", 1.5), Column("Dates and data say", 1.5), Column("Plan", 2))
KPIS = (Column("KPI", 3), Column("Latest figure", 1.5), Column("How it stands", 3))
EVIDENCE = (
    Column("Evidence", 3), Column("Kind", 1.2), Column("Date", 1.5), Column("Age on this day", 1.2), Column("Age at next inspection", 1.6),
)  # fmt: skip
MADE_UP = "Linked by an illustrative sign-in"


@dataclass(frozen=True, slots=True)
class Addresses:
    """`base` is how the product is reached ("https://tracker.example")."""

    base: str
    area: str
    moment: datetime

    def to(self, name: str, *args: str, anchor: str = "") -> str:
        path = reverse(f"board:{name}", args=[self.area, *args])
        return f"{self.base}{path}?as_at={address_of_moment(self.moment)}{anchor}"

    def finding(self, one: Answered) -> str:
        return self.to("inspection", anchor=f"#finding-{one.inspected_to}-{one.finding.ref}")

    def objective(self, objective: Objective) -> str:
        return self.to("objective", objective.strategy.slug, objective.key)


def paper_of(
    inspections: list[InspectionShown], *, area: Area, moment: datetime, day: date, addresses: Addresses, made_by: str,
    made_at: datetime, is_illustrative: bool,
) -> Paper:  # fmt: skip
    notice = ILLUSTRATIVE if is_illustrative else ""
    return Paper(
        title=TITLE,
        area=area.name,
        strategy="Inspection findings and what answers them",
        kind=PackKind.FULL,
        as_at=day,
        moment=moment,
        facts=tuple(_facts(area, moment, day, addresses, made_by, made_at, notice)),
        notice=notice,
        blocks=tuple(_blocks(inspections, area, addresses)),
    )


def _facts(area, moment, day, addresses, made_by, made_at, notice) -> Iterator[tuple[str, str]]:
    time = "" if moment >= end_of_day(day) else f", {time_in_words(moment)}"
    yield "Area", area.name
    yield "Shows", TITLE
    yield "As at", in_words(day) + time
    yield "Filters", "None"
    yield "Made by", made_by
    yield "Made at", made_at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")
    yield "Address", addresses.to("inspection")
    if notice:
        yield "Illustrative data", notice


def _blocks(inspections: list[InspectionShown], area: Area, addresses: Addresses) -> Iterator[Block]:
    if not inspections:
        yield Paragraph((Span(f"No inspection of {area.name} is recorded up to this day."),))
    for shown in inspections:
        yield from _inspection(shown, addresses)
    yield from _sources(inspections, addresses)


def _inspection(shown: InspectionShown, addresses: Addresses) -> Iterator[Block]:
    yield Heading(f"{shown.inspection.inspectorates}, {shown.days}")
    if shown.inspection.is_second_hand:
        yield Paragraph((Span("Second hand: known here only from another document."),), "notice")
    if shown.clock:
        yield Paragraph((Span(shown.clock.sentence),), "lead")
        if shown.clock.due_by and shown.inspection.source_note:
            yield Paragraph((Span(shown.inspection.source_note),), "quiet")
    for sentence in filter(None, (shown.sentence, shown.evidence_sentence)):
        yield Paragraph((Span(sentence, is_strong=True),))
    if shown.inspection.outcome:
        yield Paragraph((Span(f"“{shown.inspection.outcome}”"),))
    if shown.without:
        yield Heading("Nothing answers these as yet", 3)
        yield _unanswered(shown, addresses)
    for group in shown.groups:
        yield Heading(group.heading, 3)
        if group.asks:
            for top in group.findings:
                for one in top.with_parts:
                    yield from _finding(one, addresses)
        else:
            yield from _strengths(group.findings, addresses)
    for top in shown.without:
        if any(one.is_answered_itself for one in top.parts):
            yield Heading(f"{top.finding.ref}, of which a part is answered", 3)
            for one in top.parts:
                yield from _finding(one, addresses)


def _unanswered(shown: InspectionShown, addresses: Addresses) -> Table:
    rows = [one for top in shown.without for one in top.with_parts if not one.is_answered]
    return Table(
        f"Findings of {shown.days} that nothing in the plans is linked to",
        (Column("Ref", 1), Column("Finding", 6), Column("Kind", 2)),
        tuple(
            (
                Cell(one.finding.ref, addresses.finding(one), is_strong=True),
                Cell(one.finding.text),
                Cell(one.kind_words),
            )
            for one in rows
        ),
    )


def _finding(one: Answered, addresses: Addresses) -> Iterator[Block]:
    finding = one.finding
    yield Heading(f"{finding.ref}: {_short(finding.text)}", 4)
    yield Paragraph((Span(finding.ref, addresses.finding(one), is_strong=True), Span(f" {finding.text}")))
    if finding.owner_text:
        yield Paragraph((Span(f"Who is to act, in the inspectors’ words: {finding.owner_text}"),), "quiet")
    if one.objectives:
        yield Paragraph((Span("Objectives:", is_strong=True),))
        yield Bullets(tuple(_objective(objective, one, addresses) for objective in one.objectives))
    yield from _tables(one, addresses)
    if not one.is_answered_itself:
        parts = "Answered by its parts below." if one.parts else "Answered with the finding as a whole."
        yield Paragraph((Span(parts),), "quiet")
    if one.evidence_words:
        yield Paragraph((Span(one.evidence_words),), "quiet")


def _short(text: str, most: int = 70) -> str:
    """The first words of a finding, for its heading."""
    if len(text) <= most:
        return text
    return f"{text[:most].rpartition(' ')[0].rstrip(' ,;:.')}…"


def _objective(objective: Objective, one: Answered, addresses: Addresses) -> tuple[Span, ...]:
    made_up = f" ({MADE_UP.lower()})" if objective.pk in one.made_up.objectives else ""
    link = Span(f"{objective.ref} {objective.text}", addresses.objective(objective))
    return link, Span(f" ({objective.strategy.title}){made_up}")


def _tables(one: Answered, addresses: Addresses) -> Iterator[Block]:
    ref = one.finding.ref
    if one.actions:
        rows = [
            (
                Cell(
                    f"{s.ref} {s.title}", addresses.to("action", s.key), reason=MADE_UP * (s.id in one.made_up.actions)
                ),
                Cell(status=s.shown_reported, reason=in_words(s.said.said_on) if s.said else ""),
                Cell(status=s.assessed, reason=" ".join(flag.short for flag in s.flags)),
                Cell(plan),
            )
            for s, plan in one.actions
        ]
        yield Table(f"Actions that answer {ref}", ACTIONS, tuple(rows))
    if one.kpis:
        rows = [
            (
                Cell(kpi.title, addresses.to("kpi", kpi.code), reason="Illustrative" * kpi.is_illustrative),
                Cell(kpi.latest_shown, reason=kpi.latest_period),
                Cell(str(kpi.status.label), is_strong=True, reason=kpi.status_reason if kpi.latest else kpi.expected_words),
            )
            for kpi in one.kpis
        ]  # fmt: skip
        yield Table(f"KPIs that show whether {ref} is answered", KPIS, tuple(rows))
    if one.evidence:
        yield Table(f"Evidence of what answers {ref}, the oldest first", EVIDENCE, tuple(_pieces(one, addresses)))


def _pieces(one: Answered, addresses: Addresses) -> Iterator[tuple[Cell, ...]]:
    for piece in one.evidence:
        through = f", {piece.through_words}" if piece.through else ""
        reason = f"Action {piece.action.ref}{through}{', illustrative' * piece.is_illustrative}"
        yield (
            Cell(piece.title, addresses.to("action", piece.action.key), reason=reason),
            Cell(piece.kind_words),
            Cell(sentence_case(piece.date_words)),
            Cell(piece.age_today),
            Cell(piece.age_then or "Not known", reason=piece.flag),
        )


def _strengths(findings: Iterable[Answered], addresses: Addresses) -> Iterator[Block]:
    ones = [one for top in findings for one in top.with_parts]
    yield Bullets(tuple(
        (Span(one.finding.ref, addresses.finding(one), is_strong=True), Span(f" {one.finding.text}")) for one in ones
    ))  # fmt: skip
    for one in ones:
        if one.is_answered_itself:
            yield from _finding(one, addresses)


def _sources(inspections: list[InspectionShown], addresses: Addresses) -> Iterator[Block]:
    yield Heading("Sources")
    sources = {one.inspection.source.pk: one.inspection.source for one in inspections if one.inspection.source}
    if sources:
        yield Bullets(tuple(
            (Span(each.title, addresses.to("document", each.slug)), Span(f", {each.publisher}." if each.publisher else "."))
            for each in sources.values()
        ))  # fmt: skip
    yield Paragraph((
        Span("Statuses are what leads reported and what dates and figures say of it, as held in the SEND tracker at the moment "
             "above. Evidence is of the day that stands on it, or else of the day on which it was reported; what came in "
             "with a plan without a day is not dated. The title of evidence leads to the action that it backs; where that "
             "action is not linked to the finding itself, the objective says through which it answers it."),
    ), "quiet")  # fmt: skip
