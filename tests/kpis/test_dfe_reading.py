"""Which files are read, and how those that are no open data are refused."""

import io
import zipfile

import openpyxl
import pytest

from kpis.dfe import reading
from kpis.dfe.contents import survey
from kpis.dfe.errors import NotThisFormat
from kpis.dfe.guidance import read_guidance, read_meta
from kpis.dfe.reading import Table
from tests.kpis.dfe_files import ENGLAND, HEADER, NORTHVALE, a_file, a_row

GOOD = a_file([a_row(ENGLAND, "60.4"), a_row(NORTHVALE, "61.5")])
LOOKED_FOR = "Looked for a CSV file of the Department for Education's open data"


def rows_of(content: bytes, size: int = 7):
    """Read in small pieces, so that whatever stands on an edge is met."""
    return list(Table(content[at : at + size] for at in range(0, len(content), size)).rows())


def an_archive(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, GOOD)
    return packed.getvalue()


def a_workbook() -> bytes:
    saved = io.BytesIO()
    openpyxl.Workbook().save(saved)
    return saved.getvalue()


def test_byte_order_marks_line_ends_and_quotes_are_read():
    plain = rows_of(GOOD)
    assert [row[-3] for row in plain] == ["60.4", "61.5"]
    assert rows_of(b"\xef\xbb\xbf" + GOOD) == plain
    assert rows_of(GOOD.replace(b"\r\n", b"\n")) == plain
    quoted = GOOD.replace(b"England", b'"England, ""all"" of\nit"')
    assert rows_of(quoted)[0][4] == 'England, "all" of\nit'
    assert rows_of(GOOD.rstrip()) == plain


def test_columns_are_found_by_name_whatever_their_order():
    turned = [[*row[::-1]] for row in (HEADER, a_row(ENGLAND, "60.4"))]
    table = Table([a_file(turned[1:], header=turned[0])])
    assert next(table.rows())[table.layout.at("rate")] == "60.4"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "is empty"),
        (a_file([]), "no row below its header"),
        (b"LA,Year,Value\nNorthvale,2024,61\n", "no column called time_period, time_identifier, geographic_level"),
        (GOOD.replace(b"time_identifier", b"time_kind"), "no column called time_identifier"),
        (GOOD.replace(b"issued", b"rate"), "names rate more than once"),
        (GOOD.replace(b"issued", b""), "has no name"),
        (GOOD.replace(b",rate,issued,plans", b"").replace(b",breakdown", b"").split(b"\r\n")[0], "no column of figures"),
        (GOOD + b"2024,Calendar year,National\r\n", "Row 4 has 3 cells, and the header 14"),
        (GOOD.replace(b"61.5", b"61.5,9"), "Row 3 has 15 cells"),
        (GOOD.decode().encode("utf-16"), "UTF-16"),
        (GOOD.replace(b"Northvale", "Northvâle".encode("cp1252")), "not written in UTF-8"),
        (GOOD.replace(b"61.5", b"61\x00.5"), "NUL bytes"),
        (an_archive("timeliness.csv"), "a zip file"),
        (a_workbook(), "an Excel workbook"),
        (b"\x1f\x8b\x08" + b"0" * 20, "compressed"),
        (b"<!DOCTYPE html><p>Not found</p>", "web page"),
        (GOOD.replace(b"61.5", b"9" * (10 * 1024 * 1024)), "longer than a million"),
        (GOOD.replace(b"61.5", b'"' + b"9\n" * (5 * 1024 * 1024) + b'"'), "field larger than field limit"),
        (GOOD.replace(b"61.5", b'"61.5'), "cannot be read as CSV"),
        (a_file([], header=[*HEADER, *(f"column_{n}" for n in range(600))]), "614 columns; the most is 500"),
    ],
)  # fmt: skip
def test_what_is_no_open_data_is_refused_saying_what_was_looked_for(content, found):
    with pytest.raises(NotThisFormat) as refused:
        rows_of(content, size=64 * 1024)
    assert str(refused.value).startswith(LOOKED_FOR)
    assert found in str(refused.value)


def test_empty_lines_are_passed_over_and_counted_as_a_sheet_counts_them():
    content = GOOD.replace(b"\r\n2024", b"\r\n\r\n2024")
    assert [bool(row) for row in rows_of(content)] == [False, True, False, True]


