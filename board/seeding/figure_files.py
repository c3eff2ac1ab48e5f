"""The CSV files of published figures and of statistical neighbours into plain rows; each fault with its row and field.

A period stands in words, as the statistics name it:

| in the file | from | to |
|---|---|---|
| `2024` | 1 January 2024 | 31 December 2024 |
| `2023/24` | 1 September 2023 | 31 August 2024 |
| `January 2025` | 1 January 2025 | 31 January 2025 |
| `31 March 2025` | that day | that day |
| `December 2024 to February 2025` | 1 December 2024 | 28 February 2025 |

`(provisional)` behind it makes the figure provisional.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from pathlib import Path

from common.dates import MONTHS, last_day_of_month
from kpis.vocabulary import MeasurementState, Missing

# Symbols of the Department's open data, present and obsolete, and others that stand in its files; never read as 0.
SYMBOLS = {
    "c": Missing.SUPPRESSED,
    "z": Missing.NOT_APPLICABLE,
    "low": Missing.LOW,
    "k": Missing.LOW,
    "~": Missing.LOW,
    "u": Missing.UNRELIABLE,
    **dict.fromkeys(["x", ":", ".", "..", "-", "null", "na", ""], Missing.NOT_AVAILABLE),
}
PROVISIONAL = " (provisional)"
MONTH = "|".join(MONTHS)
LARGEST = Decimal(10) ** 12
LONGEST_CELL, LONGEST_CLOSENESS = 120, 40
MILLIONTH = Decimal("0.000001")
FIGURES = (["area", "period", "value"], ["area", "period", "value", "numerator", "denominator"])
NEIGHBOURS = ["area", "position", "neighbour", "closeness"]


@dataclass(frozen=True)
class Period:
    start: date
    end: date
    label: str
    state: str

    @cached_property
    def code(self) -> str:
        """Both days and the state in figures, for keys."""
        is_final = self.state == MeasurementState.FINAL
        return f"{self.start:%Y%m%d}-{self.end:%Y%m%d}{'' if is_final else '-' + self.state[0]}"


@dataclass(frozen=True)
class Cell:
    """One figure of a file: the raw text, and what it says."""

    area: str
    period: Period
    raw: str
    value: Decimal | None
    missing: str
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True)
class Near:
    """`area` stands at `position` among the places most like `of`."""

    of: str
    position: int
    area: str
    closeness: str


class Fault(Exception):
    """What is wrong with a field of a row."""

    def __init__(self, name: str, message: str):
        super().__init__(message)
        self.name = name


def read_figures(path: Path, file: str, areas: Iterable[str], *, most: Decimal | None) -> tuple[list[Cell], list[str]]:
    """The cells of a series, and a line for each thing that is wrong. `most`: what no value may pass, if anything."""
    seen: dict[tuple[str, Period], int] = {}

    def cell_of(row: dict[str, str], place: int) -> Cell:
        cell = cell_in(row, areas, most)
        first = seen.setdefault((cell.area, cell.period), place)
        if first != place:
            raise Fault("period", f"this area and period stand in row {first} already.")
        return cell

    return read_rows(path, file, FIGURES, cell_of)


def read_neighbours(path: Path, file: str, areas: Iterable[str]) -> tuple[list[Near], list[str]]:
    taken: set[tuple] = set()

    def near_of(row: dict[str, str], place: int) -> Near:
        near = near_in(row, areas)
        for name, key in (("position", (near.of, near.position)), ("neighbour", (near.of, near.area))):
            if key in taken:
                raise Fault(name, f'"{row[name]}" stands twice for {near.of}.')
            taken.add(key)
        return near

    return read_rows(path, file, (NEIGHBOURS,), near_of)


def read_rows(path: Path, file: str, headers: Iterable[list[str]], made_of) -> tuple[list, list[str]]:
    """What `made_of` makes of each row (given as a dict, with its number), and what was wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        rows = list(csv.reader(text.splitlines(), strict=True))
    except FileNotFoundError:
        return [], [f"{file}: there is no such file."]
    except (UnicodeDecodeError, csv.Error) as error:
        return [], [f"{file}: this is not a readable CSV file: {error}."]
    header = rows[0] if rows else []
    if header not in headers:
        allowed = " or ".join(",".join(each) for each in headers)
        return [], [f"{file}: row 1: the header must be {allowed}."]
    made, problems = [], []
    for place, row in enumerate(rows[1:], start=2):
        try:
            if len(row) != len(header):
                raise Fault(header[-1], f"has {len(row)} cells, and the header {len(header)}.")
            made.append(made_of(dict(zip(header, row, strict=True)), place))
        except Fault as fault:
            problems.append(f"{file}: row {place}: {fault.name}: {fault}")
    return made, problems


