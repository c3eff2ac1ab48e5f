"""The web process is killed (-9) while it answers: the press leaves nothing half-done, and pressed again it is done once.

A table that the press writes is locked, so that the request stands still in the middle of its writes; then the process
that answers is killed, and gunicorn starts another. Locked in the second place is the number of the data, which moves
right after the commit: there it is done, and the person was not told.
"""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException

import psycopg2
import pytest
from django.apps import apps

from tests.failures.installed import Installed
from tests.failures.test_database_away import shown
from tests.replicas.servers import PAGES, Postgres, Visitor, wait_until

AFTER_THE_COMMIT = "strategies_dataversion"
NO_ROWS_OF_THE_BOARD = {AFTER_THE_COMMIT, "people_auditentry", "board_searchentry"}
OURS = ("strategies_", "people_", "priorities_", "kpis_", "workstrands_", "board_")


@contextmanager
def locked(server: Postgres, table: str):
    """Whoever writes to it waits; whoever reads it does not."""
    holder = psycopg2.connect(server.url_of("postgres"))
    holder.cursor().execute(f"LOCK TABLE {table} IN SHARE MODE")
    try:
        yield
    finally:
        holder.close()


def waiting(server: Postgres) -> str:
    """The process of the server that has come to the lock, if any."""
    return server.sql(f"SELECT pid FROM pg_stat_activity WHERE usename = '{PAGES}' AND wait_event_type = 'Lock'")


def has_written(server: Postgres, process: str, table: str) -> bool:
    """In the transaction that is open still."""
    of_it = f"pid = {process} AND granted AND mode = 'RowExclusiveLock' AND relation = '{table}'::regclass"
    return server.sql(f"SELECT count(*) FROM pg_locks WHERE {of_it}") == "1"


def rows(server: Postgres) -> dict[str, int]:
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
    asked = [each for each in tables if each.startswith(OURS) and each not in NO_ROWS_OF_THE_BOARD]
    counts = " UNION ALL ".join(f"SELECT '{each}', count(*) FROM {each}" for each in asked)
    return {name: int(count) for name, count in (line.split("|") for line in server.sql(counts).splitlines())}


def kill_while(installed: Installed, press: Callable, *, at: str, written: str = "") -> None:
    """Presses, and kills who answers once the press has come to the table `at`."""
    server, web = installed.server, installed.web
    (worker,) = web.workers
    with ThreadPoolExecutor(1) as thread, locked(server, at):
        going = thread.submit(press)
        process = wait_until(lambda: waiting(server), what="the request has come to the lock")
        assert not written or has_written(server, process, written)
        os.kill(worker, signal.SIGKILL)
        assert isinstance(going.exception(), OSError | HTTPException)  # broken off
    gone = f"SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = {process}"
    wait_until(lambda: server.sql(gone) == "t", what="the database has noticed that nobody waits for its answer")
    wait_until(lambda: web.is_up() and worker not in web.workers, what="gunicorn has started another process")


def added(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {table: after[table] - before[table] for table in after if after[table] != before[table]}


@pytest.fixture
def officer(installed) -> Visitor:
    return installed.visitor(installed.at_work.officer)


def test_an_import_s_confirmation_that_is_killed_is_done_once_when_it_is_pressed_again(installed, officer):
    server, address = installed.server, installed.web.address + installed.at_work.plan
    fields = {**shown(officer.get(address)[1]), "deed": "confirm"}
    before = rows(server)

    def press():
        return officer.press(address, fields)

    kill_while(installed, press, at="workstrands_placement", written="workstrands_action")
    assert rows(server) == before

    kill_while(installed, press, at=AFTER_THE_COMMIT)
    once = rows(server)
    assert added(before, once)["workstrands_action"] == added(before, once)["workstrands_placement"] == 1

    assert press()[0] == 302
    assert rows(server) == once
    assert "Train every caseworker" in officer.get(installed.web.address + installed.at_work.actions)[1]


def test_papers_whose_freezing_is_killed_are_frozen_once_when_it_is_pressed_again(installed, officer):
    server, address = installed.server, installed.web.address + installed.at_work.papers
    chosen = {"subject": "send-strategy/", "kind": "exceptions", "as_at_0": "18", "as_at_1": "3", "as_at_2": "2026"}
    fields = {**shown(officer.get(address)[1]), **chosen}
    before = rows(server)

    def press():
        return officer.press(address, fields)

    kill_while(installed, press, at="board_packfile", written="board_pack")
    assert rows(server) == before

    kill_while(installed, press, at=AFTER_THE_COMMIT)
    once = rows(server)
    assert added(before, once).keys() == {"board_pack", "board_packfile"}
    assert added(before, once)["board_pack"] == 1

    status, _, page = press()
    assert status == 409
    assert "papers" in page
    assert rows(server) == once
