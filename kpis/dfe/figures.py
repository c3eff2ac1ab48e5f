"""From rows to figures: those that a series asks for, of the places held here; what is refused, and what is passed over."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from common.words import listed
from kpis.dfe.errors import NotThisFormat, Unreadable
from kpis.dfe.layout import Layout
from kpis.dfe.periods import period_of
from kpis.dfe.places import LEVELS, Finder, Places
from kpis.dfe.reading import Table
from kpis.dfe.series import Series
from kpis.dfe.signs import least_sure, state_in_row, state_said
from kpis.dfe.symbols import is_figure, read_cell, read_part

MOST_FIGURES = 200_000
MOST_REFUSED = 10_000


class Identity(NamedTuple):
    """What a figure is of. `series` is the place of its series in the import."""

    series: int
    area: int
    start: date
    end: date
    state: str


class FileFigure(NamedTuple):
    row: int
    value: Decimal | None
    missing: str
    raw: str
    label: str
    is_assumed: bool
    numerator: Decimal | None
    denominator: Decimal | None


class Refused(NamedTuple):
    row: int
    column: str
    cell: str
    reason: str


@dataclass
class Found:
    """Everything that one reading of a file gave."""

    figures: dict[Identity, FileFigure] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    rows: int = 0
    fitting: int = 0
    other_levels: Counter = field(default_factory=Counter)
    other_places: Counter = field(default_factory=Counter)
    less_sure: Counter = field(default_factory=Counter)
    unanswered: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # columns of words that differ among the kept rows


def figures_in(table: Table, chosen: list[Series], places: Places, *, state: str = "final") -> Found:
    """`state`: what the release as a whole is said to be. Raises `NotThisFormat` where a chosen column is not there."""
    pickers = [Picker(number, series, table.layout, places, state) for number, series in enumerate(chosen)]
    found = Found()
    by_cell = [(picker, picker.at, picker.item) for picker in pickers]
    number = 1
    for row in table.rows():
        number += 1
        if not row:
            continue
        for picker, at, item in by_cell:
            if at is None or row[at] == item or row[at].strip() == item:
                picker.take(number, row, found)
    found.rows = number - 1
    for picker in pickers:
        picker.refuse_doubles(found)
    found.refused.sort()
    return found


class Picker:
    """Takes the figures of one series."""

    def __init__(self, number: int, series: Series, layout: Layout, places: Places, state: str):
        self.number, self.series = number, series
        self._layout = layout
        self._finder = Finder(places, layout)
        self._names = places.names
        self._time = (self._index("time_identifier"), self._index("time_period"))
        self._value = self._index(series.column)
        self._parts = [(name, self._index(name) if name else None) for name in (series.numerator, series.denominator)]
        filters = [(self._index(name), item.strip()) for name, item in series.filters.items()]
        self.at, self.item = filters[0] if filters else (None, "")
        self._filters = filters[1:]
        self._words = [layout.at(name) for name in layout.others if name not in series.columns]
        self._state = least_sure(state, series.state, *(state_said(name) for name in series.columns))
        chosen_columns = {*series.columns, *series.filters}
        self._open = [(name, layout.at(name)) for name in layout.others if name not in chosen_columns]
        self._first: list[tuple[str, int, str]] | None = None
        self._doubles: dict[Identity, list[tuple[int, str]]] = {}
        self._count_of_doubles = 0

    def _index(self, name: str) -> int:
        at = self._layout.at(name)
        if at is None:
            raise NotThisFormat(f'Looked for the column "{name}". This file has no such column.')
        return at

    def take(self, number: int, row: list[str], found: Found) -> None:
        """One row that the first filter let through."""
        if any(row[at].strip() != item for at, item in self._filters):
            return
        found.fitting += 1
        level = self._finder.level(row)
        if level not in LEVELS:
            found.other_levels[level[:60] or "no level"] += 1
            return
        try:
            area = self._finder.find(row, level)
            if area is None:
                self._pass_over(row, level, found)
                return
            self._keep(number, row, area, found)
        except Unreadable as problem:
            self._refuse(number, row, problem, found)

    def _pass_over(self, row: list[str], level: str, found: Found) -> None:
        name = self._finder.described(row, level)
        if name in found.other_places or len(found.other_places) < 2000:
            found.other_places[name] += 1

    def _keep(self, number: int, row: list[str], area: int, found: Found) -> None:
        period = period_of(row[self._time[0]], row[self._time[1]], self.series.reads_as)
        raw = row[self._value].strip()
        value, missing = read_cell(raw, self.series.column)
        numerator, denominator = (None if at is None else read_part(row[at], name) for name, at in self._parts)
        state = least_sure(self._state, period.state, state_in_row(row, self._words))
        self._watch_open(row, found)
        identity = Identity(self.number, area, period.start, period.end, state)
        if identity in found.figures:
            self._note_double(identity, found.figures[identity], number, raw)
            return
        if len(found.figures) >= MOST_FIGURES:
            raise NotThisFormat(
                f"More than {MOST_FIGURES:,} figures fit what was chosen: choose an item of each filter."
            )
        if state != self.series.state:
            found.less_sure[state] += 1
        found.figures[identity] = FileFigure(
            number, value, missing, raw, period.label, period.is_assumed, numerator, denominator or None
        )

    def _watch_open(self, row: list[str], found: Found) -> None:
        """A column of words of which no item was chosen, and whose words differ, is a filter that nobody answered."""
        if self._first is None:
            self._first = [(name, at, row[at]) for name, at in self._open if not is_figure(row[at].strip())]
        for name, at, word in self._first:
            if row[at] != word and name not in found.unanswered:
                found.unanswered[name] = (word.strip()[:60], row[at].strip()[:60])

    def _refuse(self, number: int, row: list[str], problem: Unreadable, found: Found) -> None:
        at = self._layout.at(problem.column)
        cell = row[at] if at is not None else ""
        _add(found, Refused(number, problem.column, shown(cell), f"{problem.reason}."))

    def _note_double(self, identity: Identity, first: FileFigure, number: int, raw: str) -> None:
        self._doubles.setdefault(identity, [(first.row, first.raw)]).append((number, raw))
        self._count_of_doubles += 1
        if self._count_of_doubles > MOST_REFUSED:
            raise NotThisFormat(
                f"More than {MOST_REFUSED:,} rows give a further figure for a place and period, such as rows {first.row:,} and"
                f" {number:,}. Choose one item of each filter."
            )

    def refuse_doubles(self, found: Found) -> None:
        """Two figures for one place and period: neither is taken, for nothing says which is meant."""
        for identity, cells in self._doubles.items():
            kept = found.figures.pop(identity)
            where = f"{self._names[identity.area]}, {kept.label}"
            for row, raw in cells:
                others = listed(f"{other:,}" for other, _ in cells[:6] if other != row)
                reason = (
                    f"The same place and period ({where}) stands in row {others} too. Choose one item of each filter."
                )
                _add(found, Refused(row, self.series.column, shown(raw), reason))


def _add(found: Found, refused: Refused) -> None:
    found.refused.append(refused)
    if len(found.refused) > MOST_REFUSED:
        first = found.refused[0]
        raise NotThisFormat(
            f"More than {MOST_REFUSED:,} rows are refused, so the file is not what was chosen. The first: row {first.row:,},"
            f" {first.column}: {first.reason}"
        )


def shown(cell: str) -> str:
    """A cell as a message may show it."""
    printable = "".join(letter if letter.isprintable() else "�" for letter in cell[:60])
    return printable + ("…" if len(cell) > 60 else "")


def in_order(found: Found) -> Iterator[tuple[Identity, FileFigure]]:
    yield from sorted(found.figures.items(), key=lambda pair: pair[0])
