"""A file that nobody confirmed is forgotten: at once when it is thrown away, after seven days when it is left lying."""

from datetime import timedelta

import pytest

from board.plan_import.bringing_in import receive as receive_plan
from board.round_trip.bringing_in import receive as receive_workbook
from board.round_trip.making import make_workbook
from board.round_trip.sending import send
from strategies.models import Area
from tests.world import at, build_world
from workstrands.models import PlanFile
from workstrands.plan_files import clear_waiting, throw_away

CAME = at(2026, 3, 2)
PLAN = b"Priority,Action,Lead\nTimely plans,Train every caseworker,Somebody Named\n"


@pytest.fixture
def world(db):
    return build_world()


def plan(area: Area, moment=CAME) -> PlanFile:
    return receive_plan(PLAN, file_name="plan.csv", area=area, by=None, at=moment)


def workbook(world, moment=CAME) -> PlanFile:
    lead = world.people["lead"]
    content = make_workbook(send(world.lead, area=world.area, by=lead, at=CAME))
    return receive_workbook(content, file_name="actions.xlsx", area=world.area, by=lead, at=moment, is_officer=False)


def is_forgotten(plan_file: PlanFile) -> bool:
    plan_file.refresh_from_db()
    is_empty = not (plan_file.content or plan_file.rehearsal)
    assert is_empty == (plan_file.state == PlanFile.State.ABANDONED)
    return is_empty


def test_thrown_away_a_file_keeps_its_name_and_nothing_that_it_said(world):
    waiting = plan(world.area)
    assert throw_away(waiting)
    assert is_forgotten(waiting)
    assert waiting.file_name == "plan.csv"
    assert waiting.mapping == {}
    assert not throw_away(waiting)


def test_a_workbook_that_was_thrown_away_still_says_whose_it_was(world):
    waiting = workbook(world)
    assert throw_away(waiting)
    assert is_forgotten(waiting)
    assert waiting.mapping["made_for_name"] == str(world.lead)


@pytest.mark.parametrize(("later", "is_cleared"), [(timedelta(days=7), False), (timedelta(days=7, seconds=1), True)])
def test_left_lying_for_seven_days_both_kinds_go_when_the_next_plan_arrives(world, later, is_cleared):
    waiting = [plan(world.area), workbook(world)]
    plan(world.area, CAME + later)
    assert [is_forgotten(each) for each in waiting] == [is_cleared, is_cleared]


def test_left_lying_for_seven_days_a_plan_goes_when_the_next_workbook_arrives(world):
    waiting = plan(world.area)
    newest = workbook(world, CAME + timedelta(days=8))
    assert is_forgotten(waiting)
    assert not is_forgotten(newest)


def test_another_areas_files_are_left_alone(world):
    others = plan(world.other_area)
    plan(world.area, CAME + timedelta(days=30))
    assert not is_forgotten(others)


def test_what_was_brought_in_is_kept_with_its_file(world):
    done = plan(world.area)
    PlanFile.objects.filter(pk=done.pk).update(state=PlanFile.State.CONFIRMED, confirmed_at=CAME)
    assert not throw_away(done)
    assert clear_waiting(world.area, at=CAME + timedelta(days=400)) == 0
    done.refresh_from_db()
    assert bytes(done.content) == PLAN
    assert done.mapping
