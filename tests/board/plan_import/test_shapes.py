"""Plans of the shapes in which areas publish them, each brought in as a whole."""

from collections import Counter
from datetime import date

import pytest

from people.models import Lead
from priorities.models import Priority, SuccessMeasure
from tests.board.plan_import import files
from tests.board.plan_import.steps import brought_in, due_days, received, worked_out
from tests.world import build_world
from workstrands.models import Deadline, Milestone, Objective, Placement, ProgressUpdate, WorkStrand


@pytest.fixture
def world(db):
    world = build_world()
    Lead.objects.create(area=world.area, name="Robin Ash", initials="RA", role="Designated Clinical Officer")
    return world


def leads_of(strategy) -> dict[str, str]:
    placed = Placement.objects.filter(action__strategy=strategy).select_related("action", "lead")
    return {each.action.title: each.lead.name for each in placed if each.lead}


class TestMitigationPlan:
    """The Mitigation Action Plan of 2019: six columns, many actions in a cell with their dates and leads."""

    CHOSEN = {
        "target": {
            "title": "Mitigation Action Plan",
            "kind": "action_plan",
            "starts_on": "2018-09-01",
            "ends_on": "2020-08-31",
        }
    }

    @pytest.fixture
    def plan(self, world):
        for initials, name in (
            ("CS", "Lead one"),
            ("VR", "Lead two"),
            ("LS", "Lead three"),
            ("MH", "Lead four"),
            ("CH", "Lead five"),
        ):
            Lead.objects.create(area=world.area, name=name, initials=initials)
        return brought_in(files.a_workbook(files.mitigation_plan()), world, **self.CHOSEN)

    def test_its_columns_are_recognised(self, world):
        made = received(files.a_workbook(files.mitigation_plan()), world)
        assert made.mapping["shapes"][0]["meanings"] == ["", "priority", "objective", "action", "due", "lead"]

    def test_every_action_is_one_of_its_own_under_its_key_objective(self, plan):
        stated = files.mitigation_actions()
        assert [each.title for each in plan.actions.all()] == [each["title"] for each in stated]
        per_priority = Counter(each.placements.get().priority.title for each in plan.actions.all())
        assert list(per_priority.values()) == [6, 6, 3, 11, 9, 8]

    def test_dates_that_match_the_actions_one_to_one_are_theirs(self, plan):
        found = due_days(plan)
        stated = {
            each["title"]: each for each in files.mitigation_actions() if each["line"] in ("L11", "L13", "L14", "L18")
        }
        for title, each in stated.items():
            assert found[title] == each["deadline"][0]["due_on"], title

    def test_a_window_names_its_start(self, plan):
        action = plan.actions.get(deadlines__as_written="Jan/Feb '19")
        assert (action.starts_on, action.deadlines.get().due_on) == (date(2019, 1, 1), date(2019, 2, 28))

    def test_leads_named_jointly_are_lead_and_support(self, plan):
        placed = Placement.objects.filter(action__strategy=plan, is_lead_joint=True).first()
        assert placed.lead.initials == "CS"
        assert [lead.initials for lead in placed.action.supporting_leads.all()] == ["LS"]


