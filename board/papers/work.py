"""The work in papers: what changed, every part of the plan with its objectives and actions, decisions and risks."""

from collections import defaultdict
from collections.abc import Iterator

from board.papers.addresses import Addresses
from board.papers.blocks import Block, Bullets, Cell, Column, Heading, Paragraph, Span, Table
from board.papers.reading import Gathered, Hanging, Scored
from board.report import BoardReport, GroupRow
from board.vocabulary import Outcome
from common.dates import in_words
from common.words import plural
from workstrands.comparison import ChangeKind
from workstrands.standing import Standing
from workstrands.status import SHOWN_ORDER, SHOWN_WORDS, EscalateTo

# In the order in which a Board asks.
CHANGES = [
    (ChangeKind.WORSE, "Got worse"),
    (ChangeKind.OVERDUE, "Newly overdue"),
    (ChangeKind.DATE_MOVED, "Deadlines moved"),
    (ChangeKind.COMPLETED, "Completed"),
    (ChangeKind.BETTER, "Improved"),
    (ChangeKind.STOPPED, "Stopped"),
    (ChangeKind.ON_HOLD, "Put on hold"),
    (ChangeKind.RESUMED, "Taken up again"),
    (ChangeKind.FIRST_REPORT, "Reported for the first time"),
    (ChangeKind.DATE_AGREED, "Dates agreed"),
    (ChangeKind.ADDED, "Added"),
    (ChangeKind.RETIRED, "Retired"),
]


def titled(standing: Standing, addresses: Addresses, *, reason: str = "") -> Cell:
    return Cell(f"{standing.ref} {standing.title}", addresses.action(standing.key), reason=reason)


def who(standing: Standing) -> str:
    if standing.lead:
        return standing.lead
    return f"Owned by {standing.partner}, nobody named" if standing.partner else "Nobody named"


# What changed


def changes(report: BoardReport, addresses: Addresses) -> Iterator[Block]:
    if report.compared_with is None:
        return
    yield Heading(f"What changed since {in_words(report.compared_with)}")
    if not report.changes:
        yield Paragraph((Span("No action changed its status or its date."),))
    of_kind = defaultdict(list)
    for change in report.changes:
        of_kind[change.kind].append(change)
    for kind, title in CHANGES:
        if of_kind[kind]:
            yield Heading(f"{title}: {len(of_kind[kind])}", 3)
            yield Table(
                caption=f"{title} since {in_words(report.compared_with)}",
                columns=(Column("Action", 3.6), Column("What changed", 2.4), Column("Dates and data say now", 1.6)),
                rows=tuple(_change_cells(change, addresses) for change in of_kind[kind]),
            )
    yield from _figure_changes(report, addresses)
    yield Paragraph((Span("The same on the page", addresses.board(compare=report.compared_with)),), "quiet")


def _figure_changes(report: BoardReport, addresses: Addresses) -> Iterator[Block]:
    if not report.figure_changes:
        return
    yield Heading(f"Figures: {len(report.figure_changes)}", 3)
    yield Table(
        caption=f"Changes of figures since {in_words(report.compared_with)}",
        columns=(Column("KPI", 3.2), Column("What changed", 1.4), Column("In words", 3)),
        rows=tuple(
            (
                Cell(change.now.title, addresses.kpi(change.now.code)),
                Cell(str(change.kind.label), is_strong=True),
                Cell(change.sentence),
            )
            for change in report.figure_changes
        ),
    )


def _change_cells(change, addresses: Addresses) -> tuple[Cell, ...]:
    now = Cell(status=change.now.assessed) if change.now else Cell("No longer here")
    return titled(change.action, addresses), Cell(change.sentence), now


# The parts of the plan


def parts(report: BoardReport, gathered: Gathered, addresses: Addresses) -> Iterator[Block]:
    objectives = {objective.id: objective for objective in gathered.objectives}
    for row in report.groups:
        standings = [s for s in report.standings if _belongs(s, row, report.grouped_by)]
        of_part = [o for o in gathered.objectives if _part_of(o, report.grouped_by) == row.query.partition("=")[2]]
        word = "Priority" if report.grouped_by == "priority" else "Work strand"
        title = f"{word} {row.ref}: {row.title}" if row.ref else f"{word}: {row.title}" if row.address else row.title
        yield Heading(title)
        yield from _standing_of(row, addresses)
        yield from _with_actions(standings, objectives, gathered, addresses, title)
        yield from _without_actions(of_part, standings, addresses)


def _belongs(standing: Standing, row: GroupRow, by: str) -> bool:
    """What hangs nowhere stands in the last part, which has no address."""
    if not row.address:
        return (standing.priority_id if by == "priority" else standing.workstrand_id) is None
    return row.query == (
        f"priority={standing.priority_ref}" if by == "priority" else f"strand={standing.workstrand_slug}"
    )


def _part_of(objective: Hanging, by: str) -> str:
    return objective.priority_ref if by == "priority" else objective.strand_slug


def _standing_of(row: GroupRow, addresses: Addresses) -> Iterator[Block]:
    if row.owners:
        yield Paragraph((Span(f"Owned by {', '.join(row.owners)}"),), "quiet")
    if not row.total:
        return
    spans = [Span(f"{row.headline.word}. ", is_strong=True)] if row.headline.word else []
    spans += [Span(f"{row.headline.reason}. "), Span(plural(row.total, "action"), addresses.actions(row.query))]
    for letter in SHOWN_ORDER:
        if row.counts.get(letter):
            href = addresses.of_letter(addresses.actions(row.query), letter)
            spans += [
                Span(", " if len(spans) > 3 else ": "),
                Span(f"{row.counts[letter]} {SHOWN_WORDS[letter].lower()}", href),
            ]
    yield Paragraph((*spans, Span(".")))


