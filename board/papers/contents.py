"""What a paper says, block by block, laid out once for every rendering.

Exceptions only is what a Board reads first, on two A4 sides: in words, what is asked, the priorities, the exceptions, the
headline KPIs, the key. The full paper goes on: what changed since the last meeting, every part of the plan with its
objectives and actions, every KPI of the plan, how the statuses moved, decisions, risks, and where it all comes from.
Every number that counts rows carries the address of these rows as at the same moment.
"""

from collections.abc import Iterator
from datetime import datetime

from board.key import KPI_KEY, STATUS_KEY
from board.movement import movement_sentence
from board.papers import figures, work
from board.papers.addresses import Addresses
from board.papers.blocks import (
    Block,
    Bullets,
    Cell,
    Column,
    Heading,
    Key,
    Months,
    NewPage,
    Paper,
    Paragraph,
    Span,
    Table,
)
from board.papers.reading import WHOLE, Gathered, Scope
from board.report import BoardReport, GroupRow
from board.vocabulary import PackKind
from board.wording import Sentence
from common.dates import LONDON, in_words, moment_in_words
from common.words import plural, sentence_case
from kpis import icons
from kpis.spc import Assurance, Variation
from strategies.own_words import strand_word
from workstrands.status import SHOWN_ORDER, SHOWN_WORDS

ILLUSTRATIVE = (
    "Illustrative updates are shown. The plan, its wording and the published figures are real; statuses, updates and "
    "monthly figures are made up."
)


def contents_of(
    report: BoardReport,
    *,
    kind: str,
    address: str,
    made_by: str,
    made_at: datetime,
    scope: Scope = WHOLE,
    gathered: Gathered | None = None,
    is_illustrative: bool = False,
) -> Paper:
    """`address` is how the product is reached ("https://tracker.example"); the report is of `scope` already."""
    strategy = report.strategy
    addresses = Addresses(address, strategy, report.moment, scope.narrowing)
    part = f", {scope.title[:1].lower()}{scope.title[1:]}" if scope.kind else ""
    notice = ILLUSTRATIVE if is_illustrative else ""
    return Paper(
        title=f"{strategy.title}{part}",
        area=strategy.area.name,
        strategy=strategy.title,
        kind=kind,
        as_at=report.day,
        moment=report.moment,
        facts=tuple(_facts(report, kind, scope, addresses, made_by, made_at, notice)),
        notice=notice,
        blocks=tuple(_blocks(report, kind, gathered or Gathered(), addresses)),
        narrowing=scope.narrowing,
    )


def _facts(report, kind, scope, addresses, made_by, made_at, notice) -> Iterator[tuple[str, str]]:
    yield "Area", report.strategy.area.name
    yield "Strategy", report.strategy.title
    yield "Shows", f"{PackKind(kind).label} papers"
    yield "As at", moment_in_words(report.moment)
    yield "Filters", scope.title if scope.kind else "None: the whole plan"
    if report.compared_with:
        yield "Compared with", moment_in_words(report.compared_at)
    if report.next_meeting and not report.has_ended:
        yield "Next Board", in_words(report.next_meeting.held_on)
    yield "Made by", made_by
    yield "Made at", made_at.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")
    yield "Address", addresses.board()
    if notice:
        yield "Illustrative data", notice


def _blocks(report: BoardReport, kind: str, gathered: Gathered, addresses: Addresses) -> Iterator[Block]:
    yield from _in_words(report, addresses)
    yield from _asked(report, addresses)
    if kind == PackKind.FULL:
        yield NewPage()
    yield from _groups(report, addresses)
    yield from _exceptions(report, gathered, addresses, is_full=kind == PackKind.FULL)
    yield from figures.headline(report, addresses)
    if kind == PackKind.FULL:
        yield from work.changes(report, addresses)
        yield from work.parts(report, gathered, addresses)
        yield from figures.every(report, gathered, addresses)
        yield from _moved(report, addresses)
        yield from work.decisions(report, gathered, addresses)
        yield from work.risks(report, gathered, addresses)
    yield from _key(report, gathered)
    if kind == PackKind.FULL:
        yield from _sources(report, gathered, addresses)


def _in_words(report: BoardReport, addresses: Addresses) -> Iterator[Block]:
    yield Heading("In words")
    if report.set_up is not None:
        yield Paragraph((Span(report.set_up.sentence),), "notice")
    for sentence in report.sentences:
        yield Paragraph(tuple(_spans(sentence, report, addresses)), "lead" if sentence.is_first else "")


