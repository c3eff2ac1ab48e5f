"""An area's own figures by a template, Excel or CSV: read, rehearsed by the rules of the form, brought in as a whole."""

import io
import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.demonstration import removal
from kpis.models import Commentary, FigureImport, FilePiece, Indicator, Kpi, Measurement
from people.models import Membership, User
from tests.board.own_figures.filling import (
    HEAD,
    PAGE,
    TEMPLATE,
    TITLE,
    Y2026,
    another_kpi,
    brought_in,
    confirm,
    held,
    rehearsed,
    sent,
    text_of,
)
from tests.board.plan_import.files import a_csv, a_workbook, saved
from tests.world import BACKEND, at

# The template


def test_the_template_holds_each_kpi_with_the_period_that_is_due_next(officer, world):
    another_kpi(world)
    response = officer.get(TEMPLATE)
    assert response["Content-Disposition"] == 'attachment; filename="figures-northvale-2027-01-10.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(response.content))["Figures"]
    rows = {row[0].value: (row[1].value, row[3].value) for row in sheet.iter_rows(min_row=5, max_row=6)}
    assert rows == {TITLE: ("plans-within-20-weeks", "2026"), "New requests": ("new-requests", "December 2026")}
    assert (sheet["A5"].protection.locked, sheet["E5"].protection.locked) == (True, False)
    assert sheet.column_dimensions["B"].hidden


def test_an_owner_takes_and_fills_in_their_own_kpis_alone(lead, world):
    another_kpi(world)
    sheet = openpyxl.load_workbook(io.BytesIO(lead.get(TEMPLATE).content))["Figures"]
    assert [sheet["A5"].value, sheet["A6"].value] == [TITLE, None]
    _, page = rehearsed(lead, [["New requests", "December 2026", "41"], [TITLE, "2026", "72"]])
    assert "Figures of this KPI are entered by its owner and the officers of the area." in page
    assert "Bring in 1 figure" in page


def test_a_title_that_looks_like_a_formula_stays_text(officer, world):
    Indicator.objects.update(title='=HYPERLINK("https://example.test")')
    sheet = openpyxl.load_workbook(io.BytesIO(officer.get(TEMPLATE).content))["Figures"]
    assert (sheet["A5"].value, sheet["A5"].data_type) == ('=HYPERLINK("https://example.test")', "s")


def filled(client, **cells) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(client.get(TEMPLATE).content))
    for cell, value in cells.items():
        book["Figures"][cell] = value
    return saved(book)


def test_the_template_filled_in_becomes_figures_that_name_their_file(officer, world):
    content = filled(officer, E5=0.725, F5=29, G5=40)
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["Figures"]["E5"].number_format = "0.0%"
    address, page = rehearsed(officer, saved(book), name="filled.xlsx")
    assert "1 figure would be written" in page
    assert "72.5%" in page
    assert "1 figure brought in from filled.xlsx." in text_of(confirm(officer, address))
    row = held(period_end=Y2026)
    assert (row.value, row.numerator, row.denominator, row.is_published) == (Decimal("72.5"), 29, 40, False)
    assert (row.figure_import.file_name, row.source_locator) == ("filled.xlsx", "row 5")
    assert row.recorded_by == world.people["officer"]
    assert "Row 5 of" in officer.get(f"/northvale/kpis/{row.indicator.code}/").text
    assert not FilePiece.objects.exists()


def test_the_template_as_it_was_taken_changes_nothing(officer, world):
    _, page = rehearsed(officer, officer.get(TEMPLATE).content, name="empty.xlsx")
    assert "No figure is filled in, so there is nothing to bring in." in page
    assert "1 row without a figure" in page


