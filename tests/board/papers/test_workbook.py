"""The paper as a workbook: raw figures, real dates, filters, native charts, and text that is only text."""

import io
import re
import zipfile
from datetime import datetime

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.papers import workbook
from board.papers.reading import Scope
from common.dates import LONDON
from kpis.models import Measurement
from tests.board.papers.a_plan import (
    DAY,
    FORMULA,
    HOSTILE,
    another_action,
    build_plan,
    hostile_table,
    paper_by_hand,
    paper_of,
    report_of,
    say,
)  # fmt: skip
from tests.board.papers.what_is_said import ANSWER, another_risk, say_everything
from workstrands.models import ProgressUpdate

SHEETS = [
    "About", "Summary", "Actions", "Updates", "Deadlines", "KPIs", "Measurements", "Targets", "Decisions", "Risks", "Charts",
    "Chart figures",
]  # fmt: skip
RAW = SHEETS[2:10]
HEAD = 4


@pytest.fixture
def world(db):
    return build_plan()


@pytest.fixture
def body(world) -> bytes:
    return workbook.render(*paper_of(report_of(world)))


@pytest.fixture
def book(body):
    return openpyxl.load_workbook(io.BytesIO(body))


def rows(book, name: str) -> list[dict]:
    found = [[cell.value for cell in row] for row in book[name].iter_rows(min_row=HEAD)]
    return [dict(zip(found[0], row, strict=True)) for row in found[1:] if any(value is not None for value in row)]


def test_it_has_a_sheet_for_each_kind_of_record(book):
    assert book.sheetnames == SHEETS


def test_every_sheet_says_what_it_is_and_that_data_is_made_up(book):
    for name in SHEETS:
        top = " ".join(str(book[name].cell(row, 1).value) for row in (1, 2, 3))
        assert "Northvale · SEND Strategy · as at 15 July 2026" in top, name
        assert "made up" in top, name
        assert "made up" in book[name].oddHeader.left.text, name
    assert ["Made by", "officer@example.test"] in [[c.value for c in row][:2] for row in book["About"].iter_rows()]


def test_rows_are_filtered_and_keep_their_headings_in_sight(book):
    for name in RAW:
        sheet = book[name]
        [table] = sheet.tables.values()
        assert table.autoFilter is not None
        assert table.ref.startswith(f"A{HEAD}:")
        assert sheet.freeze_panes == f"C{HEAD + 1}"
        assert sheet.print_title_rows == f"${HEAD}:${HEAD}"


def test_figures_are_as_held_and_dates_are_dates(book):
    held = sorted(float(value) for value in Measurement.objects.values_list("value", flat=True))
    assert sorted(row["Figure"] for row in rows(book, "Measurements")) == held
    assert 301.25 in held  # shown as 301
    assert all(isinstance(row["Period ends"], datetime) for row in rows(book, "Measurements"))
    assert all(isinstance(row["Due"], datetime) for row in rows(book, "Deadlines"))
    said = next(row for row in rows(book, "Updates") if row["Ref"] == "1.2")
    assert said["Said at"] == datetime(2026, 7, 1, 13)  # noon in UTC is one o'clock in London in July


def test_every_row_known_by_the_moment_is_there_and_none_after_it(world):
    late = ProgressUpdate(
        action=world.action, area=world.area, number=2, recorded_at=datetime(2026, 7, 16, 1, tzinfo=LONDON), status="B"
    )
    late.save()
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(*paper_of(report_of(world)))))
    assert len(rows(book, "Updates")) == ProgressUpdate.objects.count() - 1
    assert len(rows(book, "Actions")) == 12 + len(HOSTILE)
    assert [row["Decision"] for row in rows(book, "Decisions")] == ["=Agree the later date"]
    assert rows(book, "Risks")[0]["Score"] == 20


def test_text_is_never_a_formula_nor_a_link(book, body):
    titles = [row["Action"] for row in rows(book, "Actions")]
    assert FORMULA in titles
    assert "beforeafter" in titles
    assert "👩‍👧‍👦" in " ".join(titles)
    package = zipfile.ZipFile(io.BytesIO(body))
    for name in package.namelist():
        if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name):
            assert b"<f>" not in package.read(name)
            assert b"<hyperlink" not in package.read(name)


def test_text_longer_than_a_cell_can_hold_is_cut_at_the_end_of_it(world):
    say(world, another_action(world, 90, "Long"), "A", narrative="word " * 8_000)
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(*paper_of(report_of(world)))))
    [said] = [row["How it is going"] for row in rows(book, "Updates") if row["Ref"] == "1.90"]
    assert len(said) <= 32_767
    assert said.endswith("…")


