"""A cell of a figure: a number, or a symbol that says why there is none. A symbol is never read as nought.

`c` suppressed, `z` not applicable, `x` not available, `low` or `k` rounds to nought but is not nought, `u` unreliable; `~` and
`:` are obsolete forms; `.`, `..`, `-`, `NULL`, `NA` and nothing at all stand in real files and mean not available.
"""

import re
from decimal import Decimal
from functools import lru_cache

from kpis.dfe.errors import Unreadable
from kpis.vocabulary import Missing

SYMBOLS = {
    "c": Missing.SUPPRESSED,
    "z": Missing.NOT_APPLICABLE,
    "low": Missing.LOW,
    "k": Missing.LOW,
    "~": Missing.LOW,
    "u": Missing.UNRELIABLE,
    **dict.fromkeys(["x", ":", ".", "..", "-", "null", "na", ""], Missing.NOT_AVAILABLE),
}
LONGEST_CELL = 120  # what a figure keeps of the raw text
MOST = Decimal(10) ** 12
MILLIONTH = Decimal("0.000001")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
FORMULA = ("=", "+", "-", "@")


def is_figure(text: str) -> bool:
    """Whether a cell could stand in a column of figures."""
    return text.lower() in SYMBOLS or NUMBER.fullmatch(text) is not None


def read_cell(raw: str, column: str) -> tuple[Decimal | None, str]:
    """The number, or None and what the symbol says; `Unreadable` for anything else."""
    text = raw.strip()
    missing = SYMBOLS.get(text.lower())
    if missing is not None:
        return None, str(missing)
    return _number(text, column), ""


def read_part(raw: str, column: str) -> Decimal | None:
    """A numerator or denominator, none where a symbol stands; one of nought says nothing and is none."""
    value, _ = read_cell(raw, column)
    if value is not None and value < 0:
        raise Unreadable(column, "a count cannot be less than nought")
    return value


@lru_cache(maxsize=4096)
def _number(text: str, column: str) -> Decimal:
    if len(text) > LONGEST_CELL:
        raise Unreadable(column, f"the cell holds {len(text):,} characters; a figure has at most {LONGEST_CELL}")
    if not NUMBER.fullmatch(text):
        raise Unreadable(column, _why_not(text))
    value = Decimal(text)
    if abs(value) >= MOST:
        raise Unreadable(column, "the number is too large to be a figure")
    return value.quantize(MILLIONTH)


def _why_not(text: str) -> str:
    if text.startswith(FORMULA):
        return "the cell starts like a formula and is no number"
    if re.fullmatch(r"[\d,]+(\.\d+)?", text, re.ASCII):
        return "open data writes numbers without commas"
    if text.endswith("%"):
        return "open data writes percentages without a sign"
    return "neither a number nor a symbol for a missing one"
