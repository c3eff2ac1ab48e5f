"""A database that goes away: people are told so plainly, keep what they typed, and go on when it is back."""

import os
import re
import tempfile
import time
from html import unescape
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client, RequestFactory

from send_tracker.database_away import answer, is_away
from tests.replicas.servers import TOKEN, Postgres, Visitor, Web, managed, wait_until
from tests.replicas.test_streaming import PASSWORD, WORLD

TYPED = "Two schools have joined; the rest follow.\r\nA <second> line of it."
REST = dict.fromkeys(["next_steps", "cause", "escalate_to", "ask", "impact"], "")

TABLES = """
from django.conf import settings
from django.core.management import call_command
from django.apps import apps
settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
call_command("migrate", run_syncdb=True, verbosity=0)
"""  # without the steps by which they came to be


def shown(page: str) -> dict[str, str]:
    """The fields of the form on the page, as a browser would send them."""
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    pairs += re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    return {name: re.sub(r"\r?\n", "\r\n", unescape(text)) for name, text in pairs}


# The page alone


def away(path: str, fields: dict, **more) -> str:
    response = answer(RequestFactory().post(path, fields, **more))
    assert response.status_code == 503
    assert response["Retry-After"]
    return response.text


def test_the_page_holds_what_was_typed_and_the_token_that_came_with_it():
    sent = {"narrative": TYPED, "status": "G", "seen_number": "3", "csrfmiddlewaretoken": "as-it-came"}

    assert shown(away("/northvale/actions/a-1/update/", sent)) == sent


def test_no_password_and_no_code_comes_back():
    for path, fields in [
        ("/accounts/login/", {"login": "lead@example.test", "password": "a quiet river"}),
        ("/accounts/second-step/code/", {"code": "123 456"}),
        ("/northvale/people/", {"note": "A note of mine.", "new_password1": "a quiet river"}),
    ]:
        page = away(path, fields)
        assert not any(text in page for text in fields.values()), path
        assert "go back in your browser" in page


def test_a_program_is_answered_in_plain_text():
    response = answer(RequestFactory().get("/northvale/api/v1/actions", headers={"accept": "application/json"}))
    assert (response.status_code, response["Content-Type"]) == (503, "text/plain")


def test_a_fault_of_the_program_is_not_taken_for_a_database_that_is_away():
    assert is_away(OperationalError("connection refused"))
    assert is_away(InterfaceError("connection already closed"))
    assert not is_away(OperationalError("no such table: board_pack"))
    assert not is_away(ValueError("connection refused"))


def test_a_page_that_meets_a_lost_database_says_so(client, monkeypatch, db):
    def lost(*args, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", lost)
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "of-some-session"
    response = browser.get("/")
    assert response.status_code == 503
    assert "not available at the moment" in response.text


# Real servers


@pytest.fixture(scope="module")
def folder():
    """Of nobody's but the server's, which runs as a user of its own; pytest's folders are closed to that."""
    with tempfile.TemporaryDirectory(prefix="send-tracker-failures-") as name:
        os.chmod(name, 0o777)
        yield Path(name)


@pytest.fixture(scope="module")
def installed(folder, django_db_setup):
    """A database, a web process, somebody signed in, and the address of a report of theirs."""
    if connection.vendor != "postgresql":
        pytest.skip("Stops a PostgreSQL server: this runs with scripts/with_postgres.py")
    server = Postgres(folder / "data").make()
    environ = {"DATABASE_URL": server.url}
    said = managed(environ, "shell", "--verbosity", "0", script=TABLES + WORLD)
    *_, update, email = next(line for line in said.splitlines() if line.startswith("ADDRESS")).split()
    web = Web(environ).start()
    visitor = Visitor()
    visitor.sign_in(web, email, PASSWORD)
    yield server, web, visitor, web.address + update
    web.stop()
    if server.is_up():
        server.stop()


def send(visitor: Visitor, address: str, fields: dict) -> tuple[int, str]:
    return visitor._open(Request(address, urlencode(fields).encode()))


def reports(server: Postgres) -> int:
    return int(server.sql("SELECT count(*) FROM workstrands_progressupdate"))


def test_who_reports_while_the_database_is_stopped_sends_the_same_page_again_when_it_is_back(installed):
    server, web, visitor, address = installed
    before = reports(server)
    token = TOKEN.search(visitor.get(address)[1])[1]
    fields = {**REST, "status": "G", "narrative": TYPED, "seen_number": str(before), "csrfmiddlewaretoken": token}
    server.stop()

    for _ in range(3):
        status, page = send(visitor, address, fields)
        assert status == 503
        assert "nothing that you typed is lost" in page
        assert shown(page) == fields
    assert visitor.get(web.address)[0] == 503
    assert not web.is_up()
    time.sleep(2)
    assert send(visitor, address, shown(page))[0] == 503

    server.start()
    wait_until(web.is_up, what="the web process has found the database again, by itself")
    for _ in range(2):  # pressed twice
        status, page = send(visitor, address, fields)
        assert status == 200
        assert "A &lt;second&gt; line of it." in page
    assert reports(server) == before + 1


def test_when_all_connections_are_taken_people_are_told_and_it_goes_on_when_some_are_free(installed):
    server, web, visitor, address = installed
    before = reports(server)
    token = TOKEN.search(visitor.get(address)[1])[1]
    fields = {**REST, "status": "G", "narrative": "All is well so far.", "seen_number": str(before), "csrfmiddlewaretoken": token}  # fmt: skip
    others = crowd(server)

    status, page = send(visitor, address, fields)
    assert status == 503
    assert shown(page) == fields
    for other in others:
        other.close()

    wait_until(web.is_up, what="a connection is to be had again")
    assert send(visitor, address, fields)[0] == 200
    assert reports(server) == before + 1


def crowd(server: Postgres) -> list:
    """Everybody else's connections, once those of the web process are gone: all that the server gives."""
    import psycopg2

    taken = [psycopg2.connect(server.url)]
    try:
        taken[0].autocommit = True
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        taken[0].cursor().execute(others)
        while True:
            taken.append(psycopg2.connect(server.url))
    except psycopg2.OperationalError:
        return taken
