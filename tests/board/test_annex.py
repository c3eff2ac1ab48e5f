"""The self-evaluation annex: Word and Excel say what the page says, with real headings, tables, dates and addresses."""

import io
import shutil
import subprocess
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from board.inspection_thread import inspections_of
from people.models import User
from priorities.models import Finding, Inspection
from tests.world import BACKEND, World, a_plan_that_waits, at, build_world
from workstrands.models import Evidence, ProgressUpdate
from workstrands.withholding import withhold

Kind = Finding.Kind


@pytest.fixture
def world(db, monkeypatch) -> World:
    """It is 1 June 2026. Two findings ask for something, one is answered; the next inspection is due by 30 September 2027."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 6, 1))
    world = build_world()
    inspection = Inspection.objects.get(area=world.area)
    Inspection.objects.update(next_due_by=date(2027, 9, 30), source=world.document)
    answered = Finding.objects.create(
        inspection=inspection, kind=Kind.AREA_FOR_IMPROVEMENT, ref="A1", text="Plans come too late & are not <good>."
    )
    Finding.objects.create(inspection=inspection, kind=Kind.NEEDS_TO_DO_BETTER, ref="B1", text="=1+1 is not known.")
    for record in (world.action, world.objective, world.kpi):
        record.findings.add(answered)
    said = world.action.updates.get()
    for title, day in (("Audit of plans", date(2026, 1, 5)), ("Fresh audit", date(2026, 5, 30)), ("Panel notes", None)):
        Evidence.objects.create(update=said, title=title, kind="audit", dated_on=day)
    return world


@pytest.fixture
def fetch(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    address = reverse("board:inspection-annex", args=[world.area.slug])

    def get(file_format: str, **query):
        return client.get(address, {"format": file_format, **query})

    return get


def words_of(document) -> str:
    tables = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *tables])


def word(fetch, **query):
    response = fetch("docx", **query)
    assert response.status_code == 200
    return Document(io.BytesIO(response.content))


def book(fetch, **query):
    response = fetch("xlsx", **query)
    assert response.status_code == 200
    return load_workbook(io.BytesIO(response.content))


def rows_of(book, name: str) -> list[dict]:
    rows = list(book[name].iter_rows(min_row=4, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:] if any(cell is not None for cell in row)]


def test_page_word_and_excel_say_the_same(world, client, fetch):
    page = " ".join(client_page(client, world).split())
    document, workbook = word(fetch), book(fetch)
    written, rows = words_of(document), rows_of(workbook, "In words")

    [shown] = inspections_of(world.area, at(2026, 6, 1), day=date(2026, 6, 1))
    sentences = [shown.clock.sentence, shown.sentence, shown.evidence_sentence]
    assert sentences[0] == "The next inspection is due by 30 September 2027, in 486 days."
    assert sentences[1] == "Two findings ask for something; nothing in the plans is linked to 1 of them as yet."
    assert sentences[2].startswith("Three pieces of evidence back what answers them; three will be older")
    assert [row["In words"] for row in rows] == sentences
    for sentence in sentences:
        assert sentence in page
        assert sentence in written

    found = {row["Ref"]: row for row in rows_of(workbook, "Findings")}
    assert [
        found["A1"][name] for name in ("Objectives", "Actions", "KPIs", "Evidence", "Evidence that is old by then")
    ] == [1, 1, 1, 3, 3]
    assert [found[ref]["Answered"] for ref in ("A1", "B1", "S1")] == ["yes", "no", None]
    for piece in rows_of(workbook, "Evidence"):
        assert f"{piece['Age on this day']} old; {piece['Age at next inspection']} at the next inspection." in page
        assert f"\n{piece['Age at next inspection']}" in written
    [kpi] = rows_of(workbook, "KPIs")
    assert (kpi["Latest figure"], kpi["Figure in words"]) == (64.8, "64.8%")
    assert "64.8%" in page
    assert "64.8%" in written


def client_page(client, world) -> str:
    return client.get(reverse("board:inspection", args=[world.area.slug])).text


def test_the_word_annex_has_real_headings_and_tables_with_header_rows(world, fetch):
    document = word(fetch)
    headings = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]

    assert ("Heading 1", "Ofsted and CQC, 23 to 27 September 2024") in headings
    assert ("Heading 2", "Nothing answers these as yet") in headings
    assert ("Heading 2", "Areas for improvement") in headings
    assert ("Heading 3", "A1: Plans come too late & are not <good>.") in headings
    assert ("Heading 1", "Sources") in headings
    assert headings.index(("Heading 2", "Nothing answers these as yet")) < headings.index(
        ("Heading 2", "Areas for improvement")
    )
    assert len(document.tables) == 4  # what nothing answers, actions, KPIs, evidence
    for table in document.tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml


def test_the_annex_says_where_when_and_by_whom(world, fetch):
    User.objects.create(email="made-up@example.test", is_illustrative=True)
    written = words_of(word(fetch))
    about = {row[0].value: row[1].value for row in book(fetch)["About"].iter_rows(min_row=4)}

    for what, value in {
        "Area": "Northvale", "As at": "1 June 2026, 13:00", "Made by": "board@example.test", "Made at": "2026-06-01 13:00",
        "Address": "http://testserver/northvale/inspection/?as_at=2026-06-01T12:00:00Z",
    }.items():  # fmt: skip
        assert about[what] == value
        assert f"{what}\t{value}" in written
    assert "Illustrative updates are shown." in written
    assert about["Illustrative data"].startswith("Illustrative updates are shown.")


def test_links_lead_to_the_pages_as_at_the_same_moment(world, client, fetch):
    targets = [rel.target_ref for rel in word(fetch).part.rels.values() if rel.is_external]
    rows = rows_of(book(fetch), "Actions")

    assert rows[0]["Address"] in targets
    assert rows[0]["Address"] == "http://testserver/northvale/actions/a-1/?as_at=2026-06-01T12:00:00Z"
    for target in targets:
        assert (
            target.endswith("as_at=2026-06-01T12:00:00Z") or "as_at=2026-06-01T12:00:00Z#finding-2024-09-27-" in target
        )
        assert client.get(target.removeprefix("http://testserver").partition("#")[0]).status_code == 200


def test_the_workbook_holds_real_dates_and_filters_and_no_formula(world, fetch):
    workbook = book(fetch)
    evidence = {row["Evidence"]: row for row in rows_of(workbook, "Evidence")}

    assert evidence["Audit of plans"]["Date"] == datetime(2026, 1, 5)
    assert evidence["Panel notes"]["Date"] == datetime(2026, 2, 10)
    assert (evidence["Audit of plans"]["Date is"], evidence["Panel notes"]["Date is"]) == ("its own", "of the report")
    assert evidence["Audit of plans"]["Next inspection due by"] == datetime(2027, 9, 30)
    assert (
        evidence["Audit of plans"]["Older than twelve months"]
        == "Will be older than twelve months on 30 September 2027"
    )
    for name in ("Findings", "Objectives", "Actions", "KPIs", "Evidence"):
        assert all(table.autoFilter for table in workbook[name].tables.values())
    cells = [cell for row in workbook["Findings"].iter_rows() for cell in row if cell.value == "=1+1 is not known."]
    assert [cell.data_type for cell in cells] == ["s"]


def test_the_annex_of_a_past_day_knows_nothing_later(world, fetch):
    assert "Fresh audit" in words_of(word(fetch))
    Evidence.objects.filter(title="Fresh audit").update(added_at=at(2026, 5, 31))
    assert "Fresh audit" not in words_of(word(fetch, as_at="2026-05-30"))
    assert rows_of(book(fetch, as_at="2024-09-01"), "Findings") == []


def test_undated_evidence_has_no_date_and_no_age_in_either_form(world, fetch):
    plan = a_plan_that_waits(world.area, world.strategy)
    said = ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 4, 1), status="G", brought_in=plan
    )
    Evidence.objects.create(update=said, title="Minutes", kind="document", added_at=at(2026, 4, 1))

    [table] = [table for table in word(fetch).tables if table.cell(0, 0).text == "Evidence"]
    [row] = [[cell.text for cell in row.cells] for row in table.rows if row.cells[0].text.startswith("Minutes")]
    assert row[2:] == ["Not dated", "Not known", "Not known"]
    [line] = [row for row in rows_of(book(fetch), "Evidence") if row["Evidence"] == "Minutes"]
    assert (line["Date"], line["Date is"], line["Age on this day"]) == (None, "not dated", "Not known")


def test_the_annex_says_through_which_objective_evidence_came(world, fetch):
    for record in (world.action, world.kpi):
        record.findings.clear()

    [table] = [table for table in word(fetch).tables if table.cell(0, 0).text == "Evidence"]
    assert "Action 1.1, through objective O1" in table.cell(1, 0).text
    assert {row["Through objective"] for row in rows_of(book(fetch), "Evidence")} == {"O1"}


def test_the_annex_counts_no_withheld_evidence_but_for_earlier_days(world, fetch):
    piece = Evidence.objects.get(title="Fresh audit")
    Evidence.objects.filter(pk=piece.pk).update(url="https://www.example.org/fresh")
    withhold(Evidence.objects.get(pk=piece.pk), because="The wrong one", by=world.people["officer"], at=at(2026, 5, 31))

    assert "Fresh audit" not in words_of(word(fetch))
    assert "Fresh audit" in words_of(word(fetch, as_at="2026-05-30"))
    [line] = [row for row in rows_of(book(fetch, as_at="2026-05-30"), "Evidence") if row["Evidence"] == "Fresh audit"]
    assert line["Web address"] is None


def test_the_annex_is_in_the_words_of_the_area(world, fetch):
    world.area.words = {"statuses": {"G": "Going well", "?": "Silence"}}
    world.area.save()

    assert "Going well" in words_of(word(fetch))
    [action] = rows_of(book(fetch), "Actions")
    assert action["Lead reports"] == "Going well"


def test_an_area_without_inspections_gets_an_annex_that_says_so(client, world):
    client.force_login(world.people["other_officer"], backend=BACKEND)
    address = reverse("board:inspection-annex", args=["southmoor"])
    document = Document(io.BytesIO(client.get(address, {"format": "docx"}).content))
    assert "No inspection of Southmoor is recorded up to this day." in words_of(document)
    assert client.get(address, {"format": "xlsx"}).status_code == 200


@pytest.mark.parametrize("asked", ["", "pdf", "\x00", "docx'"])
def test_another_format_is_refused_with_what_there_is(fetch, asked):
    response = fetch(asked)
    assert response.status_code == 200
    assert "There is a problem" in response.text


def test_the_queries_do_not_grow_with_what_the_annex_says(world, fetch):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            word(fetch)
        return len(queries)

    few = asked()
    said, inspection = world.action.updates.get(), Inspection.objects.get(area=world.area)
    for n in range(2, 20):
        finding = Finding.objects.create(
            inspection=inspection, kind=Kind.AREA_FOR_IMPROVEMENT, ref=f"A{n}", text="More"
        )
        for record in (world.action, world.objective, world.kpi):
            record.findings.add(finding)
        Evidence.objects.create(update=said, title=f"Audit {n}", kind="audit")
    assert asked() == few


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_the_word_annex(world, fetch, tmp_path):
    held = tmp_path / "annex.docx"
    held.write_bytes(fetch("docx").content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(held)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert (tmp_path / "annex.pdf").read_bytes().startswith(b"%PDF")
