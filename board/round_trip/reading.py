"""What a workbook that came back says: which actions, and what was written for each.

The file as a whole is refused where it cannot be known what it speaks of: `NotAWorkbook` says why. What is wrong with
one row stands by that row.
"""

from dataclasses import asdict, dataclass, field

from board.round_trip.columns import (
    ACTIONS,
    BY_NAME,
    COLUMNS,
    FILLED,
    HEAD_ROW,
    LOCKED,
    NUMBERS,
    SEAL,
    Column,
    choices_of,
    place,
)
from board.round_trip.seal import ANEW, Sealed, digest, read_seal
from common.text import text_problem, tidy, unkeepable_in
from common.workbooks import Cell, NotAWorkbook, Sheet, read_sheets
from strategies.models import Area

MOST_BYTES = 10 * 1024 * 1024
MOST_CHARACTERS = 2_000_000  # written in a whole workbook
SHOWN = 300  # letters of a value that is refused
NOT_OURS = "This is no workbook of actions: it was not made here, or its hidden sheet was taken out. " + ANEW
A_FORMULA = "The cell holds a formula. Formulas are not worked out here: write the words themselves."
AN_ERROR = "The cell shows the error of a formula. Write the words themselves."


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell is refused. `cell` is its place, `value` what it says."""

    column: str
    cell: str
    value: str
    message: str


@dataclass(slots=True)
class FilledRow:
    """`values`: what was written, by column, choices as codes. `key` is empty where the row is not one that was sent."""

    number: int
    key: str
    values: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_untouched(self) -> bool:
        return not self.values and not self.problems

    def kept(self) -> dict:
        return asdict(self)

    @classmethod
    def from_kept(cls, kept: dict) -> "FilledRow":
        return cls(**{**kept, "problems": [Problem(**problem) for problem in kept["problems"]]})


@dataclass(frozen=True, slots=True)
class CameBack:
    sealed: Sealed
    rows: list[FilledRow]


def read_workbook(content: bytes, *, area: Area) -> CameBack:
    sheets = {sheet.name: sheet for sheet in read_sheets(content, most_bytes=MOST_BYTES)}
    if SEAL not in sheets:
        raise NotAWorkbook(NOT_OURS)
    sealed = read_seal(sheets[SEAL])
    if sealed.area != area.slug:
        raise NotAWorkbook(
            f"This workbook holds actions of {sealed.area_name}. It cannot be brought in for {area.name}."
        )
    if ACTIONS not in sheets:
        raise NotAWorkbook(f"The sheet “{ACTIONS}” is missing: it was taken out or renamed. {ANEW}")
    _refuse_other_heads(sheets[ACTIONS])
    rows = [_row(number, sheets[ACTIONS], sealed) for number in sorted(sheets[ACTIONS].rows) if number > HEAD_ROW]
    rows = [row for row in rows if row.key or not row.is_untouched]
    _refuse_twice(rows)
    if sum(len(value) for row in rows for value in row.values.values()) > MOST_CHARACTERS:
        raise NotAWorkbook(
            "The workbook holds far more text than can be reported at once. Shorten it, and send it again."
        )
    return CameBack(sealed, rows)


def _refuse_other_heads(sheet: Sheet) -> None:
    for column in COLUMNS:
        found = sheet.cell(HEAD_ROW, NUMBERS[column.name]).text.strip()
        if found != column.title:
            cell = place(column.name, HEAD_ROW)
            said = f"is called “{found[:40]}”" if found else "has no heading"
            raise NotAWorkbook(
                f"The columns are not those that were sent: in {cell} “{column.title}” was expected, and the column {said}. {ANEW}"
            )


def _refuse_twice(rows: list[FilledRow]) -> None:
    first: dict[str, int] = {}
    for row in rows:
        if row.key and row.key in first:
            raise NotAWorkbook(
                f"Rows {first[row.key]} and {row.number} are the same action: one was copied over the other. {ANEW}"
            )
        first[row.key] = row.number


def _row(number: int, sheet: Sheet, sealed: Sealed) -> FilledRow:
    cells = {column.name: sheet.cell(number, NUMBERS[column.name]) for column in COLUMNS}
    key = cells["key"].text.strip()
    row = FilledRow(number, key)
    if key:
        _check_locked(row, cells, sealed)
    for column in FILLED:
        _take(row, column, cells[column.name])
    if not key and not row.is_untouched:
        row.problems.insert(
            0,
            Problem(
                "",
                place("ref", number),
                cells["ref"].text[:SHOWN],
                "This row was not among those sent. Rows cannot be added.",
            ),
        )
    return row


def _check_locked(row: FilledRow, cells: dict[str, Cell], sealed: Sealed) -> None:
    """A changed key, or one that stands by another's reference, makes the whole workbook unclear; another locked cell, its row."""
    sent = sealed.actions.get(row.key)
    if sent is None or cells["key"].is_formula:
        raise NotAWorkbook(
            f"The hidden key in {place('key', row.number)} was changed, so it is not clear which action the row speaks of. {ANEW}"
        )
    changed = [c for c in LOCKED if cells[c.name].is_formula or digest(cells[c.name].text) != sent.digests[c.name]]
    if any(column.name == "ref" for column in changed):
        raise NotAWorkbook(
            f"In row {row.number} the reference and the hidden key do not belong together, so its action is not clear. {ANEW}"
        )
    for column in changed:
        message = "This column may not change, and it says something else than was sent."
        if column.name == "due_on":
            message += " A date is changed by agreement: ask the officer of your area."
        row.problems.append(_problem(row, column, cells[column.name].text, message))


def _take(row: FilledRow, column: Column, cell: Cell) -> None:
    """What one cell says; empty ones say nothing."""
    if cell.is_formula or cell.is_error:
        said = f"A formula: {cell.text}" if cell.is_formula and cell.text else cell.text or "A formula"
        row.problems.append(_problem(row, column, said, A_FORMULA if cell.is_formula else AN_ERROR))
        return
    text = tidy(cell.text)
    if not text:
        return
    problem = text_problem(text, name=column.title)
    if problem:
        row.problems.append(_problem(row, column, text, problem))
        return
    if column.name == "no_change" and text.casefold() == "no":
        return
    row.values[column.name] = _meant(column, text, cell)


def _problem(row: FilledRow, column: Column, text: str, message: str) -> Problem:
    return Problem(column.title, place(column.name, row.number), keepable(text)[:SHOWN], message)


def keepable(text: str) -> str:
    return "".join(letter for letter in text if unkeepable_in(letter) is None) if unkeepable_in(text) else text


def _meant(column: Column, text: str, cell: Cell) -> str:
    """The code of a choice; a day as the form reads it. What is neither is left for the form to refuse."""
    if column.is_day and cell.day:
        return f"{cell.day.day} {cell.day.month} {cell.day.year}"
    said = " ".join(text.split()).casefold()
    for code, words in [*column.choices, *choices_of(column)]:
        alone = words.partition(" ")[2] if column.name == "status" else words
        if said in (words.casefold(), code.casefold(), alone.casefold()):
            return code
    return text


def shown_value(name: str, value: str) -> str:
    """As it was written in the cell: the words of a code."""
    return dict(BY_NAME[name].choices).get(value, value)[:SHOWN]
