"""Why a row of a file is refused: the column, the place of its cell, what it says, the reason."""

from typing import NamedTuple

from board.own_figures.reading import Given, Line

SHOWN = 80  # letters of a value that is refused


class Problem(NamedTuple):
    column: str
    place: str
    value: str
    message: str


def problem_of(line: Line, name: str, message: str, *, titles: dict[str, str]) -> Problem:
    """`titles`: what the columns are called, by their names."""
    cell = line.cells.get(name, Given())
    value = cell.text if len(cell.text) <= SHOWN else f"{cell.text[:SHOWN]}…"
    return Problem(titles.get(name, ""), cell.place or line.where, value, message)
