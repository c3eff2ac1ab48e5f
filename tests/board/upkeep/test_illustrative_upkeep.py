"""What an illustrative officer adds and changes goes with the demonstration, and real records are as they were."""

import pytest

from board.demonstration.removal import remove
from people.models import Lead, Membership, User
from priorities.models import Priority
from strategies.models import Area
from tests.board.upkeep.test_upkeep_pages import seen_in
from tests.world import BACKEND, at
from workstrands import rearranging
from workstrands.models import Action, Objective, Placement, WorkStrand


@pytest.fixture
def other(world):
    return Priority.objects.create(strategy=world.strategy, ref="2", title="Good places", position=2)


@pytest.fixture
def made_up(world):
    """An illustrative officer of a plan whose leads are all made up, as in the demonstration."""
    user = User.objects.create(email="made-up@example.test", is_illustrative=True)
    Membership.objects.create(user=user, area=world.area, role=Membership.Role.OFFICER, is_illustrative=True)
    Placement._base_manager.all().delete()
    lead = Lead.objects.create(area=world.area, name="Lead (illustrative)", is_illustrative=True)
    Placement.objects.create(
        action=world.action, number=1, recorded_at=at(2026, 1, 1), objective=world.objective, is_illustrative=False
    )
    Placement.objects.create(
        action=world.action,
        number=2,
        recorded_at=at(2026, 1, 2),
        objective=world.objective,
        lead=lead,
        is_illustrative=True,
    )
    return user


@pytest.fixture
def signed_in(client, made_up):
    client.force_login(made_up, backend=BACKEND)
    return client


def test_additions_and_changes_go_and_real_records_are_put_back(world, signed_in, page):
    signed_in.post(page("priority-add"), {"ref": "3", "title": "Made up"})
    signed_in.post(page("strand-add"), {"name": "Made up"})
    address = page("priority-edit", "1")
    signed_in.post(address, seen_in(signed_in, address) | {"ref": "1", "title": "Another title"})
    address = page("words", plan=False)
    signed_in.post(address, seen_in(signed_in, address) | {"status_on_track": "Progressing"})
    assert Priority.objects.get(ref="3").is_illustrative
    assert WorkStrand.objects.get(name="Made up").is_illustrative
    remove()
    assert list(Priority.objects.values_list("ref", "title")) == [("1", "Timely plans")]
    assert WorkStrand.objects.count() == 1
    assert Area.objects.get(pk=world.area.pk).words == {}


def test_a_move_goes_and_the_objective_is_where_it_was(world, other, signed_in, made_up, page):
    world.objective.also_served_by.add(
        Action.objects.create(area=world.area, strategy=world.strategy, key="a-2", ref="1.2", title="Also", position=2)
    )
    address = page("objective-move", "o1")
    signed_in.post(address, seen_in(signed_in, address) | {"priority": other.pk, "workstrand": world.strand.pk})
    assert Objective.objects.in_use().get().priority == other
    remove()
    objective = Objective.objects.get()
    assert (objective.priority, objective.retired_at, objective.replaced_by) == (world.priority, None, None)
    assert [action.ref for action in rearranging.actions_below(objective)] == ["1.1"]


def test_mergers_splits_and_retirements_go_too(world, other, signed_in, made_up, page):
    world.kpi.priorities.add(world.priority)
    rearranging.split_objective(
        world.objective, text="Second", ref="", action_ids={world.action.pk}, by=made_up, at=at(2026, 6, 1), seen=None
    )
    rearranging.merge_priorities(world.priority, other, by=made_up, at=at(2026, 6, 1), seen=None)
    rearranging.retire_part(other, because="Over.", by=made_up, at=at(2026, 6, 2), seen=None, below=True)
    remove()
    assert Objective.objects.get().retired_at is None
    assert Priority.objects.in_use().count() == 2
    assert list(world.kpi.priorities.all()) == [world.priority]


def test_a_real_officer_hangs_nothing_real_on_what_is_made_up(world, as_, page, signed_in):
    signed_in.post(page("priority-add"), {"ref": "3", "title": "Made up"})
    made = Priority.objects.get(ref="3")
    response = as_("officer").post(page("objective-add"), {"ref": "O2", "text": "Real", "priority": made.pk})
    assert "is illustrative: a real record cannot hang on it" in response.text
    assert not Objective.objects.filter(ref="O2").exists()