# Reading


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        (["KPI", "Period", "Figure"], [[TITLE, "2026", "72.5"]]),
        (["figure", "PERIOD", "Indicator"], [["72.5%", "2026", TITLE.upper()]]),
        (["Code", "Period", "Value"], [["plans-within-20-weeks", "1 January 2026 to 31 December 2026", " 72.5 "]]),
    ],
)
def test_a_table_of_ones_own_needs_three_columns(officer, world, head, rows):
    address, _ = rehearsed(officer, rows, head=head)
    confirm(officer, address)
    assert held(period_end=Y2026).value == Decimal("72.5")


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("December 2026", (2026, 12, 1), (2026, 12, 31)),
        ("Dec-26", (2026, 12, 1), (2026, 12, 31)),
        ("october  2026", (2026, 10, 1), (2026, 10, 31)),
        ("October to December 2026", (2026, 10, 1), (2026, 12, 31)),
        ("2025/26", (2025, 9, 1), (2026, 8, 31)),
        ("2025-26", (2025, 4, 1), (2026, 3, 31)),
        ("1/12/2026 – 31/12/2026", (2026, 12, 1), (2026, 12, 31)),
    ],
)
def test_periods_are_read_as_the_form_writes_them(officer, world, written, start, end):
    kpi = another_kpi(world)
    brought_in(officer, [["New requests", written, "41"]], are_right="on")
    row = held(indicator=kpi.indicator, number=1, figure_import__isnull=False)
    assert (row.period_start, row.period_end) == (date(*start), date(*end))


def test_a_month_that_excel_made_a_day_of_is_the_month(officer, world):
    kpi = another_kpi(world)
    book = openpyxl.load_workbook(io.BytesIO(a_workbook([HEAD, ["New requests", None, 41]])))
    book.active["B2"] = date(2026, 12, 1)
    book.active["B2"].number_format = "mmm-yy"
    brought_in(officer, saved(book))
    assert held(indicator=kpi.indicator, figure_import__isnull=False).period_end == date(2026, 12, 31)


REFUSED = [
    (["Another title", "2026", "72"], "No KPI that is tracked here is called so."),
    (["", "2026", "72"], "Name the KPI."),
    ([TITLE, "", "72"], "Give the period"),
    ([TITLE, "last year", "72"], "This period is not understood."),
    ([TITLE, "31 February 2026", "72"], "This period is not understood."),
    ([TITLE, "2026", "about 72"], "write a number, such as 92.5."),
    ([TITLE, "2026", "72", "29"], "give both counts, or neither."),
    ([TITLE, "2026", "72", "29", "61"], "29 of 61 is 47.5%, and 72% is typed."),
    ([TITLE, "2026", "72", "", "", "Suppressed"], "A figure is either there or missing"),
    ([TITLE, "2026", "", "", "", "Lost"], "Choose one of: Suppressed"),
    ([TITLE, "2025", "66"], "64.8% stands here. Say why the figure is restated."),
    ([TITLE, "2026", "50"], "Say what explains it."),
    ([TITLE, "2026", "72" * 40], "the number is too large to keep"),
]


@pytest.mark.parametrize(("row", "reason"), REFUSED)
def test_a_row_that_the_form_would_refuse_is_refused_with_its_place(officer, world, row, reason):
    address, page = rehearsed(officer, [row])
    assert reason in page
    assert "row 2, column" in page or "Row 2" in page
    assert "No row of this file can be brought in." in page
    officer.post(address, {"seen": "x", "deed": "confirm", "without_refused": "on"})
    assert Measurement.objects.count() == 2


def test_one_day_is_no_month(officer, world):
    another_kpi(world)
    assert "This is one day" in rehearsed(officer, [["New requests", "1 December 2026", "41"]])[1]


def test_a_formula_without_a_result_is_refused(officer, world):
    assert "holds a formula without a kept result" in rehearsed(officer, a_workbook([HEAD, [TITLE, "2026", "=1+1"]]))[1]


def test_a_row_whose_hidden_code_is_of_another_kpi_is_refused(officer, world):
    another_kpi(world)
    page = rehearsed(officer, filled(officer, A6=TITLE, E6=72), name="a.xlsx")[1]
    assert "The row is that of “New requests”, and another KPI is named." in page


