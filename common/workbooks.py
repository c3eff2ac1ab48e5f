"""A workbook that somebody sent, read without trusting it: values only, row by row, within bounds.

A small file can unpack to a very large one, and a sheet can hold a million rows of nothing. So what is read is metered:
bytes and tags of every part, as the parser asks for them, whatever the file says of itself. No formula is worked out, no
macro run, no link followed; a file with macros or with links to other workbooks is refused, since nobody who fills one in
needs them. Entities in the XML are refused by `defusedxml`, which `openpyxl` uses where it is installed.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from common.dates import in_words

MB = 1024 * 1024
MOST_BYTES = 20 * MB
MOST_UNPACKED = 100 * MB
MOST_PARTS = 2000
MOST_SHEETS = 50
MOST_COLUMNS = 100
MOST_ROWS = 5000  # filled rows of a sheet
MOST_EMPTY = 1000  # empty rows after which a sheet is taken to be at its end
# The most (bytes, tags) of one part that are read, by how its name begins: the first that fits counts. Sheets are read as a
# stream; the other parts are held whole, as objects of many times their size.
MOST_OF_PART = [
    ("xl/worksheets/", (64 * MB, 1_000_000)),
    ("xl/sharedstrings", (12 * MB, 300_000)),
    ("xl/styles", (4 * MB, 30_000)),
    ("xl/theme/", (1 * MB, 10_000)),
    ("xl/drawings/", (4 * MB, 20_000)),
    ("", (1 * MB, 10_000)),
]
LONGEST_GAP = 4 * MB  # without a tag: text of a cell has 32,767 characters at most
ANEW = "Open it in Excel or LibreOffice, save it as an Excel workbook (.xlsx), and send that."
BROKEN = "The workbook is broken and cannot be read. " + ANEW
TOO_MUCH = (
    "The workbook unpacks to far more than anybody fills in. Take out what does not belong in it, and send it again."
)
OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, or an .xlsx that a password encrypts
MACROS = ("vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
LINKS = ("xl/externallinks/", "xl/connections", "xl/querytables/", "customdata/", "xl/webextensions/")
BREAKS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
    ValueError, KeyError,
)  # fmt: skip


class NotAWorkbook(Exception):
    """The file cannot be read as a workbook. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the file holds it: text, number, yes or no, day or moment. Of a formula it is the result kept with it,
    if any; of an error its sign, such as #REF!"""

    value: Any = None
    is_formula: bool = False
    is_error: bool = False

    @property
    def is_filled(self) -> bool:
        return self.is_formula or (self.value is not None and self.value != "")

    @property
    def text(self) -> str:
        """As people read it: whole numbers without a point, days in words."""
        said = self.value
        if said is None:
            return ""
        if isinstance(said, bool):
            return "yes" if said else "no"
        if isinstance(said, float):
            return f"{said:.15g}"
        if isinstance(said, date):
            return in_words(said.date() if isinstance(said, datetime) else said)
        return str(said)

    @property
    def day(self) -> date | None:
        said = self.value
        return said.date() if isinstance(said, datetime) else said if isinstance(said, date) else None


EMPTY = Cell()


