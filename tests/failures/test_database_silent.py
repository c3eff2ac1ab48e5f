"""A database machine that swallows what is sent to it and says nothing: nobody waits for long, and no thread for ever."""

import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from send_tracker.environment import WAITING, WAITING_FOR_A_REPLICA, read
from tests.failures.test_database_away import REST, reports, shown
from tests.replicas.cable import Cable
from tests.replicas.servers import PAGES, Web, wait_until

CONNECT_SECONDS, ACKNOWLEDGED_SECONDS = 2, 3  # in place of 5 and 20, so that the test need not wait for them
THREADS = 4  # of the web process
ADDRESS = "postgres://tracker@database.example/tracker"


def options(name: str, **environ: str) -> dict:
    return getattr(read(environ, base=Path("/opt/send-tracker")), name).get("OPTIONS", {})


def test_postgresql_is_waited_for_within_bounds_and_a_replica_more_briefly():
    both = {"DATABASE_URL": ADDRESS, "DATABASE_REPLICA_URL": ADDRESS}

    assert options("database", **both) == WAITING
    assert options("replica", **both) == WAITING_FOR_A_REPLICA
    assert all(WAITING_FOR_A_REPLICA[name] <= WAITING[name] for name in WAITING)


def test_the_address_of_the_database_says_otherwise_where_it_must():
    said = options("database", DATABASE_URL=f"{ADDRESS}?connect_timeout=30&sslmode=verify-full")

    assert said == WAITING | {"connect_timeout": 30, "sslmode": "verify-full"}


def test_sqlite_knows_no_such_bounds():
    assert options("database", DATABASE_URL="sqlite:////var/lib/send-tracker/db.sqlite3") == {}


# Real servers


def test_the_bounds_reach_the_connection_itself(installed):
    found = read({"DATABASE_URL": installed.server.url}, base=Path("/opt/send-tracker")).database
    where = {"host": found["HOST"], "port": found["PORT"], "user": found["USER"], "dbname": found["NAME"]}
    of_libpq = {name: value for name, value in found["OPTIONS"].items() if name != "statement_timeout"}
    opened = psycopg2.connect(**where, **of_libpq)
    with socket.socket(fileno=os.dup(opened.fileno())) as connection:
        of_tcp = [
            connection.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        ]
    opened.close()

    assert of_tcp == [WAITING[name] for name in ("tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count")]  # fmt: skip


@pytest.fixture
def cable(installed):
    if sys.platform != "linux":
        pytest.skip("Only Linux lets a socket drop what comes")
    made = Cable(installed.server.port)
    yield made
    made.close()


@pytest.fixture
def far_web(cable):
    bounds = f"connect_timeout={CONNECT_SECONDS}&tcp_user_timeout={ACKNOWLEDGED_SECONDS * 1000}"
    made = Web({"DATABASE_URL": f"postgres://{PAGES}@127.0.0.1:{cable.port}/postgres?{bounds}"}).start()
    yield made
    made.stop()


def test_twice_as_many_people_as_threads_are_answered_while_the_cable_is_cut_and_go_on_when_it_is_mended(
    installed, cable, far_web
):
    reporter, (worker,) = installed.at_work.reporters[0], far_web.workers
    address, before = far_web.address + reporter.update, reports(installed, reporter)
    # To find out that a connection is gone, to try for another, and as long again for those whose turn is after that.
    longest = 2 * (ACKNOWLEDGED_SECONDS + CONNECT_SECONDS) + CONNECT_SECONDS * 4
    visitors = [installed.visitor(reporter.session, patience=longest) for _ in range(2 * THREADS)]
    with ThreadPoolExecutor(len(visitors)) as threads:
        tokens = list(threads.map(lambda each: each.token(address), visitors))  # each thread has a connection
        fields = [
            {**REST, "status": "G", "narrative": f"Person {number} says this & <that>.", "seen_number": str(len(before)), "csrfmiddlewaretoken": token}
            for number, token in enumerate(tokens)
        ]  # fmt: skip
        cable.cut()
        answers = list(threads.map(lambda each, sent: each.press(address, sent), visitors, fields))
        cable.mend()

    assert [status for status, _, _ in answers] == [503] * len(visitors)
    assert [shown(page) for _, _, page in answers] == fields
    assert reports(installed, reporter) == before

    wait_until(far_web.is_up, what="the web process has found the database again, by itself")
    status, leads_to, _ = visitors[0].press(address, shown(answers[0][2]))
    assert (status, leads_to) == (302, reporter.page)
    assert reports(installed, reporter) == [*before, fields[0]["narrative"]]
    assert far_web.workers == [worker]