def test_an_update_that_no_officer_has_checked_says_so(book):
    assert {row["Checked"] for row in rows(book, "Updates")} == {"Not yet checked"}


def test_charts_are_native_and_described(body):
    package = zipfile.ZipFile(io.BytesIO(body))
    charts = [name for name in package.namelist() if name.startswith("xl/charts/chart")]
    drawing = package.read("xl/drawings/drawing1.xml").decode()
    described = re.findall(r'<xdr:cNvPr id="\d+" name="[^"]+" descr="([^"]+)"', drawing)
    assert len(charts) == len(described) >= 3
    assert any(words.startswith("Children waiting: from ") for words in described)


def test_the_number_of_queries_does_not_grow_with_the_rows(world):
    assert queries(world) == queries_after_more(world) <= 15


def queries(world) -> int:
    paper, report = paper_of(report_of(world))
    with CaptureQueriesContext(connection) as asked:
        workbook.render(paper, report)
    return len(asked)


def queries_after_more(world) -> int:
    for number in range(100, 140):
        say(world, another_action(world, number, f"More {number}"), "G")
    return queries(world)


def test_of_a_part_of_the_plan_only_its_rows_are_there(world):
    paper, report = paper_of(report_of(world), scope=Scope("strand", "early-years", "Work strand: Early years"))
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(paper, report)))
    assert [row["Ref"] for row in rows(book, "Actions")] == ["1.1"]
    assert {row["Ref"] for row in rows(book, "Updates")} == {"1.1"}


def test_another_areas_figures_and_meetings_are_not_in_it(world):
    Measurement.objects.create(
        indicator=world.kpi.indicator, area=world.other_area, number=1, recorded_at=report_of(world).moment,
        period_start=DAY, period_end=DAY, value=12345,
    )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(*paper_of(report_of(world)))))
    assert 12345 not in [row["Figure"] for row in rows(book, "Measurements")]


def test_what_families_owners_and_leads_say_has_sheets_of_its_own_as_recorded(world):
    say_everything(world)
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(*paper_of(report_of(world)))))
    families, owners, answers = (rows(book, name) for name in ("Families", "Owners", "Answers to flags"))
    assert [(row["Priority"], row["Ref"], row["Families feel it"]) for row in families] == [
        ("1", None, "Partly"),
        (None, "1.1", "Not yet"),
    ]
    assert {row["Said on"] for row in families} == {datetime(2026, 6, 20)}
    [owner] = owners
    assert (owner["Owners say"], owner["What happens if not"]) == ("A At risk", "The summer's work comes a term late.")
    assert owner["For the meeting on"] == datetime(2026, 3, 18)
    [answer] = answers
    assert (answer["Ref"], answer["Flag"], answer["Answer"]) == ("1.1", "Overdue", ANSWER)
    assert answer["Recorded at"] == datetime(2026, 7, 1, 13)
    action = next(row for row in rows(book, "Actions") if row["Ref"] == "1.1")
    assert action["Families feel it"] == "Not yet"
    assert ANSWER in action["Lead answers"]


def test_papers_of_a_part_hold_its_risks_alone(world):
    another_risk(world, "R2", (2, 2))
    world.action.risks.add(another_risk(world, "R3", (3, 3)))
    scope = Scope("strand", "early-years", "Work strand: Early years")
    of_part = openpyxl.load_workbook(io.BytesIO(workbook.render(*paper_of(report_of(world), scope=scope))))
    whole = openpyxl.load_workbook(io.BytesIO(workbook.render(*paper_of(report_of(world)))))
    assert [row["Ref"] for row in rows(of_part, "Risks")] == ["R3"]
    assert [row["Ref"] for row in rows(whole, "Risks")] == ["K1", "R2", "R3"]


def test_papers_of_a_strand_hold_no_view_of_a_priority(world):
    say_everything(world)
    scope = Scope("strand", "early-years", "Work strand: Early years")
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(*paper_of(report_of(world), scope=scope))))
    assert "Owners" not in book.sheetnames
    assert [row["Ref"] for row in rows(book, "Families")] == ["1.1"]


def test_an_empty_plan_has_its_sheets_with_headings_alone(world):
    paper, report = paper_of(report_of(world, DAY.replace(year=2025)))
    assert not report.standings
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(paper, report)))
    assert rows(book, "Actions") == rows(book, "Updates") == []


def test_without_a_report_the_tables_of_the_paper_are_there():
    book = openpyxl.load_workbook(io.BytesIO(workbook.render(paper_by_hand(hostile_table()))))
    assert book.sheetnames == ["About", "Table 1"]
    assert len(rows(book, "Table 1")) == len(hostile_table().rows)