class TestWideMatrix:
    """One sheet, priorities and outcomes merged downwards, RAG and progress beside them."""

    CONTENT = files.a_workbook(files.WIDE_MATRIX, merge=files.WIDE_MERGES)

    def test_merged_priorities_and_outcomes_hold_for_each_row(self, world):
        plan = brought_in(self.CONTENT, world)
        found = {
            action.title: (action.placements.get().objective.text, action.placements.get().objective.priority.title)
            for action in plan.actions.all()
        }
        assert found["Publish a two-year check pathway"] == ("Needs are seen early", "Early identification")
        assert found["Quality assure every plan"] == ("Plans are on time", "Timely plans")
        assert [(each.ref, each.title) for each in Priority.objects.filter(strategy=plan)] == [
            ("1", "Early identification"),
            ("2", "Timely plans"),
        ]

    def test_dates_are_read_by_the_rule_and_keep_their_words(self, world):
        plan = brought_in(self.CONTENT, world)
        rows = Deadline.objects.filter(action__strategy=plan).order_by("action__position")
        assert [(each.due_on, each.as_written) for each in rows] == [
            (date(2027, 3, 31), "31/03/2027"), (date(2027, 7, 31), "Summer 2027"), (date(2026, 12, 31), "December 2026"),
            (date(2027, 3, 31), "by March 2027"),
        ]  # fmt: skip

    def test_who_is_known_is_matched_and_who_is_not_is_asked_for(self, world):
        result = worked_out(self.CONTENT, world)
        assert [each.text for each in result.questions["people"]] == ["Principal EP", "Somebody Else"]
        plan = brought_in(self.CONTENT, world, people={"principal ep": "new", "somebody else": "nobody"})
        assert leads_of(plan) == {
            "Train every health visitor": "Head of SEND", "Publish a two-year check pathway": "Robin Ash",
            "Rewrite the Local Offer's first page": "Head of SEND", "Clear the backlog of advice": "Principal EP",
        }  # fmt: skip
        backlog = plan.actions.get(title="Clear the backlog of advice")
        assert [lead.name for lead in backlog.supporting_leads.all()] == ["Head of SEND"]

    def test_reports_come_in_only_when_they_are_asked_for(self, world):
        plan = brought_in(self.CONTENT, world)
        assert not ProgressUpdate.objects.filter(action__strategy=plan).exists()

    def test_reports_are_recorded_when_they_are_brought_in(self, world):
        plan = brought_in(self.CONTENT, world, with_updates=True)
        found = ProgressUpdate.objects.filter(action__strategy=plan).order_by("action__position")
        assert [(each.status, each.narrative) for each in found] == [
            ("G", "Forty trained"),
            ("A", "Draft is out"),
            ("B", "Done in May"),
            ("R", "Two posts empty"),
        ]
        assert {(each.is_imported, each.recorded_at.date(), each.brought_in.file_name) for each in found} == {
            (True, date(2026, 9, 1), "plan.xlsx")
        }

    def test_measures_of_success_belong_to_their_priority(self, world):
        plan = brought_in(self.CONTENT, world)
        found = SuccessMeasure.objects.filter(priority__strategy=plan).order_by("priority__position", "position")
        assert [(each.ref, each.text) for each in found] == [
            ("1.1", "All trained"), ("1.2", "Fewer late referrals"), ("1.3", "Visits up by a third"), ("2.1", "60% in 20 weeks"),
        ]  # fmt: skip

    def test_every_record_names_its_cell_and_its_wording(self, world):
        plan = brought_in(self.CONTENT, world)
        action = plan.actions.get(title="Publish a two-year check pathway")
        assert (action.source.file_name, action.source_locator, action.source_text) == (
            "plan.xlsx",
            "Plan!C3",
            action.title,
        )
        placed, due = action.placements.get(), action.deadlines.get()
        assert (placed.source_locator, placed.source_text) == ("Plan!D3", "Designated Clinical Officer")
        assert (due.source_locator, due.source_text) == ("Plan!E3", "Summer 2027")
        objective = Objective.objects.get(strategy=plan, text="Needs are seen early")
        assert (objective.source_locator, objective.is_ref_ours) == ("Plan!B2", True)


class TestWordTables:
    """A table for each priority under its heading; one runs over a page and repeats its headings."""

    def test_tables_with_the_same_headings_are_one_and_stand_under_their_headings(self, world):
        made = received(files.word_plan(), world, name="plan.docx")
        assert len(made.mapping["shapes"]) == 1
        plan = brought_in(files.word_plan(), world, name="plan.docx")
        found = {each.title: each.placements.get().priority.title for each in plan.actions.all()}
        assert found == {
            "Extend the neurodevelopmental pathway": "Healthy lives", "Open two more family hubs": "Healthy lives",
            "Build a special school": "Learning locally", "Open three resource bases": "Learning locally",
        }  # fmt: skip
        assert due_days(plan)["Build a special school"] == date(2028, 9, 1)
        assert plan.actions.get(title="Build a special school").source_locator == "table 2, row 2"


class TestBragLog:
    """One row for each milestone; the action stands in the first of its rows."""

    def test_milestones_hang_on_their_action_and_its_date_is_the_last_of_them(self, world):
        plan = brought_in(files.a_workbook(files.BRAG_LOG), world, with_updates=True)
        hub = plan.actions.get(ref="3.1")
        assert list(hub.milestones.values_list("text", "due_on")) == [
            ("Site agreed", date(2026, 9, 30)), ("Employers signed up", date(2026, 12, 31)), ("First interns placed", date(2027, 3, 31)),
        ]  # fmt: skip
        due = hub.deadlines.get()
        assert (due.due_on, due.certainty) == (date(2027, 3, 31), Deadline.Certainty.LIKELY)
        assert Milestone.objects.filter(action__strategy=plan).count() == 6

    def test_the_documents_references_are_kept_and_workstreams_become_strands(self, world):
        plan = brought_in(files.a_workbook(files.BRAG_LOG), world)
        assert list(plan.actions.values_list("ref", "is_ref_ours")) == [("3.1", False), ("3.2", False), ("3.10", False)]
        assert [each.name for each in WorkStrand.objects.filter(strategy=plan)] == [
            "Preparing for adulthood",
            "Short breaks",
        ]
        assert plan.actions.get(ref="3.2").placements.get().workstrand.name == "Preparing for adulthood"

    def test_an_action_whose_milestones_disagree_is_given_no_status(self, world):
        plan = brought_in(files.a_workbook(files.BRAG_LOG), world, with_updates=True)
        reported = ProgressUpdate.objects.filter(action__strategy=plan).order_by("action__position")
        assert list(reported.values_list("action__ref", "status")) == [("3.1", "B"), ("3.10", "A")]
        result = worked_out(files.a_workbook(files.BRAG_LOG, title="Log"), world, with_updates=True)
        assert "Its milestones have different statuses." in {each.reason for each in result.outcome.problems}


