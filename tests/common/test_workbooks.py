"""A workbook that somebody sent is read or refused, and never costs more than its bounds."""

import io
import subprocess
import sys
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from openpyxl.styles import Color, GradientFill, PatternFill

from common.workbooks import Cell, NotAWorkbook, Sheet, read_sheets

SHEET = "xl/worksheets/sheet1.xml"
MAIN = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:B2"/><sheetData>'
)
ENDS = b"</sheetData></worksheet>"


def small() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"], sheet["C1"] = "Ref", date(2027, 3, 31), 12
    sheet["B1"].fill = PatternFill("solid", fgColor="FFFFC000")  # its style is number 1
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


def with_part(name: str, content: bytes, whole: bytes = b"") -> bytes:
    """The small workbook, or another, with one part put in, or in the place of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole or small())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part.filename))
        new.writestr(name, content)
    return out.getvalue()


def open_workbook(content: bytes, **asked) -> list[Sheet]:
    return list(read_sheets(content, **asked))


def test_values_are_read_as_they_are_held_and_hidden_sheets_say_so():
    first, hidden = open_workbook(small())

    assert first.cell(1, 1).value == "Ref"
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
    with pytest.raises(NotAWorkbook, match="document type"):
        open_workbook(with_part(SHEET, told))
    for name in ("xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"):
        with pytest.raises(NotAWorkbook, match="document type"):
            open_workbook(with_part(name, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'))


def test_a_document_type_in_a_code_that_nobody_looks_for_is_refused_too():
    told = '<?xml version="1.0" encoding="cp037"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'.encode("cp037")
    with pytest.raises(NotAWorkbook, match="broken"):
        open_workbook(with_part("xl/styles.xml", told))


@pytest.mark.parametrize("name", ["xl/externalLinks/externalLink1.xml", "xl/connections.xml"])
def test_what_draws_on_other_files_is_read_and_never_followed(name):
    first, _ = open_workbook(with_part(name, b"<x/>"))
    assert first.cell(1, 1).value == "Ref"


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


def filling(head: bytes, piece: bytes, size: int, end: bytes = b"") -> bytes:
    return head + piece * (size // len(piece)) + end


def as_many_cells_as_are_read() -> bytes:
    """Each of a text of its own, half of them in letters that take the most room, in as many columns as are read."""
    cells = b"".join(f'<c t="str"><v>{at}{"😀" * (at % 2)}</v></c>'.encode() for at in range(60))
    return MAIN + b"".join(b'<row r="%d">%s</row>' % (row, cells) for row in range(1, 4999)) + ENDS


def shared() -> bytes:
    """A workbook whose cells name their texts by number."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet().write(0, 0, "Ref")
    return out.getvalue()


