"""A database that goes away: people are told so plainly, keep what they typed, and go on when it is back."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Event

import psycopg2
import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client, RequestFactory

from send_tracker.database_away import NO_ANSWER, answer, why_away
from send_tracker.environment import WAITING
from tests.failures.installed import Installed, Reporter
from tests.replicas.servers import PAGES, Postgres, wait_until

TYPED = "Two schools have joined; the rest follow.\r\nA <second> line of it."
REST = dict.fromkeys(["next_steps", "cause", "escalate_to", "ask", "impact"], "")
AWAY_SECONDS = 10
AFRESH = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"  # everybody's connections
)
# For a request that meets it: to connect, and for what was sent on a connection that is there to be acknowledged.
LONGEST_WAIT = WAITING["connect_timeout"] + WAITING["tcp_user_timeout"] / 1000


def shown(page: str) -> dict[str, str]:
    """The fields of the form on the page, as a browser would send them."""
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    pairs += re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    return {name: re.sub(r"\r?\n", "\r\n", unescape(text)) for name, text in pairs}


# The page alone


def away(path: str, fields: dict, **more) -> str:
    response = answer(RequestFactory().post(path, fields, **more), NO_ANSWER)
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
    response = answer(
        RequestFactory().get("/northvale/api/v1/actions", headers={"accept": "application/json"}), NO_ANSWER
    )
    assert (response.status_code, response["Content-Type"]) == (503, "text/plain")


def test_a_fault_of_the_program_is_not_taken_for_a_database_that_is_away():
    assert why_away(OperationalError("connection refused")) == NO_ANSWER
    assert why_away(InterfaceError("connection already closed")) == NO_ANSWER
    assert not why_away(OperationalError("no such table: board_pack"))
    assert not why_away(ValueError("connection refused"))
    assert not why_away(None)


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


class AtTheirDesk:
    """A lead who reports, says something else each time, and sends again what comes back."""

    def __init__(self, installed: Installed, reporter: Reporter, name: str):
        self.visitor = installed.visitor(reporter.session, patience=LONGEST_WAIT)
        self.address, self.page, self.name = installed.web.address + reporter.update, reporter.page, name
        self.token = self.visitor.token(self.address)
        self.before = reports(installed, reporter)
        self.kept: list[str] = []
        self.sent_again: list[str] = []
        self.given_back = 0

    def report_until(self, evening: Event) -> None:
        while not evening.is_set():
            self.report(f"{self.name} has said {len(self.kept)} things before.\r\nA <second> line & the end.")
            time.sleep(0.1)

    def fields(self, words: str) -> dict[str, str]:
        seen = str(len(self.before + self.kept))
        return {**REST, "status": "G", "narrative": words, "seen_number": seen, "csrfmiddlewaretoken": self.token}

    def report(self, words: str) -> None:
        fields = self.fields(words)
        page = self.send(fields)
        if page:
            self.sent_again.append(words)
        while page:
            assert shown(page) == fields
            self.given_back += 1
            time.sleep(0.5)
            page = self.send(shown(page))
        self.kept.append(words)

    def send(self, fields: dict) -> str:
        """The page that gives it back; none where it is kept."""
        status, leads_to, page = self.visitor.press(self.address, fields)
        if status == 302:
            assert leads_to == self.page
            return ""
        assert status == 503, (status, page[:500])
        assert "nothing that you typed is lost" in page
        return page


def reports(installed: Installed, reporter: Reporter) -> list[str]:
    """As they stand in the database, in the order of their numbers."""
    of_one = f"FROM workstrands_progressupdate WHERE action_id = {reporter.action}"
    said = installed.server.sql(f"SELECT json_agg(narrative ORDER BY number) {of_one}")
    return json.loads(said or "null") or []


def test_five_people_report_while_the_database_is_stopped_for_ten_seconds(installed):
    server, web = installed.server, installed.web
    reporters = installed.at_work.reporters
    people = [AtTheirDesk(installed, each, f"Lead {number}") for number, each in enumerate(reporters, 1)]
    workers, evening, days = web.workers, Event(), []

    def wait_for_three_more_of_each() -> None:
        before = [len(each.kept) for each in people]

        def are_there() -> bool:
            """Or one of them met what they should not: `result` says what."""
            grown = [len(each.kept) >= count + 3 for each, count in zip(people, before, strict=True)]
            return all(grown) or any(day.done() for day in days)

        wait_until(are_there, what="each has reported three times more")

    with ThreadPoolExecutor(len(people)) as threads:
        try:
            days += [threads.submit(each.report_until, evening) for each in people]
            wait_for_three_more_of_each()
            server.stop()
            assert not web.is_up()
            time.sleep(AWAY_SECONDS)
            assert installed.visitor(installed.at_work.officer).get(web.address)[0] == 503
            server.start()
            wait_for_three_more_of_each()
        finally:
            if not server.is_up():
                server.start()
            evening.set()
        for day in days:
            day.result()

    for person, reporter in zip(people, reporters, strict=True):
        kept = [words.replace("\r\n", "\n") for words in person.kept]
        assert reports(installed, reporter) == person.before + kept, person.name
        assert person.given_back >= 3, person.name  # over and over in ten seconds, with the same words
        assert len(person.sent_again) >= 1, person.name
    assert web.workers == workers
    assert web.is_up()


@pytest.fixture
def person(installed) -> AtTheirDesk:
    return AtTheirDesk(installed, installed.at_work.reporters[0], "Lead 1")


def is_kept_once(installed: Installed, person: AtTheirDesk, fields: dict) -> bool:
    wait_until(installed.web.is_up, what="the database is to be had again")
    assert [person.send(fields) for _ in range(2)] == ["", ""]  # pressed twice
    return reports(installed, installed.at_work.reporters[0]) == [*person.before, fields["narrative"]]


def test_when_all_connections_are_taken_people_are_told_and_it_goes_on_when_some_are_free(installed, person):
    fields = person.fields("All is well so far.")
    others = crowd(installed.server)

    assert shown(person.send(fields)) == fields

    for other in others:
        other.close()
    assert is_kept_once(installed, person, fields)


def test_when_the_database_takes_no_writes_for_now_what_was_typed_comes_back(installed, person):
    """A server that follows another does so, until it takes over."""
    server, fields = installed.server, person.fields("Two schools have joined.")
    server.sql(f"ALTER ROLE {PAGES} SET default_transaction_read_only = on", AFRESH)

    page = person.send(fields)
    assert shown(page) == fields
    assert "The database takes no changes at the moment." in page

    server.sql(f"ALTER ROLE {PAGES} RESET default_transaction_read_only", AFRESH)
    assert is_kept_once(installed, person, fields)


def crowd(server: Postgres) -> list:
    """Everybody else's connections, once those of the web process are gone: all that the server gives."""
    url = server.url_of("postgres")
    taken = [psycopg2.connect(url)]
    try:
        taken[0].autocommit = True
        taken[0].cursor().execute(AFRESH)
        while True:
            taken.append(psycopg2.connect(url))
    except psycopg2.OperationalError:
        return taken
