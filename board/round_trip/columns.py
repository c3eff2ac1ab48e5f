"""The columns of the workbook: what stands in each, and what may be written.

A change here changes what a workbook means: count `FORMAT` up, so that those sent out before are refused and not misread.
"""

from dataclasses import dataclass

from workstrands.status import SHOWN_WORDS, Cause, EscalateTo, EvidenceKind, Impact, Status

FORMAT = 1
ACTIONS, GUIDE, SEAL = "Actions", "How to fill this in", "Sealed"
HEAD_ROW = 6  # counted from 1, as a spreadsheet does
YES = "Yes"
STATUS_WORDS = [(status.value, f"{status.value} {status.label}") for status in Status.reportable()]


def status_choices() -> list[tuple[str, str]]:
    """In the area's own words, where it has some: the letters stay."""
    return [(status.value, f"{status.value} {SHOWN_WORDS[status.value]}") for status in Status.reportable()]


@dataclass(frozen=True, slots=True)
class Column:
    """`name`: of the form's field, where it is filled in. `choices`: (code, words) of its drop-down."""

    name: str
    title: str
    width: int
    is_locked: bool = False
    is_day: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    note: str = ""
    example: str = ""


def _locked(name: str, title: str, width: int, *, is_day: bool = False) -> Column:
    return Column(name, title, width, is_locked=True, is_day=is_day)


COLUMNS = [
    _locked("key", "Key", 12),  # hidden
    _locked("ref", "Reference", 11),
    _locked("title", "Action", 38),
    _locked("objective", "Objective or priority", 30),
    _locked("due_on", "Agreed date", 17, is_day=True),
    _locked("last_said", "Last said", 34),
    _locked("said_on", "Last said on", 17, is_day=True),
    Column(
        "no_change", "Nothing has changed", 11, choices=(("yes", YES),),
        note="Choose Yes where nothing has changed since the last report, and leave the rest of the row empty. It is enough twice"
        " running, and not when off track or past the agreed date.",
    ),
    Column(
        "status", "How is it going?", 15, choices=tuple(STATUS_WORDS), example="R Off track",
        note="Asked for in every row that you fill in. On hold and stopped are written by a decision of the Board alone.",
    ),
    Column(
        "narrative", "What has been done", 42, example="Two of the three posts were filled in May. The third was advertised twice.",
        note="What was done since the last update, in plain words.",
    ),
    Column(
        "cause", "Main cause", 16, choices=tuple(Cause.choices), example="Workforce",
        note="Asked for when at risk or off track.",
    ),
    Column(
        "next_steps", "What happens next", 38, example="The SEND team shares a post with health from 1 July.",
        note="Who does what by when. Asked for when at risk or off track.",
    ),
    Column(
        "escalate_to", "Who needs to act", 19, choices=tuple(EscalateTo.choices), example="The Board",
        note="Asked for when off track.",
    ),
    Column(
        "ask", "What the Board is asked to do", 34, example="Agree to pay for the shared post until March.",
        note="Asked for when it is off track and the Board needs to act.",
    ),
    Column(
        "needed_by", "Answer needed by", 17, is_day=True, example="31 March 2027",
        note="A day to come, such as 31/3/2027. Asked for when the Board is asked.",
    ),
    Column(
        "difference_made", "What difference it has made", 34, example="Families wait three weeks less for a first visit.",
        note="What children, young people and families would notice.",
    ),
    Column(
        "impact", "Has it changed anything for children and families?", 19, choices=tuple(Impact.choices), example="Early signs",
        note="Left empty, what was last said of the impact is said again.",
    ),
    Column(
        "evidence_1_title", "Evidence: title", 28, example="Waiting times, first quarter",
        note="Asked for when the action is complete.",
    ),
    Column("evidence_1_kind", "Evidence: kind", 16, choices=tuple(EvidenceKind.choices), example="Data"),
    Column(
        "evidence_1_url", "Evidence: web address", 30, example="https://www.example.org/waiting-times",
        note="The whole address, where it has one.",
    ),
]  # fmt: skip
LOCKED = [column for column in COLUMNS if column.is_locked]
FILLED = [column for column in COLUMNS if not column.is_locked]
NUMBERS = {column.name: number for number, column in enumerate(COLUMNS, start=1)}
BY_NAME = {column.name: column for column in COLUMNS}


def choices_of(column: Column) -> list[tuple[str, str]]:
    return status_choices() if column.name == "status" else list(column.choices)


def place(name: str, row: int) -> str:
    """J7: how a spreadsheet calls a cell."""
    return f"{chr(ord('A') + NUMBERS[name] - 1)}{row}"
