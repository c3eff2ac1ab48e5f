"""Log lines: one JSON object a line in production, and nothing in them that tells who somebody is."""

import io
import json
import logging
import logging.config
import re
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import resolve

from common.discreet_logs import discreet, discreet_error, discreet_trace, without_secrets
from send_tracker.json_logs import JsonFormatter, logging_of
from tests.world import BACKEND, build_world

TOKEN = "Xk2vQ9mTz7rLw4cNb8pJd6sHf1gAe3iOo5UyRtEqWlK"
SESSION = "o5w8z3k1q7r2t9v4x6y0b1c2d3e4f5g6"

HOSTILE = [
    # (what was to be written, what must not be in the line)
    ("Letter to jane.doe@council.example could not be sent", ["jane", "council.example"]),
    ("Letter to 'Jane Doe' <jane+send@nhs.example>", ["jane+send", "nhs.example"]),
    ("GET /northvale/people/?q=Jane+Doe&born=2014-03-01 HTTP/1.1", ["Jane", "2014"]),
    ("Not Found: /search?q=Jane%20Doe", ["Jane"]),
    (f"GET /updates/{TOKEN}/", [TOKEN, TOKEN[:20]]),
    (f"GET /feeds/{TOKEN}.ics", [TOKEN]),
    (f"GET /join/{TOKEN}/", [TOKEN]),
    ("GET /accounts/password/reset/key/1z-c8x2qk-0123456789abcdef0123456789abcdef/", ["0123456789abcdef"]),
    (f"Cookie: __Host-sessionid={SESSION}", [SESSION]),
    (f"sessionid={SESSION}; csrftoken=abc", [SESSION, "=abc"]),
    ("Authorization: Bearer short.secret", ["short.secret"]),
    ("bearer abcdefgh.ijklmnop", ["abcdefgh"]),
    ("could not connect to postgres://app:hunter2@db.example/name", ["hunter2", "app:"]),
    ("smtp://me@mail.example:587/", ["me@"]),
    ("password=hunter2 was wrong", ["hunter2"]),
    ("{'password': 'hunter2', 'login': 'jane@doe.example'}", ["hunter2", "jane"]),
    ('{"secret_key": "hunter2"}', ["hunter2"]),
    ("Locked out 203.0.113.77 after ten tries", ["203.0.113.77"]),
    ("Locked out 203.0.113.77, then 203.0.113.78:4711.", ["203.0.113"]),
    ("Locked out 2001:db8::8a2e:370:7334 after ten tries", ["2001:db8", "7334"]),
    ("one\r\n{\"level\": \"ERROR\", \"message\": \"forged\"}", ["\n", "\r"]),
    ("colour \x1b[31mred\x1b[0m and \x00 and \u2028 and \x85", ["\x1b", "\x00", "\u2028", "\x85"]),
    ("a half \ud800 of a pair", ["\ud800"]),
    ("x" * 50_000, ["x" * 3000]),
    ("@" * 20_000, []),
    ("a@" * 20_000, ["a@a"]),
    ("?" + "/?" * 20_000, []),
    (":" * 20_000, []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "hidden"), HOSTILE)
def test_a_line_holds_no_person_no_secret_and_no_second_line(text, hidden):
    written = discreet(text)

    assert [each for each in hidden if each in written] == []
    assert len(written.splitlines()) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "GET board:action-add 302",
        "The file of evidence evidence/1.pdf is missing",
        "Not Found: /northvale/send-strategy-2025-to-2030/priorities/",
        "Not Found: /lambeth/our-shared-ambition-for-children-2022-to-2027/",
        "Backup made at 12:30:45 in 3.2 s, version 5.2.19",
        "Watching for file changes with StatReloader",
        "Board's papers: 4 of 7 formats",
    ],
)
def test_what_tells_nobody_anything_stays_as_it_was(text):
    assert discreet(text) == text


@pytest.mark.parametrize(
    "piece", ["a", "a1", "Aa-", "a.", "a@", "://", "://a:", "1.1.1.1 ", "/?", "password=", "a:a", "1"]
)
def test_a_long_line_costs_no_more_than_its_length(piece):
    """Whoever asks for a long address must not hold up the log: what took a third of a second took the square."""
    began = time.perf_counter()
    discreet(piece * 9000)

    assert time.perf_counter() - began < 0.15