def test_a_period_given_twice_is_refused_the_second_time(officer, world):
    page = rehearsed(officer, [[TITLE, "2026", "72"], [TITLE, "2026", "73"]])[1]
    assert "Row 2 gives a figure of this KPI for this period already." in page


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no row with the headings KPI, Period and Figure"),
        (b"a,b,c\n1,2,3\n", "no row with the headings"),
        (b"PK\x03\x04broken", "broken"),
        (b"KPI,Period,Figure\x00\n", "neither an Excel workbook"),
        (b"\xff\xfeK", "no text that can be read"),
        (a_csv([HEAD, *[[TITLE, "2026", "1"]] * 1001]), "more than 1,000 figures"),
        (b"KPI,Period,Figure\n" + b"x" * (2 * 1024 * 1024), "larger than 2 MB"),
        (b'KPI,Period,Figure\n"' + b"x" * 200_000 + b'",2026,1\n', "cannot be read as a table"),
    ],
)
def test_a_file_that_is_no_table_of_figures_is_refused_by_the_field(officer, world, content, reason):
    response = sent(officer, content)
    assert response.status_code == 200
    assert reason in text_of(response)
    assert not FigureImport.objects.exists()


# What comes of it


def test_the_same_file_again_changes_nothing(officer, world):
    rows = [[TITLE, "2026", "72.5"], [TITLE, "2025", "66", "", "", "", "Two plans were counted twice."]]
    brought_in(officer, rows, are_right="on")
    assert Measurement.objects.count() == 4
    address, page = rehearsed(officer, rows)
    assert "Everything that this file says stands here already, so it changes nothing." in page
    officer.post(address, {"deed": "confirm", "seen": "x"})
    assert Measurement.objects.count() == 4


def test_a_restatement_shows_old_and_new_and_keeps_its_reason(officer, world):
    address, page = rehearsed(officer, [[TITLE, "2025", "71", "", "", "", "Two plans were counted twice."]])
    assert "Would be restated: 1 figure" in page
    assert all(words in page for words in ("64.8%", "71.0%", "Two plans were counted twice."))
    confirm(officer, address)
    row = held(period_end=date(2025, 12, 31))
    assert (row.number, row.value, row.reason) == (2, Decimal(71), "Two plans were counted twice.")


def test_what_explains_a_figure_is_kept_with_it(officer, world):
    brought_in(officer, [[TITLE, "2026", "50", "", "", "", "", "Two of six posts stood empty."]])
    assert Commentary.objects.get().text == "Two of six posts stood empty."


def test_what_looks_wrong_is_asked_once_and_nothing_is_saved_without_the_tick(officer, world):
    address, page = rehearsed(officer, [[TITLE, "2026", "720"]])
    assert all(words in page for words in ("Are these right?", "more than the whole"))
    assert "Nothing was brought in" in text_of(confirm(officer, address))
    assert Measurement.objects.count() == 2
    confirm(officer, address, are_right="on")
    assert held(period_end=Y2026).value == 720


def test_a_row_is_judged_as_though_the_earlier_periods_of_the_file_stood(officer, world):
    another_kpi(world)
    page = rehearsed(officer, [["New requests", "January 2027", "4000"], ["New requests", "December 2026", "3990"]])[1]
    assert page.count("times the figure before") == 1
    assert "January 2027 ends on 31 January 2027, which is still to come." in page


def test_refused_rows_hold_up_the_rest_until_somebody_says_otherwise(officer, world):
    address, _ = rehearsed(officer, [[TITLE, "2026", "72"], ["Another title", "2026", "1"]])
    assert "Nothing was brought in" in text_of(confirm(officer, address))
    assert Measurement.objects.count() == 2
    confirm(officer, address, without_refused="on")
    assert held(period_end=Y2026).value == 72


def test_a_figure_that_came_in_meanwhile_is_shown_and_nothing_is_written(officer, world):
    address, page = rehearsed(officer, [[TITLE, "2026", "72"]])
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.area, number=1, recorded_at=at(2027, 1, 9), period_start=date(2026, 1, 1),
        period_end=Y2026, value=Decimal(75),
    )  # fmt: skip
    response = officer.post(address, {"seen": seen, "deed": "confirm"})
    assert response.status_code == 409
    assert "75.0% stands here." in text_of(response)
    assert held(period_end=Y2026).value == 75


