"""Two officers at once, each in a transaction of their own: one plan comes out, and the second is told. PostgreSQL alone
lets two write at once; on SQLite the same is asked with forms that are stale."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from priorities.models import Priority
from strategies.keeping import Overtaken
from tests.board.actions_upkeep.conftest import _action
from tests.world import at, build_world
from workstrands.models import Action
from workstrands.standing import standings
from workstrands.upkeep import bulk, editing, parting, placing
from workstrands.upkeep.places import Place, latest_placement
from workstrands.upkeep.seen import seen_of

MAY = at(2026, 5, 1)
postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")


@pytest.fixture
def committed(transactional_db):
    world = build_world()
    world.second = Priority.objects.create(strategy=world.strategy, ref="2", title="Belonging", position=2)
    world.two, world.three = (_action(world, number) for number in (2, 3))
    Action.history.update(history_date=at(2026, 1, 1))
    return world


def both(*writes) -> list:
    """Run at once; of each, what it gave back or was told."""
    told, gate = [None] * len(writes), Barrier(len(writes))

    def run(number, write):
        gate.wait()
        try:
            told[number] = write()
        except Exception as error:
            told[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(writes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return told


def fresh(key) -> Action:
    return Action.objects.select_related("strategy__area", "area").get(key=key)


@postgres
def test_of_two_who_move_the_same_action_one_is_told(committed):
    seen, by = seen_of(committed.two), committed.people["officer"]
    targets = [Place(priority=committed.second), Place(workstrand=committed.strand)]
    told = both(*[
        lambda place=place: placing.move_action(fresh("a-2"), place=place, by=by, at=MAY, seen=seen) for place in targets
    ])  # fmt: skip
    assert sorted(type(one).__name__ for one in told) == ["Overtaken", "bool"]
    assert committed.two.placements.count() == 2


@postgres
def test_merging_two_actions_into_each_other_leaves_one(committed):
    by = committed.people["officer"]

    def merge(stays, goes):
        seen, other = seen_of(stays), parting.Other(goes, seen_of(goes))
        return lambda: parting.merge_actions(fresh(stays.key), [other], because="One thing.", by=by, at=MAY, seen=seen)

    told = both(merge(committed.two, committed.three), merge(committed.three, committed.two))
    assert sum(isinstance(one, parting.Merged) for one in told) == 1
    assert any(isinstance(one, Overtaken | ValidationError) for one in told)
    assert len(standings(committed.strategy, at(2026, 5, 2))) == 2


@postgres
def test_two_who_add_at_once_get_two_references(committed):
    by, place = committed.people["officer"], Place(priority=committed.second)
    told = both(*[
        lambda title=title: editing.add_action(committed.strategy, place=place, title=title, by=by, at=MAY)
        for title in ("One", "Two")
    ])  # fmt: skip
    assert {one.ref for one in told} == {"2.1", "2.2"}


@postgres
def test_a_bulk_change_and_an_edit_do_not_overwrite_each_other(committed):
    by = committed.people["officer"]
    seen = {one.key: seen_of(one) for one in (committed.two, committed.three)}
    told = both(
        lambda: bulk.carry_out(committed.strategy, seen, bulk.Deed(bulk.Kind.CRITICAL), by=by, at=MAY),
        lambda: editing.edit_action(fresh("a-3"), {"title": "Mine"}, by=by, at=MAY, seen=seen["a-3"]),
    )
    lost = [one for one in told if isinstance(one, Overtaken | bulk.RowsOvertaken)]
    assert len(lost) == 1
    critical = Action.objects.filter(is_critical=True).count()
    assert (critical, fresh("a-3").title) in [(2, "Action 3"), (0, "Mine")]


def test_a_stale_form_is_told_on_either_database(world, officer):
    seen = seen_of(world.two)
    parting.merge_actions(world.three, [parting.Other(world.two)], because="One.", by=officer, at=MAY, seen=None)
    with pytest.raises(Overtaken):
        placing.move_action(world.two, place=Place(priority=world.second), by=officer, at=MAY, seen=seen)
    assert latest_placement(world.two).number == 1
