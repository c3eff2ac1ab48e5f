"""Asking for a new password takes as long for an address that nobody has: the same is done before the answer."""

import re
import threading

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people import posting
from tests.world import build_world


@pytest.fixture
def officer(db):
    return build_world().people["officer"]


@pytest.fixture
def handed_over(settings, monkeypatch):
    """What was left for after the answer, instead of being given to a thread."""
    works = []
    monkeypatch.setattr("people.forgotten_password.after_the_answer", works.append)
    return works


def ask(client, email: str):
    """The answer, and what the database was asked for it; PostgreSQL's cursors have names that tell nothing."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(reverse("account_reset_password"), {"email": email})
    questions = [query["sql"].replace(email, "…") for query in asked.captured_queries]
    return answer, [re.sub(r'"_django_curs_\w+"', "cursor", question) for question in questions]


def test_before_the_answer_the_same_is_done_for_both(client, officer, handed_over, mailoutbox):
    known, of_known = ask(client, officer.email)
    unknown, of_unknown = ask(client, "nobody@example.test")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert of_known == of_unknown
    assert len(handed_over) == 2
    assert not mailoutbox


def test_after_the_answer_no_database_is_asked_and_one_of_both_gets_a_letter(
    client, officer, handed_over, mailoutbox, django_assert_num_queries
):
    ask(client, officer.email)
    ask(client, "nobody@example.test")
    with django_assert_num_queries(0):
        for work in handed_over:
            work()

    assert [letter.to for letter in mailoutbox] == [[officer.email]]
    assert "choose a new password" in mailoutbox[0].subject
    assert "It works once and for 3 days." in mailoutbox[0].body
    assert "/accounts/password/reset/key/" in mailoutbox[0].body


# The thread


@pytest.fixture
def by_thread(settings):
    settings.LETTERS_LEAVE_BY_THREAD = True


@pytest.mark.usefixtures("by_thread")
def test_a_letter_leaves_by_a_thread_while_the_answer_is_given_already(client, officer, monkeypatch):
    answered, left = threading.Event(), threading.Event()

    def send(self, **kwargs):
        assert answered.wait(20)  # a mail server that takes its time
        mail.outbox.append(self)
        left.set()

    monkeypatch.setattr("django.core.mail.EmailMessage.send", send)
    answer = client.post(reverse("account_reset_password"), {"email": officer.email})
    assert answer.status_code == 302
    assert not mail.outbox

    answered.set()
    assert left.wait(20)
    assert [letter.to for letter in mail.outbox] == [[officer.email]]


@pytest.mark.usefixtures("by_thread")
def test_what_fails_in_the_thread_is_in_the_log_and_makes_room(monkeypatch, caplog):
    monkeypatch.setattr(posting, "_room", threading.BoundedSemaphore(1))
    done = threading.Event()

    def fail():
        raise ConnectionRefusedError("to lead@example.test")

    for _ in range(3):
        posting.after_the_answer(fail)
        assert posting._room.acquire(timeout=20)
        posting._room.release()
    posting.after_the_answer(done.set)
    assert done.wait(20)
    assert caplog.text.count("A letter did not leave: ConnectionRefusedError") == 3
    assert "lead@example.test" not in caplog.text


@pytest.mark.usefixtures("by_thread")
def test_where_too_many_wait_one_more_is_told_and_nobody_is_held_up(monkeypatch, caplog):
    monkeypatch.setattr(posting, "_room", threading.BoundedSemaphore(1))
    posting._room.acquire()
    posting.after_the_answer(lambda: pytest.fail("There was no room for it."))
    assert "A letter was not sent: " in caplog.text


def test_a_production_leaves_letters_to_a_thread_and_development_does_not(settings):
    assert settings.LETTERS_LEAVE_BY_THREAD is settings.IS_PRODUCTION is False
