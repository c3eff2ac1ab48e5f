"""The columns of an area's own figures and of the KPIs that they are of, in the template and in any table that comes back.

A table of figures has one of three shapes: a figure a row; a KPI a column, with the periods down the side; a KPI a row,
with the periods along the top.
"""

from enum import Enum
from typing import NamedTuple

from common.text import LONGEST_TEXT
from kpis.period_words import read_period
from kpis.vocabulary import Frequency, Missing, Polarity, Unit

FIGURES, DEFINED, GUIDE, LIST = "Figures", "KPIs", "How to fill this in", "Titles"
HEAD_ROW = 4  # counted from 1
SPARE_ROWS = 60
ROWS_TO_DEFINE = 40


class Column(NamedTuple):
    name: str
    title: str
    width: int
    note: str = ""
    example: str = ""
    is_locked: bool = False
    others: tuple[str, ...] = ()  # what else may stand over it in a file of one's own


COLUMNS = [
    Column(
        "kpi", "KPI", 46, "The title of the KPI. In an empty row below the list, choose it.",
        "Plans issued within 20 weeks", is_locked=True, others=("indicator", "title", "measure"),
    ),
    Column("code", "Code", 4, is_locked=True, others=("key", "kpi code")),
    Column("unit", "Unit", 12, is_locked=True),
    Column(
        "period", "Period", 24,
        "The next period that is expected stands here. Another is written as October 2026, July to September 2026, 2026,"
        " 2025/26 (school year) or 2025-26 (financial year).", "October 2026",
        others=("month", "quarter", "term", "year", "date"),
    ),
    Column(
        "figure", "Figure", 14, "The final figure. A percentage may be left empty where its two counts are given.", "85.2",
        others=("value",),
    ),
    Column("numerator", "Numerator", 14, "Of a percentage: how many.", "52", others=("how many",)),
    Column("denominator", "Denominator", 14, "Of a percentage: out of how many.", "61", others=("out of how many",)),
    Column(
        "missing", "Missing because", 20, f"Instead of a figure. One of: {', '.join(str(label) for label in Missing.labels)}.",
        others=("missing", "why missing"),
    ),
    Column(
        "reason", "Reason of a restatement", 34, "Only where a figure stands for the period already: why yours differs.",
        others=("reason", "reason of restatement", "reason for restatement"),
    ),
    Column(
        "commentary", "What explains the figure", 46,
        f"Asked for when the figure is behind its target, or worse than chance explains. At most {LONGEST_TEXT:,} characters.",
        "Two of six posts stood empty until the middle of the month.", others=("commentary", "comment"),
    ),
]  # fmt: skip
UNITS = [str(label) for unit, label in Unit.choices if unit != Unit.TEXT]
DEFINITIONS = [
    Column(
        "kpi", "KPI", 40, "What is counted, of whom. One that is tracked already is changed as far as the row says.",
        "Annual reviews held on time", others=("title", "indicator", "measure", "name"),
    ),
    Column("definition", "What counts", 40, "So that two people count the same.", "Of all reviews that fell due in the month",
           others=("definition",)),
    Column("unit", "Unit", 12, f"One of: {', '.join(UNITS)}.", "%"),
    Column("polarity", "Which way is better", 20, f"One of: {', '.join(map(str, Polarity.labels))}.", "Higher is better",
           others=("direction", "polarity", "better")),
    Column("frequency", "How often", 16, f"One of: {', '.join(map(str, Frequency.labels))}.", "Monthly", others=("frequency",)),
    Column("decimals", "Decimal places", 10, "How many are shown: 0 to 3. Empty: one, and none of whole numbers.", "1"),
    Column("owner", "Owner", 28, "A lead of the area, by name. Empty: nobody yet.", "Head of SEND", others=("lead",)),
    Column("tolerance", "Tolerance", 12, "A figure short of its target by no more than this is slightly behind.", "5"),
    Column("target", "Target", 12, "What is promised, as a number.", "90"),
    Column("target_from", "Target from", 18, "From which day. Empty: from the start of the plan.", "1 September 2026",
           others=("from",)),
    Column("headline", "On the board page", 12, "Yes or no. The board page shows eight.", "Yes", others=("headline",)),
    Column("priorities", "Priorities", 16, "Their references, with a semicolon between two.", "1; 3", others=("priority",)),
    Column(
        "alias", "Heading in our own table", 28, "Where your table of figures calls it otherwise.", "reviews_on_time",
        others=("column", "also called", "heading"),
    ),
]  # fmt: skip


class Shape(Enum):
    ROWS = "a figure a row"
    COLUMNS = "a KPI a column"
    ALONG = "a KPI a row, periods along the top"
    DEFINITIONS = "the KPIs themselves"


NUMBERS = {column.name: number for number, column in enumerate(COLUMNS)}
TITLES = {column.name: column.title for column in COLUMNS}
FILLED = ("figure", "numerator", "denominator", "missing")  # a row with none of them is left alone
NEEDED = ("kpi", "period", "figure")


DEFINITION_TITLES = {column.name: column.title for column in DEFINITIONS}
MOST_DEFINED = 100


def names_of(headings: list[str], columns: list[Column] = COLUMNS) -> dict[int, str]:
    """Which of these columns stands where, by its heading; the first of two alike."""
    known = {plain(words): column.name for column in columns for words in (column.title, *column.others)}
    found: dict[int, str] = {}
    for number, heading in enumerate(headings):
        name = known.get(plain(heading))
        if name and name not in found.values():
            found[number] = name
    return found


def shape_of(headings: list[str]) -> Shape | None:
    """What stands below these headings; none where they are no headings of such a table."""
    held = set(names_of(headings).values())
    if {"period", "figure"} <= held and {"kpi", "code"} & held:
        return Shape.ROWS
    if {"kpi", "unit", "polarity"} <= set(names_of(headings, DEFINITIONS).values()):
        return Shape.DEFINITIONS
    if "period" in held and not {"kpi", "code", "figure"} & held and columns_of_kpis(headings):
        return Shape.COLUMNS
    if {"kpi", "code"} & held and "period" not in held and columns_of_periods(headings):
        return Shape.ALONG
    return None


def columns_of_kpis(headings: list[str]) -> list[int]:
    """Of a table with a KPI a column: every column with a heading that is none of ours."""
    ours = names_of(headings)
    return [at for at, heading in enumerate(headings) if heading.strip() and at not in ours]


def columns_of_periods(headings: list[str]) -> list[int]:
    ours = names_of(headings)
    return [at for at, heading in enumerate(headings) if at not in ours and read_period(heading)]


def plain(text: str) -> str:
    return " ".join(text.split()).casefold()
