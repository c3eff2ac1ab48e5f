"""A database that stands still: it takes what it is sent, and never answers. Nobody waits for ever, and no thread is lost."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import inf
from pathlib import Path

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from psycopg2 import extensions

from send_tracker.environment import WAITING, WAITING_FOR_A_REPLICA, read
from send_tracker.health import LONGEST_SECONDS
from send_tracker.postgresql import base, waiting
from tests.failures.test_database_away import REST, is_kept_once, reports, shown
from tests.replicas.servers import PAGES, Web, managed, wait_until

CONNECT_SECONDS, STATEMENT_SECONDS = 2, 3  # in place of 5 and 60, so that the test need not wait for them
THREADS = 4  # of the web process
A_LITTLE = 4  # seconds for a machine that has much else to do
ADDRESS = "postgres://tracker@database.example/tracker"
IS_BOUNDED = "from send_tracker.postgresql import waiting\nprint('BOUNDED', waiting.is_on())\n"


# What is said of it


def test_a_statement_of_a_page_has_an_end_and_one_that_a_replica_is_asked_a_nearer_one():
    assert 0 < WAITING_FOR_A_REPLICA["statement_timeout"] < WAITING["statement_timeout"]


@pytest.mark.parametrize("bound", ["a-minute", "-1", "1.5", "true", ""])
def test_a_bound_that_is_no_number_is_told_at_the_start(bound):
    address = f"{ADDRESS}?connect_timeout={bound or 'none'}&statement_timeout={bound or 5}"

    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is not understood"):
        read({"DATABASE_URL": address}, base=Path("/opt/send-tracker"))


# One connection


@pytest.fixture
def bounded(db, monkeypatch):
    """What a page has: a connection of its own, and the driver's waiting with an eye on the clock."""
    if connection.vendor != "postgresql":
        pytest.skip("Asks PostgreSQL: this runs with scripts/with_postgres.py")
    before = extensions.get_wait_callback()
    waiting.begin()
    monkeypatch.setattr(base, "GRACE_SECONDS", 0.5)
    made = connection.copy()
    made.settings_dict["OPTIONS"]["statement_timeout"] = 500
    yield made
    made.close()
    extensions.set_wait_callback(before)


def sleep(using, seconds: float) -> None:
    with using.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def no_end_at_the_server(using) -> None:
    """As if it could not keep to its own."""
    with using.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")


@contextmanager
def takes(at_least: float, at_most: float):
    begun = time.monotonic()
    yield
    assert at_least <= time.monotonic() - begun <= at_most + A_LITTLE


def test_the_server_gives_a_long_statement_up_and_the_connection_goes_on(bounded):
    with takes(0.5, 1), pytest.raises(OperationalError, match="statement timeout"):
        sleep(bounded, 30)

    sleep(bounded, 0)


def test_where_the_server_does_not_the_connection_is_closed_and_another_is_made(bounded):
    no_end_at_the_server(bounded)
    lost = bounded.connection
    with takes(1, 1), pytest.raises(OperationalError, match=r"did not answer within 1\.0 seconds"):
        sleep(bounded, 30)

    assert lost.closed
    bounded.close_if_unusable_or_obsolete()
    sleep(bounded, 0)
    assert bounded.connection is not lost


def test_a_statement_in_a_transaction_takes_the_transaction_along(bounded):
    no_end_at_the_server(bounded)
    with pytest.raises(OperationalError, match="did not answer"):
        half_of_it(bounded)

    assert "half_of_it" not in bounded.introspection.table_names()


def half_of_it(using) -> None:
    with transaction_of(using), using.cursor() as cursor:
        cursor.execute("CREATE TABLE half_of_it (number integer)")
        sleep(using, 30)


def test_a_commit_has_an_end_too(bounded):
    no_end_at_the_server(bounded)
    with bounded.cursor() as cursor:
        cursor.execute(SLOW_TO_COMMIT)
    with takes(1, 1), pytest.raises(OperationalError, match="did not answer"), transaction_of(bounded):
        bounded.cursor().execute("INSERT INTO slow VALUES (1)")


SLOW_TO_COMMIT = """
CREATE FUNCTION pg_temp.linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(30); RETURN NULL; END';
CREATE TEMPORARY TABLE slow (number integer);
CREATE CONSTRAINT TRIGGER lingers AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION pg_temp.linger();
"""


@contextmanager
def transaction_of(using):
    using.set_autocommit(False)
    try:
        yield
        using.commit()
    finally:
        using.close()


def test_what_has_less_time_than_its_statement_gets_that(bounded):
    bounded.settings_dict["OPTIONS"]["statement_timeout"] = 20_000
    no_end_at_the_server(bounded)
    with takes(0.2, 0.3), pytest.raises(OperationalError), waiting.within(0.2), waiting.within(30):
        sleep(bounded, 30)


def test_whether_a_connection_can_be_used_again_is_asked_no_longer_than_it_takes_to_connect(bounded, monkeypatch):
    seen = []
    monkeypatch.setattr(base.base.DatabaseWrapper, "is_usable", lambda wrapper: seen.append(waiting._until.get()))
    bounded.is_usable()

    assert seen[0] <= time.monotonic() + WAITING["connect_timeout"]
    assert waiting._until.get() == inf


def test_a_monitor_hears_soon_that_the_database_does_not_answer(client, monkeypatch):
    had = []

    class Frozen:
        def cursor(self):
            had.append(waiting._until.get() - time.monotonic())
            raise OperationalError("did not answer")

    monkeypatch.setattr("send_tracker.health.connection", Frozen())
    response = client.get("/healthz")

    assert (response.status_code, response.text) == (503, "The database does not answer.\n")
    assert had[0] <= LONGEST_SECONDS


