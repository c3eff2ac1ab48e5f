"""A priority, a work strand, an objective and an action, each as at a moment."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.history import title_as_of
from people.models import Partner
from priorities.models import CurrentPractice, SuccessMeasure
from strategies.models import SourceDocument, Strategy
from tests.world import BACKEND, at, build_world
from workstrands.models import (
    Action,
    Deadline,
    Evidence,
    ImpactConfirmation,
    Milestone,
    Objective,
    Placement,
    ProgressUpdate,
)
from workstrands.saying import followable

NOW = at(2026, 7, 20)
PAGES = ["board:priority", "board:strand", "board:objective", "board:action"]


@pytest.fixture
def world(db, monkeypatch):
    """On 20 July 2026 the world's own action, 1.1, is reported on track and was due on 30 June."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    return build_world()


@pytest.fixture
def text(client, world):
    """What a page says to somebody, in one line."""

    def read(name: str, query: str = "", who: str = "board") -> str:
        client.force_login(world.people[who], backend=BACKEND)
        response = client.get(world.address(name) + query)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    return read


def say(world, number: int, when, **fields) -> ProgressUpdate:
    return ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=number, recorded_at=when, **{"status": "G", **fields}
    )


@pytest.mark.parametrize("name", ["board:priority", "board:strand", "board:objective"])
def test_a_part_of_the_plan_lists_its_actions_with_both_statuses_and_the_reason(text, name):
    shown = text(name)

    assert "Publish the pathway" in shown
    assert "On track" in shown
    assert "At risk" in shown
    assert "Due 30 June 2026, 20 days before this view" in shown


def test_a_priority_counts_its_actions_and_says_its_headline_with_the_reason(text):
    shown = text("board:priority")

    assert "One live action: too few for a headline" in shown
    assert 'href="/northvale/send-strategy/actions/?priority=1&amp;assessed=A"' in shown
    assert "No senior responsible owner is named" in shown


def test_a_priority_names_its_owners(world, text):
    world.priority.sros.add(world.lead)

    assert "Head of SEND (Northvale Council)" in text("board:priority")


def test_a_measure_of_success_says_which_kpi_measures_it_or_that_none_does(world, text):
    SuccessMeasure.objects.create(priority=world.priority, ref="1.2", text="Happier families", position=2)
    assert text("board:priority").count("No KPI measures this yet") == 2

    world.kpi.success_measures.add(SuccessMeasure.objects.get(ref="1.1"))
    shown = text("board:priority")

    assert shown.count("No KPI measures this yet") == 1
    assert "EHC plans issued within 20 weeks" in shown
    assert "64.8%" in shown


def test_a_priority_keeps_the_wording_as_found(world, text):
    document = SourceDocument.objects.get()
    CurrentPractice.objects.create(
        priority=world.priority, text="We train every school", source=document, source_text="We trian every school"
    )

    shown = text("board:priority")

    assert "We train every school" in shown
    assert "As found: “We trian every school”" in shown


def test_a_strand_says_what_else_it_is_called_and_who_leads_it(world, text):
    world.strand.alias, world.strand.group, world.strand.lead = "Early help", "education", world.lead
    world.strand.save()

    shown = text("board:strand")

    assert "Early help" in shown
    assert "Education" in shown
    assert "Head of SEND" in shown


def test_an_objective_without_actions_says_so(world, text):
    Placement.objects.create(action=world.action, number=2, recorded_at=at(2026, 3, 1), priority=world.priority)

    assert "No action serves this objective yet" in text("board:objective")
    assert "Publish the pathway" in text("board:objective", "?as_at=2026-02-20")


def test_an_action_shows_what_was_said_by_whom_on_whose_behalf_and_what_backs_it(world, text):
    update = say(
        world, 2, at(2026, 7, 1), status="R", narrative="The clinic closed.", next_steps="Find rooms", cause="workforce",
        escalate_to="board", ask="Agree rooms", needed_by=date(2026, 9, 1), author=world.people["officer"],
        on_behalf_of=world.lead,
    )  # fmt: skip
    Evidence.objects.create(update=update, title="Audit", kind="audit", url="https://example.org/audit")
    Evidence.objects.create(update=update, title="Trick", kind="data", url="javascript:alert(1)")

    shown = text("board:action")

    assert "1 July 2026 · officer@example.test, on behalf of Head of SEND" in shown
    assert "The clinic closed." in shown
    assert "Agree rooms" in shown
    assert "Needed by 1 September 2026" in shown
    assert '<a href="https://example.org/audit" rel="noopener noreferrer">Audit</a>' in shown
    assert "Trick" in shown
    assert "javascript:" not in shown
    assert shown.index("The clinic closed.") < shown.index("Going well.")


def test_an_action_tells_how_its_dates_moved_in_their_own_words(world, text):
    Deadline.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 3, 1), due_on=date(2026, 9, 30), as_written="Sept '26",
        reason="Staff left", certainty="likely",
    )  # fmt: skip
    Deadline.objects.create(
        action=world.action, number=3, recorded_at=at(2026, 4, 1), due_on=date(2026, 12, 31), state="proposed"
    )

    shown = text("board:action")

    assert "First date" in shown
    assert "“Sept &#x27;26”" in shown
    assert "92 days later than 30 June 2026" in shown
    assert "Staff left" in shown
    assert "Likely reading of the words" in shown
    assert "Proposed" in shown
    assert "Sept" not in text("board:action", "?as_at=2026-02-20")


def test_nothing_has_changed_names_the_day_since_when(world, text):
    say(world, 2, at(2026, 3, 10), kind="no_change")

    assert "Nothing has changed since 10 February 2026" in text("board:action")


