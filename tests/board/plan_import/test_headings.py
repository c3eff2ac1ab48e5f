"""The headings over the tables of a document: priorities, objectives and strands where no column names them."""

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn

from board.plan_import import bringing_in
from board.plan_import.headings import LINE, TITLE, level_words, levels_of, meaning_of, proposed_above
from board.plan_import.rehearsed import told
from tests.board.plan_import import files
from tests.board.plan_import.steps import brought_in, received, worked_out
from tests.board.plan_import.test_pages import filled, upload
from tests.world import BACKEND, at, build_world

HEADINGS = ["Action", "Lead", "By when"]


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 9, 1))
    return build_world()


def a_document(*blocks, styles=()) -> bytes:
    """(level, text) is a heading, (style, text) a paragraph of that style, a text a plain paragraph, a list a table of actions."""
    document = docx.Document()
    for name, base in styles:
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles[base]
    for block in blocks:
        if isinstance(block, list):
            rows = block if isinstance(block[0], list) else [[text, "Head of SEND", "March 2027"] for text in block]
            files.a_table(document, rows if rows[0][0] in ("Action", "Objective", "Work strand") else [HEADINGS, *rows])
        elif isinstance(block, str):
            document.add_paragraph(block)
        elif isinstance(block[0], int):
            document.add_heading(block[1], level=block[0])
        else:
            document.add_paragraph(block[1], style=block[0])
    return files.saved(document)


NESTED = a_document(
    (0, "SEND improvement plan 2026 to 2029"),
    "Agreed by the Board on 18 March 2026.",
    (1, "How to read this plan"), "Each table is one objective.",
    (1, "Priority 1: Early help"), "Needs are seen early and met at once.",
    (2, "Needs are seen early"), ["Train every health visitor", "Publish a check pathway"],
    (2, "Parents know where to go"), (3, "Online"), ["Rewrite the first page"], (3, "In person"), ["Open two hubs"],
    (1, "Priority 2: Timely plans"), ["Agree one timetable"],
    (2, "Plans are on time"), "Continued", ["Clear the backlog"], ["Audit every plan"],
)  # fmt: skip


def hung(plan) -> dict[str, tuple[str, str]]:
    """Of each action its objective and its priority."""
    found = {}
    for action in plan.actions.order_by("position"):
        placed = action.placements.get()
        objective = placed.objective
        found[action.title] = (objective.text, objective.priority.title) if objective else ("", placed.priority.title)
    return found


