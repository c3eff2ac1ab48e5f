"""What browsers report of the content policy: one line, without anything of anybody, and not too many of them."""

import json
import logging

import pytest

from send_tracker import csp_report
from send_tracker.csp_report import LINES_A_MINUTE, MOST_BYTES, Budget

OLD = "application/csp-report"
NEW = "application/reports+json"
REPORT = {
    "document-uri": "https://tracker.example/northvale/actions/?q=Jane+Doe",
    "referrer": "https://tracker.example/northvale/people/",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://evil.example/steal.js?token=abc",
    "script-sample": "alert('Jane Doe')",
}


@pytest.fixture(autouse=True)
def fresh_budget(monkeypatch):
    monkeypatch.setattr(csp_report, "budget", Budget(LINES_A_MINUTE))


def report(client, content, kind: str = OLD):
    body = content if isinstance(content, str | bytes) else json.dumps(content)
    return client.generic("POST", "/csp-report", body, content_type=kind)


def lines(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "send_tracker.csp_report"]


def test_a_report_is_one_line_that_names_directive_origin_and_page_alone(client, caplog):
    assert report(client, {"csp-report": REPORT}).status_code == 204
    assert lines(caplog) == ["Content policy: script-src-elem refused https://evil.example on board:current-actions"]


def test_reports_of_the_newer_kind_come_in_a_list(client, caplog):
    bodies = [
        {"documentURL": "https://tracker.example/", "effectiveDirective": "img-src", "blockedURL": "data"},
        {"blockedURL": "inline"},
    ]
    content = [{"type": "csp-violation", "body": body} for body in bodies] + [{"type": "deprecation", "body": {}}]

    assert report(client, content, NEW).status_code == 204
    assert lines(caplog) == [
        "Content policy: img-src refused data on board:home",
        "Content policy: unknown refused inline on unknown",
    ]


HOSTILE = [
    {"effective-directive": "x\nERROR root logged in", "blocked-uri": "https://a\nb/", "document-uri": "https://tracker.example/\n"},
    {"effective-directive": ["script-src"], "blocked-uri": {"a": 1}, "document-uri": 7},
    {"effective-directive": "script-src", "blocked-uri": "https://[", "document-uri": "https://["},
    {"effective-directive": "script-src", "blocked-uri": "https://user:password@evil.example/", "document-uri": "/updates/secret"},
    {"effective-directive": "s" * 3000, "blocked-uri": "https://" + "a" * 3000 + ".example", "document-uri": "https://jane@doe.example/jane.doe@council.example"},
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_hostile_report_holds_gets_into_no_line(client, caplog, hostile):
    assert report(client, {"csp-report": hostile}).status_code == 204
    (line,) = lines(caplog)

    assert len(line) < 300
    assert "\n" not in line
    assert not [word for word in ("logged in", "password", "secret", "jane") if word in line]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("{", OLD, 400),
        (b"\xff\xfe", OLD, 400),
        ("[" * 4000, OLD, 400),
        ("{}", OLD, 204),
        ("[]", NEW, 204),
        ("7", NEW, 204),
        ({"csp-report": REPORT}, "text/plain", 415),
        ({"csp-report": REPORT}, "multipart/form-data; boundary=x", 415),
        ("x" * (MOST_BYTES + 1), OLD, 413),
    ],
)
def test_what_is_no_report_is_refused_without_a_line(client, caplog, content, kind, status):
    assert report(client, content, kind).status_code == status
    assert lines(caplog) == []


def test_a_flood_of_reports_is_a_few_lines_and_a_count():
    budget = Budget(3)
    taken = [budget.take(now=60) for _ in range(10)]

    assert taken == [0, 0, 0, *[None] * 7]
    assert budget.take(now=125) == 7


def test_a_flood_writes_no_more_lines_than_the_budget(client, caplog):
    for _ in range(6):
        report(client, [{"type": "csp-violation", "body": {"blockedURL": "inline"}}] * 9, NEW)

    assert len(lines(caplog)) <= 2 * LINES_A_MINUTE  # a new minute may have begun between them


def test_nobody_need_be_signed_in_and_no_form_token_is_asked_for(db):
    from django.test import Client

    assert report(Client(enforce_csrf_checks=True), {"csp-report": REPORT}).status_code == 204
    assert Client().get("/csp-report").status_code == 405


def test_the_policy_says_where_to_report_in_both_ways(client, db):
    answer = client.get("/accounts/login/")

    assert "report-uri /csp-report" in answer["Content-Security-Policy"]
    assert "report-to csp" in answer["Content-Security-Policy"]
    assert answer["Reporting-Endpoints"] == 'csp="/csp-report"'


@pytest.fixture(autouse=True)
def all_levels(caplog):
    caplog.set_level(logging.INFO)
