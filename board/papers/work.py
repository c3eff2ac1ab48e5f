"""The work in papers: what changed, every part of the plan with its objectives and actions, decisions and risks."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from urllib.parse import quote

from board.decided import Item
from board.heard import FamiliesSay, Heard, OwnersSay
from board.models import Decision, MeetingAction
from board.papers.addresses import Addresses
from board.papers.blocks import Block, Bullets, Cell, Column, Heading, Paragraph, RiskPicture, Span, Table
from board.papers.fitting import shortened
from board.papers.reading import Gathered, Hanging
from board.report import BoardReport, GroupRow
from board.risk_matrix import matrix_of
from board.risks import Level, Movement, RiskStanding
from common.dates import in_words
from common.words import listed, plural, sentence_case
from strategies.own_words import strand_word
from workstrands.comparison import ChangeKind
from workstrands.flags import Flag
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


# What is said beside the statuses


def felt(said: FamiliesSay | None) -> Cell:
    return Cell(said.word if said else "Not asked")


def answered(reason: str, said: Heard, standing: Standing, flag: Flag | None, *, longest: int | None = None) -> str:
    """The reason of a flag with its lead's answer below; with `longest` beside it, and so many letters of it, cut behind a word."""
    answer = said.answers.get((standing.id, flag.code)) if flag else None
    if answer is None:
        return reason
    heading = f"Lead answers, {in_words(answer.said_on)}:"
    if longest:
        return f"{reason} {heading} {shortened(' '.join(answer.text.split()), longest)}"
    return f"{reason}\n{heading} {answer.text}"


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
    yield Paragraph((Span("The same on the page", addresses.board(compare=report.compared_at)),), "quiet")


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
        word = "Priority" if report.grouped_by == "priority" else sentence_case(strand_word())
        title = f"{word} {row.ref}: {row.title}" if row.ref else f"{word}: {row.title}" if row.address else row.title
        yield Heading(title)
        yield from _standing_of(row, addresses)
        yield from _views_of(row, title)
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


def _views_of(row: GroupRow, title: str) -> Iterator[Block]:
    if row.owners_say:
        yield _owners_table(row, row.owners_say, title)
    if row.families_say:
        yield _families_table(row.families_say, title)


def _owners_table(row: GroupRow, said: OwnersSay, title: str) -> Table:
    when = in_words(said.said_on) + (f", for the Board on {in_words(said.for_board)}" if said.for_board else "")
    when += f", entered by {said.said_by}" if said.said_by else ""
    return Table(
        caption=f"{title}: what its owners say, beside the count",
        columns=(
            Column("Owner", 1.7), Column("Owners say", 1.3), Column("Why", 2.6), Column("What is done about it", 2.6),
            Column("What happens if not", 2.6),
        ),
        rows=((
            Cell(", ".join(row.owners) or "Its owners", reason=when), Cell(status=said.status),
            Cell(said.reason), Cell(said.mitigation or "–"), Cell(said.consequence or "–"),
        ),),
    )  # fmt: skip


