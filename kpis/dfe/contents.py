"""What a file holds: how many rows, which levels and periods, and of each column what kind it is and which items it has.

A column is a *filter* where the metadata says so or where its cells are words; a *figure* where its cells are numbers or
symbols. A column of very many different words (names of schools) is neither. Figures with few different values are kept
with their items too: such a column may be a filter after all (an age, a year group).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from common.text import unkeepable_in
from kpis.dfe.guidance import Described
from kpis.dfe.reading import Table
from kpis.dfe.signs import state_said
from kpis.dfe.symbols import NUMBER, is_figure

MOST_ITEMS = 400
MOST_NUMBERS = 40
MOST_PERIODS = 600
LONGEST_ITEM = 200
WHOLE = ("total", "all", "all pupils", "persons", "england", "state-funded", "state-funded schools")


@dataclass
class Column:
    name: str
    kind: str = ""  # filter, figure or words
    items: list[str] = field(default_factory=list)
    label: str = ""
    unit: str = ""
    default: str = ""
    has_numbers: bool = False

    @property
    def title(self) -> str:
        return f"{self.label} ({self.name})" if self.label and self.label != self.name else self.name

    @property
    def must_be_chosen(self) -> bool:
        return self.kind == "filter" and len(self.items) > 1

    @property
    def proposed(self) -> str:
        """The item that stands for all: as the metadata names it, or "Total", or one that starts with All."""
        if self.default in self.items:
            return self.default
        exact = {item.lower(): item for item in self.items}
        for word in WHOLE:
            if word in exact:
                return exact[word]
        alls = [item for item in self.items if item.lower().startswith("all ")]
        return alls[0] if alls else self.items[0] if len(self.items) == 1 else ""


@dataclass
class Contents:
    rows: int = 0
    columns: list[Column] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    periods: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def kept(cls, stored: dict) -> "Contents":
        return cls(**{**stored, "columns": [Column(**column) for column in stored.get("columns", [])]})

    def as_dict(self) -> dict:
        return {
            "rows": self.rows,
            "columns": [vars(column) for column in self.columns],
            "levels": self.levels,
            "periods": [list(period) for period in self.periods],
        }

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def filters(self) -> list[Column]:
        return [column for column in self.columns if column.must_be_chosen]

    def filters_beside(self, columns: Iterable[str]) -> list[Column]:
        """The filters of a series that is read from `columns`."""
        return [column for column in self.filters if column.name not in columns]

    @property
    def figures(self) -> list[Column]:
        """What may hold figures: a column of words and numbers too, whose words will be refused row by row."""
        return [column for column in self.columns if column.kind == "figure" or column.has_numbers]

    @property
    def perhaps_filters(self) -> list[Column]:
        """Columns of numbers with few different values: nobody said that they are figures."""
        numbers = (column for column in self.columns if column.kind == "figure" and column.unit == "")
        return [column for column in numbers if 2 <= len(column.items) <= MOST_NUMBERS]


def survey(table: Table, described: dict[str, Described]) -> Contents:
    """One reading of the whole file."""
    layout = table.layout
    at = {name: layout.at(name) for name in layout.others}
    seen: dict[str, set[str]] = {name: set() for name in at}
    open_columns = list(at.items())
    level, time = layout.at("geographic_level"), (layout.at("time_identifier"), layout.at("time_period"))
    levels, periods, rows = Counter(), set(), 0
    for row in table.rows():
        if not row:
            continue
        rows += 1
        levels[row[level]] += 1
        periods.add((row[time[0]], row[time[1]]))
        for name, place in open_columns:
            seen[name].add(row[place])
        if not rows % 500:
            open_columns = [(name, place) for name, place in open_columns if len(seen[name]) <= MOST_ITEMS]
            _bound(levels, periods)
    _bound(levels, periods)
    columns = [_column(name, seen[name], described.get(name, Described())) for name in at]
    tidied = Counter()
    for name, count in levels.items():
        tidied[name.strip()[:60]] += count
    return Contents(rows, columns, dict(tidied.most_common()), sorted(periods))


def _bound(levels: Counter, periods: set) -> None:
    """What no real file has many of is not let grow: a strange file is described less well, at no more cost."""
    while len(levels) > 100:
        levels.popitem()
    while len(periods) > MOST_PERIODS:
        periods.pop()


def _column(name: str, seen: set[str], described: Described) -> Column:
    items = sorted({item.strip() for item in seen} - {""})
    is_few = len(items) <= MOST_ITEMS and all(len(item) <= LONGEST_ITEM and not unkeepable_in(item) for item in items)
    kind = {"filter": "filter", "indicator": "figure"}.get(described.kind) or _kind(items, is_few)
    kept = items if is_few and (kind == "filter" or len(items) <= MOST_NUMBERS) else []
    has_numbers = described.kind != "filter" and any(NUMBER.fullmatch(item) for item in items)
    return Column(name, kind, kept, described.label, described.unit, described.default, has_numbers)


def _kind(items: list[str], is_few: bool) -> str:
    words = [item for item in items if not is_figure(item)]
    if not words:
        return "figure"
    # A figure column with a fault in it is still one: most of its cells are numbers.
    if len(words) * 10 <= len(items):
        return "figure"
    return "filter" if is_few else "words"


def state_of_contents(contents: Contents, columns: list[str]) -> str:
    """What the name or label of the columns chosen says of how sure their figures are."""
    texts = [column.name + " " + column.label for name in columns if (column := contents.column(name))]
    return max((state_said(text) for text in texts), key=["final", "provisional", "forecast"].index, default="final")