def _spans(sentence: Sentence, report: BoardReport, addresses: Addresses) -> Iterator[Span]:
    """Each number leads to its rows; what changed leads to the comparison, which shows each change."""
    tells_changes = report.compared_with and in_words(report.compared_with) in sentence.text
    elsewhere = addresses.board(compare=report.compared_at) if tells_changes else ""
    tells_figures = any(phrase.target == "kpis" for phrase in sentence.phrases)
    for phrase in sentence.phrases:
        if phrase.query is None:
            href = elsewhere or (addresses.kpis() if tells_figures and " on " in phrase.text else "")
        else:
            href = addresses.kpis() if phrase.target == "kpis" else addresses.actions(phrase.query)
        yield Span(phrase.text, href, sentence.is_first)


def _asked(report: BoardReport, addresses: Addresses) -> Iterator[Block]:
    if not report.asks:
        return
    yield Heading("Asked of the Board")
    items = []
    for ask in report.asks:
        standing = ask.standing
        needed = f", {ask.needed_in_words}" if ask.needed_by else ""
        who = standing.lead or standing.partner or "nobody named"
        items.append((
            Span(f"{ask.text} ", is_strong=True),
            Span(f"{standing.ref} {standing.title}", addresses.action(standing.key)),
            Span(f" {who}{needed}, asked {plural(ask.age_days, 'day')} ago."),
        ))  # fmt: skip
    yield Bullets(tuple(items))


def _groups(report: BoardReport, addresses: Addresses) -> Iterator[Block]:
    is_priority = report.grouped_by == "priority"
    views = (Column("Owners say", 1.4), Column("Families feel it", 1.05)) if report.has_views else ()
    said_beside = ", and what its owners and families say" if views else ""
    yield Heading("Priorities" if is_priority else sentence_case(strand_word(is_plural=True)))
    yield Table(
        caption=f"Each {'priority' if is_priority else strand_word()} with its actions by assessed status, "
        f"what is flagged, what was updated this round, and a headline{said_beside}",
        columns=(
            Column("Priority" if is_priority else sentence_case(strand_word()), 3.1),
            Column("Actions by assessed status", 3.6 if views else 3.1),
            Column("Flagged", 0.85, is_number=True),
            Column("Updated", 0.95, is_number=True),
            Column("Headline, and why", 2.2 if views else 2.4),
            *views,
        ),
        rows=tuple(
            (*_group_cells(row, addresses), *(_view_cells(row, addresses) if views else ())) for row in report.groups
        ),
        is_empty_words=f"This plan has no {'priorities' if is_priority else strand_word(is_plural=True)} yet.",
    )


def _group_cells(row: GroupRow, addresses: Addresses) -> tuple[Cell, ...]:
    shown = tuple((letter, row.counts[letter]) for letter in SHOWN_ORDER if row.counts.get(letter))
    nothing = f"{plural(row.objectives, 'objective')}, no action" if row.objectives else "No action"
    fresh = "–" if row.fresh_percent is None else f"{row.fresh_percent}%"
    return (
        Cell(
            f"{row.ref} {row.title}".strip(), addresses.at(row.address) if row.address else "",
            reason=", ".join(row.owners), is_strong=True,
        ),
        Cell("" if shown else nothing, addresses.actions(row.query), counts=shown),
        Cell(str(row.flagged), addresses.actions(f"{row.query}&flagged=1") if row.flagged else ""),
        Cell(fresh, addresses.actions(f"{row.query}&live=1&fresh=1") if fresh != "–" else ""),
        Cell(row.headline.word, reason=row.headline.reason, is_strong=True),
    )  # fmt: skip


def _view_cells(row: GroupRow, addresses: Addresses) -> tuple[Cell, Cell]:
    """The owners' own status stands beside the counted headline, never in its place."""
    if not row.address:  # of what hangs nowhere nobody can be asked
        return Cell("–"), Cell("–")
    owners = Cell(status=row.owners_say.status) if row.owners_say else Cell("Nothing said")
    return owners, work.felt(row.families_say)


ROOM_FOR_ANSWERS, SHORTEST_ANSWER = 480, 70  # letters of all and of each, where everything has to stand on two sides


