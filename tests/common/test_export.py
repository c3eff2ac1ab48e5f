"""A table as a file: plain values, harmless in a spreadsheet."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.http import Http404
from django.test import RequestFactory
from openpyxl import load_workbook

from common.export import LONGEST_CELL, as_csv, as_xlsx, export_format, plain

HEADER = [("Area", "Northvale"), ("As at", date(2026, 7, 20))]
FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "  =1+1", " \n=1+1", "\u00a0=1+1", "\x00=1+1", "\x1b =1+1", "＝1+1",
    '=HYPERLINK("http://example.test","look")', "-2+3+cmd|' /C calc'!A0",
]  # fmt: skip


def csv_rows(*rows) -> list[list[str]]:
    """The rows below the header, as a spreadsheet would read them."""
    text = as_csv(HEADER, [list(row) for row in rows]).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[len(HEADER) + 1 :]


def xlsx_cells(*rows) -> list[list]:
    sheet = load_workbook(io.BytesIO(as_xlsx(HEADER, [list(row) for row in rows]))).active
    return [list(row)[: len(rows[0])] for row in sheet.iter_rows(min_row=len(HEADER) + 2)]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_reads_as_a_formula_is_harmless_in_csv(text):
    [_, [cell]] = csv_rows(["Title"], [text])
    assert cell == f"'{plain(text)}"


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_reads_as_a_formula_is_text_in_xlsx(text):
    [_, [cell]] = xlsx_cells(["Title"], [text])
    assert cell.data_type == "s"
    assert cell.hyperlink is None


@pytest.mark.parametrize("text", ["=cmd()", "@x"])
def test_what_stands_in_the_header_lines_is_harmless_too(text):
    lines = list(csv.reader(io.StringIO(as_csv([("Filters", text)], []).decode("utf-8-sig"))))
    assert lines[0] == ["Filters", f"'{text}"]
    cell = load_workbook(io.BytesIO(as_xlsx([("Filters", text)], []))).active["B1"]
    assert (cell.value, cell.data_type) == (text, "s")


@pytest.mark.parametrize("text", ["", "A = B", "a-b", "5 - 3", "O'Brien", "https://example.test/?a=1", "£5", "90%"])
def test_other_text_stays_as_it_is(text):
    assert csv_rows(["Title", "x"], [text, "x"])[1] == [text, "x"]


@pytest.mark.parametrize(("number", "written"), [
    (Decimal("-3.500000"), "-3.5"), (-4, "-4"), (-0.25, "-0.25"), (Decimal("64.800000"), "64.8"), (Decimal(70), "70"),
    (0, "0"), (Decimal("1500000.000000"), "1500000"),
])  # fmt: skip
def test_a_number_stays_a_number(number, written):
    assert csv_rows(["Latest"], [number])[1] == [written]
    [cell] = xlsx_cells(["Latest"], [number])[1]
    assert (cell.data_type, cell.value) == ("n", float(written))


def test_a_date_stays_a_date():
    assert csv_rows(["Due"], [date(2026, 3, 31)])[1] == ["2026-03-31"]
    [cell] = xlsx_cells(["Due"], [date(2026, 3, 31)])[1]
    assert cell.is_date
    assert cell.value == datetime(2026, 3, 31)


def test_a_moment_is_the_time_in_london():
    moment = datetime(2026, 7, 20, 11, 30, tzinfo=UTC)
    assert csv_rows(["Said"], [moment])[1] == ["2026-07-20 12:30"]
    [cell] = xlsx_cells(["Said"], [moment])[1]
    assert cell.value == datetime(2026, 7, 20, 12, 30)


def test_yes_and_no_read_the_same_in_both():
    assert csv_rows(["Fresh", "Old"], [True, False])[1] == ["yes", "no"]
    assert [cell.value for cell in xlsx_cells(["Fresh", "Old"], [True, False])[1]] == ["yes", "no"]


def test_nothing_is_an_empty_cell():
    assert csv_rows(["A", "B"], [None, "x"])[1] == ["", "x"]
    assert [cell.value for cell in xlsx_cells(["A", "B"], [None, "x"])[1]] == [None, "x"]


def test_control_characters_and_halves_of_pairs_are_dropped_and_line_ends_kept():
    text = "a\x00b\x07c\x1bd\ud800e\uffff\nnext \u00e9 \U0001f600"
    assert plain(text) == "abcde\nnext \u00e9 \U0001f600"
    assert csv_rows(["T"], [text])[1] == ["abcde\nnext \u00e9 \U0001f600"]
    assert xlsx_cells(["T"], [text])[1][0].value == "abcde\nnext \u00e9 \U0001f600"


def test_text_longer_than_a_cell_holds_is_cut_with_a_sign_in_xlsx_and_whole_in_csv():
    text = "a" * (LONGEST_CELL + 5)
    assert xlsx_cells(["T"], [text])[1][0].value == "a" * (LONGEST_CELL - 1) + "…"
    assert csv_rows(["T"], [text])[1] == [text]


def test_csv_starts_with_a_byte_order_mark_so_that_pounds_read_right():
    assert as_csv([("Shows", "£")], []).startswith(b"\xef\xbb\xbf")


def test_the_header_lines_stand_above_an_empty_line_and_the_headings():
    sheet = load_workbook(io.BytesIO(as_xlsx(HEADER, [["Title"], ["One"]]))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(max_col=1)] == [
        ["Area"],
        ["As at"],
        [None],
        ["Title"],
        ["One"],
    ]
    assert sheet["B2"].value == datetime(2026, 7, 20)
    assert sheet.freeze_panes == "A5"
    assert sheet.auto_filter.ref == "A4:A5"


@pytest.mark.parametrize(("query", "asked"), [("", None), ("?_export=csv", "csv"), ("?_export=xlsx", "xlsx")])
def test_the_address_says_which_file_is_asked_for(query, asked):
    assert export_format(RequestFactory().get(f"/{query}")) == asked


@pytest.mark.parametrize("asked", ["pdf", "", "CSV", "csv,xlsx"])
def test_a_file_there_is_none_of_is_not_found(asked):
    with pytest.raises(Http404):
        export_format(RequestFactory().get("/", {"_export": asked}))