class TestNestedHeadings:
    def test_the_outer_is_the_priority_and_the_next_the_objective(self, world):
        plan = brought_in(NESTED, world, name="plan.docx")
        assert hung(plan) == {
            "Train every health visitor": ("Needs are seen early", "Early help"),
            "Publish a check pathway": ("Needs are seen early", "Early help"),
            "Rewrite the first page": ("Parents know where to go", "Early help"),
            "Open two hubs": ("Parents know where to go", "Early help"),
            "Agree one timetable": ("", "Timely plans"),
            "Clear the backlog": ("Plans are on time", "Timely plans"),
            "Audit every plan": ("Plans are on time", "Timely plans"),
        }
        assert [(each.ref, each.title) for each in plan.priorities.order_by("position")] == [
            ("1", "Early help"), ("2", "Timely plans")
        ]  # fmt: skip

    def test_the_rehearsal_says_under_which_objective_and_priority(self, world):
        result = worked_out(NESTED, world, name="plan.docx")
        first = told(result)["actions"][0]
        assert (first["under"], first["priority"]) == ("Needs are seen early", "Early help")

    def test_each_level_is_proposed_apart(self, world):
        (shape,) = bringing_in.shapes_in(NESTED)
        assert shape.over == {
            0: ["SEND improvement plan 2026 to 2029"],
            1: ["Priority 1: Early help", "Priority 2: Timely plans"],
            2: ["Needs are seen early", "Parents know where to go", "Plans are on time"],
            3: ["Online", "In person"],
        }
        assert bringing_in.proposed_for(shape)["above"] == {"0": "", "1": "priority", "2": "objective", "3": ""}

    def test_the_officer_says_what_each_level_means(self, client, world):
        client.force_login(world.people["officer"], backend=BACKEND)
        columns = upload(client, NESTED, "plan.docx")["Location"]
        page = client.get(columns).text
        assert "Heading 2 above each table (such as “Needs are seen early”) is" in page
        assert "The title above each table" in page
        chosen = filled(page)
        assert (chosen["s0above1"], chosen["s0above2"], chosen["s0above3"]) == ("priority", "objective", "")
        page = client.post(columns, {**chosen, "s0above3": "objective"}).text
        assert "A heading further out means this already. Choose it for one of them." in page
        assert client.post(columns, {**chosen, "s0above2": "", "s0above3": "objective"}).status_code == 302
        assert filled(client.get(columns).text)["s0above3"] == "objective"

    def test_what_the_officer_chose_holds(self, world):
        shapes = received(NESTED, world, name="plan.docx").mapping["shapes"]
        shapes[0]["above"] |= {"2": "strand", "3": "objective"}
        found = {}
        for action in brought_in(NESTED, world, name="plan.docx", shapes=shapes).actions.all():
            placed = action.placements.get()
            found[action.title] = (
                str((placed.objective or placed).workstrand),
                placed.objective and placed.objective.text,
            )
        assert found["Open two hubs"] == ("Parents know where to go", "In person")
        assert found["Clear the backlog"] == ("Plans are on time", None)

    def test_columns_say_it_before_the_headings(self, world):
        content = a_document(
            (1, "Early help"), (2, "Nought to five"), [["Objective", "Action"], ["Needs are seen early", "Train staff"]],
            (1, "Timely plans"), (2, "Schools"), [["Objective", "Action"], ["Plans are on time", "Clear the backlog"]],
        )  # fmt: skip
        (shape,) = bringing_in.shapes_in(content)
        assert bringing_in.proposed_for(shape)["above"] == {"1": "priority", "2": ""}
        assert hung(brought_in(content, world, name="plan.docx"))["Clear the backlog"] == (
            "Plans are on time", "Timely plans",
        )  # fmt: skip

    def test_an_objective_above_the_table_holds_for_every_strand_in_it(self, world):
        rows = [["Work strand", "Action"], ["Health", "Train staff"], ["Schools", "Clear the backlog"]]
        content = a_document((1, "Priority 1: Help"), (2, "Objective 1: On time"), rows)
        assert hung(brought_in(content, world, name="plan.docx")) == {
            "Train staff": ("On time", "Help"), "Clear the backlog": ("On time", "Help"),
        }  # fmt: skip

    def test_a_row_across_a_table_stands_below_its_headings(self, world):
        document = docx.Document()
        document.add_heading("Early help", level=1)
        table = files.a_table(document, [HEADINGS, ["Needs are seen early", "", ""], ["Train staff", "", ""]])
        table.cell(1, 0).merge(table.cell(1, 2))
        plan = brought_in(files.saved(document), world, name="plan.docx")
        assert hung(plan) == {"Train staff": ("Needs are seen early", "Early help")}

    def test_a_file_that_waits_from_before_is_asked_for_again(self, world):
        made = received(NESTED, world, name="plan.docx")
        shapes = [{**made.mapping["shapes"][0], "above": "priority"}]
        with pytest.raises(bringing_in.NotAPlan, match="read otherwise since the product was changed"):
            worked_out(NESTED, world, name="plan.docx", shapes=shapes)


