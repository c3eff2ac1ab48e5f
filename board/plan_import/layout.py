"""Where a file's tables have their headings, and which tables go on from one another.

A heading row may stand anywhere among the first rows, below titles and notes, and may be two rows: groups over columns.
Tables with the same headings are one table that pages, sheets or priorities have split.
"""

from dataclasses import dataclass, field

from board.plan_import.colours import Colour, colour_in
from board.plan_import.grids import Grid, Row, normal
from board.plan_import.headings import proposed_above
from board.plan_import.statuses import is_status
from board.plan_import.synonyms import MEANINGS, REPEATABLE, recognise

FIRST_ROWS = 20
FEWEST_RECOGNISED = 2
SAMPLES = 3
LONGEST_SAMPLE = 80


@dataclass(slots=True)
class Part:
    """The rows of one table below its heading."""

    grid: Grid
    rows: list[Row]


@dataclass(slots=True)
class Shape:
    """One table of the plan, however many pieces it lies in. `headings` are shown by their column's number."""

    headings: list[str]
    parts: list[Part] = field(default_factory=list)
    above: list[str] = field(default_factory=list)  # rows over the headings: titles and notes, which are not read

    @property
    def identity(self) -> tuple[str, ...]:
        return tuple(normal(heading) for heading in self.headings)

    @property
    def width(self) -> int:
        return len(self.headings)

    @property
    def over(self) -> dict[int, list[str]]:
        """The headings above its pieces by their level, from the outermost, each once."""
        found: dict[int, dict[str, None]] = {}
        for part in self.parts:
            for heading in part.grid.headings:
                found.setdefault(heading.level, {})[heading.text] = None
        return {level: list(found[level]) for level in sorted(found)}

    def proposed_over(self) -> dict[int, str]:
        return proposed_above(self.over, self.proposed())

    @property
    def rows(self) -> list[Row]:
        return [row for part in self.parts for row in part.rows]

    @property
    def where(self) -> str:
        names = [part.grid.name for part in self.parts]
        shown = names[0] if len(names) == 1 else f"{', '.join(names[:5])}{' and more' if len(names) > 5 else ''}"
        return f"{shown}: {len(self.rows):,} row{'' if len(self.rows) == 1 else 's'}"

    def samples(self, column: int) -> list[str]:
        texts = dict.fromkeys(row.cell(column).text for row in self.rows if row.cell(column).is_filled)
        texts = texts or dict.fromkeys(colour.text for colour in self.colours(column))
        return [text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…" for text in list(texts)[:SAMPLES]]

    def colours(self, column: int) -> list[Colour]:
        """What the cells of a column say by their colour alone."""
        return [colour for row in self.rows if (colour := colour_in(row, column))]

    def proposed(self) -> list[str]:
        """By the headings; a column whose every cell is a status, or is coloured and holds no text, is one as well."""
        meanings = recognise(self.headings)
        if "status" not in meanings:
            for column in range(self.width):
                texts = {row.cell(column).text for row in self.rows if row.cell(column).is_filled}
                is_one = all(is_status(text) for text in texts) if texts else any(self.colours(column))
                if meanings[column] in ("", "progress") and is_one:
                    meanings[column] = "status"
                    break
        return meanings


def shapes_of(grids: list[Grid]) -> list[Shape]:
    """In the order of the file. Of a document, a table without headings goes on from the one before it."""
    shapes: list[Shape] = []
    known: dict[tuple[str, ...], Shape] = {}
    for grid in grids:
        found = _headings_of(grid)
        if found is None and grid.may_continue and shapes and grid.width == shapes[-1].width:
            shapes[-1].parts.append(Part(grid, grid.rows))
            continue
        shape = _shape(grid, *(found or _first_rows(grid)))
        same = known.setdefault(shape.identity, shape)
        if same is shape:
            shapes.append(shape)
        else:
            same.parts += shape.parts
    return [shape for shape in shapes if shape.rows]


def _headings_of(grid: Grid) -> tuple[int, int] | None:
    """The index of the heading row, and of how many rows it is made; the row that recognises most, the upper of equals."""
    best, most = None, FEWEST_RECOGNISED - 1
    for at, row in enumerate(grid.rows[:FIRST_ROWS]):
        if len(row.filled) < FEWEST_RECOGNISED:
            continue
        single = _score([cell.text for cell in row.cells])
        if single > most:
            best, most = (at, 1), single
        if at + 1 < len(grid.rows) and _is_second_heading(grid.rows[at + 1], row):
            double = _score(_joined(row, grid.rows[at + 1]))
            if double > most:
                best, most = (at, 2), double
    return best


def _is_second_heading(row: Row, above: Row) -> bool:
    """Words that are headings themselves, below a group's name or in columns that a heading leaves empty."""
    texts = [row.cells[column].text for column in row.filled]
    return bool(texts) and sum(1 for text in texts if _score([text])) * 2 >= len(texts) and len(above.cells) > 1


def _score(texts: list[str]) -> int:
    return len(set(filter(None, recognise(texts))))


def _joined(upper: Row, lower: Row) -> list[str]:
    width = max(len(upper.cells), len(lower.cells))
    return [(lower.cell(at).text if lower.cell(at).is_filled else "") or upper.cell(at).text for at in range(width)]


def _first_rows(grid: Grid) -> tuple[int, int]:
    """Nothing recognised: the first row with two cells, for the officer to say."""
    return next((at for at, row in enumerate(grid.rows) if len(row.filled) > 1), 0), 1


def _shape(grid: Grid, at: int, count: int) -> Shape:
    heading = grid.rows[at]
    texts = [cell.text for cell in heading.cells] if count == 1 else _joined(heading, grid.rows[at + 1])
    texts += [""] * (grid.width - len(texts))
    last = max((column for column, text in enumerate(texts) if text), default=0)
    used = max((column for row in grid.rows[at + count :] for column in row.filled), default=0)
    headings = [" ".join(text.split()) for text in texts[: max(last, used) + 1]]
    same = tuple(normal(heading) for heading in headings)
    rows = [row for row in grid.rows[at + count :] if not _repeats(row, same)]
    above = [" ".join(row.cells[column].text for column in row.filled) for row in grid.rows[:at]]
    return Shape(headings, [Part(grid, rows)] if rows else [], above)


def _repeats(row: Row, headings: tuple[str, ...]) -> bool:
    """A table over several pages repeats its headings."""
    texts = tuple(normal(row.cell(column).text) for column in range(len(headings)))
    return sum(1 for text in texts if text) > 1 and texts == headings


def checked(meanings: list[str]) -> list[str]:
    """What stands in the way of reading by these meanings, as sentences."""
    problems = []
    for meaning, label in MEANINGS.items():
        if meaning not in REPEATABLE and meanings.count(meaning) > 1:
            problems.append(f"Two columns are chosen as “{label}”. Choose it for one of them.")
    if any(meanings) and "action" not in meanings:
        problems.append(
            "Choose the column that says what will be done: the action. Or leave out every column of this table."
        )
    return problems
