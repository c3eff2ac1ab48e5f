"""Files that are broken, huge or made to do harm are refused with a reason, or read: never an error, never much memory."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.styles import PatternFill

from board.plan_import.bringing_in import shapes_in
from board.plan_import.errors import NotAPlan
from board.plan_import.opening import read_grids
from common.zip_bounds import checked_parts
from tests.board.plan_import import files

ROWS = [["Priority", "Action", "Lead", "By when"], ["One", "Train every caseworker", "Head of SEND", "March 2027"]]


def with_parts(content: bytes, **parts: bytes) -> bytes:
    """The same archive with parts added or put in the place of others; a dot in a name is written __."""
    out = io.BytesIO()
    named = {name.replace("__", "."): value for name, value in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in named:
                new.writestr(part, old.read(part.filename))
        for name, value in named.items():
            new.writestr(name, value)
    return out.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(NotAPlan) as caught:
        shapes_in(content)
    return str(caught.value)


PLAIN = files.a_workbook(ROWS)
WORD = files.word_plan()


def test_macros_are_refused_whatever_the_file_is_called():
    assert "holds macros" in refused(with_parts(PLAIN, **{"xl/vbaProject__bin": b"\xd0\xcf"}))


def test_a_part_that_unpacks_to_very_much_is_refused_before_it_is_read():
    bomb = with_parts(PLAIN, **{"xl/worksheets/sheet2__xml": b" " * (65 * 2**20)})
    assert len(bomb) < 200_000
    assert "unpacks to more than 64 MB" in refused(bomb)
    assert "unpacks to more than 12 MB" in refused(with_parts(PLAIN, **{"xl/sharedStrings__xml": b" " * (13 * 2**20)}))
    pictures = {f"xl/media/{at}__png": b"0" * (30 * 2**20) for at in range(4)}
    assert "unpacks to more than 100 MB" in refused(with_parts(PLAIN, **pictures))


def test_an_archive_that_lies_about_its_sizes_is_broken():
    content = bytearray(with_parts(PLAIN, **{"xl/worksheets/sheet1__xml": b"<worksheet>" + b" " * 5_000_000}))
    at = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # its unpacked size, as the directory gives it
    assert "broken" in refused(bytes(content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_document_type_is_refused_in_any_encoding(encoding):
    laughs = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><worksheet>&lol;</worksheet>'.encode(encoding)
    assert "document type" in refused(with_parts(PLAIN, **{"xl/worksheets/sheet1__xml": laughs}))
    plan = files.word_plan()
    assert "document type" in refused(with_parts(plan, **{"word/document__xml": laughs}))


def test_links_to_elsewhere_are_not_followed():
    link = b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="http://127.0.0.1:9/other.xlsx" TargetMode="External"/></Relationships>'
    content = with_parts(
        PLAIN,
        **{
            "xl/externalLinks/_rels/externalLink1__xml.rels": link,
            "xl/externalLinks/externalLink1__xml": b"<externalLink/>",
        },
    )
    assert shapes_in(content)[0].rows[0].cells[1].text == "Train every caseworker"


def test_a_formula_without_a_result_is_named_and_one_with_a_result_is_read():
    content = files.a_workbook([ROWS[0], ["One", '=CONCAT("Train ","staff")', "Head of SEND", "=1/0"]])
    cells = shapes_in(content)[0].rows[0].cells
    assert "a formula without a kept result" in cells[1].problem
    kept = PLAIN.replace(b"", b"")
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="str"><v>Action</v></c><c r="B1" t="str"><v>Lead</v></c></row><row r="2"><c r="A2" t="str"><f>A1</f><v>Train staff</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="C2" t="str"><f>""</f><v></v></c></row></sheetData></worksheet>'
    cells = shapes_in(with_parts(kept, **{"xl/worksheets/sheet1__xml": sheet}))[0].rows[0].cells
    assert cells[0].text == "Train staff"
    assert "the error of a formula" in cells[1].problem
    assert (cells[2].text, cells[2].problem) == ("", "")


def test_a_cell_beyond_the_longest_text_is_named():
    content = files.a_workbook([ROWS[0], ["One", "x" * 12_000, "Head of SEND", "March 2027"]])
    assert shapes_in(content)[0].rows[0].cells[1].problem == "It has 12,000 characters, and the most is 10,000."


def test_a_plan_of_far_too_many_rows_is_refused():
    assert "more than 2,000 filled rows" in refused(files.a_csv([ROWS[0], *([ROWS[1]] * 2001)]))


def test_hidden_sheets_are_not_read_and_that_is_said():
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    hidden = book.create_sheet("Lists")
    hidden.append(["Red", "Amber"])
    hidden.sheet_state = "hidden"
    grids = read_grids(files.saved(book))
    assert [grid.name for grid in grids] == ["Sheet"]
    assert grids[0].notes == ["The hidden sheet Lists is not read."]


def a_million_empty_rows() -> bytes:
    """As Excel writes a sheet whose columns somebody coloured to the end."""
    row = '<row r="{0}"><c r="A{0}" s="1"/></row>'
    head = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:D1048576"/><sheetData>'
    filled = "".join(
        f'<row r="{at}">' + "".join(f'<c r="{column}{at}" t="inlineStr"><is><t>{text}</t></is></c>' for column, text in zip("ABCD", texts, strict=True)) + "</row>"
        for at, texts in enumerate(ROWS, start=1)
    )  # fmt: skip
    rows = "".join(row.format(at) for at in range(3, 1_048_577))[: 39 * 2**20]
    sheet = f"{head}{filled}{rows[: rows.rindex('</row>') + 6]}</sheetData></worksheet>"
    book = openpyxl.Workbook()
    book.active["A1"].fill = PatternFill("solid", fgColor="FFFF00")
    return with_parts(files.saved(book), **{"xl/worksheets/sheet1__xml": sheet.encode()})


def test_a_million_empty_rows_cost_neither_time_nor_memory(tmp_path):
    """In a process of its own, so that what is measured is the reading alone."""
    (tmp_path / "million.xlsx").write_bytes(a_million_empty_rows())
    said = measured(tmp_path / "million.xlsx")
    assert said["rows"] == 1
    assert said["seconds"] < 20
    assert said["grown"] < 100


def test_the_largest_files_that_are_opened_stay_below_300_mb(tmp_path):
    """A document as large as the bounds let through, which is read whole, and a workbook full of cells."""
    (tmp_path / "text.docx").write_bytes(a_large_document())
    (tmp_path / "cells.xlsx").write_bytes(a_large_workbook())
    (tmp_path / "strings.xlsx").write_bytes(many_strings())
    for name in ("text.docx", "cells.xlsx", "strings.xlsx"):
        assert measured(tmp_path / name)["peak"] < 300, name


def a_large_document() -> bytes:
    """The smallest paragraphs there are, up to the bound: the most objects that a parser can be made to keep."""
    empty = b"<w:p/>" * (5_000_000 // 6)
    space = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = b"<w:document " + space + b"><w:body>" + empty + b"</w:body></w:document>"
    return with_parts(WORD, **{"word/document__xml": body})


def a_large_workbook() -> bytes:
    """A sheet of which nothing says how large it is, 63 MB of cells in one row."""
    cells = b'<c r="A1"/>' * (63 * 2**20 // 11)
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return with_parts(
        PLAIN,
        **{
            "xl/worksheets/sheet1__xml": b"<worksheet "
            + space
            + b'><sheetData><row r="1">'
            + cells
            + b"</row></sheetData></worksheet>"
        },
    )


def many_strings() -> bytes:
    """A workbook whose table of texts is as long as the bound lets through."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for at, row in enumerate(ROWS):
        sheet.write_row(at, 0, row)
    book.close()
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    items = b"<si><t>ab</t></si>" * ((12 * 2**20 - 1000) // 18)
    return with_parts(out.getvalue(), **{"xl/sharedStrings__xml": b"<sst " + space + b">" + items + b"</sst>"})


MEASURE = """
import sys, time
from django.conf import settings
settings.configure(INSTALLED_APPS=[], USE_TZ=True)
from board.plan_import.opening import read_grids
from board.plan_import.errors import NotAPlan
import openpyxl, docx
content = open(sys.argv[1], "rb").read()
mb = lambda: int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
before, began, rows = mb(), time.monotonic(), 0
try:
    rows = len(read_grids(content)[0].rows) - 1
except NotAPlan as problem:
    pass
print(rows, time.monotonic() - began, mb() - before, mb())
"""


def measured(path) -> dict:
    if not Path("/proc/self/status").exists():
        pytest.skip("Memory is measured on Linux alone.")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    rows, seconds, grown, peak = done.stdout.split()
    return {"rows": int(rows), "seconds": float(seconds), "grown": float(grown), "peak": float(peak)}


def read_or_refused(content: bytes) -> None:
    """Nothing but `NotAPlan` ever comes out."""
    try:
        shapes = shapes_in(content)
    except NotAPlan:
        return
    for shape in shapes:
        assert len(shape.proposed()) == shape.width
        assert all(len(shape.samples(column)) <= 3 for column in range(shape.width))


SLOW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.datetimes(), st.dates(), st.times(),
    st.text(max_size=30).filter(lambda text: not openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.search(text)),
    st.sampled_from(["=A1", "=HYPERLINK(\"http://x\")", "=cmd|' /C calc'!A0", "Action", "Lead", "by when", "Autumn 2026", "R"]),
)  # fmt: skip