def test_nought_is_no_bound(bounded):
    bounded.settings_dict["OPTIONS"]["statement_timeout"] = 0
    sleep(bounded, 1.5)


def test_rows_that_come_piece_by_piece_and_large_ones_come_as_ever(bounded):
    """Read through a cursor of the server, which the driver's other way of waiting must manage, too."""
    bounded.ensure_connection()
    with transaction_of(bounded), bounded.chunked_cursor() as cursor:
        cursor.execute("SELECT number, repeat('x', 20000) FROM generate_series(1, 1000) AS number")
        rows = [row for _ in range(10) for row in cursor.fetchmany(100)]

    assert [number for number, _ in rows] == list(range(1, 1001))
    assert {len(text) for _, text in rows} == {20_000}


# Real servers


def test_web_processes_alone_are_bounded(installed):
    environ = {"DATABASE_URL": installed.server.url}

    assert "BOUNDED False" in managed(environ, "shell", "--no-imports", script=IS_BOUNDED)
    assert "BOUNDED True" in managed(environ, "shell", "--no-imports", script=f"import send_tracker.wsgi\n{IS_BOUNDED}")


@pytest.fixture
def web(installed):
    bounds = f"connect_timeout={CONNECT_SECONDS}&statement_timeout={STATEMENT_SECONDS * 1000}"
    made = Web({"DATABASE_URL": f"{installed.server.url}?{bounds}"}).start()
    yield made
    made.stop()


class Desk:
    """Somebody who has a report written and presses the button."""

    def __init__(self, installed, web, number: int, patience: float):
        self.reporter = installed.at_work.reporters[0]
        self.address, self.page = web.address + self.reporter.update, self.reporter.page
        self.visitor = installed.visitor(self.reporter.session, patience=patience)
        self.before = reports(installed, self.reporter)
        seen = str(len(self.before))
        self.fields = {
            **REST, "status": "G", "narrative": f"Person {number}, after {seen} reports, says this & <that>.",
            "seen_number": seen, "csrfmiddlewaretoken": self.visitor.token(self.address),
        }  # fmt: skip

    def press(self) -> tuple[int, str, str]:
        return self.visitor.press(self.address, self.fields)

    def send(self, fields: dict) -> str:
        status, leads_to, page = self.visitor.press(self.address, fields)
        assert (status, leads_to) == (302, self.page), page[:500]
        return ""


@contextmanager
def reports_locked(server):
    """Whoever would save a report waits at the server for as long."""
    holder = psycopg2.connect(server.url_of("postgres"))
    try:
        holder.cursor().execute("LOCK TABLE workstrands_progressupdate IN EXCLUSIVE MODE")
        yield
    finally:
        holder.close()


def wait_until_they_wait(server, count: int) -> None:
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{PAGES}' AND wait_event_type = 'Lock'"
    wait_until(lambda: int(server.sql(asked)) >= count, what=f"{count} are waiting in the middle of their statement")


def test_twice_as_many_people_as_threads_are_answered_while_it_stands_still_and_go_on_when_it_moves(installed, web):
    (worker,) = web.workers
    # To find out that a connection is of no use and to try for another, and as long again for those whose turn is after that.
    longest = 2 * 2 * CONNECT_SECONDS + A_LITTLE * 2
    desks = [Desk(installed, web, number, patience=longest) for number in range(2 * THREADS)]
    with ThreadPoolExecutor(len(desks)) as threads, installed.server.frozen():
        answers = list(threads.map(Desk.press, desks))

    assert [status for status, _, _ in answers] == [503] * len(desks)
    assert [shown(page) for _, _, page in answers] == [desk.fields for desk in desks]
    assert all("The database did not answer." in page for _, _, page in answers)
    wait_until(web.is_up, what="the web process has found the database again, by itself")
    assert is_kept_once(installed, desks[0], desks[0].fields)
    assert web.workers == [worker]


def test_it_stops_in_the_middle_of_statements_and_who_comes_meanwhile_is_answered(installed, web):
    (worker,) = web.workers
    longest = STATEMENT_SECONDS + base.GRACE_SECONDS
    desks = [Desk(installed, web, number, patience=longest + A_LITTLE) for number in range(THREADS - 1)]
    with ThreadPoolExecutor(len(desks)) as threads, reports_locked(installed.server):
        pressed = [threads.submit(desk.press) for desk in desks]
        wait_until_they_wait(installed.server, len(desks))
        with installed.server.frozen(), takes(STATEMENT_SECONDS, longest):
            with takes(0, LONGEST_SECONDS):
                status, _ = installed.visitor("").get(f"{web.address}/healthz")
            assert status == 503
            assert not any(each.done() for each in pressed)
            answers = [each.result() for each in pressed]
        wait_until(web.is_up, what="the web process has found the database again, by itself")

    assert [status for status, _, _ in answers] == [503] * len(desks)
    assert [shown(page) for _, _, page in answers] == [desk.fields for desk in desks]
    assert is_kept_once(installed, desks[0], desks[0].fields)
    assert web.workers == [worker]


def test_a_report_that_waits_too_long_for_its_turn_comes_back_as_it_was_typed(installed, web):
    """The server moves, and gives the statement up by itself."""
    desk = Desk(installed, web, 1, patience=STATEMENT_SECONDS + A_LITTLE)
    with reports_locked(installed.server), takes(STATEMENT_SECONDS, STATEMENT_SECONDS + 1):
        status, _, page = desk.press()

    assert (status, shown(page)) == (503, desk.fields)
    assert "The database took too long to answer." in page
    assert is_kept_once(installed, desk, desk.fields)
