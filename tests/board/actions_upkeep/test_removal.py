"""What the illustrative officer does to actions goes with the demonstration, and real actions are as they were."""

from datetime import date

import pytest

from people.models import Lead, User
from tests.board.test_demo import TODAY, demo, everything, make_plan
from tests.world import at
from workstrands.models import Action, Objective
from workstrands.upkeep import bulk, editing, parting, placing, retiring, steps
from workstrands.upkeep.places import Place, latest_placement
from workstrands.upkeep.seen import seen_of

NOW = at(2026, 11, 23)


@pytest.fixture
def plan(db):
    return make_plan("lewisham", starts_on=date(2025, 12, 1), ends_on=date(2030, 12, 31))


def test_what_the_illustrative_officer_does_to_actions_is_taken_back(plan):
    objective = Objective.objects.create(
        strategy=plan, priority=plan.priorities.first(), key="o-1", ref="O1", text="Timely plans", position=1
    )
    before = everything()
    demo(today=TODAY)
    by = {"by": User.objects.get(email="officer@lewisham.example"), "at": NOW}
    lead = Lead.objects.filter(is_illustrative=True, left_on=None).first()
    actions = list(Action.objects.filter(strategy=plan, is_illustrative=False).order_by("position"))
    first, second, third, fourth, fifth = actions[:5]
    place = Place.of(latest_placement(first))

    made = editing.add_action(plan, place=place, title="A pledge", lead=lead, due_on=date(2027, 1, 31), **by)
    editing.edit_action(
        first,
        {"title": "Narrower", "is_critical": True},
        seen=seen_of(first),
        steps=[editing.Step(None, "Draft")],
        **by,
    )
    placing.move_action(fifth, after=first, seen=None, **by)
    placing.give_date(second, due_on=date(2028, 1, 31), reason="Late.", state="agreed", seen=None, **by)
    parting.split_action(third, [parting.Part("One"), parting.Part("Two")], seen=None, **by)
    parting.merge_actions(second, [parting.Other(fourth)], because="One thing.", seen=None, **by)
    retiring.retire_action(first, because="Done with.", seen=None, **by)
    deed = bulk.Deed(bulk.Kind.CRITICAL, is_critical=True)
    bulk.carry_out(plan, {one.key: seen_of(one) for one in (second, fifth)}, deed, **by)
    editing.edit_action(second, {}, supporting=[lead], also_serves=[objective], seen=None, **by)
    milestone = second.milestones.create(text="Draft", is_illustrative=True)
    steps.retire_step(milestone, because="Done with.", seen=None, **by)
    editing.edit_action(made, {}, supporting=[lead], seen=None, **by)

    demo(remove=True)

    assert everything() == before
