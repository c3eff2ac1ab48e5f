"""A workbook that somebody sent is read or refused, and never costs more than its bounds."""

import io
import subprocess
import sys
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from common.workbooks import NotAWorkbook, open_workbook

SHEET = "xl/worksheets/sheet1.xml"
MAIN = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:B2"/><sheetData>'
)
ENDS = b"</sheetData></worksheet>"


def small() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"], sheet["C1"] = "Ref", date(2027, 3, 31), 12
    sheet["A2"] = "=1+1"
    sheet["B2"] = "=so they said"
    sheet["B2"].data_type = "s"
    sheet["A4"] = 1.5
    book.create_sheet("Hidden").sheet_state = "veryHidden"
    return saved(book)


def saved(book) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """The small workbook with one part put in, or in the place of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part.filename))
        new.writestr(name, content)
    return out.getvalue()


def test_values_are_read_as_they_are_held_and_hidden_sheets_say_so():
    first, hidden = open_workbook(small())

    assert next(cell.value for cell in first.rows[1]) == "Ref"
    assert first.cell(1, 2).day == date(2027, 3, 31)
    assert first.cell(1, 2).text == "31 March 2027"
    assert first.cell(1, 3).text == "12"
    assert first.cell(4, 1).text == "1.5"
    assert 3 not in first.rows
    assert hidden.is_hidden
    assert not first.is_hidden


def test_a_formula_is_told_from_text_that_begins_like_one():
    first, _ = open_workbook(small())

    assert first.cell(2, 1).is_formula
    assert not first.cell(2, 2).is_formula
    assert first.cell(2, 2).text == "=so they said"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"ref,status\n1.1,G\n", "no Excel workbook"),
        (b"PK\x03\x04 and then nothing", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected by a password, or of an old kind"),
        (with_part("xl/vbaProject.bin", b"x"), "macros"),
        (with_part("xl/macrosheets/sheet1.xml", b"<x/>"), "macros"),
        (with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "other workbooks"),
        (with_part("xl/connections.xml", b"<x/>"), "other workbooks"),
        (with_part(SHEET, MAIN + b"<row><c"), "broken"),
        (with_part("xl/workbook.xml", b"<no"), "broken"),
        (with_part(SHEET, MAIN + b'<row><c t="s"><v>99</v></c></row>' + ENDS), "broken"),
        (with_part(SHEET, MAIN + b"<row><c><v>1</v></c></row>" * 5001 + ENDS), "more than 5,000 filled rows"),
    ],
)
def test_what_is_no_workbook_to_be_trusted_is_refused_with_its_reason(content, why):
    with pytest.raises(NotAWorkbook, match=why):
        open_workbook(content)


def test_an_entity_is_never_expanded():
    told = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + MAIN + b'<row><c t="inlineStr"><is><t>&a;</t></is></c></row>' + ENDS
    with pytest.raises(NotAWorkbook, match="broken"):
        open_workbook(with_part(SHEET, told))


def test_a_file_beyond_its_bound_is_refused_before_it_is_opened():
    with pytest.raises(NotAWorkbook, match="larger than 1 MB"):
        open_workbook(b"PK" + b"\0" * 1024 * 1024, most_bytes=1024 * 1024)


def test_a_password_is_said_to_be_one():
    content = bytearray(small())
    for at in range(len(content) - 4):
        if content[at : at + 4] == b"PK\x01\x02":
            content[at + 8] |= 1
    with pytest.raises(NotAWorkbook, match="protected by a password"):
        open_workbook(bytes(content))


HOSTILE = {
    "a million empty rows": MAIN + b"".join(b'<row r="%d"/>' % row for row in range(1, 1_048_577)) + ENDS,
    "a row of nine million cells": MAIN + b"<row>" + b"<c/>" * 9_000_000 + b"</row>" + ENDS,
    "a cell of sixty million letters": MAIN + b'<row><c t="inlineStr"><is><t>' + b"a" * 60_000_000,
    "rows in rows": MAIN + b"<row>" * 900_000,
    "tags without end": MAIN + b"<x/>" * 9_000_000 + ENDS,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bomb_never_takes_more_than_300_mb(name, tmp_path):
    file = tmp_path / "bomb.xlsx"
    file.write_bytes(with_part(SHEET, HOSTILE[name]))
    code = (
        "import resource, sys\n"
        "from common.workbooks import NotAWorkbook, open_workbook\n"
        "try: open_workbook(open(sys.argv[1], 'rb').read())\n"
        "except NotAWorkbook: pass\n"
        "for line in open('/proc/self/status'):\n"
        "    if line.startswith('VmHWM'): print(line.split()[1])\n"
    )
    told = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 300 * 1024


def test_empty_rows_at_the_end_are_left_unread():
    rows = b"<row><c><v>1</v></c></row>" + b"<row/>" * 3000
    (first, *_) = open_workbook(with_part(SHEET, MAIN + rows + ENDS))

    assert list(first.rows) == [1]
    assert "was read up to row" in first.notes[0]


def test_the_xml_is_read_with_defusedxml():
    from openpyxl.xml import DEFUSEDXML

    assert DEFUSEDXML


@given(some.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_bytes_changed_anywhere_are_read_or_refused(data):
    content = bytearray(SMALL)
    for _ in range(data.draw(some.integers(1, 6))):
        content[data.draw(some.integers(0, len(content) - 1))] = data.draw(some.integers(0, 255))
    _read_or_refused(
        bytes(content[: data.draw(some.integers(0, len(content)))] if data.draw(some.booleans()) else content)
    )


@given(some.binary(max_size=400), some.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]))
@settings(max_examples=80, deadline=None)
def test_any_part_may_hold_anything(content, name):
    _read_or_refused(with_part(name, content))


@given(
    some.lists(
        some.one_of(
            some.text(max_size=20), some.integers(), some.floats(), some.booleans(), some.dates(), some.datetimes(),
            some.times(), some.timedeltas(),
        ),
        max_size=8,
    )
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_any_value_of_a_cell_can_be_shown(values):
    book = openpyxl.Workbook()
    for column, value in enumerate(values, start=1):
        try:
            book.active.cell(1, column).value = value
        except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
            continue
    try:
        content = saved(book)
    except Exception:  # what the library cannot write is no workbook
        return
    for sheet in _read_or_refused(content):
        for cells in sheet.rows.values():
            assert all(isinstance(cell.text, str) for cell in cells)


def _read_or_refused(content: bytes) -> list:
    try:
        return open_workbook(content)
    except NotAWorkbook:
        return []


SMALL = small()