def test_of_an_error_the_values_are_left_out_and_its_kind_and_place_stay():
    said = discreet_error(
        IntegrityError(
            'duplicate key value violates unique constraint "people_user_email_key"\n'
            "DETAIL:  Key (name, email)=(Jane Doe, jane@doe.example) already exists."
        )
    )

    assert said == 'IntegrityError: duplicate key value violates unique constraint "people_user_email_key"'
    assert (
        discreet_error(ValueError("invalid literal for int(): 'Jane Doe'"))
        == "ValueError: invalid literal for int(): …"
    )
    assert discreet_error(KeyError("Jane Doe")) == "KeyError: …"
    assert "Jane" not in discreet_error(ValidationError("“Jane Doe” is no lead."))
    assert discreet_error(AttributeError("'Plan' object has no attribute 'page'")).endswith("no attribute 'page'")


def test_of_an_error_the_trace_names_places_and_what_led_to_it():
    def inner():
        raise KeyError("Jane Doe")

    try:
        try:
            inner()
        except KeyError as cause:
            raise ValueError('the row of "Jane Doe"') from cause
    except ValueError as error:
        trace = discreet_trace(error)

    assert trace[0] == "KeyError: …"
    assert any(line.endswith(" inner") for line in trace)
    assert not [line for line in trace if "Jane" in line]


@pytest.fixture
def log():
    """The product's log as production writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root, ours = logging.getLogger(), logging.getLogger("send_tracker.observing")
    root.addHandler(handler)
    level = ours.level
    ours.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    ours.setLevel(level)


def lines(written: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_request_has_one_line_that_says_how_it_went_and_not_who_asked(client, db, log):
    world = build_world()
    client.force_login(world.people["officer"], backend=BACKEND)
    answer = client.get(world.address("board:people") + "?q=Jane+Doe", headers={"X-Request-ID": "0123456789abcdef"})
    line = next(line for line in lines(log) if line["logger"] == "send_tracker.observing")

    assert answer.status_code == 200
    assert {name: line[name] for name in ("level", "message", "request_id", "method", "route", "status")} == {
        "level": "INFO", "message": "GET board:people 200", "request_id": "0123456789abcdef",
        "method": "GET", "route": "board:people", "status": 200,
    }  # fmt: skip
    assert isinstance(line["milliseconds"], int)
    assert line["time"].endswith("+00:00")
    assert not [person.email for person in world.people.values() if person.email in log.getvalue()]
    assert not [person.name for person in world.people.values() if person.name and person.name in log.getvalue()]
    assert "Jane" not in log.getvalue()


def test_a_sign_in_that_is_refused_leaves_nobody_in_the_log(client, db, log):
    client.post("/accounts/login/", {"login": "jane.doe@council.example", "password": "hunter2hunter2"})

    assert "POST account_login 200" in log.getvalue()
    assert not [word for word in ("jane", "council.example", "hunter2", "127.0.0.1") if word in log.getvalue()]


def test_an_error_in_a_page_is_one_line_with_its_request(db, log, monkeypatch, client):
    class Broken:
        def cursor(self):
            raise ValueError("could not read 'Jane Doe' <jane@doe.example>")

    monkeypatch.setattr("send_tracker.health.connection", Broken())
    client.raise_request_exception = False
    answer = client.get("/healthz", headers={"X-Request-ID": "fedcba9876543210"})
    error = next(line for line in lines(log) if line["level"] == "ERROR")

    assert answer.status_code == 500
    assert error["request_id"] == "fedcba9876543210"
    assert error["error"][0].startswith("ValueError: could not read …")
    assert any(" healthz" in place for place in error["error"])
    assert "Jane" not in log.getvalue()
    assert "jane" not in log.getvalue()


@pytest.mark.parametrize("is_production", [True, False])
def test_the_log_s_settings_are_ones_that_python_takes(is_production):
    made = logging_of(is_production=is_production)
    configurator = logging.config.DictConfigurator(made)

    formatter = made["handlers"]["console"].get("formatter")
    assert formatter == ("json" if is_production else None)
    assert configurator.configure_filter(configurator.config["filters"]["discreet"])
    assert all("discreet" in handler["filters"] for handler in made["handlers"].values())


@pytest.mark.parametrize(
    "path",
    [
        f"/updates/{'k' * 43}/", f"/updates/{'k' * 43}/w1-1/", f"/feeds/{'k' * 43}.ics", f"/accounts/join/{'k' * 43}/",
        "/accounts/password/reset/key/1z-c8x2qk-0123456789abcdef0123456789abcdef/",
    ],
)  # fmt: skip
def test_an_address_with_a_secret_is_whole_in_no_log(path):
    """Neither in the product's own, nor in the web server's."""
    text = (Path(settings.BASE_DIR) / "deploy/nginx/send-tracker.conf").read_text()
    masked = re.search(r'^ +"~(\S+)" /\$way/\.\.\.;$', text, re.MULTILINE)[1]

    assert resolve(path).view_name
    assert re.search(masked.replace("(?<", "(?P<"), path)
    assert without_secrets(path) != path
    assert "$request_uri " not in text.split("log_format")[1].split(";")[0]