class TestWhatIsAHeading:
    def test_styles_that_are_based_on_a_heading_are_one(self, world):
        content = a_document(
            ("Council priority", "Early help"), ("Council objective", "Needs are seen early"), ["Train staff"],
            ("Council objective", "Parents know where to go"), ["Open two hubs"],
            styles=[("Council priority", "Heading 1"), ("Council objective", "Heading 2")],
        )  # fmt: skip
        (shape,) = bringing_in.shapes_in(content)
        assert list(shape.over) == [1, 2]

    def test_the_level_of_an_outline_is_one_too(self, world):
        document = docx.Document()
        properties = document.add_paragraph("Early help")._p.get_or_add_pPr()
        properties.append(properties.makeelement(qn("w:outlineLvl"), {qn("w:val"): "1"}))
        files.a_table(document, [HEADINGS, ["Train staff", "", ""]])
        (shape,) = bringing_in.shapes_in(files.saved(document))
        assert shape.over == {2: ["Early help"]}

    def test_without_headings_the_first_line_above_a_table_is_one(self, world):
        content = a_document(
            (0, "Our plan"), "Early help", "In short:", ["Train staff"], "Timely plans", ["Clear the backlog"]
        )
        (shape,) = bringing_in.shapes_in(content)
        assert shape.over == {0: ["Our plan"], 10: ["Early help", "Timely plans"]}
        assert hung(brought_in(content, world, name="plan.docx")) == {
            "Train staff": ("", "Early help"), "Clear the backlog": ("", "Timely plans"),
        }  # fmt: skip

    def test_under_headings_a_line_must_say_what_it_is(self, world):
        content = a_document(
            (1, "Early help"), "Objective 1.1: Needs are seen early", ["Train staff"], "Objective 1.2: Parents know", ["Open hubs"],
            (1, "Timely plans"), "Lead: Head of SEND", ["Clear the backlog"],
        )  # fmt: skip
        assert hung(brought_in(content, world, name="plan.docx")) == {
            "Train staff": ("Needs are seen early", "Early help"), "Open hubs": ("Parents know", "Early help"),
            "Clear the backlog": ("", "Timely plans"),
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("text", "meaning"),
        [
            ("Priority 1: Early help", "priority"), ("PRIORITY AREA 2 Timely plans", "priority"), ("Theme A: Health", "priority"),
            ("Key objective 3", "priority"), ("Objective 1.2: On time", "objective"), ("Outcome: fewer waits", "objective"),
            ("Aim 4 – Voice", "objective"), ("Workstream 2: Health", "strand"), ("Work strand C. Schools", "strand"),
            ("Priorities of families", ""), ("Objectively good", ""), ("Early help", ""), ("Aim high", ""),
        ],
    )  # fmt: skip
    def test_some_headings_say_what_they_are(self, text, meaning):
        assert meaning_of(text) == meaning

    @pytest.mark.parametrize(
        ("over", "columns", "proposed"),
        [
            ({1: ["A", "B"]}, ["action"], {1: "priority"}),
            ({1: ["A"]}, ["action"], {1: "priority"}),
            ({1: ["Plan"], 2: ["A", "B"]}, ["action"], {1: "", 2: "priority"}),
            ({1: ["A", "B"], 2: ["C", "D"], 3: ["E", "F"]}, ["action"], {1: "priority", 2: "objective", 3: ""}),
            ({1: ["Priority 1: A"], 2: ["C", "D"]}, ["action"], {1: "priority", 2: "objective"}),
            ({1: ["A", "B"], 2: ["Objective 1", "Objective 2"]}, ["action"], {1: "priority", 2: "objective"}),
            ({1: ["Objective 1", "Objective 2"], 2: ["A", "B"]}, ["action"], {1: "objective", 2: ""}),
            ({1: ["A", "B"], 2: ["Workstream 1", "Workstream 2"]}, ["action"], {1: "priority", 2: "strand"}),
            ({1: ["A", "B"], 2: ["C", "D"]}, ["action", "objective"], {1: "priority", 2: ""}),
            ({1: ["A", "B"], 2: ["C", "D"]}, ["action", "priority"], {1: "", 2: ""}),
            ({}, ["action"], {}),
        ],
    )  # fmt: skip
    def test_levels_are_proposed_from_the_outermost(self, over, columns, proposed):
        assert proposed_above(over, columns) == proposed

    def test_styles_based_on_one_another_in_a_ring_are_no_heading(self):
        ring = {
            "A": ("Plain", "B", None),
            "B": ("Other", "A", None),
            "C": ("heading 3", "", None),
            "D": ("Deep", "C", 4),
        }
        assert levels_of(ring) == {"C": 3, "D": 4}

    def test_levels_are_said_in_words(self):
        assert [level_words(each) for each in (TITLE, 2, LINE)] == ["The title", "Heading 2", "The line"]
