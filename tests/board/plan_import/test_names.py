"""Who a plan's column of leads names: several at once, bodies, the same person twice, and an area that knows nobody yet."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import strip_tags

from board.inspection_thread import Clock, inspections_of
from board.plan_import import bringing_in
from board.plan_import.matching import Directory
from board.plan_import_forms import NamesForm
from people.models import Lead, Partner
from priorities.models import Finding, Inspection
from strategies.models import Strategy
from tests.board.plan_import import files
from tests.board.plan_import.steps import NOW, brought_in, received, worked_out
from tests.board.plan_import.test_pages import NEW_PLAN, UPLOAD, filled
from tests.world import BACKEND, at, build_world
from workstrands.models import Evidence, Placement, ProgressUpdate

HEADINGS = ["Priority", "Action", "Lead", "By when", "RAG", "Evidence"]


@pytest.fixture
def world(db, monkeypatch):
    """An area in which nobody is known by the names of the file."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 9, 1))
    world = build_world()
    Lead.objects.filter(area=world.area).update(left_on=date(2026, 1, 1))
    return world


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


def a_plan(*leads: str, whens: dict[int, str] | None = None, **more) -> bytes:
    return files.a_workbook(
        [
            HEADINGS,
            *(
                ["1. One", f"Do thing {n}", lead, (whens or {}).get(n, "March 2027"), *more.get("rest", ["", ""])]
                for n, lead in enumerate(leads)
            ),
        ]
    )


def asked_in(content: bytes, world, **chosen) -> list[str]:
    return [each.text for each in worked_out(content, world, **chosen).questions["people"]]


def everyone_new(content: bytes, world, **chosen) -> dict[str, str]:
    return {each.key: each.proposed or "new" for each in worked_out(content, world, **chosen).questions["people"]}


def leads_of(plan: Strategy, title: str) -> list[str]:
    action = plan.actions.get(title=title)
    placed = Placement.objects.get(action=action)
    return [str(placed.lead.name) if placed.lead else "", *(lead.name for lead in action.supporting_leads.all())]


class TestSeveralInOneCell:
    @pytest.mark.parametrize("sign", [" / ", "/", " and ", " & ", "; ", "\n", ", "])
    def test_a_cell_is_taken_apart_where_one_of_its_names_stands_alone_elsewhere(self, world, sign):
        content = a_plan("Head of Inclusion", f"Head of Inclusion{sign}School Places Manager")
        assert asked_in(content, world) == ["Head of Inclusion", "School Places Manager"]
        plan = brought_in(content, world, people=everyone_new(content, world))
        assert leads_of(plan, "Do thing 1") == ["Head of Inclusion", "School Places Manager"]
        assert Placement.objects.get(action__title="Do thing 1").is_lead_joint
        assert Lead.objects.filter(area=world.area, name="Head of Inclusion").count() == 1

    def test_a_cell_before_the_one_that_names_its_lead_alone_is_taken_apart_too(self, world):
        content = a_plan("School Places Manager / Head of Inclusion", "HEAD OF INCLUSION")
        plan = brought_in(content, world, people=everyone_new(content, world))
        assert leads_of(plan, "Do thing 0") == ["School Places Manager", "HEAD OF INCLUSION"]

    def test_names_that_stand_nowhere_alone_are_one_name_until_it_is_said_that_they_are_several(self, world):
        content = a_plan("Director of Children and Families")
        assert asked_in(content, world) == ["Director of Children and Families"]
        joint = {"director of children and families": "several"}
        assert asked_in(content, world, joint=joint) == ["Director of Children", "Families"]

    def test_one_name_with_a_separator_is_one_once_that_is_said(self, world):
        content = a_plan("Head of Inclusion", "Head of Inclusion and Virtual School")
        joint = {"head of inclusion and virtual school": "whole"}
        assert asked_in(content, world, joint=joint) == ["Head of Inclusion", "Head of Inclusion and Virtual School"]

    def test_what_is_no_name_is_none_of_them(self, world):
        assert asked_in(a_plan("Head of Inclusion", "Head of Inclusion / TBC"), world) == ["Head of Inclusion"]

    def test_a_person_with_their_post_is_one_and_proposed_as_who_stands_alone(self, world):
        content = a_plan("Robin Ash", "Robin Ash, Head of Inclusion", "Robin Ash (Inclusion / SEND)")
        questions = worked_out(content, world).questions["people"]
        assert [(each.text, each.proposed) for each in questions] == [
            ("Robin Ash", ""), ("Robin Ash, Head of Inclusion", "same-robin ash"), ("Robin Ash (Inclusion / SEND)", "same-robin ash"),
        ]  # fmt: skip
        brought_in(content, world, people=everyone_new(content, world))
        assert Lead.objects.filter(area=world.area, name__startswith="Robin").count() == 1

    def test_the_rehearsal_says_which_cells_were_taken_apart(self, world):
        outcome = worked_out(a_plan("Head of Inclusion", "Head of Inclusion / DCO"), world).outcome
        assert "“Head of Inclusion / DCO” is read as several: the first is lead, the rest support." in outcome.notes

    def test_one_address_beside_two_names_is_given_to_neither(self, world):
        content = files.a_workbook(
            [
                ["Action", "Lead", "Lead email"],
                ["One", "Head of Inclusion", ""],
                ["Two", "Head of Inclusion / DCO", "dco@northvale.example"],
                ["Three", "DCO", "dco@northvale.example"],
            ]
        )
        plan = brought_in(content, world, people=everyone_new(content, world))
        assert leads_of(plan, "Two") == ["Head of Inclusion", "DCO"]
        found = dict(Lead.objects.filter(area=world.area, left_on=None).values_list("name", "email"))
        assert found == {"Head of Inclusion": "", "DCO": "dco@northvale.example"}