def cell_in(row: dict[str, str], areas: Iterable[str], most: Decimal | None) -> Cell:
    known_area("area", row["area"], areas)
    period = period_of(row["period"])
    if period is None:
        raise Fault("period", f'"{row["period"]}" is not a period such as 2024, 2023/24 or January 2025.')
    raw = row["value"]
    if len(raw) > LONGEST_CELL:
        raise Fault("value", f"is longer than {LONGEST_CELL} characters.")
    missing = SYMBOLS.get(raw.lower(), "")
    value = None if missing else number("value", raw)
    if value is not None and most is not None and value > most:
        raise Fault("value", f"{raw} is more than {most:f}, which this percentage may not pass.")
    parts = [part(name, row.get(name, "")) for name in ("numerator", "denominator")]
    return Cell(row["area"], period, raw, value, str(missing), *parts)


def near_in(row: dict[str, str], areas: Iterable[str]) -> Near:
    known_area("area", row["area"], areas)
    known_area("neighbour", row["neighbour"], areas)
    if row["area"] == row["neighbour"]:
        raise Fault("neighbour", "is the area itself.")
    if not re.fullmatch("[1-9][0-9]?", row["position"]):
        raise Fault("position", f'"{row["position"]}" is not a position such as 1.')
    if len(row["closeness"]) > LONGEST_CLOSENESS:
        raise Fault("closeness", f"is longer than {LONGEST_CLOSENESS} characters.")
    return Near(row["area"], int(row["position"]), row["neighbour"], row["closeness"])


def known_area(name: str, slug: str, areas: Iterable[str]) -> None:
    if slug not in areas:
        raise Fault(name, f'"{slug}" leads nowhere: there is no such area.')


def number(name: str, text: str) -> Decimal:
    """A number, to the millionth that is kept."""
    try:
        value = Decimal(text)
        if not value.is_finite() or abs(value) >= LARGEST:
            raise InvalidOperation
    except InvalidOperation:
        raise Fault(name, f'"{text}" is neither a number nor a symbol for a missing one.') from None
    return value.quantize(MILLIONTH)


def part(name: str, text: str) -> Decimal | None:
    """A numerator or denominator; none when it is missing for whatever reason."""
    return None if text.lower() in SYMBOLS else number(name, text)


@cache
def period_of(text: str) -> Period | None:
    """The period that words name; none when they name none."""
    words = text.removesuffix(PROVISIONAL)
    state = MeasurementState.FINAL if words == text else MeasurementState.PROVISIONAL
    days = next(days_of(words), None)
    return Period(*days, words, str(state)) if days else None


def days_of(words: str) -> Iterator[tuple[date, date]]:
    """First and last day, by the one pattern that fits."""
    if re.fullmatch(r"[12]\d{3}", words):
        yield date(int(words), 1, 1), date(int(words), 12, 31)
    if (match := re.fullmatch(r"([12]\d{3})/(\d\d)", words)) and (int(match[1]) + 1) % 100 == int(match[2]):
        yield date(int(match[1]), 9, 1), date(int(match[1]) + 1, 8, 31)
    if match := re.fullmatch(rf"({MONTH}) ([12]\d{{3}})", words):
        first = first_of(*match.groups())
        yield first, last_day_of_month(first)
    if match := re.fullmatch(rf"({MONTH}) ([12]\d{{3}}) to ({MONTH}) ([12]\d{{3}})", words):
        first, last = first_of(match[1], match[2]), last_day_of_month(first_of(match[3], match[4]))
        yield from [(first, last)] if first <= last else []
    if match := re.fullmatch(rf"(\d\d?) ({MONTH}) ([12]\d{{3}})", words):
        month = first_of(match[2], match[3])
        if 1 <= int(match[1]) <= last_day_of_month(month).day:
            yield month.replace(day=int(match[1])), month.replace(day=int(match[1]))


def first_of(month: str, year: str) -> date:
    return date(int(year), MONTHS.index(month) + 1, 1)
