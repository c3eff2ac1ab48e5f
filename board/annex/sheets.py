"""The annex as rows: a sheet each for findings and for what answers them. Dates are dates, figures are as held."""

import io
from collections.abc import Iterator

from board.annex.contents import MADE_UP, Addresses
from board.inspection_thread import Answered, EvidenceShown, InspectionShown
from board.papers.blocks import Paper

FINDINGS = [
    "Inspection to", "Ref", "Part of", "Kind", "Finding", "Who is to act", "Answered", "Objectives", "Actions", "KPIs", "Evidence",
    "Evidence that is old by then", "Address",
]  # fmt: skip
OBJECTIVES = ["Inspection to", "Finding", "Ref", "Objective", "Plan", "Illustrative", "Address"]
ACTIONS = [
    "Inspection to", "Finding", "Ref", "Action", "Plan", "Lead", "Lead reports", "Reported on", "Dates and data say", "Flags",
    "Due (agreed)", "Illustrative", "Address",
]  # fmt: skip
KPIS = [
    "Inspection to", "Finding", "Code", "KPI", "Latest figure", "Figure in words", "Period", "Period ends", "How it stands", "Why",
    "Illustrative", "Address",
]  # fmt: skip
EVIDENCE = [
    "Inspection to", "Finding", "Evidence", "Kind", "Date", "Date is", "Age on this day", "Next inspection due by",
    "Age at next inspection", "Older than twelve months", "Action", "Through objective", "Web address", "File", "Illustrative", "Address",
]  # fmt: skip


def render_workbook(paper: Paper, inspections: list[InspectionShown], addresses: Addresses) -> bytes:
    import xlsxwriter

    from board.papers.workbook import OPTIONS, Book

    out = io.BytesIO()
    book = Book(xlsxwriter.Workbook(out, OPTIONS), paper)
    book.about()
    ones = [one for shown in inspections for top in shown.findings for one in top.with_parts]
    book.rows("In words", [["Inspection to", "In words"], *_sentences(inspections)])
    book.rows("Findings", [FINDINGS, *(_finding(one, addresses) for one in ones)])
    book.rows("Objectives", [OBJECTIVES, *_each(ones, _objectives, addresses)])
    book.rows("Actions", [ACTIONS, *_each(ones, _actions, addresses)])
    book.rows("KPIs", [KPIS, *_each(ones, _kpis, addresses)])
    book.rows("Evidence", [EVIDENCE, *_each(ones, _evidence, addresses)])
    book.file.close()
    return out.getvalue()


def _each(ones: list[Answered], rows_of, addresses: Addresses) -> Iterator[list]:
    for one in ones:
        for row in rows_of(one, addresses):
            yield [one.finding.inspection.inspected_to, one.finding.ref, *row]


def _sentences(inspections: list[InspectionShown]) -> Iterator[list]:
    for shown in inspections:
        clock = shown.clock.sentence if shown.clock else ""
        for sentence in filter(None, (clock, shown.sentence, shown.evidence_sentence)):
            yield [shown.inspection.inspected_to, sentence]


def _finding(one: Answered, addresses: Addresses) -> list:
    finding = one.finding
    return [
        finding.inspection.inspected_to, finding.ref, finding.parent.ref if finding.parent else "", one.kind_words, finding.text,
        finding.owner_text, one.is_answered if one.asks else None, len(one.objectives), len(one.actions), len(one.kpis),
        len(one.evidence), sum(piece.is_old for piece in one.evidence), addresses.finding(one),
    ]  # fmt: skip


def _objectives(one: Answered, addresses: Addresses) -> Iterator[list]:
    for objective in one.objectives:
        made_up = MADE_UP if objective.pk in one.made_up.objectives else ""
        yield [objective.ref, objective.text, objective.strategy.title, made_up, addresses.objective(objective)]


def _actions(one: Answered, addresses: Addresses) -> Iterator[list]:
    for acting in one.actions:
        s = acting.standing
        yield [
            s.ref, s.title, acting.plan, s.lead, acting.reported_word, s.said.said_on if s.said else None, acting.assessed_word,
            "; ".join(flag.short for flag in s.flags), s.due_on, MADE_UP if s.id in one.made_up.actions else "",
            addresses.to("action", s.key),
        ]  # fmt: skip


def _kpis(one: Answered, addresses: Addresses) -> Iterator[list]:
    for kpi in one.kpis:
        latest = kpi.latest
        yield [
            kpi.code, kpi.title, latest.value if latest else None, kpi.latest_shown if latest else "", kpi.latest_period,
            latest.period_end if latest else None, str(kpi.status.label), kpi.status_reason if latest else kpi.expected_words,
            "Illustrative" if kpi.is_illustrative else "", addresses.to("kpi", kpi.code),
        ]  # fmt: skip


def _evidence(one: Answered, addresses: Addresses) -> Iterator[list]:
    for piece in one.evidence:
        clock = piece.clock
        yield [
            piece.title, piece.kind_words, piece.day, piece.date_is, piece.age_today, clock.counts_on if clock.is_ahead else None,
            piece.age_then, piece.flag, piece.action.ref, piece.through.ref if piece.through else "", _address(piece), piece.file_name,
            "Illustrative" if piece.is_illustrative else "", addresses.to("action", piece.action.key),
        ]  # fmt: skip


def _address(piece: EvidenceShown) -> str:
    """Nothing of what is withheld by now, whichever day the annex is of."""
    return "" if piece.withheld_at else piece.url