class TestTheSameAndBodies:
    def test_a_name_can_be_the_same_as_a_lead_made_new_in_the_file(self, world):
        people = {"head of inclusion": "new", "hoi": "same-head of inclusion"}
        plan = brought_in(a_plan("HoI", "Head of Inclusion"), world, people=people)
        assert leads_of(plan, "Do thing 0") == leads_of(plan, "Do thing 1") == ["Head of Inclusion"]

    def test_names_that_are_each_the_same_as_the_other_name_nobody(self, world):
        people = {"hoi": "same-head of inclusion", "head of inclusion": "same-hoi"}
        plan = brought_in(a_plan("HoI", "Head of Inclusion"), world, people=people)
        assert leads_of(plan, "Do thing 0") == [""]

    def test_a_body_in_the_column_of_leads_owns_the_action_and_nobody_leads_it(self, world):
        content = a_plan("Northvale Carers", "Northvale Parent Carer Forum")
        people = {**everyone_new(content, world), "northvale carers": "body-voluntary"}
        assert people["northvale parent carer forum"] == "body-parent_carer_forum"
        plan = brought_in(content, world, people=people)
        assert leads_of(plan, "Do thing 0") == [""]
        made = dict(Partner.objects.filter(actions__strategy=plan).values_list("name", "sector"))
        assert made == {"Northvale Carers": "voluntary", "Northvale Parent Carer Forum": "parent_carer_forum"}

    def test_a_second_body_of_an_action_is_told_and_not_lost_silently(self, world):
        content = a_plan("First Trust", "First Trust / Second Trust")
        outcome = worked_out(
            content, world, people={"first trust": "body-health", "second trust": "body-health"}
        ).outcome
        assert any("an action has one body, so “Second Trust” is left out" in note for note in outcome.notes)


