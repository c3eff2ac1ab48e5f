"""The actions that a paper shows, as rows of a file: those of its action tables, in the plan's order."""

import re
from collections.abc import Callable, Iterable, Iterator

from board.heard import Heard, heard
from board.papers.blocks import Cell, KpiBlock, KpiGrid, Paper, Table
from board.papers.fitting import cell_words
from board.report import BoardReport
from common.dates import in_words
from common.export import as_csv
from common.words import sentence_case
from strategies.own_words import strand_word
from workstrands.standing import Standing
from workstrands.status import SHOWN_WORDS

_OF_ACTION = re.compile(r"/actions/([^/?#]+)/")
_OF_KPI = re.compile(r"/kpis/([^/?#]+)/")


def render(paper: Paper, report: BoardReport | None = None) -> bytes:
    """Under the paper's facts. Without a report, the tables of the paper as they stand."""
    header = header_lines(paper)
    if report is None:
        return as_csv(header, [row for table in tables(paper) for row in _as_words(table)])
    addresses = action_addresses(paper)
    shown = [standing for standing in report.standings if standing.key in addresses]
    return as_csv(header, action_rows(shown, addresses, heard_of(report)))


def heard_of(report: BoardReport) -> Heard:
    """What families say of the actions, and what their leads answer to flags; one query."""
    return heard(report.strategy, report.moment, actions=[standing.id for standing in report.standings])


def header_lines(paper: Paper) -> list[tuple[str, str]]:
    """What `board.exporting` says above other files, as the paper says it."""
    said = [("Paper", paper.title), *paper.facts]
    is_said = not paper.notice or any(value == paper.notice for _, value in paper.facts)
    return said if is_said else [*said, ("Illustrative data", paper.notice)]


def tables(paper: Paper) -> list[Table]:
    return [block for block in paper.blocks if isinstance(block, Table)]


def action_addresses(paper: Paper) -> dict[str, str]:
    """The address of each action that a table of the paper names, by the action's key."""
    found = (_OF_ACTION.search(cell.href) for cell in _cells(paper))
    return {match[1]: match.string for match in found if match}


def kpi_codes(paper: Paper) -> list[str]:
    """The KPIs that the paper shows, once each."""
    blocks = [block for block in paper.blocks if isinstance(block, KpiBlock)]
    blocks += [kpi for block in paper.blocks if isinstance(block, KpiGrid) for kpi in block.kpis]
    hrefs = [*(kpi.href for kpi in blocks), *(cell.href for cell in _cells(paper))]
    return list(dict.fromkeys(match[1] for match in map(_OF_KPI.search, hrefs) if match))


def _cells(paper: Paper) -> Iterator[Cell]:
    return (cell for table in tables(paper) for row in table.rows for cell in row if cell.href)


STRAND = "Work strand"  # or the word that the area has of its own

# Title, and what stands there of a standing
ACTION_COLUMNS: list[tuple[str, Callable[[Standing], object]]] = [
    ("Ref", lambda s: s.ref),
    ("Action", lambda s: s.title),
    ("Priority", lambda s: s.priority_ref or ""),
    (STRAND, lambda s: s.workstrand_slug or ""),
    ("Lead", lambda s: s.lead),
    ("Partner", lambda s: s.partner),
    ("Lead reports", lambda s: s.shown_reported),
    ("Lead reports, in words", lambda s: SHOWN_WORDS[s.shown_reported]),
    ("Dates and data say", lambda s: s.assessed),
    ("Dates and data say, in words", lambda s: SHOWN_WORDS[s.assessed]),
    ("Flags", lambda s: "; ".join(flag.short for flag in s.flags)),
    ("Why", lambda s: " ".join(flag.sentence for flag in s.flags)),
    ("Starts", lambda s: s.starts_on),
    ("Due (agreed)", lambda s: s.due_on),
    ("First agreed date", lambda s: s.first_due_on),
    ("Last update", lambda s: s.said.said_on if s.said else None),
    ("Updated this round", lambda s: s.is_fresh),
    ("Live", lambda s: s.is_live),
    ("Critical", lambda s: s.is_critical),
]


# Title, and what stands there of a standing and of what was heard of it
HEARD_COLUMNS: list[tuple[str, Callable[[Standing, Heard], object]]] = [
    ("Lead answers", lambda s, said: _answers(s, said)),
    ("Families feel it", lambda s, said: of.word if (of := said.families_of_action.get(s.id)) else ""),
    ("Families, in their words", lambda s, said: of.words if (of := said.families_of_action.get(s.id)) else ""),
    ("Families, said on", lambda s, said: of.said_on if (of := said.families_of_action.get(s.id)) else None),
]


def _answers(standing: Standing, said: Heard) -> str:
    """To the flags that are raised, worst first as these stand."""
    found = [(flag, said.answers.get((standing.id, flag.code))) for flag in standing.flags]
    return " ".join(f"{flag.short}: {answer.text} ({in_words(answer.said_on)})" for flag, answer in found if answer)


def action_rows(standings: Iterable[Standing], addresses: dict[str, str], said: Heard) -> list[list]:
    """With their headings. The address is the one that the paper gives."""
    heads = [
        sentence_case(strand_word()) if title is STRAND else title for title, _ in [*ACTION_COLUMNS, *HEARD_COLUMNS]
    ]
    rows = [
        [
            *(value(s) for _, value in ACTION_COLUMNS),
            *(value(s, said) for _, value in HEARD_COLUMNS),
            addresses.get(s.key, ""),
        ]
        for s in standings
    ]
    return [[*heads, "Address"], *rows]


def _as_words(table: Table) -> Iterator[list]:
    yield [table.caption]
    yield [column.title for column in table.columns]
    yield from ([cell_words(cell) for cell in row] for row in table.rows)
    yield []