def _families_table(said: FamiliesSay, title: str) -> Table:
    return Table(
        caption=f"{title}: what families say",
        columns=(
            Column("Families feel it", 1.3), Column("In their words", 4.3), Column("From, and when", 2.2),
            Column("How it was co-produced", 3),
        ),
        rows=((
            Cell(said.word, is_strong=True), Cell(said.words), Cell(said.body, reason=in_words(said.said_on)),
            Cell(said.coproduced or "Nothing said"),
        ),),
    )  # fmt: skip


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
                *([Column("Families feel it", 1.1)] if gathered.heard.families_of_action else []),
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
    families = gathered.heard.families_of_action
    return (
        titled(standing, addresses, reason=answered(worst.sentence if worst else "", gathered.heard, standing, worst)),
        Cell(status=standing.shown_reported),
        Cell(status=standing.assessed),
        *([felt(families.get(standing.id))] if families else []),
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
    if not gathered.decisions and not gathered.log:
        return
    yield Heading("Decisions")
    last = report.last_meeting
    of_last = [item for item in gathered.decisions if last and item.row.meeting_id == last.pk]
    earlier = [item for item in gathered.decisions if not last or item.row.meeting_id != last.pk]
    if of_last:
        yield Heading(f"Decided on {in_words(last.held_on)}", 3)
        yield _decision_table(f"Decisions of {in_words(last.held_on)}", of_last, addresses)
    if earlier:
        yield Heading("Not yet done, from other meetings", 3)
        yield _decision_table("Decisions of other meetings that are not yet done", earlier, addresses)
    if gathered.log:
        yield Heading("What the Board asked of itself, not yet done", 3)
        yield _decision_table("Open entries of the meetings’ own action log", gathered.log, addresses)


def _decision_table(caption: str, found: list[Item], addresses: Addresses) -> Table:
    return Table(
        caption=caption,
        columns=(Column("Decision", 4), Column("Who", 1.6), Column("By", 1.3), Column("What became of it", 1.8)),
        rows=tuple(
            (
                Cell(item.row.text, addresses.meeting(item.row.meeting.held_on), reason=_about(item.row)),
                Cell(item.who or "–"),
                Cell(in_words(item.row.due_on) or "–"),
                _became(item),
            )
            for item in found
        ),
    )


def _about(row: Decision | MeetingAction) -> str:
    when = f"Of {in_words(row.meeting.held_on)}"
    if isinstance(row, MeetingAction):
        return when
    about = f"{row.action.ref} {row.action.title}" if row.action else ""
    about = about or (row.kpi.indicator.title if row.kpi else "")
    return when + (f", about {about}" if about else "")


def _became(item: Item) -> Cell:
    """What a decision did by itself stands before whether it is done: that it holds needs nobody to do anything."""
    effect = item.effect if isinstance(item.row, Decision) else ""
    if effect and item.is_open:
        return Cell(effect, reason=item.row.reason, is_strong=True)
    state = {"Open": "Not yet done", "Overdue": "Overdue, not yet done"}.get(item.state, item.state)
    return Cell(state, reason=". ".join(filter(None, (effect, item.outcome_text))), is_strong=item.is_overdue)


def risks(report: BoardReport, gathered: Gathered, addresses: Addresses) -> Iterator[Block]:
    if not gathered.risks:
        return
    yield Heading("Risks and issues")
    yield RiskPicture(_open_in_words(gathered.risks), _matrix(gathered.risks, addresses))
    yield from _what_rose(report, gathered.risks, addresses)
    yield Table(
        caption="Open risks and issues, the highest score first",
        columns=(
            Column("Risk or issue", 4), Column("Score", 0.9, is_number=True), Column("Before", 0.9, is_number=True),
            Column("Owner", 1.6), Column("What is done about it", 3),
        ),
        rows=tuple(_risk_cells(each, addresses) for each in gathered.risks),
    )  # fmt: skip


def _open_in_words(rows: list[RiskStanding]) -> str:
    """4 risks and issues are open: 1 very high, 2 high, 1 not scored."""
    levels = Counter(row.level for row in rows)
    said = [f"{levels[level]} {level.label.lower()}" for level in reversed(Level) if levels[level]]
    said += [f"{levels[None]} not scored"] if levels[None] else []
    verb = "is" if len(rows) == 1 else "are"
    return f"{plural(len(rows), 'risk or issue', 'risks and issues')} {verb} open: {', '.join(said)}."


def _matrix(rows: list[RiskStanding], addresses: Addresses):
    """Each number leads to the rows of the register that it counts."""

    def address(likelihood: int, impact: int) -> str:
        where = (f"likelihood={likelihood}", f"impact={impact}")
        here = [row for row in rows if row.score and (row.score.likelihood, row.score.impact) == (likelihood, impact)]
        return _of_rows(here, where, addresses)

    return tuple(tuple(row) for row in matrix_of(rows, address))


def _of_rows(rows: list[RiskStanding], queries: tuple[str, ...], addresses: Addresses) -> str:
    """The register of a priority shows what is tied to the priority itself; what only the actions of a part bring in is named."""
    kind, _, name = addresses.narrowing.partition("=")
    if not kind:
        return addresses.risks(*queries)
    if kind == "priority" and all(name in {each.ref for each in row.risk.priorities.all()} for row in rows):
        return addresses.risks(*queries, addresses.narrowing)
    named = quote(",".join(row.ref for row in rows))
    return (
        addresses.risk(rows[0].ref) if len(rows) == 1 else addresses.risks(*queries, f"refs={named}" if named else "")
    )


def _what_rose(report: BoardReport, rows: list[RiskStanding], addresses: Addresses) -> Iterator[Block]:
    if report.compared_with is None:
        return
    moved = Counter(row.movement for row in rows)
    new, fell = moved[Movement.NEW], moved[Movement.FELL]
    said = [f"{moved[Movement.ROSE] or 'none'} rose"]
    said += [f"{new} {'is' if new == 1 else 'are'} new"] if new else []
    said += [f"{fell} fell"] if fell else []
    rose = [row for row in rows if row.movement == Movement.ROSE]
    yield Paragraph((Span(f"Since {in_words(report.compared_with)}, {listed(said)}{':' if rose else '.'}"),))
    if rose:
        yield Bullets(tuple(_rose(row, addresses) for row in rose))


def _rose(row: RiskStanding, addresses: Addresses) -> tuple[Span, ...]:
    why = f" {row.score.reason}" if row.score.reason else ""
    name = Span(f"{row.ref} {row.risk.title}", addresses.risk(row.ref))
    return name, Span(f": from {row.number_before} to {row.number}.{why}")


def _risk_cells(row: RiskStanding, addresses: Addresses) -> tuple[Cell, ...]:
    risk, score = row.risk, row.score
    escalated = f"Escalated to: {EscalateTo(risk.escalated_to).label}. " if risk.escalated_to else ""
    review = f"Review by {in_words(risk.review_on)}" if risk.review_on else ""
    return (
        Cell(f"{risk.ref} {risk.title}", addresses.risk(risk.ref),
             reason=f"Because of {risk.cause.rstrip('.')}: {risk.event.rstrip('.')}. It would mean: {risk.effect}"),
        Cell(f"{row.number} ({score.likelihood}×{score.impact})" if score else "–",
             reason=str(row.level.label) if score else ""),
        Cell(_before(row)),
        Cell(risk.owner.name if risk.owner else "Nobody named"),
        Cell(risk.mitigation or "–", reason=escalated + review),
    )  # fmt: skip


def _before(row: RiskStanding) -> str:
    if row.number_before is None or row.number is None:
        return "–"
    moved = {Movement.ROSE: ", rose", Movement.FELL: ", fell"}.get(row.movement, "")
    return f"{row.number_before}{moved}"