def _with_actions(standings, objectives, gathered, addresses, title) -> Iterator[Block]:
    """Under their objectives, in the order in which these first come; what hangs on none comes first."""
    hanging: dict[int | None, list[Standing]] = defaultdict(list)
    for standing in standings:
        hanging[standing.objective_id].append(standing)
    for objective_id in sorted(hanging, key=lambda pk: pk is not None):
        objective = objectives.get(objective_id)
        if objective:
            yield Heading(f"{objective.ref} {objective.text}", 3)
        yield Table(
            caption=f"Actions of objective {objective.ref}" if objective else f"Actions of {title}",
            columns=(
                Column("Action, and what the dates and figures say", 3.2),
                Column("Lead reports", 1.45),
                Column("Dates and data say", 1.45),
                Column("Lead, and date", 1.85),
                Column("Last said", 2.9),
            ),
            rows=tuple(_action_cells(standing, gathered, addresses) for standing in hanging[objective_id]),
        )


def _action_cells(standing: Standing, gathered: Gathered, addresses: Addresses) -> tuple[Cell, ...]:
    worst = min(standing.flags, key=lambda flag: flag.severity, default=None)
    due = f"Due {in_words(standing.due_on)}" if standing.due_on else "No agreed date"
    told = gathered.told.get(standing.id)
    if told is None:
        said, when = "Nothing was ever reported.", ""
    else:
        said = told.text or "No words were given."
        when = in_words(told.said_on)
        when += f": nothing has changed since {in_words(told.since)}" if told.since else ""
    return (
        titled(standing, addresses, reason=worst.sentence if worst else ""),
        Cell(status=standing.shown_reported),
        Cell(status=standing.assessed),
        Cell(who(standing), reason=due),
        Cell(said, reason=when),
    )


def _without_actions(of_part: list[Hanging], standings, addresses: Addresses) -> Iterator[Block]:
    busy = {standing.objective_id for standing in standings}
    idle = [objective for objective in of_part if objective.id not in busy]
    if idle:
        yield Heading(f"{plural(len(idle), 'objective')} without an action", 3)
        yield Bullets(
            tuple((Span(each.ref, addresses.objective(each.key)), Span(f" {each.text}")) for each in idle)
        )  # fmt: skip


# Decisions and risks


def decisions(report: BoardReport, gathered: Gathered, addresses: Addresses) -> Iterator[Block]:
    if not gathered.decisions:
        return
    yield Heading("Decisions")
    last = report.last_meeting
    of_last = [each for each in gathered.decisions if last and each.meeting_id == last.pk]
    earlier = [each for each in gathered.decisions if not last or each.meeting_id != last.pk]
    if of_last:
        yield Heading(f"Decided on {in_words(last.held_on)}", 3)
        yield _decision_table(f"Decisions of {in_words(last.held_on)}", of_last, addresses)
    if earlier:
        yield Heading("Not yet done, from other meetings", 3)
        yield _decision_table("Decisions of other meetings that are not yet done", earlier, addresses)


def _decision_table(caption: str, rows, addresses: Addresses) -> Table:
    return Table(
        caption=caption,
        columns=(Column("Decision", 4), Column("Who", 1.6), Column("By", 1.3), Column("What became of it", 1.6)),
        rows=tuple(
            (
                Cell(each.text, addresses.meeting(each.meeting.held_on), reason=_about(each)),
                Cell(each.owner.name if each.owner else each.owner_text or "Nobody named"),
                Cell(in_words(each.due_on) or "–"),
                Cell(_became(each), reason=each.became_words or ""),
            )
            for each in rows
        ),
    )


def _about(decision) -> str:
    about = f"{decision.action.ref} {decision.action.title}" if decision.action else ""
    about = about or (decision.kpi.indicator.title if decision.kpi else "")
    return f"Decided on {in_words(decision.meeting.held_on)}" + (f", about {about}" if about else "")


def _became(decision) -> str:
    return str(Outcome(decision.became).label) if decision.became else "Not yet done"


def risks(gathered: Gathered, addresses: Addresses) -> Iterator[Block]:
    if not gathered.risks:
        return
    yield Heading("Risks and issues")
    yield Table(
        caption="Open risks and issues, the highest score first",
        columns=(
            Column("Risk or issue", 4), Column("Score", 0.9, is_number=True), Column("Before", 0.9, is_number=True),
            Column("Owner", 1.6), Column("What is done about it", 3),
        ),
        rows=tuple(_risk_cells(each, addresses) for each in gathered.risks),
    )  # fmt: skip


def _risk_cells(scored: Scored, addresses: Addresses) -> tuple[Cell, ...]:
    risk = scored.risk
    escalated = f"Escalated to: {EscalateTo(risk.escalated_to).label}. " if risk.escalated_to else ""
    review = f"Review by {in_words(risk.review_on)}" if risk.review_on else ""
    return (
        Cell(f"{risk.ref} {risk.title}", addresses.risk(risk.ref),
             reason=f"Because of {risk.cause.rstrip('.')}: {risk.event.rstrip('.')}. It would mean: {risk.effect}"),
        Cell(f"{scored.score} ({scored.likelihood}×{scored.impact})" if scored.score else "–"),
        Cell(_before(scored)),
        Cell(risk.owner.name if risk.owner else "Nobody named"),
        Cell(risk.mitigation or "–", reason=escalated + review),
    )  # fmt: skip


def _before(scored: Scored) -> str:
    if scored.score_before is None or scored.score is None:
        return "–"
    rose = scored.score - scored.score_before
    return f"{scored.score_before}" + (", rose" if rose > 0 else ", fell" if rose < 0 else "")