class TestPlannerExport:
    """Text with delimiters from a planner: owners by their email address, progress in its own words."""

    @pytest.fixture
    def known(self, world):
        world.lead.email = "head.send@northvale.example"
        world.lead.save()
        return world

    @pytest.mark.parametrize(
        ("delimiter", "encoding"), [(",", "utf-8"), (";", "cp1252"), ("\t", "utf-8-sig"), (",", "utf-16")]
    )
    def test_owners_are_known_by_their_address(self, known, delimiter, encoding):
        content = files.a_csv(files.PLANNER, delimiter=delimiter, encoding=encoding)
        plan = brought_in(content, known, name="tasks.csv", people={"new person northvale example": "new"})
        assert leads_of(plan)["Map alternative provision"] == "Head of SEND"
        made = Lead.objects.get(email="new.person@northvale.example")
        assert made.placements.get().action.title == "Agree a reintegration protocol"
        assert plan.actions.get(ref="a1f").starts_on == date(2026, 9, 1)

    def test_words_that_are_no_status_of_the_board_are_asked_for(self, known):
        content = files.a_csv(files.PLANNER)
        made = received(content, known, name="tasks.csv")
        shapes = made.mapping["shapes"]
        shapes[0]["meanings"][3] = "status"
        result = worked_out(content, known, name="tasks.csv", shapes=shapes, with_updates=True)
        assert [each.text for each in result.questions["statuses"]] == ["In progress"]
        plan = brought_in(
            content, known, name="tasks.csv", shapes=shapes, with_updates=True, statuses={"in progress": "G"}
        )
        assert list(
            ProgressUpdate.objects.filter(action__strategy=plan)
            .order_by("action__position")
            .values_list("status", flat=True)
        ) == ["G", "N", "B"]


class TestTitleRows:
    """Titles and notes above, two rows of headings, a section across the table, and a row that goes on."""

    CONTENT = files.a_workbook(files.TITLE_ROWS, merge=["A1:F1", "A2:F2", "B4:C4", "D4:E4", "A8:F8"])

    def test_the_headings_are_found_below_titles_and_notes(self, world):
        made = received(self.CONTENT, world)
        assert made.mapping["shapes"][0]["meanings"] == ["ref", "objective", "action", "lead", "due", "success"]

    def test_a_row_across_names_what_follows_and_a_broken_off_row_is_joined(self, world):
        plan = brought_in(self.CONTENT, world)
        therapies = plan.actions.get(ref="3")
        assert therapies.title == "Agree a balanced system across speech, occupational and physiotherapy"
        assert therapies.placements.get().objective.priority.title == "Health"
        charter = plan.actions.get(ref="2").placements.get().objective
        assert charter.text == "Schools include more children"

    def test_what_was_joined_is_said(self, world):
        notes = worked_out(self.CONTENT, world).outcome.notes
        assert "Plan, row 10 goes on from the row above and is joined with it (action)." in notes

    def test_a_date_that_cannot_be_read_is_refused_with_its_cell(self, world):
        problems = worked_out(self.CONTENT, world).outcome.problems
        assert [(each.place, each.value, each.reason) for each in problems] == [
            ("Plan!E9", "Q3", "It cannot be read as a date.")
        ]

    def test_two_years_are_a_financial_year_and_only_likely(self, world):
        plan = brought_in(self.CONTENT, world)
        due = plan.actions.get(ref="2").deadlines.get()
        assert (due.due_on, due.certainty, due.as_written) == (date(2027, 3, 31), "likely", "2026/27")


class TestLandscape:
    """A table without priorities, its deadlines in terms."""

    CONTENT = files.a_workbook(files.LANDSCAPE)

    def test_terms_end_where_the_rule_says(self, world):
        found = due_days(brought_in(self.CONTENT, world))
        assert found["Hold a transition fair in every cluster"] == date(2026, 12, 31)
        assert found["Name a key adult for each Year 6 child with a plan"] == date(2027, 7, 31)

    def test_each_term_is_three_dates(self, world):
        plan = brought_in(self.CONTENT, world)
        rows = plan.actions.get(title="Share information between phases").deadlines.all()
        assert [(each.due_on, each.applies_to) for each in rows] == [
            (date(2026, 12, 31), "autumn term"), (date(2027, 3, 31), "spring term"), (date(2027, 7, 31), "summer term"),
        ]  # fmt: skip

    def test_a_term_without_a_year_is_refused(self, world):
        problems = worked_out(self.CONTENT, world).outcome.problems
        assert [(each.place, each.reason) for each in problems] == [("Plan!C5", "It names no year.")]

    def test_a_plan_without_priorities_has_one_of_its_own_name(self, world):
        plan = brought_in(self.CONTENT, world)
        priority = Priority.objects.get(strategy=plan)
        assert (priority.title, priority.is_title_ours) == ("SEND improvement plan", True)
        assert plan.actions.get(title="Review the offer").placements.get().lead is None