@SLOW
@given(
    st.lists(st.lists(VALUES, max_size=8), max_size=12),
    st.lists(st.sampled_from(["A1:B3", "A2:A5", "B1:D1", "C2:C9"]), max_size=2, unique=True),
)
def test_any_workbook_is_read_or_refused(rows, merge):
    try:
        content = files.a_workbook(rows, merge=merge)
    except (ValueError, OverflowError, UnicodeEncodeError):  # what the library itself will not write
        return
    read_or_refused(content)


@SLOW
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    read_or_refused(content)
    read_or_refused(b"PK\x03\x04" + content)


@SLOW
@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused(at, damage):
    read_or_refused(PLAIN[:at] + damage + PLAIN[at + len(damage) :])
    read_or_refused(PLAIN[:at])


@SLOW
@given(st.integers(0, len(WORD) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_document_is_read_or_refused(at, damage):
    read_or_refused(WORD[:at] + damage + WORD[at + len(damage) :])


@SLOW
@given(
    st.text(max_size=300),
    st.sampled_from(
        [
            "xl/worksheets/sheet1__xml",
            "xl/workbook__xml",
            "xl/styles__xml",
            "xl/sharedStrings__xml",
            "[Content_Types]__xml",
        ]
    ),
)
def test_any_text_in_the_place_of_a_part_is_read_or_refused(text, part):
    read_or_refused(with_parts(PLAIN, **{part: text.encode("utf-8", "replace")}))


@SLOW
@given(st.lists(st.lists(st.text(max_size=20), max_size=6), max_size=10), st.sampled_from([",", ";", "\t"]))
def test_any_text_file_is_read_or_refused(rows, delimiter):
    try:
        content = files.a_csv(rows, delimiter=delimiter, encoding="utf-8")
    except UnicodeEncodeError:
        return
    read_or_refused(content)


def test_the_parts_of_a_sound_file_are_let_through():
    assert "xl/workbook.xml" in checked_parts(PLAIN)
