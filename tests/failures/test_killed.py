"""A process that is killed in the middle of a write leaves nothing half-done, and the same work then succeeds once.

Plans that come in are killed in tests/board/plan_import/test_killed.py, letters in test_letters_killed.py, a backup and a
restore in tests/board/safekeeping, the web process in test_web_killed.py.
"""

import signal
from datetime import date

import pytest
from django.apps import apps

from kpis.dfe.arriving import Origin, choose, receive
from kpis.dfe.bringing_in import rehearse_import
from kpis.dfe.series import Series
from strategies.models import Meeting
from tests.failures.killed import Loaded
from tests.kpis.dfe_files import ALL, ENGLAND, NORTHVALE, a_file, a_row, the_places
from tests.other_processes import as_others_see
from tests.world import at, build_world

TABLES = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
ADDED = {
    "figures": {"kpis_measurement": 2, "kpis_columnmapping": 1, "kpis_release": 1},
    "papers": {"board_pack": 1, "board_packfile": 2},
}


@pytest.fixture
def shared(transactional_db, tmp_path):
    world = build_world()
    Meeting.objects.create(area=world.area, held_on=date(2026, 8, 5), papers_due_on=date(2026, 7, 29))
    figures_that_wait(world)
    return as_others_see(tmp_path)


def figures_that_wait(world) -> None:
    """Of two places, rehearsed."""
    the_places()
    rows, origin = [a_row(NORTHVALE, "61.2"), a_row(ENGLAND, "46.4")], Origin("Plans", "2025", date(2025, 6, 26))
    waiting = receive(
        lambda: [a_file(rows)], file_name="plans.csv", origin=origin, area=world.area, by=None, at=at(2026, 1, 1)
    )
    choose(waiting, [Series(world.kpi.indicator_id, "rate", {"breakdown": ALL})])
    rehearse_import(waiting)


@pytest.mark.parametrize("name", ADDED)
def test_what_was_killed_left_nothing_and_then_is_done_once(shared, name):
    url, ask = shared

    def rows() -> dict[str, int]:
        return {table: ask(f'SELECT count(*) FROM "{table}"')[0][0] for table in TABLES}

    before = rows()
    with Loaded(url) as loaded:
        for point in (f"{name}-written", "commit"):
            killed = loaded.do(name, point=point)
            assert killed.code == -signal.SIGKILL, killed.said
            assert rows() == before, point

        done = loaded.do(name)
        assert done.code == 0, done.said
        after = rows()
        assert {table: after[table] - before[table] for table in ADDED[name]} == ADDED[name]
        assert loaded.do(name).code == 1  # once more: it is refused
    assert rows() == after
