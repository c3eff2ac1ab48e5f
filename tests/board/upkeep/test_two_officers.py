"""Two officers at once below one plan, each in a transaction of their own: one consistent plan, and the second is told.

PostgreSQL alone lets two write at once; the other tests ask the same, one after the other, with forms that are stale.
"""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from board.upkeep.handing_over import hand_over, held_by
from people.models import Lead
from priorities.models import Priority
from strategies import keeping
from strategies.keeping import Overtaken
from tests.world import at, build_world
from workstrands import rearranging
from workstrands.models import Action, Objective, Placement

NOW = at(2026, 6, 1)
pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")


@pytest.fixture
def committed(transactional_db):
    world = build_world()
    world.second = Priority.objects.create(strategy=world.strategy, ref="2", title="Good places", position=2)
    world.another = Objective.objects.create(
        strategy=world.strategy, priority=world.second, key="o2", ref="O2", text="Good plans"
    )
    return world


def both(*writes) -> list:
    """Run at once; of each, none, or what it was told."""
    told, gate = [None] * len(writes), Barrier(len(writes))

    def run(number, write):
        gate.wait()
        try:
            write()
        except (Overtaken, ValidationError) as error:
            told[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(writes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return told


def fresh(model, **wanted):
    return model.objects.select_related("strategy__area").get(**wanted)


def told_once(told: list) -> bool:
    return sum(error is not None for error in told) == 1


def every_action_hangs_once(world) -> bool:
    """The placements of each action are numbered without a gap, and the last one hangs on what is in use."""
    last = rearranging.standing_placements(rearranging.Q(action__strategy=world.strategy))
    hanging = [each.objective for each in last if each.objective]
    numbers = list(Placement.objects.filter(action=world.action).values_list("number", flat=True))
    return all(each.retired_at is None for each in hanging) and numbers == list(range(1, len(numbers) + 1))


def test_one_moves_an_objective_while_the_other_merges_it(committed):
    by, seen = committed.people["officer"], keeping.version_of(committed.objective)
    told = both(
        lambda: rearranging.move_objective(
            fresh(Objective, key="o1"), priority=fresh(Priority, ref="2"), workstrand=None, by=by, at=NOW, seen=seen
        ),
        lambda: rearranging.merge_objectives(
            fresh(Objective, key="o1"), fresh(Objective, key="o2"), by=by, at=NOW, seen=seen
        ),
    )
    assert told_once(told)
    assert every_action_hangs_once(committed)


def test_one_merges_two_priorities_while_the_other_merges_them_the_other_way_round(committed):
    by = committed.people["officer"]
    one, two = keeping.version_of(committed.priority), keeping.version_of(committed.second)
    told = both(
        lambda: rearranging.merge_priorities(
            fresh(Priority, ref="1"), fresh(Priority, ref="2"), by=by, at=NOW, seen=one
        ),
        lambda: rearranging.merge_priorities(
            fresh(Priority, ref="2"), fresh(Priority, ref="1"), by=by, at=NOW, seen=two
        ),
    )
    assert told_once(told)
    assert Priority.objects.in_use().count() == 1
    assert Objective.objects.in_use().count() == 2
    assert every_action_hangs_once(committed)


def test_one_retires_a_priority_with_all_below_while_the_other_moves_an_objective_there(committed):
    by, below = committed.people["officer"], rearranging.digest_below(committed.second)
    told = both(
        lambda: rearranging.retire_part(
            fresh(Priority, ref="2"), because="Over.", by=by, at=NOW, seen=None, below=True, seen_below=below
        ),
        lambda: rearranging.move_objective(
            fresh(Objective, key="o1"), priority=fresh(Priority, ref="2"), workstrand=None, by=by, at=NOW, seen=None
        ),
    )
    assert told_once(told)
    assert every_action_hangs_once(committed)
    assert Action.objects.in_use().count() == 1


def test_two_hand_over_the_same_lead_to_different_people(committed):
    by, seen = committed.people["officer"], keeping.version_of(committed.lead)
    others = [Lead.objects.create(area=committed.area, name=name) for name in ("First", "Second")]
    held = held_by(committed.lead)
    keys = [holding.key for holding in held.holdings]
    told = both(*[
        lambda to=to: hand_over(
            Lead.objects.get(pk=committed.lead.pk), to=to, keys=keys, left_on=None, by=by, at=NOW, seen=seen,
            seen_held=held.digest,
        )
        for to in others
    ])  # fmt: skip
    assert told_once(told)
    assert every_action_hangs_once(committed)
    assert sorted(len(held_by(each).holdings) for each in others) == [0, len(keys)]


def test_two_change_the_same_words(committed):
    by, seen = committed.people["officer"], keeping.version_of(committed.priority)
    told = both(*[
        lambda title=title: keeping.change(fresh(Priority, ref="1"), {"title": title}, by=by, at=NOW, seen=seen)
        for title in ("Mine", "Theirs")
    ])  # fmt: skip
    assert told_once(told)
    assert keeping.changes_of(fresh(Priority, ref="1"))[0].differences[0][1] == "“Timely plans”"
