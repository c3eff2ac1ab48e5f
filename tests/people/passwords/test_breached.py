"""A password that is known from a breach, as a real HTTP server on this machine has it."""

import time
from contextlib import closing
from socket import socket

import pytest

from people.passwords import breached
from people.passwords.breached import is_breached
from tests.people.passwords.service import digest_of, seen, serving

PASSWORD = "quiet river chair"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def service(settings):
    with serving() as service:
        settings.BREACHED_PASSWORDS_URL = service.address
        yield service


def let_through_because(caplog, why: str) -> bool:
    """Whether it was taken, with one line in the log that says why and holds nothing of the password."""
    taken = not is_breached(PASSWORD)
    (line,) = [record.getMessage() for record in caplog.records if record.name == breached.__name__]
    assert "was not held against breached ones" in line
    assert why in line
    for part in (PASSWORD, digest_of(PASSWORD)[:5], "127.0.0.1"):
        assert part not in line
    return taken


@pytest.mark.parametrize("times", [1, 52_256_179])
def test_one_that_was_seen_is_found(service, times, caplog):
    service.body = seen(PASSWORD, times)

    assert is_breached(PASSWORD)
    assert not caplog.records


def test_one_that_nobody_saw_is_not(service, caplog):
    service.body = seen("another quiet river", 7)

    assert not is_breached(PASSWORD)
    assert not caplog.records


def test_a_line_that_only_pads_is_no_finding(service):
    service.body = seen(PASSWORD, 0)

    assert not is_breached(PASSWORD)


def test_small_letters_and_plain_ends_of_lines_are_read_too(service):
    service.body = seen(PASSWORD, 3).lower().replace(b"\r\n", b"\n") + b"\n"

    assert is_breached(PASSWORD)


def test_five_characters_of_a_digest_leave_the_house_and_padding_is_asked_for(service):
    is_breached(PASSWORD)
    ((path, headers),) = service.heard

    assert path == f"/range/{digest_of(PASSWORD)[:5]}"
    assert headers["Add-Padding"] == "true"
    assert headers["User-Agent"] == "SEND tracker"
    assert "Cookie" not in headers


def test_an_address_without_a_last_slash_is_the_same(service, settings):
    settings.BREACHED_PASSWORDS_URL = service.address.rstrip("/")
    service.body = seen(PASSWORD, 1)

    assert is_breached(PASSWORD)


def test_nobody_is_asked_where_none_is_set(service, settings):
    settings.BREACHED_PASSWORDS_URL = ""

    assert not is_breached(PASSWORD)
    assert service.heard == []


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_a_refusal_lets_it_through(service, caplog, status):
    service.status, service.body = status, seen(PASSWORD, 9)

    assert let_through_because(caplog, f"answered with the status {status}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_elsewhere(service, caplog, status):
    with serving() as elsewhere:
        elsewhere.body = seen(PASSWORD, 9)
        service.status, service.headers = status, {"Location": f"{elsewhere.address}{digest_of(PASSWORD)[:5]}"}

        assert let_through_because(caplog, f"answered with the status {status}")
        assert elsewhere.heard == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in to the guest network</html>",
        seen(PASSWORD, 9) + b"\r\nnonsense",
        b"\x00\xff" * 50,
        f"{digest_of(PASSWORD)[5:]}:many".encode(),
        digest_of(PASSWORD)[5:].encode(),
    ],
    ids=["nothing", "a page", "half", "bytes", "no count", "no colon"],
)
def test_an_answer_that_is_none_lets_it_through(service, caplog, body):
    service.body = body

    assert let_through_because(caplog, "something else than digests")


def test_an_answer_that_breaks_off_lets_it_through(service, caplog):
    service.body, service.headers = seen(PASSWORD, 9)[:200], {"Content-Length": "40000"}

    assert let_through_because(caplog, "broke off")


def test_an_answer_without_end_is_not_read(service, caplog, monkeypatch):
    monkeypatch.setattr(breached, "MOST_BYTES", 20_000)
    service.body = seen(PASSWORD, 9)

    assert let_through_because(caplog, "more than 20000 bytes")


@pytest.mark.parametrize("how", [{"before": 30}, {"drops": True}], ids=["says nothing", "in drops"])
def test_a_slow_one_is_not_waited_for(service, caplog, monkeypatch, how):
    monkeypatch.setattr(breached, "SECONDS", 0.3)
    service.body = seen(PASSWORD, 9)
    for name, value in how.items():
        setattr(service, name, value)
    began = time.monotonic()

    assert let_through_because(caplog, "")
    assert time.monotonic() - began < 1.5


def test_two_seconds_are_the_most():
    assert breached.SECONDS == 2


def test_one_that_is_down_lets_it_through(settings, caplog):
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # and listens to nobody
        settings.BREACHED_PASSWORDS_URL = f"http://127.0.0.1:{taken.getsockname()[1]}/range/"

        assert let_through_because(caplog, "was not reached (ConnectionRefusedError)")


def test_a_name_that_leads_nowhere_lets_it_through(settings, caplog):
    settings.BREACHED_PASSWORDS_URL = "https://nowhere.invalid/range/"

    assert not is_breached(PASSWORD)
    assert len(caplog.records) == 1