def _exceptions(report: BoardReport, gathered: Gathered, addresses: Addresses, *, is_full: bool) -> Iterator[Block]:
    said = gathered.heard
    answers = sum((each.standing.id, each.flag.code) in said.answers for each in report.exceptions if each.flag)
    longest = None if is_full or not answers else max(ROOM_FOR_ANSWERS // answers, SHORTEST_ANSWER)
    were_asked = any(found.standing.id in said.families_of_action for found in report.exceptions)
    yield Heading("Exceptions")
    yield Table(
        caption="The actions to look at first, worst first",
        columns=(
            Column("Action, and what the dates and figures say", 4.6),
            Column("Lead reports", 1.3),
            Column("Dates and data say", 1.3),
            *([Column("Families feel it", 1.05)] if were_asked else []),
            Column("Lead", 1.7),
            Column("Because", 1.5),
        ),
        rows=tuple(
            (
                work.titled(
                    found.standing,
                    addresses,
                    reason=work.answered(found.reason, said, found.standing, found.flag, longest=longest),
                ),
                Cell(status=found.standing.shown_reported),
                Cell(status=found.standing.assessed),
                *([work.felt(said.families_of_action.get(found.standing.id))] if were_asked else []),
                Cell(work.who(found.standing)),
                Cell(found.short, reason=_stood(found.rounds), is_strong=True),
            )
            for found in report.exceptions
        ),
        is_empty_words=report.no_exceptions,
    )
    if report.flagged:
        spans = [Span(f"All {plural(report.flagged, 'flagged action')}", addresses.actions("flagged=1"))]
        if report.overdue:
            spans += [Span(" · "), Span(f"{report.overdue} overdue", addresses.actions("flag=overdue"))]
        yield Paragraph(tuple(spans), "quiet")


def _stood(rounds: int) -> str:
    return f"stood for {plural(rounds, 'round')}" if rounds else ""


def _moved(report: BoardReport, addresses: Addresses) -> Iterator[Block]:
    sentence = movement_sentence(report.months)
    if not sentence:
        return
    yield Heading("How the statuses moved")
    hrefs = tuple(
        addresses.actions(day=month.day if month.day < report.assessed_on else None) for month in report.months
    )
    yield Months(
        sentence,
        tuple((f"{month.label} {month.day.year}", tuple(month.counts.items())) for month in report.months),
        hrefs,
    )
    letters = [letter for letter in SHOWN_ORDER if any(month.counts.get(letter) for month in report.months)]
    yield Table(
        caption="The same counts: actions by the status that leads had reported at each month’s end",
        columns=(Column("At the end of", 1.4), *(Column(SHOWN_WORDS[letter], 1, is_number=True) for letter in letters)),
        rows=tuple(
            (
                Cell(in_words(month.day)),
                *(_count_cell(month.counts.get(letter, 0), addresses.of_letter(href, letter, name="reported"))
                  for letter in letters),
            )
            for month, href in zip(report.months, hrefs, strict=True)
        ),
    )  # fmt: skip


def _count_cell(count: int, href: str) -> Cell:
    return Cell(str(count), href if count else "")


def _key(report: BoardReport, gathered: Gathered) -> Iterator[Block]:
    judged = any(figure.variation for figure in [*report.kpis, *gathered.kpis])
    named = tuple((each.value, icons.words(each)) for each in [*Variation, *Assurance])
    yield Heading("Key")
    yield Key(
        statuses=tuple(STATUS_KEY),
        kpi_statuses=tuple((str(word), meaning) for word, meaning in KPI_KEY),
        icons=named if judged else (),
    )


def _sources(report: BoardReport, gathered: Gathered, addresses: Addresses) -> Iterator[Block]:
    yield Heading("Sources")
    source = report.strategy.source
    if source:
        yield Paragraph((
            Span("The plan and its wording: "), Span(source.title, addresses.document(source.slug)),
            Span(f", {source.publisher}." if source.publisher else "."),
        ))  # fmt: skip
    if gathered.releases:
        yield Paragraph((Span("Published figures:"),))
        yield Bullets(
            tuple(
                (Span(f"{each}. {each.publisher}, {in_words(each.published_on)}. {each.licence}."),)
                for each in gathered.releases
            )
        )
        yield Paragraph((
            Span("Contains public sector information licensed under the Open Government Licence v3.0."),
        ), "quiet")  # fmt: skip
    yield Paragraph((
        Span("Statuses are what leads reported and what dates and figures say of it, as held in the SEND tracker at the "
             "moment above. Each number leads to the rows that it counts."),
    ), "quiet")  # fmt: skip
