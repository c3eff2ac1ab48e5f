"""A status given by the colour of its cell alone: named by its hue, shown as such, and never guessed."""

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from openpyxl.styles import PatternFill

from board.plan_import import bringing_in
from board.plan_import.colours import colour_of
from board.plan_import.grids import Cell, Row
from tests.board.plan_import import files
from tests.board.plan_import.steps import brought_in, worked_out
from tests.board.plan_import.test_pages import NEW_PLAN, confirm, filled, upload
from tests.world import BACKEND, at, build_world
from workstrands.models import ProgressUpdate

HEADINGS = ["Priority", "Action", "Lead", "By when", "RAG", "Progress"]
ACTIONS = [
    "Train every health visitor", "Publish a check pathway", "Rewrite the first page", "Clear the backlog", "Survey pupils",
]  # fmt: skip
FILLS = ["FF0000", "FFC000", "00B050", "0070C0", ""]


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 9, 1))
    return build_world()


def plan_rows() -> list[list[str]]:
    return [["1. Early help", action, "Head of SEND", "March 2027", "", ""] for action in ACTIONS]


def a_coloured_plan(fills=FILLS, *, rows=None, column="E", whole_rows=False, merge=()) -> bytes:
    """The fill of each row's status cell, or of all its cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    for row in [HEADINGS, *(rows or plan_rows())]:
        sheet.append(row)
    for number, fill in enumerate(fills, start=2):
        for each in "ABCDEF" if whole_rows else column:
            if fill:
                sheet[f"{each}{number}"].fill = PatternFill("solid", fgColor=f"FF{fill}")
    for cells in merge:
        sheet.merge_cells(cells)
    return files.saved(book)


def statuses_of(plan) -> dict[str, str]:
    found = ProgressUpdate.objects.filter(action__strategy=plan).order_by("action__position")
    return dict(found.values_list("action__title", "status"))


@pytest.mark.parametrize(
    ("fill", "name"),
    [
        ("FF0000", "red"), ("C00000", "red"), ("FFC7CE", "red"), ("FF6666", "red"), ("DA9694", "red"),
        ("FFC000", "amber"), ("FFA500", "amber"), ("FFFF00", "amber"), ("FFEB9C", "amber"), ("ED7D31", "amber"), ("F79646", "amber"),
        ("00B050", "green"), ("92D050", "green"), ("00FF00", "green"), ("C6EFCE", "green"), ("70AD47", "green"), ("006100", "green"),
        ("0070C0", "blue"), ("00B0F0", "blue"), ("0000FF", "blue"), ("5B9BD5", "blue"), ("BDD7EE", "blue"), ("002060", "blue"),
    ],
)  # fmt: skip
def test_the_usual_colours_of_a_rating_are_named_by_their_hue(fill, name):
    assert colour_of(fill).name == name


@pytest.mark.parametrize("fill", ["", "FFFFFF", "000000", "D9D9D9", "808080", "F2F2F2", "D6DCE4", "FFFEFA"])
def test_white_grey_black_and_no_fill_say_nothing(fill):
    assert colour_of(fill) is None


@pytest.mark.parametrize(
    ("fill", "why"),
    [
        ("7030A0", "not plainly red"), ("FF00FF", "not plainly red"), ("FF4500", "not plainly red"), ("00B0A0", "not plainly red"),
        ("CCFF33", "not plainly red"), ("833C0B", "not plainly red"), ("7F6000", "not plainly red"), ("FF99CC", "not plainly red"),
        ("DDEBF7", "too pale or too grey"), ("E2EFDA", "too pale or too grey"), ("8497B0", "too pale or too grey"),
        ("mixed", "a pattern or with several colours"),
    ],
)  # fmt: skip
def test_what_lies_between_is_never_guessed(fill, why):
    colour = colour_of(fill)
    assert colour.name == ""
    assert why in colour.doubt


class TestInAWorkbook:
    def test_a_coloured_cell_without_text_is_its_status(self, world):
        plan = brought_in(a_coloured_plan(), world, with_updates=True)
        assert list(statuses_of(plan).items()) == list(zip(ACTIONS, "RAGB", strict=False))
        update = ProgressUpdate.objects.get(action__title="Clear the backlog", action__strategy=plan)
        assert (update.is_imported, update.source_locator, update.source_text, update.source_note) == (
            True, "Plan!E5", "Blue (read from the colour of the cell)",
            "Its status is read from the colour of the cell: blue.",
        )  # fmt: skip

    def test_without_reports_colours_are_left_out_and_refuse_nothing(self, world):
        result = worked_out(a_coloured_plan(["7030A0", "FF0000"]), world)
        assert (result.outcome.problems, result.questions["statuses"]) == ([], [])
        assert "Statuses, progress and evidence are left out: bringing in reports was not asked for." in (
            result.outcome.notes
        )

    def test_words_go_before_the_colour(self, world):
        rows = plan_rows()
        rows[0][4] = "G"
        assert statuses_of(brought_in(a_coloured_plan(rows=rows), world, with_updates=True))[ACTIONS[0]] == "G"

    def test_a_colour_in_between_is_refused_by_its_cell(self, world):
        result = worked_out(a_coloured_plan(["FF0000", "7030A0"]), world, with_updates=True)
        assert [(each.place, each.column, each.reason, each.to_do) for each in result.outcome.problems] == [
            ("Plan!E3", "Status", "It holds no text, and its colour (#7030A0) is not plainly red, amber, green or blue.",
             "Write the status into the cell, or report on the action by hand.")
        ]  # fmt: skip

    def test_progress_beside_a_coloured_cell_is_its_report(self, world):
        rows = plan_rows()
        rows[0][5] = "Two posts are empty"
        plan = brought_in(a_coloured_plan(rows=rows), world, with_updates=True)
        update = ProgressUpdate.objects.get(action__title=ACTIONS[0], action__strategy=plan)
        assert (update.status, update.narrative, update.source_text) == ("R",) + ("Two posts are empty",) * 2

    def test_a_cell_merged_downwards_colours_each_of_its_rows(self, world):
        plan = brought_in(a_coloured_plan(["00B050"], merge=["E2:E4"]), world, with_updates=True)
        assert statuses_of(plan) == dict.fromkeys(ACTIONS[:3], "G")

    def test_the_colour_of_a_whole_row_is_no_status_and_that_is_said(self, world):
        result = worked_out(a_coloured_plan(["BDD7EE", "", "BDD7EE"], whole_rows=True), world, with_updates=True)
        assert not any(each.status for each in result.outcome.actions)
        assert result.outcome.problems == []
        assert (
            "Plan: 2 rows of one colour; the status cell is empty in them, and a whole row’s colour is not read as a status."
            in result.outcome.notes
        )

    def test_a_coloured_row_that_names_a_priority_reports_nothing(self, world):
        rows = [["1. Early help", "", "", "", "", ""], *(["", *row[1:]] for row in plan_rows())]
        result = worked_out(a_coloured_plan(["0070C0", "FF0000"], rows=rows), world, with_updates=True)
        assert result.outcome.problems == []
        assert [each.status for each in result.outcome.actions] == ["R", None, None, None, None]

    def test_a_row_that_goes_on_is_joined_though_its_cell_is_coloured_too(self, world):
        rows = [plan_rows()[0], ["", "and every school nurse", "", "", "", ""]]
        plan = brought_in(a_coloured_plan(["FF0000", "FF0000"], rows=rows), world, with_updates=True)
        assert statuses_of(plan) == {"Train every health visitor and every school nurse": "R"}

    def test_milestones_of_one_colour_give_their_action_its_status(self, world):
        rows = [["3.1", "Open a hub", "Site agreed", ""], ["", "", "First interns", ""], ["3.2", "Publish a policy", "Consultation", ""],
                ["", "", "Cabinet", ""]]  # fmt: skip
        book = openpyxl.Workbook()
        for row in [["Ref", "Action", "Milestone", "BRAG"], *rows]:
            book.active.append(row)
        for number, fill in enumerate(["0070C0", "0070C0", "00B050", "FF0000"], start=2):
            book.active[f"D{number}"].fill = PatternFill("solid", fgColor=f"FF{fill}")
        result = worked_out(files.saved(book), world, with_updates=True)
        assert [each.status for each in result.outcome.actions] == ["B", None]
        assert [each.reason for each in result.outcome.problems] == ["Its milestones have different statuses."]

    def test_a_column_that_is_coloured_and_holds_no_text_is_proposed_as_the_status(self, world):
        content = a_coloured_plan(column="F")
        (shape,) = bringing_in.shapes_in(content)
        assert shape.proposed() == ["priority", "action", "lead", "due", "status", "progress"]
        book = openpyxl.load_workbook(files.io.BytesIO(a_coloured_plan()))
        book.active["E1"] = "How it stands"
        (shape,) = bringing_in.shapes_in(files.saved(book))
        assert shape.proposed()[4] == "status"
        assert shape.samples(4)[:2] == [
            "Red (read from the colour of the cell)", "Amber (read from the colour of the cell)"
        ]  # fmt: skip


def test_a_row_bears_its_colour_where_every_cell_with_text_has_it():
    assert bringing_in.shapes_in(a_coloured_plan(["FF0000"]))[0].colours(4)[0].name == "red"
    assert not bringing_in.shapes_in(a_coloured_plan(["FF0000"], whole_rows=True))[0].colours(4)
    assert Row(1, [Cell("Action", fill="FF0000")]).cell(5).fill == ""


class TestInAWordTable:
    def word_plan(self, fills) -> bytes:
        document = docx.Document()
        table = files.a_table(document, [HEADINGS, *plan_rows()])
        for number, shading in enumerate(fills, start=1):
            if shading:
                properties = table.cell(number, 4)._tc.get_or_add_tcPr()
                shd = properties.makeelement(qn("w:shd"), {qn(f"w:{name}"): value for name, value in shading.items()})
                properties.append(shd)
        return files.saved(document)

    def test_the_shading_of_a_cell_is_read(self, world):
        fills = [
            {"val": "clear", "color": "auto", "fill": "FF0000"}, {"val": "clear", "fill": "ffc000"}, {"val": "clear", "fill": "auto"},
            {"val": "solid", "color": "00B050", "fill": "auto"}, {"val": "pct25", "color": "FF0000", "fill": "FFFFFF"},
        ]  # fmt: skip
        content = self.word_plan(fills)
        plan = brought_in(content, world, name="plan.docx", with_updates=True)
        assert statuses_of(plan) == {ACTIONS[0]: "R", ACTIONS[1]: "A", ACTIONS[3]: "G"}
        problems = worked_out(content, world, name="plan.docx", with_updates=True).outcome.problems
        assert [(each.place, each.reason) for each in problems] == [
            ("table 1, row 6", "It holds no text, and is filled with a pattern or with several colours.")
        ]


class TestOnThePages:
    @pytest.fixture
    def officer(self, client, world):
        client.force_login(world.people["officer"], backend=BACKEND)
        return client

    def to_names(self, officer, content: bytes) -> str:
        columns = upload(officer, content)["Location"]
        plan = officer.post(columns, filled(officer.get(columns).text))["Location"]
        return officer.post(plan, {**NEW_PLAN, "with_updates": "on"})["Location"]

    def test_the_officer_sees_what_is_read_from_colours_before_it_comes_in(self, officer, world):
        names = self.to_names(officer, a_coloured_plan())
        page = officer.get(names).text
        assert "What do the words and colours mean?" in page
        assert "Red (read from the colour of the cell)" in page
        assert "These cells hold no text. Proposed by their colour: check it." in page
        rehearsal = officer.post(names, filled(page))["Location"]
        page = officer.get(rehearsal).text
        assert "4 statuses have no word in the file and are read from the colour of the cell" in page
        assert "red means R: Off track (1)" in page
        assert page.count("read from the colour of the cell</span>") == 4
        assert "Chosen" not in page
        confirm(officer, rehearsal)
        plan = world.area.strategies.get(title="SEND improvement plan")
        assert list(statuses_of(plan).values()) == ["R", "A", "G", "B"]

    def test_a_colour_can_mean_something_else_or_be_left_out(self, officer, world):
        names = self.to_names(officer, a_coloured_plan())
        chosen = filled(officer.get(names).text)
        assert list(chosen.values()) == ["R", "A", "G", "B"]
        rehearsal = officer.post(names, {**chosen, "statuses0": "", "statuses3": "G"})["Location"]
        page = officer.get(rehearsal).text
        assert "blue means G: On track (1)" in page
        assert "red means" not in page
        assert "Chosen: 2 names or words" in page
        assert filled(officer.get(names).text)["statuses0"] == ""
        confirm(officer, rehearsal)
        plan = world.area.strategies.get(title="SEND improvement plan")
        assert list(statuses_of(plan).values()) == ["A", "G", "G"]

    def test_a_later_edition_says_that_its_report_is_read_from_a_colour(self, officer, world):
        names = self.to_names(officer, a_coloured_plan())
        confirm(officer, officer.post(names, filled(officer.get(names).text))["Location"])
        plan = world.area.strategies.get(title="SEND improvement plan")
        columns = upload(officer, a_coloured_plan(["00B050", *FILLS[1:]]))["Location"]
        step = officer.post(columns, filled(officer.get(columns).text))["Location"]
        names = officer.post(step, {"into": str(plan.pk), "with_updates": "on"})["Location"]
        page = officer.get(names.replace("names/", "")).text
        assert "Report: Off track → G: On track, read from the colour of the cell" in page
        assert "1 report" in page
