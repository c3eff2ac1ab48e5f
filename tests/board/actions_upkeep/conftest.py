"""A plan with three actions under its objective, and a second priority to move them to."""

from datetime import date

import pytest

from priorities.models import Priority
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Deadline, Placement


@pytest.fixture
def world(db):
    made = build_world()
    made.second = Priority.objects.create(strategy=made.strategy, ref="2", title="Belonging", position=2)
    made.two, made.three = (_action(made, number) for number in (2, 3))
    Action.history.update(history_date=at(2026, 1, 1))
    return made


def _action(world, number: int) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"a-{number}", ref=f"1.{number}", title=f"Action {number}",
        position=number,
    )  # fmt: skip
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), objective=world.objective, lead=world.lead
    )
    Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2026, 9, 30))
    return action


@pytest.fixture
def officer(world):
    return world.people["officer"]


@pytest.fixture
def signed_in(client, world):
    def sign_in(person="officer"):
        client.force_login(world.people[person], backend=BACKEND)
        return client

    return sign_in
