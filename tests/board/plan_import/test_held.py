"""What a plan holds already is read in as many queries for one action as for many, retired or not."""

import pytest

from board.plan_import.comparing import compare
from board.plan_import.drafts import Draft, Entries, Said
from board.plan_import.held import Held
from board.plan_import.matching import Directory
from board.plan_import.outcome import Target, Wishes
from people.models import Lead
from strategies.models import Strategy
from tests.board.test_report import another_action
from tests.world import at, build_world
from workstrands.models import Action, Milestone, ProgressUpdate

NOW = at(2026, 9, 1)


@pytest.fixture
def world(db):
    return build_world()


def retired(world, number: int) -> Action:
    action = another_action(world, number + 1)
    Milestone.objects.create(action=action, text=f"Step {number}", position=1)
    for at_number, status in enumerate("GA", start=1):
        ProgressUpdate.objects.create(
            area=world.area, action=action, number=at_number, status=status, next_steps="Ask", recorded_at=at(2026, 3, at_number)
        )  # fmt: skip
    Action.objects.filter(pk=action.pk).update(retired_at=at(2026, 5, 1))
    return action


@pytest.mark.parametrize("count", [1, 50])
def test_a_plan_is_read_in_seven_queries_however_many_of_its_actions_are_retired(
    world, count, django_assert_num_queries
):
    for number in range(1, count + 1):
        retired(world, number)
    with django_assert_num_queries(7):
        Held(world.strategy, NOW)


def test_of_each_action_the_last_lead_and_the_last_report_are_held(world):
    action = retired(world, 1)
    other = Lead.objects.create(area=world.area, name="Head of commissioning")
    action.placements.create(number=2, priority=world.priority, lead=other, recorded_at=at(2026, 4, 1))
    action.placements.create(number=3, priority=world.priority, lead=world.lead, recorded_at=at(2027, 4, 1))
    held = Held(world.strategy, NOW)
    assert (held.leads[action.pk], held.name_of(other.pk)) == (other.pk, "Head of commissioning")
    assert held.updates[action.pk].status == "A"
    assert held.name_of(None) == ""


def test_a_retired_action_is_left_alone_and_not_added_again(world):
    action = retired(world, 1)
    entries = Entries([Draft(2, "Plan", Said(action.title, "Plan!A2"))])
    found = compare(entries, Target.existing(world.strategy), Directory(), Wishes(), at=NOW)
    assert [(each.record, each.left_because) for each in found.actions] == [(action, "It is retired here.")]


def test_the_actions_of_a_plan_that_has_not_begun_are_held_too(world):
    Strategy.objects.filter(pk=world.strategy.pk).update(starts_on="2026-12-01")
    held = Held(Strategy.objects.get(pk=world.strategy.pk), NOW)
    assert world.action.pk in held.leads
    assert held.leads[world.action.pk] == world.lead.pk