MB = 1024 * 1024
SPACES = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://x/relationships"'
ONE_FILL = b'<fill><patternFill patternType="solid"><fgColor rgb="FF010203"/></patternFill></fill>'
HOSTILE = {
    "a million empty rows": MAIN + b"".join(b'<row r="%d"/>' % row for row in range(1, 1_048_577)) + ENDS,
    "a row of nine million cells": MAIN + b"<row>" + b"<c/>" * 9_000_000 + b"</row>" + ENDS,
    "a cell of sixty million letters": MAIN + b'<row><c t="inlineStr"><is><t>' + b"a" * 60_000_000,
    "rows in rows": MAIN + b"<row>" * 900_000,
    "tags without end": MAIN + b"<x/>" * 9_000_000 + ENDS,
    "as many cells as are read": as_many_cells_as_are_read(),
    "a name of sixty million letters": MAIN + b'<row><c r="' + b"A" * 60_000_000 + b'"/></row>' + ENDS,
    "as many coloured cells as are read": MAIN
    + b"".join(b'<row r="%d"><c><v>1</v></c>%s</row>' % (row, b'<c s="1"/>' * 59) for row in range(1, 5000))
    + ENDS,
    "many long texts": filling(MAIN + b"<row>", b'<c t="str"><v>' + "😀".encode() * 30_000 + b"</v></c>", 60 * MB),
}
OTHERS = {
    "formats": ("xl/styles.xml", filling(b"<styleSheet " + SPACES + b"><cellXfs>", b"<xf/>", 5 * MB - 200)),
    "fonts": ("xl/styles.xml", filling(b"<styleSheet " + SPACES + b"><fonts>", b"<font/>", 5 * MB - 200)),
    "fills": (
        "xl/styles.xml",
        filling(b"<styleSheet " + SPACES + b"><fills>", ONE_FILL, 5 * MB - 200, b"</fills></styleSheet>"),
    ),
    "styles of fills": (
        "xl/styles.xml",
        filling(
            b"<styleSheet " + SPACES + b"><cellXfs>", b'<xf fillId="1"/>', 5 * MB - 200, b"</cellXfs></styleSheet>"
        ),
    ),
    "a palette": (
        "xl/styles.xml",
        filling(b"<styleSheet " + SPACES + b"><indexedColors>", b'<rgbColor rgb="FF010203"/>', 5 * MB - 200),
    ),
    "a theme": (
        "xl/theme/theme1.xml",
        filling(b"<theme><clrScheme>", b'<dk1><srgbClr val="010203"/></dk1>', 6 * MB - 200),
    ),
    "sheets": (
        "xl/workbook.xml",
        filling(b"<workbook " + SPACES + b">", b'<sheet name="a" r:id="rId1"/>', 6 * MB - 200),
    ),
    "names": ("xl/workbook.xml", filling(b"<workbook " + SPACES + b">", b'<definedName name="a"/>', 6 * MB - 200)),
    "texts": (
        "xl/sharedStrings.xml",
        filling(b"<sst " + SPACES + b">", b"<si><t>ab</t></si>", 5 * MB, b"</sst>"),
        shared(),
    ),
    "kinds": ("[Content_Types].xml", filling(b"<Types>", b"<Override/>", 6 * MB - 200)),
    "links": ("xl/_rels/workbook.xml.rels", filling(b"<Relationships>", b"<Relationship/>", MB - 200)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sheet_never_takes_more_than_300_mb(name, tmp_path):
    assert memory_of(with_part(SHEET, HOSTILE[name]), tmp_path) < 300


@pytest.mark.parametrize("name", OTHERS)
def test_another_hostile_part_never_takes_more_than_300_mb(name, tmp_path):
    assert memory_of(with_part(*OTHERS[name]), tmp_path) < 300


def test_a_list_of_parts_without_end_is_refused_before_it_is_read(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for at in range(60_000):
            archive.writestr(f"xl/{at}", b"")
    with pytest.raises(NotAWorkbook, match="more than 2,000 parts"):
        open_workbook(out.getvalue())
    assert memory_of(out.getvalue(), tmp_path) < 100


def memory_of(content: bytes, tmp_path) -> int:
    """The most that reading it takes, in MB, in a process of its own."""
    if not Path("/proc/self/status").exists():
        pytest.skip("Memory is measured on Linux alone.")
    file = tmp_path / "bomb.xlsx"
    file.write_bytes(content)
    code = (
        "import resource, sys\n"
        "from common.workbooks import NotAWorkbook, read_sheets\n"
        "try: list(read_sheets(open(sys.argv[1], 'rb').read(), with_fills=True))\n"
        "except NotAWorkbook: pass\n"
        "for line in open('/proc/self/status'):\n"
        "    if line.startswith('VmHWM'): print(line.split()[1])\n"
    )
    told = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    return int(told.stdout) // 1024


def test_empty_rows_at_the_end_are_left_unread():
    rows = b"<row><c><v>1</v></c></row>" + b"<row/>" * 3000
    (first, *_) = open_workbook(with_part(SHEET, MAIN + rows + ENDS))

    assert list(first.rows) == [1]
    assert "was read up to row" in first.notes[0]


@pytest.mark.parametrize(
    ("row", "value"),
    [
        (b'<c t="inlineStr"><is><r><t>a</t></r><r><t> b</t></r><rPh><t>spoken</t></rPh></is></c>', "a b"),
        (b'<c t="str"><f>A1&amp;B1</f><v>a</v></c>', "a"),
        (b"<c><f>1+1</f></c>", None),
        (b'<c t="str"><f>""</f><v></v></c>', ""),
        (b'<c t="b"><v>1</v></c>', True),
        (b'<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        (b'<c t="d"><v>2027-03-31T00:00:00</v></c>', datetime(2027, 3, 31)),
        (b"<c><v>12.0</v></c>", 12),
        (b'<c t="str"><v>a_x000D_b _x005F_x000D_</v></c>', "a\rb _x000D_"),
    ],
)
def test_each_kind_of_cell_is_read_as_it_is_kept(row, value):
    (first, _) = open_workbook(with_part(SHEET, MAIN + b"<row>" + row + b"</row>" + ENDS))
    assert first.cell(1, 1).value == value
    assert first.cell(1, 1).is_formula == (b"<f>" in row)
    assert first.cell(1, 1).is_error == (b'"e"' in row)


def test_a_number_is_a_day_by_its_format_and_as_the_workbook_counts():
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"], book.active["B1"], book.active["C1"] = datetime(2027, 3, 31, 9, 30), time(9, 30), 1.1
    book.active["C1"].number_format = "0.00"
    book.active["D1"] = -5_000_000
    book.active["D1"].number_format = "dd/mm/yyyy"
    (sheet,) = open_workbook(saved(book))

    assert [sheet.cell(1, column).value for column in (1, 2, 3)] == [datetime(2027, 3, 31, 9, 30), time(9, 30), 1.1]
    assert sheet.cell(1, 3).number_format == "0.00"
    assert sheet.cell(1, 4).is_error


def test_merged_ranges_are_known_though_they_stand_behind_the_rows():
    book = openpyxl.Workbook()
    book.active["B2"] = "One"
    book.active.merge_cells("B2:D7")
    (sheet,) = open_workbook(saved(book))

    assert sheet.merged == [(2, 2, 4, 7)]
    assert [cell.text for cell in sheet.line(2)] == ["", "One"]


def test_a_hidden_sheet_can_be_left_unread():
    _, hidden = open_workbook(with_part("xl/worksheets/sheet2.xml", MAIN + b"<row><broken"), with_hidden=False)
    assert (hidden.name, hidden.is_hidden, hidden.rows) == ("Hidden", True, {})


def test_rows_that_are_given_twice_make_a_workbook_broken():
    twice = b'<row r="1"><c><v>1</v></c></row><row r="1"><c><v>2</v></c></row>'
    with pytest.raises(NotAWorkbook, match="broken"):
        open_workbook(with_part(SHEET, MAIN + twice + ENDS))


def test_of_a_cell_beyond_what_excel_allows_only_the_beginning_is_kept():
    row = b'<row><c t="str"><v>' + b"a" * 70_000 + b"</v></c></row>"
    cell = open_workbook(with_part(SHEET, MAIN + row + ENDS))[0].cell(1, 1)

    assert (cell.is_too_long, cell.length) == (True, 70_000)
    assert len(cell.value) <= 40_000


def coloured(**fills) -> bytes:
    """A row of a text and, in the columns that are named, cells without one, each filled."""
    book = openpyxl.Workbook()
    book.active["A1"] = "Ref"
    for column, fill in fills.items():
        book.active[f"{column}1"].fill = fill
    return saved(book)


def fill_of(fill, **replaced) -> str:
    content = coloured(B=fill)
    for name, (old, new) in replaced.items():
        name = {"theme": "xl/theme/theme1.xml", "styles": "xl/styles.xml"}[name]
        part = zipfile.ZipFile(io.BytesIO(content)).read(name)
        assert old in part
        content = with_part(name, part.replace(old, new), content)
    (sheet,) = open_workbook(content, with_fills=True)
    return sheet.cell(1, 2).fill


def solid(**colour) -> PatternFill:
    return PatternFill("solid", fgColor=Color(**colour))


@pytest.mark.parametrize(
    ("fill", "colour"),
    [
        (solid(rgb="FFFF0000"), "FF0000"),
        (solid(rgb="0000b050"), "00B050"),
        (solid(theme=4), "4F81BD"),  # the first accent of the library's own theme
        (solid(theme=0), "FFFFFF"),
        (solid(theme=1), "000000"),
        (solid(theme=4, tint=0.5), "A7C0DE"),
        (solid(theme=4, tint=-0.5), "254061"),
        (solid(indexed=10), "FF0000"),
        (solid(indexed=64), "mixed"),  # the colour of whoever's screen it is
        (solid(theme=99), "mixed"),
        (PatternFill("darkUp", fgColor="FFFF0000"), "mixed"),
        (GradientFill(stop=("FF0000", "00FF00")), "mixed"),
        (PatternFill("gray125"), ""),
        (PatternFill(None), ""),
    ],
)
def test_a_cell_says_which_colour_it_is_filled_with(fill, colour):
    assert fill_of(fill) == colour


def test_the_colours_of_a_theme_and_of_a_palette_are_the_workbooks_own():
    assert fill_of(solid(theme=4), theme=(b'val="4F81BD"', b'val="C00000"')) == "C00000"
    own = (b'<rgbColor rgb="00FF0000"', b'<rgbColor rgb="00112233"')
    assert fill_of(solid(indexed=10), styles=own) == "112233"


def test_what_is_no_colour_is_mixed_and_a_style_that_there_is_none_of_is_none():
    assert fill_of(solid(rgb="FFFF0000"), styles=(b'rgb="FFFF0000"', b'rgb="scarlet"')) == "mixed"
    row = b'<row><c t="str" s="900"><v>a</v></c></row>'
    assert open_workbook(with_part(SHEET, MAIN + row + ENDS), with_fills=True)[0].cell(1, 1).fill == ""


def test_colours_come_only_where_they_are_asked_for_and_make_no_row():
    content = coloured(B=solid(rgb="FFFF0000"))
    assert open_workbook(content)[0].rows == {1: {1: Cell("Ref", length=3)}}
    row = b'<row r="3"><c s="1"/></row><row r="4"><c t="str" s="1"><v>a</v></c></row>'
    (sheet,) = open_workbook(with_part(SHEET, MAIN + row + ENDS, content), with_fills=True)
    assert {number: {at: cell.fill for at, cell in cells.items()} for number, cells in sheet.rows.items()} == {
        4: {1: "FF0000"}
    }


@given(some.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_bytes_changed_anywhere_are_read_or_refused(data):
    content = bytearray(SMALL)
    for _ in range(data.draw(some.integers(1, 6))):
        content[data.draw(some.integers(0, len(content) - 1))] = data.draw(some.integers(0, 255))
    _read_or_refused(
        bytes(content[: data.draw(some.integers(0, len(content)))] if data.draw(some.booleans()) else content)
    )


@given(
    some.binary(max_size=400),
    some.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/theme/theme1.xml", "[Content_Types].xml"]),
)
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
        for number in sheet.rows:
            assert all(isinstance(cell.text, str) for cell in sheet.line(number))


def _read_or_refused(content: bytes) -> list:
    try:
        return open_workbook(content, with_fills=True)
    except NotAWorkbook:
        return []


SMALL = small()