def test_all_or_nothing(officer, world, monkeypatch):
    from kpis import recording

    another_kpi(world)
    real, calls = recording.enter_figure, []

    def fails_second(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            from django.core.exceptions import ValidationError

            raise ValidationError("This cannot stand.")
        return real(*args, **kwargs)

    monkeypatch.setattr(recording, "enter_figure", fails_second)
    address, _ = rehearsed(officer, [[TITLE, "2026", "72"], ["New requests", "December 2026", "41"]])
    before = Measurement.objects.count()
    assert "This cannot stand." in text_of(confirm(officer, address))
    assert Measurement.objects.count() == before
    assert FigureImport.objects.get().state == "rehearsed"


def test_a_file_is_thrown_away_and_pressed_twice_it_is_brought_in_once(officer, world):
    address, _ = rehearsed(officer, [[TITLE, "2026", "72"]])
    officer.post(address, {"deed": "abandon"})
    assert "A file that was thrown away" in officer.get(address).text
    address, page = rehearsed(officer, [[TITLE, "2026", "72"]])
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    for _ in range(2):
        officer.post(address, {"seen": seen, "deed": "confirm"})
    assert Measurement.objects.filter(period_end=Y2026).count() == 1


# Who, and how much


def test_an_owner_sees_their_own_files_alone_and_an_officer_all(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    address, _ = rehearsed(client, [[TITLE, "2026", "72"]])
    client.force_login(world.people["lead"], backend=BACKEND)
    assert client.get(address).status_code == 404
    own, _ = rehearsed(client, [[TITLE, "2026", "72"]])
    client.force_login(world.people["officer"], backend=BACKEND)
    assert client.get(own).status_code == 200


def test_pages_of_published_figures_know_nothing_of_these_files(officer, world):
    address, _ = rehearsed(officer, [[TITLE, "2026", "72"]])
    key = address.rstrip("/").rsplit("/")[-1]
    assert key not in officer.get("/northvale/kpis/import/").text
    for part in ("", "columns/", "filters/"):
        assert officer.get(f"/northvale/kpis/import/{key}/{part}").status_code == 404


def test_an_owner_who_left_may_no_longer(lead, world):
    world.lead.left_on = date(2027, 1, 5)
    world.lead.save()
    assert lead.get(PAGE).status_code == lead.get(TEMPLATE).status_code == 403


def test_a_retired_kpi_takes_no_figure(officer, world):
    Kpi.objects.update(retired_at=at(2027, 1, 1))
    assert "No KPI that is tracked here is called so." in rehearsed(officer, [[TITLE, "2026", "72"]])[1]


def test_what_an_illustrative_sign_in_brings_in_goes_with_the_demonstration(client, world):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    Membership.objects.create(user=made_up, area=world.area, role=Membership.Role.OFFICER, is_illustrative=True)
    client.force_login(made_up, backend=BACKEND)
    brought_in(client, [[TITLE, "2026", "72"]])
    assert held(period_end=Y2026).is_illustrative
    removal.remove()
    assert not Measurement.objects.filter(period_end=Y2026).exists()
    assert not FigureImport.objects.exists()


def test_the_pages_ask_as_much_of_the_database_for_many_rows_as_for_one(officer, world):
    another_kpi(world)
    short, _ = rehearsed(officer, [["New requests", "December 2026", "41"]])
    rows = [
        ["New requests", f"{month} 2025", "41"] for month in ("January", "February", "March", "April", "May", "June")
    ]
    long, page = rehearsed(officer, [*rows, [TITLE, "2026", "72"]])
    assert "7 figures would be written" in page
    counts = []
    for address in (short, long):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            officer.get(address)
        counts.append(len(captured))
    assert counts[0] == counts[1]
