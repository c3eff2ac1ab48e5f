"""Many KPIs at once: tables of an area's own, and KPIs that the file defines."""

import io
from datetime import date

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.demonstration import removal
from kpis.models import FigureImport, Indicator, Kpi, Measurement
from people.models import Membership, User
from tests.board.own_figures.filling import (
    TEMPLATE,
    TITLE,
    Y2026,
    another_kpi,
    confirm,
    held,
    rehearsed,
    sent,
    text_of,
)
from tests.board.plan_import.files import saved
from tests.world import BACKEND, at

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
