"""A milestone leaves its action with a reason, is kept for past views, and is taken back or undone."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from strategies.keeping import Overtaken
from tests.world import at
from workstrands.models import Milestone
from workstrands.upkeep import editing, retiring, steps, undoing
from workstrands.upkeep.seen import seen_of

MAY = at(2026, 5, 1, 9)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at(2026, 5, 20, 9))


@pytest.fixture
def milestone(world):
    made = Milestone.objects.create(action=world.two, text="Draft shared", due_on=date(2026, 6, 1), position=1)
    Milestone.history.update(history_date=at(2026, 1, 1))
    return made


def retired(milestone, officer, **said):
    said = {"because": "The draft was dropped.", "by": officer, "at": MAY, "seen": None, **said}
    steps.retire_step(milestone, **said)


def milestones_shown(client, action, **query) -> bool:
    return "Draft shared" in client.get(reverse("board:action", args=["northvale", action.key], query=query)).text


def address(action, **query):
    return reverse("board:action-milestones", args=["northvale", action.key], query=query or None)


def test_a_retired_milestone_is_gone_today_and_there_in_past_views(world, officer, milestone, signed_in):
    retired(milestone, officer)
    client = signed_in("board")
    assert not milestones_shown(client, world.two)
    assert milestones_shown(client, world.two, as_at="2026-04-30")
    assert not milestones_shown(client, world.two, as_at="2026-05-01")


def test_a_milestone_added_to_a_plan_that_runs_is_in_no_view_of_the_days_before(world, officer, signed_in):
    assert world.strategy.baselined_on
    editing.edit_action(world.two, {}, steps=[editing.Step(None, "Draft shared")], by=officer, at=MAY, seen=None)
    client = signed_in("board")
    assert milestones_shown(client, world.two)
    assert not milestones_shown(client, world.two, as_at="2026-04-30")


def test_a_milestone_of_a_plan_in_preparation_was_there_from_its_start(world, officer):
    world.strategy.baselined_on = None
    world.strategy.save()
    editing.edit_action(world.two, {}, steps=[editing.Step(None, "Draft shared")], by=officer, at=MAY, seen=None)
    assert Milestone.objects.get().added_at is None


def test_why_a_milestone_was_retired_stands_in_the_history_and_is_undone(world, officer, milestone):
    retired(milestone, officer)
    line = undoing.lines_of(world.two)[0]
    assert (line.kind, line.milestone, line.change.by, line.change.reason) == (
        undoing.STEP, milestone, str(officer), "Retired",
    )  # fmt: skip
    assert ("Why it was retired", "none", "“The draft was dropped.”") in line.change.differences
    undoing.undo(world.two, by=officer, at=at(2026, 5, 2), seen=None)
    milestone.refresh_from_db()
    assert (milestone.retired_at, milestone.retired_because) == (None, "")


def test_a_reason_is_asked_and_an_action_that_is_closed_keeps_its_milestones(world, officer, milestone):
    with pytest.raises(ValidationError, match="Say why"):
        retired(milestone, officer, because=" ")
    retiring.retire_action(world.two, because="Not needed.", by=officer, at=MAY, seen=None)
    with pytest.raises(ValidationError, match="was retired"):
        retired(milestone, officer, at=at(2026, 5, 2))
    assert Milestone.objects.in_use().get() == milestone


def test_whoever_saw_the_action_otherwise_is_told_first(world, officer, milestone):
    seen = seen_of(world.two)
    editing.edit_action(world.two, {"title": "Theirs"}, by=officer, at=MAY, seen=None)
    with pytest.raises(Overtaken):
        retired(milestone, officer, seen=seen)


def test_an_officer_retires_one_and_takes_it_back_on_a_page_of_its_own(world, milestone, signed_in):
    client = signed_in()
    said = {"seen": str(seen_of(world.two)), "which": milestone.pk, "because": "The draft was dropped."}
    assert client.post(address(world.two), said)["Location"] == address(world.two)
    shown = client.get(address(world.two)).text
    assert "Retired milestones" in shown
    assert "1 May 2026" not in shown
    assert "20 May 2026: The draft was dropped." in shown
    edit = client.get(reverse("board:action-edit", args=["northvale", "a-2"])).text
    assert "Draft shared" not in edit
    assert client.post(address(world.two), said).status_code == 200  # a stale page: it is not to be chosen any longer
    client.post(address(world.two), {"again": milestone.pk})
    milestone.refresh_from_db()
    assert milestone.retired_at is None
    assert "taken back already" in client.post(address(world.two), {"again": milestone.pk}, follow=True).text


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"which": "", "because": "Dropped."}, "Choose the milestone."),
        ({"which": "999999", "because": "Dropped."}, "Choose the milestone."),
        ({"which": "\x00", "because": "Dropped."}, "Choose the milestone."),
        ({"because": " "}, "Say why it is retired."),
        ({"because": "A \x00"}, "Why it is retired"),
        ({"seen": "1.2"}, "Open it again"),
    ],
)
def test_what_is_missing_is_said_and_the_milestone_stays(world, milestone, signed_in, said, message):
    given = {"seen": str(seen_of(world.two)), "which": milestone.pk, "because": "Dropped.", **said}
    response = signed_in().post(address(world.two), given)
    assert response.status_code == 200
    assert message in response.text
    assert Milestone.objects.in_use().count() == 1


def test_milestones_of_another_action_are_out_of_reach(world, milestone, signed_in, officer):
    said = {"seen": str(seen_of(world.three)), "which": milestone.pk, "because": "Dropped."}
    assert signed_in().post(address(world.three), said).status_code == 200
    assert Milestone.objects.in_use().count() == 1
    retired(milestone, officer)
    signed_in().post(address(world.three), {"again": milestone.pk})
    assert Milestone.objects.in_use().count() == 0


@pytest.mark.parametrize(("person", "expected"), [("lead", 403), ("board", 403), ("other_officer", 404)])
def test_only_officers_of_the_area_retire_a_milestone(world, milestone, signed_in, person, expected):
    said = {"seen": str(seen_of(world.two)), "which": milestone.pk, "because": "Dropped."}
    client = signed_in(person)
    assert client.post(address(world.two), said).status_code == expected
    assert client.post(address(world.two), {"again": milestone.pk}).status_code == expected
    assert Milestone.objects.in_use().count() == 1


def test_an_action_without_milestones_says_where_to_add_some(world, signed_in):
    assert "Add some where the action is edited" in signed_in().get(address(world.three)).text