@dataclass(slots=True)
class Sheet:
    """Its filled rows by number, each with its cells from the first column on."""

    name: str
    is_hidden: bool = False
    rows: dict[int, list[Cell]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def cell(self, row: int, column: int) -> Cell:
        """Both counted from 1, as a spreadsheet does."""
        cells = self.rows.get(row, [])
        return cells[column - 1] if 0 < column <= len(cells) else EMPTY


def open_workbook(content: bytes, *, most_bytes: int = MOST_BYTES) -> list[Sheet]:
    """The sheets of an .xlsx in their order, hidden ones too. `NotAWorkbook` for everything else."""
    _refuse_by_first_bytes(content, most_bytes)
    try:
        with _Metered(io.BytesIO(content)) as archive:
            _refuse_by_parts(archive.infolist())
            return _sheets(archive)
    except NotAWorkbook:
        raise
    except MemoryError:
        raise NotAWorkbook(TOO_MUCH) from None
    except Exception:  # over a broken workbook the library raises nearly anything
        raise NotAWorkbook(BROKEN) from None


def _refuse_by_first_bytes(content: bytes, most_bytes: int) -> None:
    if not content:
        raise NotAWorkbook("The file is empty. Choose another.")
    if len(content) > most_bytes:
        raise NotAWorkbook(f"The file is larger than {most_bytes // MB} MB. Take pictures and other sheets out of it.")
    if content.startswith(OLD_OR_LOCKED):
        raise NotAWorkbook(f"The file is protected by a password, or of an old kind (.xls). {ANEW}")
    if not content.startswith(b"PK"):
        raise NotAWorkbook(f"The file is no Excel workbook (.xlsx). {ANEW}")


def _refuse_by_parts(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower().replace("\\", "/").lstrip("/") for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise NotAWorkbook(f"The file is protected by a password. {ANEW}")
    if "xl/workbook.xml" not in names:
        raise NotAWorkbook(f"The file is no Excel workbook (.xlsx). {ANEW}")
    if any(word in name for word in MACROS for name in names):
        raise NotAWorkbook(
            "The workbook holds macros, which are never run here. Save it without them (.xlsx), and send that."
        )
    if any(name.startswith(word) for word in LINKS for name in names):
        raise NotAWorkbook(
            "The workbook draws on other workbooks or data outside it. Break those links (Data, Edit links), save it, and send that."
        )
    if len(set(names)) < len(names):
        raise NotAWorkbook(BROKEN)
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise NotAWorkbook(TOO_MUCH)


def _sheets(archive: "_Metered") -> list[Sheet]:
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise RuntimeError("defusedxml is not in force.")
    with _quiet():
        reader = ExcelReader(archive.filename_or_file, read_only=True, data_only=True, keep_links=False)
        reader.archive.close()
        reader.archive = archive
        reader.read()
        sheets = [sheet for sheet in reader.wb.worksheets if hasattr(sheet, "_get_source")]
        if len(sheets) > MOST_SHEETS:
            raise NotAWorkbook(f"The workbook has more than {MOST_SHEETS} sheets. Take out what does not belong in it.")
        return [_read(sheet) for sheet in sheets]


@contextmanager
def _quiet():
    """The library warns of what it leaves out; nothing that is left out is read here."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _read(sheet) -> Sheet:
    read = Sheet(sheet.title, is_hidden=sheet.sheet_state != "visible")
    last = 0
    with sheet._get_source() as source:
        for number, values in _rows(sheet, source):
            cells = _cells(values)
            if cells:
                read.rows[number] = cells
                last = max(last, number)
            elif number - last > MOST_EMPTY:
                read.notes.append(
                    f"{sheet.title} was read up to row {number:,}: {MOST_EMPTY:,} empty rows stand there."
                )
                break
            if len(read.rows) > MOST_ROWS:
                raise NotAWorkbook(
                    f"The sheet {sheet.title} has more than {MOST_ROWS:,} filled rows. Leave only what is needed in it."
                )
    return read


def _rows(sheet, source) -> Iterator[tuple[int, list[dict]]]:
    """Up to the end of the sheet's data: what follows (formats, filters, rules) is of no interest here."""
    from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG
    from openpyxl.xml.functions import iterparse

    book = sheet.parent
    parser = _parser()(
        source, sheet._shared_strings, data_only=True, epoch=book.epoch, date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )  # fmt: skip
    for _, element in iterparse(source):
        if element.tag == ROW_TAG:
            yield parser.parse_row(element)
            element.clear()
        elif element.tag == DATA_TAG:
            return


def _parser():
    from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

    class Parser(WorkSheetParser):
        """Tells a formula from a value, though it keeps only its result."""

        def parse_cell(self, element):
            return super().parse_cell(element) | {"is_formula": element.find(FORMULA_TAG) is not None}

    return Parser


def _cells(values: list[dict]) -> list[Cell]:
    """None where the row holds nothing. What stands far to the right is not read."""
    found = {value["column"]: _cell(value) for value in values if 1 <= value["column"] <= MOST_COLUMNS}
    filled = [column for column, cell in found.items() if cell.is_filled]
    return [found.get(column, EMPTY) for column in range(1, max(filled, default=0) + 1)]


def _cell(value: dict) -> Cell:
    said, kind = value["value"], value["data_type"]
    if isinstance(said, time | timedelta):
        said = str(said)
    if isinstance(said, float) and said.is_integer() and abs(said) < 1e15:
        said = int(said)
    return Cell(said, is_formula=value["is_formula"], is_error=kind == "e")


class _Metered(zipfile.ZipFile):
    """An archive whose parts stop being read where they grow beyond their bounds."""

    def __init__(self, file: io.BytesIO):
        self.filename_or_file = file
        super().__init__(file)

    def open(self, name, *args, **kwargs):
        path = (name if isinstance(name, str) else name.filename).lower().lstrip("/")
        most = next(most for beginning, most in MOST_OF_PART if path.startswith(beginning))
        return _Meter(super().open(name, *args, **kwargs), *most)

    def read(self, name, pwd=None) -> bytes:
        with self.open(name, "r", pwd) as part:
            return part.read()


class _Meter:
    """A part as it is read, counting."""

    PIECE = 64 * 1024

    def __init__(self, part, most_bytes: int, most_tags: int):
        self.part, self.bytes_left, self.tags_left, self.gap = part, most_bytes, most_tags, 0

    def read(self, size: int = -1) -> bytes:
        if size >= 0:
            return self._counted(self.part.read(min(size, self.PIECE)))
        pieces = []
        while piece := self._counted(self.part.read(self.PIECE)):
            pieces.append(piece)
        return b"".join(pieces)

    def _counted(self, piece: bytes) -> bytes:
        tags = piece.count(b"<")
        self.bytes_left -= len(piece)
        self.tags_left -= tags
        self.gap = 0 if tags else self.gap + len(piece)
        if self.bytes_left < 0 or self.tags_left < 0 or self.gap > LONGEST_GAP:
            raise NotAWorkbook(TOO_MUCH)
        return piece

    def close(self) -> None:
        self.part.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
