"""What describes the columns of a file: its metadata file, or the data-guidance text of the whole publication."""

import csv
import io
from dataclasses import asdict, dataclass

from kpis.dfe.errors import NotThisFormat

MOST_BYTES = 2 * 1024 * 1024
MOST_COLUMNS = 500
META_REQUIRED = {"col_name", "col_type", "label"}
NAMED = "filename:"


@dataclass
class Described:
    """A column, as its publisher describes it."""

    label: str = ""
    kind: str = ""  # "filter", "indicator", or nothing where it is not said
    unit: str = ""
    default: str = ""  # the item of a filter that stands for all

    as_dict = asdict


def read_text(content: bytes, name: str) -> str:
    if len(content) > MOST_BYTES:
        raise NotThisFormat(f"{name} is larger than {MOST_BYTES // 2**20} MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # descriptions alone: no figure is read from here
    if "\0" in text:
        raise NotThisFormat(f"{name} is no text file.")
    return text


def read_meta(content: bytes) -> dict[str, Described]:
    """The metadata file: one line a column."""
    reader = csv.DictReader(io.StringIO(read_text(content, "The metadata file"), newline=""))
    try:
        names = {(name or "").strip() for name in reader.fieldnames or []}
        if not names >= META_REQUIRED:
            raise NotThisFormat(
                "Looked for a metadata file: a CSV with col_name, col_type and label. The file given has other columns."
            )
        rows = [{(key or "").strip(): value for key, value in row.items()} for row in reader]
    except csv.Error as error:
        raise NotThisFormat(f"The metadata file cannot be read as CSV: {error}.") from None
    return {_cell(row, "col_name"): _described(row) for row in rows[:MOST_COLUMNS] if _cell(row, "col_name")}


def _described(row: dict) -> Described:
    kind = _cell(row, "col_type").lower()
    return Described(
        label=_cell(row, "label"),
        kind=kind if kind in ("filter", "indicator") else "",
        unit=_cell(row, "indicator_unit"),
        default=_cell(row, "filter_default"),
    )


def _cell(row: dict, name: str) -> str:
    value = row.get(name)
    return value.strip()[:200] if isinstance(value, str) else ""


def read_guidance(content: bytes, file_name: str, columns: list[str]) -> dict[str, Described]:
    """The table of variables under the file's own name; without one, of whichever file has most of these columns."""
    text = read_text(content, "The data guidance")
    found: dict[str, dict[str, Described]] = {}
    current = ""
    known = set(columns)
    for line in map(str.strip, text.splitlines()):
        if line[: len(NAMED)].casefold() == NAMED and line[len(NAMED) :].strip():
            current = line[len(NAMED) :].strip().lower()
        elif "|" in line:
            column, _, label = (part.strip() for part in line.partition("|"))
            if column in known:
                found.setdefault(current, {})[column] = Described(label=label[:200])
    if file_name.lower() in found:
        return found[file_name.lower()]
    return max(found.values(), key=len, default={})
