"""Statements are changed in place, with their history, and one change can be undone."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from people.models import Lead
from priorities.models import Priority
from strategies import keeping
from strategies.keeping import Overtaken
from tests.world import at, build_world
from workstrands.models import Objective


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world):
    return world.people["officer"]


def changed(record, officer, moment, seen=None, **values):
    return keeping.change(record, values, by=officer, at=moment, seen=seen)


def test_a_change_keeps_what_was_who_and_when(world, officer):
    changed(world.priority, officer, at(2026, 5, 1), title="Earlier help")
    changed(world.priority, officer, at(2026, 5, 2), title="Earlier help for all")
    latest = keeping.changes_of(world.priority)[0]
    assert latest.differences == [("Title", "“Earlier help”", "“Earlier help for all”")]
    assert (latest.at, latest.by) == (at(2026, 5, 2), str(officer))


def test_what_changes_nothing_writes_nothing(world, officer):
    changed(world.priority, officer, at(2026, 5, 1), title="Earlier help")
    version = keeping.version_of(world.priority)
    assert not changed(world.priority, officer, at(2026, 5, 2), title=" Earlier help ")
    assert keeping.version_of(world.priority) == version


def test_whoever_saw_an_older_version_is_told_what_changed_and_nothing_is_written(world, officer):
    seen = keeping.version_of(world.priority)
    changed(world.priority, officer, at(2026, 5, 1), title="Earlier help")
    with pytest.raises(Overtaken) as told:
        changed(world.priority, officer, at(2026, 5, 1), seen, title="Something else")
    assert told.value.changes[0].differences[0][2] == "“Earlier help”"
    world.priority.refresh_from_db()
    assert world.priority.title == "Earlier help"


def test_a_reference_is_taken_once(world, officer):
    Priority.objects.create(strategy=world.strategy, ref="9", title="Ninth")
    with pytest.raises(ValidationError, match="already exists"):
        changed(world.priority, officer, at(2026, 5, 1), ref="9")


def test_a_change_of_fields_and_links_is_undone_as_one(world, officer):
    other = Lead.objects.create(area=world.area, name="Head of SEND")
    owners = list(world.priority.sros.all())
    keeping.change(world.priority, {"title": "First"}, links={"sros": owners}, by=officer, at=at(2026, 5, 1), seen=None)
    keeping.change(
        world.priority, {"title": "Second"}, links={"sros": [other]}, by=officer, at=at(2026, 5, 2), seen=None
    )
    seen = keeping.version_of(world.priority)
    undone = keeping.undo(world.priority, by=officer, at=at(2026, 5, 3), seen=seen)
    assert ("Title", "“First”", "“Second”") in undone.differences
    world.priority.refresh_from_db()
    assert (world.priority.title, list(world.priority.sros.all())) == ("First", owners)
    keeping.undo(world.priority, by=officer, at=at(2026, 5, 4), seen=None)
    world.priority.refresh_from_db()
    assert (world.priority.title, list(world.priority.sros.all())) == ("Second", [other])


def test_how_a_record_was_first_made_cannot_be_undone(world, officer):
    fresh = keeping.add(
        Priority(strategy=world.strategy, ref="9", title="Ninth", position=9), by=officer, at=at(2026, 5, 1)
    )
    with pytest.raises(ValidationError, match="first made"):
        keeping.undo(fresh, by=officer, at=at(2026, 5, 2), seen=None)


def test_what_joins_a_running_plan_was_not_there_before(world, officer):
    fresh = keeping.add(
        Objective(strategy=world.strategy, priority=world.priority, key="o-9", ref="9", text="A ninth thing"),
        by=officer, at=at(2026, 5, 1),
    )  # fmt: skip
    assert fresh in Objective.objects.existing(at(2026, 5, 2))
    assert fresh not in Objective.objects.existing(at(2026, 4, 30))


def test_what_is_retired_stays_and_says_why(world, officer):
    with pytest.raises(ValidationError, match="Say why"):
        keeping.retire(world.priority, because=" ", by=officer, at=at(2026, 5, 1), seen=None)
    keeping.retire(world.priority, because="It is done.", by=officer, at=at(2026, 5, 1), seen=None)
    world.priority.refresh_from_db()
    assert (world.priority.retired_on, world.priority.retired_because) == (date(2026, 5, 1), "It is done.")
    assert world.priority in Priority.objects.existing(at(2026, 4, 30))
    assert world.priority not in Priority.objects.existing(at(2026, 5, 2))
    with pytest.raises(ValidationError, match="was retired"):
        changed(world.priority, officer, at(2026, 5, 2), title="Another")
    keeping.take_back(world.priority, by=officer, at=at(2026, 5, 3), seen=None)
    assert world.priority in Priority.objects.in_use()


def test_what_was_merged_is_not_undone_by_itself(world, officer):
    other = Priority.objects.create(strategy=world.strategy, ref="9", title="Ninth")
    keeping.retire(world.priority, because="Merged.", by=officer, at=at(2026, 5, 1), seen=None, replaced_by=other)
    with pytest.raises(ValidationError, match="moved or merged"):
        keeping.undo(world.priority, by=officer, at=at(2026, 5, 2), seen=None)
    with pytest.raises(ValidationError, match="can be taken back"):
        keeping.take_back(world.priority, by=officer, at=at(2026, 5, 2), seen=None)
