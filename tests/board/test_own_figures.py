"""An area's own figures by a template, Excel or CSV: read, rehearsed by the rules of the form, brought in as a whole."""

import io
import re
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.demonstration import removal
from kpis.models import Commentary, FigureImport, FilePiece, Indicator, Kpi, Measurement
from people.models import Membership, User
from tests.board.plan_import.files import a_csv, a_workbook, saved
from tests.world import BACKEND, at, build_world

PAGE = "/northvale/kpis/import/figures/"
TEMPLATE = "/northvale/kpis/import/template/"
TITLE = "EHC plans issued within 20 weeks"
HEAD = ["KPI", "Period", "Figure", "Numerator", "Denominator", "Missing because", "Reason of a restatement", "What explains the figure"]  # fmt: skip
Y2026 = date(2026, 12, 31)


@pytest.fixture
def world(db, monkeypatch):
    """It is 10 January 2027: the figure for 2026 is the next due."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2027, 1, 10))
    return build_world()


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


@pytest.fixture
def lead(client, world):
    client.force_login(world.people["lead"], backend=BACKEND)
    return client


def another_kpi(world, **more) -> Kpi:
    said = {
        "code": "new-requests",
        "title": "New requests",
        "unit": "count",
        "polarity": "contextual",
        "frequency": "monthly",
    }
    kpi = Kpi.objects.create(area=world.area, indicator=Indicator.objects.create(**said | more))
    Measurement.objects.create(
        indicator=kpi.indicator, area=world.area, number=1, recorded_at=at(2026, 12, 1), period_start=date(2026, 11, 1),
        period_end=date(2026, 11, 30), period_label="November 2026", value=Decimal(40),
    )  # fmt: skip
    return kpi


def sent(client, rows, *, head=HEAD, name="figures.csv"):
    content = rows if isinstance(rows, bytes) else a_csv([head, *rows])
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)})


def rehearsed(client, rows, **more) -> tuple[str, str]:
    response = sent(client, rows, **more)
    assert response.status_code == 302, text_of(response)
    return response["Location"], text_of(client.get(response["Location"]))


def confirm(client, address: str, **ticks):
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)[1]
    return client.post(address, {"seen": seen, "deed": "confirm", **ticks}, follow=True)


def brought_in(client, rows, **ticks):
    address, _ = rehearsed(client, rows)
    return confirm(client, address, **ticks)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def held(**fields):
    return Measurement.objects.filter(**fields).order_by("number").last()


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


# Many KPIs at once: tables of ones own, and KPIs that the file defines

DEFINED_HEAD = ["KPI", "Unit", "Which way is better", "How often", "Owner", "Tolerance", "Target", "Target from", "On the board page", "Priorities", "Heading in our own table"]  # fmt: skip
TEN = [
    ("Reviews held on time", "%", "Higher is better", "Monthly", "Head of SEND", 5, 90, "January 2027", "Yes", "1", "reviews"),
    ("Weeks waited for speech therapy", "weeks", "lower", "month", "", "", 18, "", "No", "", "slt_wait"),
    ("Suspensions", "number", "Lower is better", "monthly", "", "", "", "", "", "", ""),
    ("Appeals registered", "count", "lower", "Monthly", "", "", "6", "1 March 2026", "", "", "appeals"),
    ("Requests for assessment", "number", "context", "Monthly", "", "", "", "", "", "", "requests"),
    *((f"Share {n} of families content", "per cent", "higher", "Quarterly", "", "", "", "", "", "", f"share_{n}") for n in range(5)),
]  # fmt: skip
WIDE = [
    ["Month", "reviews", "slt_wait", "Suspensions", "appeals", "requests"],
    ["October 2026", 81.5, 24, 42, 9, "-"],
    ["November 2026", 83.0, 23.5, 40, "Suppressed", 17],
]


def a_book(**sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def all_in_one(**more) -> bytes:
    return a_book(**{"KPIs": [DEFINED_HEAD, *TEN], "Data": WIDE} | more)


def test_ten_kpis_with_targets_and_figures_come_in_by_one_file_and_one_rehearsal(officer, world):
    address, page = rehearsed(officer, all_in_one(), name="ours.xlsx")
    assert "10 KPIs would be tracked, 0 changed. 9 figures would be written" in page
    assert "Bring in 9 figures and track 10 KPIs" in page
    assert Kpi.objects.count() == 1
    assert "Say what explains it on the KPI’s page" in page  # 23.5 weeks, where 18 are promised
    done = text_of(confirm(officer, address, are_right="on"))
    assert "9 figures brought in and 10 KPIs tracked from ours.xlsx." in done
    assert "10 KPIs tracked from now on, 0 changed. 9 figures added" in done
    kpi = Kpi.objects.get(indicator__title="Reviews held on time")
    assert (kpi.owner, kpi.tolerance, kpi.is_headline) == (world.lead, 5, True)
    assert list(kpi.priorities.all()) == [world.priority]
    target = kpi.targets.get()
    assert (target.value, target.period_start, target.kind) == (90, date(2027, 1, 1), "standing")
    indicator = kpi.indicator
    assert (indicator.unit, indicator.polarity, indicator.frequency, indicator.decimals) == (
        "percent",
        "higher",
        "monthly",
        1,
    )
    rows = Measurement.objects.filter(indicator__title="Appeals registered").order_by("period_end")
    assert [(row.value, row.missing) for row in rows] == [(9, ""), (None, "suppressed")]
    assert rows[0].source_locator == "Data!E2"
    assert Kpi.objects.get(indicator__title="Weeks waited for speech therapy").targets.get().period_start == (
        world.strategy.starts_on
    )


def test_the_same_file_of_kpis_and_figures_again_changes_nothing(officer, world):
    address, _ = rehearsed(officer, all_in_one(), name="ours.xlsx")
    confirm(officer, address, are_right="on")
    _, page = rehearsed(officer, all_in_one(), name="ours.xlsx")
    assert "0 KPIs would be tracked" not in page
    assert "9 figures left alone since the same stands already, 0 rows refused" in page
    assert "Everything that this file says stands here already, so it changes nothing." in page


def test_next_months_table_is_understood_without_the_definitions(officer, world):
    confirm(officer, rehearsed(officer, all_in_one(), name="ours.xlsx")[0], are_right="on")
    _, page = rehearsed(officer, [["December 2026", "84", "23"]], head=["Month", "reviews", "slt_wait"])
    assert "2 figures would be written" in page


def test_nothing_of_a_file_is_kept_where_one_of_its_kpis_cannot_be_written(officer, world, monkeypatch):
    from django.core.exceptions import ValidationError

    from kpis import recording

    def fails(*args, **kwargs):
        raise ValidationError("This cannot stand.")

    monkeypatch.setattr(recording, "enter_figure", fails)
    address, _ = rehearsed(officer, all_in_one(), name="ours.xlsx")
    assert "Data!B2: This cannot stand." in text_of(confirm(officer, address, are_right="on"))
    assert (Kpi.objects.count(), Indicator.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        (["Month", TITLE, "New requests"], [["2026", "72", ""], ["December 2026", "–", "41"]]),
        (["KPI", "December 2026", "2026"], [[TITLE, "", "72"], ["New requests", "41", ".."]]),
    ],
)
def test_a_table_with_a_kpi_a_column_or_a_kpi_a_row_is_read(officer, world, head, rows):
    kpi = another_kpi(world)
    confirm(officer, rehearsed(officer, rows, head=head)[0])
    assert held(period_end=Y2026, indicator=world.kpi.indicator).value == 72
    assert held(indicator=kpi.indicator, figure_import__isnull=False).value == 41


def test_names_that_no_kpi_has_are_mapped_in_one_go_and_remembered(officer, world):
    another_kpi(world)
    head, rows = ["Month", "on time", "asked", "Notes"], [["December 2026", "", "41", "fine"]]
    address, page = rehearsed(officer, rows, head=head)
    assert "Which KPI is meant?" in page
    assert page.count("No KPI that is tracked here is called so.") == 2
    said = {"deed": "names", "name-0": "new-requests", "name-1": "-"}
    page = text_of(officer.post(address, said, follow=True))
    assert "1 figure would be written" in page
    assert "0 rows refused" in page
    confirm(officer, address)
    _, page = rehearsed(officer, [["January 2027", "", "42", "fine"]], head=head)
    assert "1 figure would be written" in page
    assert "0 rows refused" in page


@pytest.mark.parametrize("value", ["their-kpi", "\x00", "x" * 5000])
def test_a_name_is_mapped_to_a_kpi_of_the_area_alone(officer, world, value):
    address, _ = rehearsed(officer, [["2026", "72"]], head=["Month", "on time"])
    response = officer.post(address, {"deed": "names", "name-0": value})
    assert response.status_code == 200
    assert "Choose a KPI of the list." in text_of(response)
    assert FigureImport.objects.get().mapping["names"] == {}


BAD_DEFINITIONS = [
    ({"KPI": ""}, "Give it a title."),
    ({"Unit": "furlongs"}, "Write one of: %, number"),
    ({"Unit": ""}, "Choose the unit."),
    ({"Unit": "in words"}, "Write one of: %, number"),
    ({"Which way is better": "sideways"}, "Write one of: Higher is better"),
    ({"How often": "fortnightly"}, "Write one of: Monthly"),
    ({"Owner": "Nobody of ours"}, "No lead of this area who is in post is called so."),
    ({"Tolerance": "-1"}, "Tolerance: zero or more."),
    ({"Target": "lots"}, "Target: write a number"),
    ({"Target": "", "Target from": "May 2026"}, "Give the target that holds from this day."),
    ({"Target from": "soon"}, "Write a day or a month"),
    ({"On the board page": "perhaps"}, "Write Yes or No."),
    ({"Priorities": "77"}, "No priority 77 in the latest plan."),
    ({"Which way is better": "context"}, "This figure is context"),
    ({"KPI": TITLE, "Unit": "number"}, "It is defined as “%”."),
    ({"KPI": TITLE, "Target": "75", "Target from": ""}, "70% is promised now. Say from which day"),
    ({"KPI": "x" * 300}, "Title has 300 characters"),
]


@pytest.mark.parametrize(("cells", "reason"), BAD_DEFINITIONS)
def test_a_kpi_that_cannot_be_defined_is_refused_with_its_cell_and_leaves_nothing_behind(officer, world, cells, reason):
    row = dict(zip(DEFINED_HEAD, TEN[0], strict=True)) | cells
    if cells.get("KPI") == TITLE:
        row |= {"How often": "yearly"}
    address, page = rehearsed(officer, a_book(KPIs=[DEFINED_HEAD, list(row.values())]), name="ours.xlsx")
    assert reason in page
    officer.post(address, {"seen": "x", "deed": "confirm", "without_refused": "on"})
    assert (Kpi.objects.count(), Indicator.objects.count()) == (1, 1)


def test_figures_of_a_kpi_whose_definition_is_refused_are_refused_with_it(officer, world):
    rows = [["Reviews held on time", "furlongs", "higher", "monthly"]]
    content = a_book(KPIs=[DEFINED_HEAD[:4], *rows], Data=[["Month", "Reviews held on time"], ["December 2026", 81]])
    assert "Row 2 of the KPIs, which defines this KPI, is refused." in rehearsed(officer, content, name="a.xlsx")[1]


def test_a_kpi_that_is_tracked_is_changed_as_far_as_its_row_says(officer, world):
    row = [TITLE, "", "", "", "Another lead", "", "75", "January 2027", "No", "", ""]
    address, page = rehearsed(officer, a_book(KPIs=[DEFINED_HEAD, row]), name="a.xlsx")
    assert "Owner: Head of SEND now, Another lead then." in page
    assert "On the board page: yes now, no then." in page
    assert "Target: 75% from 1 January 2027." in page
    confirm(officer, address)
    world.kpi.refresh_from_db()
    assert (world.kpi.owner.name, world.kpi.is_headline, world.kpi.tolerance) == ("Another lead", False, 5)
    assert [target.value for target in world.kpi.targets.order_by("number")] == [70, 75]


def test_an_owner_defines_no_kpi(lead, world):
    _, page = rehearsed(lead, a_book(KPIs=[DEFINED_HEAD, TEN[0]]), name="a.xlsx")
    assert "KPIs are defined by the officers of the area." in page
    assert "Bring in" not in page.split("Throw the file away")[0].rsplit("<form", 1)[1]
    book = openpyxl.load_workbook(io.BytesIO(lead.get(TEMPLATE).content))
    assert "KPIs" not in book.sheetnames


def test_the_template_of_an_officer_defines_kpis_on_a_sheet_of_its_own(officer, world):
    book = openpyxl.load_workbook(io.BytesIO(officer.get(TEMPLATE).content))
    sheet = book["KPIs"]
    sheet.delete_rows(5, 40)
    for column, value in enumerate(["Reviews held on time", "", "%", "Higher is better", "Monthly"], start=1):
        sheet.cell(5, column, value)
    book["Figures"]["A6"], book["Figures"]["D6"], book["Figures"]["E6"] = "Reviews held on time", "December 2026", 82
    address, page = rehearsed(officer, saved(book), name="a.xlsx")
    assert "Bring in 1 figure and track 1 KPI" in page
    confirm(officer, address)
    assert held(indicator__title="Reviews held on time").value == 82


def test_what_a_file_tracks_once_the_plan_runs_is_not_in_past_views(officer, world):
    world.strategy.baselined_on = date(2026, 1, 1)
    world.strategy.save()
    confirm(officer, rehearsed(officer, all_in_one(), name="ours.xlsx")[0], are_right="on")
    assert set(Kpi.objects.exclude(pk=world.kpi.pk).values_list("added_at", flat=True)) == {at(2027, 1, 10)}
    assert "Reviews held on time" in officer.get("/northvale/kpis/").text
    assert "Reviews held on time" not in officer.get("/northvale/kpis/", {"as_at": "2027-01-09"}).text


def test_only_the_newest_figure_of_a_file_must_be_explained(officer, world):
    kpi = another_kpi(world, code="late", title="Late plans", unit="percent", polarity="higher")
    kpi.targets.create(number=1, recorded_at=at(2026, 1, 1), period_start=date(2025, 1, 1), value=90)
    rows = [["Late plans", f"{month} 2026", "60"] for month in ("August", "September", "October")]
    page = rehearsed(officer, rows)[1]
    assert page.count("Say what explains it.") == 1
    assert "Row 4" in page


def test_a_table_without_room_to_explain_is_asked_about_instead(officer, world):
    page = rehearsed(officer, [["2026", "50"]], head=["Year", TITLE])[1]
    assert "Say what explains it on the KPI’s page" in page
    assert "0 rows refused" in page


def test_a_made_up_officer_tracks_made_up_kpis_alone(client, world):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    Membership.objects.create(user=made_up, area=world.area, role=Membership.Role.OFFICER, is_illustrative=True)
    client.force_login(made_up, backend=BACKEND)
    content = a_book(KPIs=[DEFINED_HEAD, TEN[1], [TITLE, *[""] * 7, "No", "", ""]])
    address, page = rehearsed(client, content, name="a.xlsx")
    assert "This KPI is real and your sign-in is part of the demonstration" in page
    confirm(client, address, without_refused="on")
    assert Kpi.objects.get(indicator__title=TEN[1][0]).is_illustrative
    removal.remove()
    assert Kpi.objects.count() == 1


def test_defining_ten_asks_as_much_of_the_database_as_defining_one(officer, world):
    counts = []
    for rows in (TEN[:1], TEN):
        address, _ = rehearsed(officer, a_book(KPIs=[DEFINED_HEAD, *rows], Data=WIDE[:2]), name="a.xlsx")
        with CaptureQueriesContext(connection) as captured:
            officer.get(address)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_owner_is_told_that_a_name_of_the_officers_table_means_a_kpi_of_somebody_else(client, world):
    another_kpi(world)
    client.force_login(world.people["officer"], backend=BACKEND)
    address, _ = rehearsed(client, [["December 2026", "41"]], head=["Month", "asked"])
    client.post(address, {"deed": "names", "name-0": "new-requests"})
    confirm(client, address)
    client.force_login(world.people["lead"], backend=BACKEND)
    _, page = rehearsed(client, [["January 2027", "42", "72"]], head=["Month", "asked", TITLE])
    assert "Figures of this KPI are entered by its owner and the officers of the area." in page


@pytest.mark.parametrize(
    "content",
    [
        b"Month,a\n",
        b"Month,a,a,a\nOctober 2026,1,2,3\n",
        b"KPI,2026,2026\nx,1,2\n",
        b"KPI,Unit,Better\n" + b"x,%,higher\n" * 3,
        b"Month," + b"n" * 60_000 + b"\n2026,1\n",
        ("Month," + ",".join(f"c{n}" for n in range(59)) + "\n" + "2026," + "," * 58 + "7\n").encode(),
        b"KPI,Unit,Better,Target\n" + b"y" * 50_000 + b",%,higher,9e99\n",
        b"Year,=1+1,<script>\n2026,1,2\n",
    ],
)
def test_an_odd_table_is_told_about_and_never_breaks_the_page(officer, world, content):
    response = sent(officer, content)
    assert response.status_code in (200, 302)
    if response.status_code == 302:
        page = officer.get(response["Location"])
        assert page.status_code == 200
        assert "<script>" not in page.text.replace("<script src", "")
    assert Measurement.objects.count() == 2


def test_below_the_heading_month_a_day_that_excel_keeps_stands_for_its_month(officer, world):
    kpi = another_kpi(world)
    book = openpyxl.load_workbook(io.BytesIO(a_book(Data=[["Month", "New requests"], [None, 41]])))
    book.active["A2"] = date(2026, 12, 1)
    book.active["A2"].number_format = "dd/mm/yyyy"
    address, _ = rehearsed(officer, saved(book), name="a.xlsx")
    confirm(officer, address)
    row = held(indicator=kpi.indicator, figure_import__isnull=False)
    assert (row.period_start, row.period_end) == (date(2026, 12, 1), date(2026, 12, 31))