def test_impact_milestones_kpis_and_findings_stand_on_the_actions_page(world, text):
    say(world, 2, at(2026, 7, 1), status="B", impact="sustained")
    ImpactConfirmation.objects.create(
        action=world.action, number=1, recorded_at=at(2026, 7, 2), recorded_by=world.people["officer"], text="Seen it"
    )
    Milestone.objects.create(action=world.action, text="Draft pathway", due_on=date(2026, 4, 1))
    world.action.kpis.add(world.kpi)

    shown = text("board:action")

    assert "Sustained" in shown
    assert "Seen it" in shown
    assert "Draft pathway" in shown
    assert "EHC plans issued within 20 weeks" in shown


def test_those_who_may_update_find_the_button_and_others_do_not(text, world):
    button = f'href="{world.address("workstrands:update")}"'

    assert button in text("board:action", who="lead")
    assert button in text("board:action", who="officer")
    assert button not in text("board:action", who="board")
    assert button not in text("board:action", who="other_lead")


def test_the_past_offers_no_editing_and_shows_what_was_known_then(world, text):
    say(world, 2, at(2026, 7, 1), status="R", next_steps="Find rooms", narrative="The clinic closed.")

    shown = text("board:action", "?as_at=2026-03-05", who="officer")

    assert world.address("workstrands:update") not in shown
    assert "The clinic closed." not in shown
    assert "Going well." in shown


def test_a_title_that_was_reworded_since_is_marked_with_what_it_said(world, text):
    first = world.action.history.get()
    first.history_date = at(2026, 1, 2)
    first.save()
    world.action.title = "Publish and print the pathway"
    world.action.save()

    assert "On this day it read “Publish the pathway”" in text("board:action", "?as_at=2026-03-05")
    assert "Reworded" not in text("board:action")
    assert title_as_of(world.action, at(2026, 3, 5)) == "Publish the pathway"


def test_a_document_that_was_learned_of_later_leaves_nothing_reworded(world, text):
    """What is seeded today about a day long past was never worded otherwise."""
    assert "Reworded" not in text("board:action", "?as_at=2026-02-20")


def test_before_the_plan_an_action_says_that_it_did_not_exist(text):
    assert "the action did not exist yet" in text("board:action", "?as_at=2025-06-01")


def test_a_retired_action_keeps_its_page_as_it_stood(world, text):
    world.action.retired_at = at(2026, 6, 1, 0)
    world.action.save()

    shown = text("board:action", who="officer")

    assert "retired on 1 June 2026" in shown
    assert "Going well." in shown
    assert world.address("workstrands:update") not in shown


def test_after_the_plans_end_its_actions_are_shown_as_at_its_end(world, text):
    Strategy.objects.filter(pk=world.strategy.pk).update(ends_on=date(2026, 3, 31))

    for name in PAGES:
        assert "This plan ended on 31 March 2026" in text(name)
        assert "Overdue" not in text(name)


def test_a_body_without_a_name_is_its_own_wording(world, text):
    board = Partner.objects.create(area=world.area, name="the ICB", sector="health")
    world.action.partner = board
    world.action.save()
    Placement.objects.create(action=world.action, number=2, recorded_at=at(2026, 3, 1), objective=world.objective)

    shown = text("board:action")

    assert "Owned by the ICB, nobody named" in shown
    assert "Moves and hand-overs" in shown


@pytest.mark.parametrize("name", PAGES)
def test_another_areas_person_and_a_draft_plan_answer_404(world, client, name):
    client.force_login(world.people["other_officer"], backend=BACKEND)
    assert client.get(world.address(name)).status_code == 404

    client.force_login(world.people["officer"], backend=BACKEND)
    Strategy.objects.filter(pk=world.strategy.pk).update(state=Strategy.State.DRAFT)
    assert client.get(world.address(name)).status_code == 404


@pytest.mark.parametrize("part", ["priorities/99", "strands/none", "objectives/none"])
def test_what_a_plan_does_not_hold_answers_404(world, client, part):
    client.force_login(world.people["board"], backend=BACKEND)

    assert client.get(f"/northvale/send-strategy/{part}/").status_code == 404
    assert client.get("/northvale/actions/none/").status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_the_query_count_does_not_grow_with_rows(world, client, name):
    client.force_login(world.people["officer"], backend=BACKEND)
    address = world.address(name)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    _grow(world)
    with CaptureQueriesContext(connection) as many:
        client.get(address)

    assert len(many) == len(few)
    assert len(many) <= 32


def _grow(world) -> None:
    for number in range(2, 12):
        objective = Objective.objects.create(
            strategy=world.strategy,
            priority=world.priority,
            workstrand=world.strand,
            key=f"o{number}",
            ref=f"O{number}",
            text="More",
        )
        action = Action.objects.create(
            area=world.area,
            strategy=world.strategy,
            key=f"a-{number}",
            ref=f"9.{number}",
            title="More",
            position=number,
        )
        Placement.objects.create(
            action=action,
            number=1,
            recorded_at=at(2026, 1, 1),
            objective=world.objective if number % 2 else objective,
            lead=world.lead,
        )
        SuccessMeasure.objects.create(priority=world.priority, ref=f"2.{number}", text="More", position=number)
        Deadline.objects.create(
            action=world.action, number=number, recorded_at=at(2026, 3, 1), due_on=date(2026, 6, 30)
        )
        update = say(world, number, at(2026, 5, number), narrative="More", author=world.people["lead"])
        Evidence.objects.create(update=update, title="More", kind="data", url="https://example.org/")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("http://example.org", "http://example.org"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_are_followed(url, expected):
    assert followable(url) == expected