def test_bounds_on_size_and_rows_are_held(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    assert len(rows_of(GOOD)) == 2
    with pytest.raises(NotThisFormat, match="more than 2 rows"):
        rows_of(a_file([a_row(ENGLAND, "1")] * 3))
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    with pytest.raises(NotThisFormat, match="larger than"):
        rows_of(GOOD)


META = b"""col_name,col_type,label,indicator_grouping,indicator_unit,filter_hint,filter_default
breakdown,Filter,Breakdown,,,,All EHC plans
rate,Indicator,Plans issued in 20 weeks,,%,,
"""
GUIDANCE = b"""Filename: other.csv
Variable name  |  Variable description
rate           |  Something else

Filename: timeliness.csv
Variable name  |  Variable description
-------------  |  --------------------
rate           |  Percentage of plans issued within 20 weeks
"""


def contents_of(content: bytes, described=None):
    return survey(Table([content]), described or {})


def test_a_survey_tells_filters_from_figures_and_proposes_what_stands_for_all():
    rows = [a_row(ENGLAND, "60.4"), a_row(ENGLAND, "x", item="Boys"), a_row(ENGLAND, "c", item="Girls")]
    contents = contents_of(a_file(rows))
    assert [column.name for column in contents.filters] == ["breakdown"]
    assert contents.column("breakdown").items == ["All EHC plans", "Boys", "Girls"]
    assert contents.column("breakdown").proposed == "All EHC plans"
    assert [column.name for column in contents.figures] == ["rate", "issued", "plans"]
    assert (contents.rows, contents.levels) == (3, {"National": 3})


def test_total_is_proposed_before_all_and_the_metadata_before_both():
    rows = [a_row(ENGLAND, "1", item=item) for item in ("All EHC plans", "Total", "Boys")]
    assert contents_of(a_file(rows)).column("breakdown").proposed == "Total"
    described = read_meta(META)
    assert contents_of(a_file(rows), described).column("breakdown").proposed == "All EHC plans"
    assert contents_of(a_file(rows[2:]), described).column("breakdown").proposed == "Boys"
    assert (
        contents_of(a_file([a_row(ENGLAND, "1", item=i) for i in ("Boys", "Girls")])).column("breakdown").proposed == ""
    )


def test_the_metadata_says_that_a_column_of_numbers_is_a_filter():
    rows = [a_row(ENGLAND, "1", item=age) for age in ("10", "11")]
    assert contents_of(a_file(rows)).column("breakdown").kind == "figure"
    column = contents_of(a_file(rows), read_meta(META)).column("breakdown")
    assert (column.kind, column.items, column.title) == ("filter", ["10", "11"], "Breakdown (breakdown)")


def test_a_column_of_very_many_words_is_neither_filter_nor_figure():
    rows = [a_row(ENGLAND, "1", item=f"School {n}") for n in range(1200)]
    column = contents_of(a_file(rows)).column("breakdown")
    assert (column.kind, column.items) == ("words", [])


def test_a_figure_column_with_a_fault_in_it_is_still_one():
    rows = [a_row(ENGLAND, str(n)) for n in range(30)] + [a_row(ENGLAND, "oops")]
    assert contents_of(a_file(rows)).column("rate").kind == "figure"


def test_the_data_guidance_labels_the_columns_of_its_file():
    assert (
        read_guidance(GUIDANCE, "timeliness.csv", HEADER)["rate"].label == "Percentage of plans issued within 20 weeks"
    )
    assert read_guidance(GUIDANCE, "renamed.csv", HEADER)["rate"].label == "Something else"
    assert read_guidance(b"no table here", "timeliness.csv", HEADER) == {}


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\x00\x00", b"x" * (3 * 1024 * 1024)])
def test_a_metadata_file_that_is_none_is_refused(content):
    with pytest.raises(NotThisFormat, match="metadata file"):
        read_meta(content)


def test_a_long_file_is_read_piece_by_piece_and_never_held_whole():
    content = a_file([a_row(ENGLAND, "60.4")] * 20_000)
    pulled = []

    def pieces():
        for at in range(0, len(content), 64 * 1024):
            pulled.append(at)
            yield content[at : at + 64 * 1024]

    rows = Table(pieces()).rows()
    next(rows)
    assert len(pulled) <= 5
    assert sum(1 for _ in rows) == 19_999
    assert len(pulled) > 20
