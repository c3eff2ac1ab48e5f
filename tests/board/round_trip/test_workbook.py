"""What the workbook holds, as whoever fills it in sees it."""

import shutil
import subprocess
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.round_trip.choosing import parts_of
from board.round_trip.columns import ACTIONS, FILLED, GUIDE, HEAD_ROW, LOCKED, NUMBERS, SEAL
from board.round_trip.reading import read_workbook
from board.round_trip.sending import send
from people.models import Lead
from strategies.models import Area
from strategies.own_words import of as own_words_of
from tests.board.round_trip.conftest import NOW, another_action, book_of, filled, row_of, saved, sent
from tests.world import at
from workstrands.models import Action, Placement, ProgressUpdate


def test_each_live_action_of_the_lead_is_a_row_with_what_stands(world):
    sheet = book_of(sent(world))[ACTIONS]
    row = {column.name: sheet.cell(HEAD_ROW + 1, NUMBERS[column.name]).value for column in LOCKED}

    assert row["ref"] == "1.1"
    assert row["title"] == "Publish the pathway"
    assert row["objective"] == "O1 Plans on time"
    assert row["due_on"] == datetime(2026, 6, 30)
    assert row["said_on"] == datetime(2026, 2, 10)
    assert row["last_said"] == "G On track.\nGoing well."


def test_the_head_says_area_plan_lead_moment_and_maker(world):
    sheet = book_of(sent(world))[ACTIONS]
    words = " ".join(str(sheet.cell(row, 2).value) for row in range(1, 5))

    assert "Actions: Head of SEND" in words
    assert "Northvale · SEND Strategy · as at 10 March 2026, 12:00 · made by lead@example.test" in words


@pytest.mark.parametrize("status", ["B", "H", "S"])
def test_what_is_finished_or_put_aside_is_not_asked_for(world, status):
    another_action(world, 1, status=status)

    assert [row.cells["ref"] for row in send(world.lead, area=world.area, by=None, at=NOW).rows] == ["1.1"]


def test_another_leads_action_is_not_in_it_and_a_supported_one_is(world):
    other = Lead.objects.get(name="Another lead")
    another_action(world, 1, lead=other)
    another_action(world, 2, lead=other).supporting_leads.add(world.lead)

    assert [row.cells["ref"] for row in send(world.lead, area=world.area, by=None, at=NOW).rows] == ["1.1", "3.2"]


def test_an_officer_gets_the_actions_of_a_strand(world):
    another_action(world, 1)

    assert [row.cells["ref"] for row in send(world.strand, area=world.area, by=None, at=NOW).rows] == ["1.1"]


def test_what_may_not_change_is_locked_and_what_is_filled_in_is_not(world):
    sheet = book_of(sent(world))[ACTIONS]

    assert sheet.protection.sheet
    assert all(sheet.cell(HEAD_ROW + 1, NUMBERS[column.name]).protection.locked for column in LOCKED)
    assert not any(sheet.cell(HEAD_ROW + 1, NUMBERS[column.name]).protection.locked for column in FILLED)
    assert sheet.column_dimensions["A"].hidden


def test_the_status_is_chosen_from_the_boards_words_without_hold_and_stopped(world):
    rules = book_of(sent(world))[ACTIONS].data_validations.dataValidation
    offered = {str(rule.sqref)[0]: rule.formula1 for rule in rules if rule.type == "list"}

    assert offered["I"] == '"N Not started,G On track,A At risk,R Off track,B Complete"'
    assert offered["H"] == '"Yes"'
    assert "Workforce" in offered["K"]


def test_an_area_fills_in_its_own_words(world):
    with own_words_of(Area(words={"statuses": {"G": "Going well"}})):
        content = sent(world)
        came = read_workbook(filled(content, {"1.1": {"status": "G Going well"}}), area=world.area)
    rules = book_of(content)[ACTIONS].data_validations.dataValidation

    assert "G Going well" in next(rule.formula1 for rule in rules if str(rule.sqref).startswith("I"))
    assert came.rows[0].values == {"status": "G"}


def test_a_sheet_explains_and_the_seal_is_hidden(world):
    book = book_of(sent(world))

    assert book[SEAL].sheet_state == "veryHidden"
    words = " ".join(str(cell.value) for row in book[GUIDE].iter_rows() for cell in row if cell.value)
    assert "Example: an action that is off track" in words
    assert "Nothing has changed" in words


def test_text_that_looks_like_a_formula_stays_text(world):
    Action.objects.filter(pk=world.action.pk).update(title='=HYPERLINK("http://example.org")')

    cell = book_of(sent(world))[ACTIONS].cell(HEAD_ROW + 1, NUMBERS["title"])
    assert cell.data_type == "s"
    assert cell.value.startswith("=HYPERLINK")


def test_a_lead_without_live_actions_gets_a_workbook_that_says_so(world):
    said = {"number": 2, "status": "S", "authority": "Decision 1", "recorded_at": at(2026, 3, 1)}
    ProgressUpdate.objects.create(action=world.action, area=world.area, **said)

    assert book_of(sent(world))[ACTIONS].cell(HEAD_ROW + 1, 2).value.startswith("No live action")


def test_leads_and_strands_are_offered_with_the_number_of_their_live_actions(world):
    another_action(world, 1)
    parts = parts_of(world.area, NOW)

    assert [(part.name, part.count) for part in parts["Leads"]] == [("Head of SEND", 2)]
    assert [(part.key, part.count) for part in parts["Work strands"]] == [("strand.send-strategy.early-years", 1)]


def test_a_workbook_of_many_actions_asks_no_more_than_one_of_few(world):
    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            send(world.lead, area=world.area, by=None, at=NOW)
        return len(made)

    another_action(world, 1)
    few = asked()
    for number in range(2, 12):
        another_action(world, number)
    assert asked() == few


def test_a_moved_action_goes_to_whoever_leads_it_now(world):
    other = Lead.objects.get(name="Another lead")
    Placement.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 3, 1), objective=world.objective, lead=other
    )

    assert not send(world.lead, area=world.area, by=None, at=NOW).rows
    assert len(send(other, area=world.area, by=None, at=NOW).rows) == 1


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_saves_it_and_it_is_still_accepted(world, tmp_path):
    another_action(world, 1)
    content = filled(sent(world), {"1.1": {"status": "R Off track", "needed_by": date(2026, 4, 30)}})
    (tmp_path / "filled.xlsx").write_bytes(content)
    profile, out = f"-env:UserInstallation=file://{tmp_path}/profile", tmp_path / "out"
    subprocess.run(
        ["soffice", "--headless", profile, "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out, "filled.xlsx"],
        check=True, cwd=tmp_path, capture_output=True, timeout=120,
    )  # fmt: skip
    came = read_workbook((out / "filled.xlsx").read_bytes(), area=world.area)

    assert [row.values for row in came.rows] == [{"status": "R", "needed_by": "30 4 2026"}, {}]
    assert not any(row.problems for row in came.rows)


def test_saving_it_again_in_another_program_keeps_the_seal(world):
    again = saved(book_of(filled(sent(world), {"1.1": {"status": "G On track"}})))
    came = read_workbook(again, area=world.area)
    assert [row.values for row in came.rows] == [{"status": "G"}]
    assert row_of(book_of(again)[ACTIONS], "1.1") == came.rows[0].number
