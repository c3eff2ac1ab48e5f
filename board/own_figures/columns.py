"""The columns of an area's own figures, in the template and in any table that comes back."""

from typing import NamedTuple

from common.text import LONGEST_TEXT
from kpis.vocabulary import Missing

FIGURES, GUIDE, LIST = "Figures", "How to fill this in", "KPIs"
HEAD_ROW = 4  # counted from 1
SPARE_ROWS = 60


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
NUMBERS = {column.name: number for number, column in enumerate(COLUMNS)}
TITLES = {column.name: column.title for column in COLUMNS}
FILLED = ("figure", "numerator", "denominator", "missing")  # a row with none of them is left alone
NEEDED = ("kpi", "period", "figure")


def names_of(headings: list[str]) -> dict[int, str]:
    """Which of these columns stands where, by its heading; the first of two alike."""
    known = {_plain(words): column.name for column in COLUMNS for words in (column.title, *column.others)}
    found: dict[int, str] = {}
    for number, heading in enumerate(headings):
        name = known.get(_plain(heading))
        if name and name not in found.values():
            found[number] = name
    return found


def is_head(names: dict[int, str]) -> bool:
    held = set(names.values())
    return {"period", "figure"} <= held and bool({"kpi", "code"} & held)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