class TestPages:
    def to_names(self, officer, content: bytes) -> str:
        columns = officer.post(UPLOAD, {"file": SimpleUploadedFile("plan.xlsx", content)})["Location"]
        plan = officer.post(columns, filled(officer.get(columns).text))["Location"]
        return officer.post(plan, NEW_PLAN)["Location"]

    def test_in_an_area_without_leads_one_press_goes_on(self, officer):
        names = self.to_names(officer, a_plan("Head of Inclusion", "Northvale Parent Carer Forum"))
        page = officer.get(names).text
        assert "No lead is known here yet, so each name is proposed as a new lead." in page
        assert "Every name below with nothing chosen is a new lead" not in page
        assert filled(page) == {"people0": "new", "people1": "body-parent_carer_forum"}
        page = officer.get(officer.post(names, filled(page))["Location"]).text
        assert "fit nobody" not in page
        assert "Chosen: 2 names or words" in page
        assert "A new lead" in page
        assert "A new body (Parent carer forum)" in page

    def test_one_tick_makes_new_leads_of_all_who_fit_nobody(self, officer, world):
        Lead.objects.create(area=world.area, name="Somebody Known")
        names = self.to_names(officer, a_plan("Head of Inclusion", "School Places Manager", "Old Role"))
        assert "Every name below with nothing chosen is a new lead" in officer.get(names).text
        assert "choose who is meant" in officer.post(names, {"people2": "nobody"}).text
        page = officer.get(officer.post(names, {"people2": "nobody", "all_new": "on"})["Location"]).text
        assert page.count("A new lead") == 2
        assert "Left out" in page

    def test_names_of_a_cell_that_is_said_to_be_several_are_asked_for_next(self, officer):
        names = self.to_names(officer, a_plan("Education and Health"))
        assert "Several leads: Education; Health" in officer.get(names).text
        assert officer.post(names, {"people0": "several"})["Location"] == names
        page = officer.get(names).text
        assert "From “Education and Health”." in page
        assert officer.post(names, {"people0": "whole", "people1": "new"})["Location"] == names
        assert officer.post(names, {"people0": "new"})["Location"] != names

    def test_a_name_cannot_be_the_same_as_one_that_is_the_same_as_another(self, officer):
        names = self.to_names(officer, a_plan("HoI", "Head of Inclusion"))
        page = officer.post(names, {"people0": "same-head of inclusion", "people1": "same-hoi"}).text
        assert "HoI: it is not chosen yet who “Head of Inclusion” is." in page.replace("&#x27;", "'")
        assert officer.post(names, {"people0": "same-nobody at all", "people1": "new"}).status_code == 200

    def test_very_many_names_do_not_multiply_the_choices_without_end(self, world):
        content = a_plan(*(f"Person number {n}" for n in range(300)))
        result = worked_out(content, world)
        form = NamesForm(
            questions=result.questions, directory=Directory.of(world.area, None, date(2026, 9, 1)), kept={}
        )
        choices = sum(
            len(group)
            for field in form.fields.values()
            for _, group in getattr(field, "choices", ())
            if isinstance(group, list)
        )
        assert choices < 12_000

    def test_what_nothing_was_chosen_for_is_said_to_be_left_out(self, officer):
        names = self.to_names(officer, a_plan("Head of Inclusion"))
        page = strip_tags(officer.get(names.replace("names/", "")).text)
        assert (
            "1 name or word of the file fits nobody and nothing for sure, and nothing is chosen for it, so it is left out."
            in page
        )


class TestWithoutADay:
    def test_words_instead_of_a_date_are_counted_and_kept_with_the_action(self, officer, world):
        content = a_plan("DCO", "DCO", "DCO", whens={0: "Ongoing", 1: "Ongoing"})
        page = strip_tags(officer.get(TestPages().to_names(officer, content).replace("names/", "")).text)
        assert "2 actions have words instead of a date: “Ongoing” (2)." in page
        plan = brought_in(content, world)
        kept = plan.actions.get(title="Do thing 0")
        assert not kept.deadlines.exists()
        assert kept.source_note == "Its due date as written is “Ongoing” (Plan!D2), which names no day."
        assert plan.actions.get(title="Do thing 2").source_note == ""

    def test_evidence_is_told_to_have_no_date_and_takes_none(self, world):
        content = a_plan("DCO", rest=["G", "Audit of plans"])
        made = received(content, world, with_updates=True)
        bringing_in.rehearse(made, by=None, at=NOW)
        assert made.rehearsal["evidence"] == 1
        assert "1 piece of evidence" in made.rehearsal["added"]
        brought_in(content, world, with_updates=True)
        assert Evidence.objects.get(title="Audit of plans").dated_on is None

    def test_such_evidence_has_no_age_on_the_inspection_page(self, world):
        plan = brought_in(a_plan("DCO", rest=["G", "Audit of plans"]), world, with_updates=True)
        Strategy.objects.filter(pk=plan.pk).update(state=Strategy.State.PUBLISHED)
        finding = a_finding(world)
        finding.actions.add(plan.actions.get())
        update = ProgressUpdate.objects.get(action__strategy=plan)
        link = "https://example.org/audit"
        Evidence.objects.create(update=update, title="Added later", kind="document", url=link, added_at=at(2026, 9, 5))
        shown = inspections_of(world.area, at(2028, 1, 1), day=date(2028, 1, 1))[0]
        brought, later = sorted(shown.evidence, key=lambda piece: piece.id)
        assert (brought.date_words, brought.age_words, brought.age_then, brought.flag) == (
            "not dated", "its age is not known", "", "",
        )  # fmt: skip
        assert later.date_words == "reported 1 September 2026"
        assert later.is_old
        assert shown.evidence_sentence.endswith(
            "one is older than twelve months. One piece of undated evidence: its age is not known."
        )
        assert brought.clock == Clock(None, date(2028, 1, 1))


def a_finding(world) -> Finding:
    day = date(2026, 1, 9)
    inspection = Inspection.objects.create(area=world.area, inspected_from=day, inspected_to=day)
    return Finding.objects.create(
        inspection=inspection, ref="1", text="Plans are late", kind=Finding.Kind.AREA_FOR_IMPROVEMENT, position=1
    )
