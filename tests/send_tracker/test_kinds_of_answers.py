"""Every kind of answer carries the strict headers: pages, files, rows for programs, refusals and what cannot be answered."""

import pytest
from django.db import OperationalError
from django.test import Client

from people.access_tokens import make_token
from tests.world import BACKEND, World, at, build_world, frozen_papers

ALWAYS = ("base-uri 'none'", "frame-ancestors 'none'", "default-src 'none'")
SANDBOXED = "default-src 'none'; sandbox"  # what a view says of a file that is a download and never shown
PAGE, NO_PAGE = "page", "no page"


@pytest.fixture
def world(db, monkeypatch) -> World:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 4, 1))
    return build_world()


@pytest.fixture
def browser(settings) -> Client:
    """By HTTPS, in an installation that tells browsers to stay with it."""
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 60 * 60 * 24 * 365, True
    settings.SECURE_HSTS_PRELOAD = True
    return Client(raise_request_exception=False)


def sign_in(browser: Client, world: World, name: str = "officer") -> Client:
    browser.force_login(world.people[name], backend=BACKEND)
    return browser


def the_page(browser, world):
    return sign_in(browser, world).get(world.address("board:area"), secure=True)


def the_sign_in(browser, world):
    return browser.get("/accounts/login/", secure=True)


def a_redirect(browser, world):
    return browser.get(world.address("board:area"), secure=True)


def what_is_not_there(browser, world):
    return sign_in(browser, world).get("/northvale/nothing/", secure=True)


def what_one_may_not_do(browser, world):
    return sign_in(browser, world, "board").get(world.address("workstrands:update"), secure=True)


def a_form_without_its_token(browser, world):
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return strict.post("/accounts/login/", {"login": "a@b.example"}, secure=True)


def a_method_that_there_is_not(browser, world):
    return browser.get("/csp-report", secure=True)


def another_host(browser, world):
    return browser.get("/accounts/login/", headers={"host": "evil.example"}, secure=True)


def too_much(browser, world):
    return browser.post("/accounts/login/", b"x", content_type="text/plain", CONTENT_LENGTH="99999999", secure=True)


def of_no_stated_size(browser, world):
    return browser.post("/accounts/login/", {}, HTTP_TRANSFER_ENCODING="chunked", secure=True)


def a_fault(browser, world, monkeypatch):
    def breaks(*args, **kwargs):
        raise ValueError("a fault")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", breaks)
    browser.cookies["sessionid"] = "of-some-session"
    return browser.get("/", secure=True)


def a_database_that_is_away(browser, world, monkeypatch):
    def lost(*args, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", lost)
    browser.cookies["sessionid"] = "of-some-session"
    return browser.get("/", secure=True)


def a_file_of_rows(browser, world):
    return sign_in(browser, world).get(world.address("board:actions"), {"_export": "csv"}, secure=True)


def a_workbook(browser, world):
    return sign_in(browser, world).get(world.address("board:actions"), {"_export": "xlsx"}, secure=True)


def a_file_that_somebody_gave(browser, world):
    return sign_in(browser, world).get(world.address("board:evidence-file"), secure=True)


def frozen(browser, world):
    frozen_papers(world.area, world.strategy)
    return sign_in(browser, world).get(world.address("board:pack-file"), secure=True)


def rows_for_programs(browser, world):
    token = make_token(world.area, "For a test", by=world.people["officer"], at=at(2026, 3, 1))
    headers = {"authorization": f"Bearer {token}"}
    return browser.get("/northvale/api/v1/actions/", headers=headers, secure=True)


def a_program_without_a_token(browser, world):
    return browser.get("/northvale/api/v1/actions/", secure=True)


def a_calendar(browser, world):
    return browser.get(world.address("board:feed"), secure=True)


def a_style_sheet(browser, world):
    return browser.get("/static/tracker.css", secure=True)


def a_picture(browser, world):
    return browser.get("/static/favicon.svg", secure=True)


def a_monitor(browser, world):
    return browser.get("/healthz", secure=True)


def a_report_of_a_browser(browser, world):
    return browser.generic("POST", "/csp-report", "{}", content_type="application/csp-report", secure=True)


KINDS = {
    the_page: (200, PAGE),
    the_sign_in: (200, PAGE),
    a_redirect: (302, PAGE),
    what_is_not_there: (404, PAGE),
    what_one_may_not_do: (403, PAGE),
    a_form_without_its_token: (403, PAGE),
    a_method_that_there_is_not: (405, PAGE),
    another_host: (400, PAGE),
    too_much: (413, PAGE),
    of_no_stated_size: (411, NO_PAGE),
    a_fault: (500, PAGE),
    a_database_that_is_away: (503, PAGE),
    a_file_of_rows: (200, NO_PAGE),
    a_workbook: (200, NO_PAGE),
    a_file_that_somebody_gave: (200, NO_PAGE),
    frozen: (200, NO_PAGE),
    rows_for_programs: (200, NO_PAGE),
    a_program_without_a_token: (401, NO_PAGE),
    a_calendar: (200, NO_PAGE),
    a_style_sheet: (200, NO_PAGE),
    a_picture: (200, NO_PAGE),
    a_monitor: (200, NO_PAGE),
    a_report_of_a_browser: (204, PAGE),
}


def asked(kind, browser, world, monkeypatch):
    more = {"monkeypatch": monkeypatch} if "monkeypatch" in kind.__code__.co_varnames else {}
    return kind(browser, world, **more)


def says_its_letters(content_type: str) -> bool:
    """Otherwise a browser guesses, and a guess can make a script of a text."""
    return "charset=" in content_type or not content_type.startswith("text/")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_answer_carries_the_strict_headers(kind, browser, world, monkeypatch):
    status, what = KINDS[kind]
    response = asked(kind, browser, world, monkeypatch)
    said, policy = response.headers, response["Content-Security-Policy"]

    assert response.status_code == status
    assert all(part in policy for part in ALWAYS) or (policy, said["X-Frame-Options"]) == (SANDBOXED, "DENY"), policy
    assert ("script-src 'self'" in policy) == (what == PAGE)
    assert ("sandbox" in policy) == (what == NO_PAGE)
    assert "unsafe" not in policy
    assert "*" not in policy
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert said["Cross-Origin-Opener-Policy"] == "same-origin"
    assert said["Cross-Origin-Resource-Policy"] == "same-origin"
    assert said["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert "camera=()" in said["Permissions-Policy"]
    assert not {"Access-Control-Allow-Origin", "Server", "X-Powered-By"} & set(said)
    assert says_its_letters(said.get("Content-Type", ""))


@pytest.mark.parametrize(
    "kind", [a_file_of_rows, a_workbook, a_file_that_somebody_gave, frozen], ids=lambda kind: kind.__name__
)
def test_what_somebody_may_have_written_is_a_download_with_a_name(kind, browser, world, monkeypatch):
    said = asked(kind, browser, world, monkeypatch)["Content-Disposition"]
    assert said.startswith("attachment; filename")


def test_what_has_not_changed_keeps_the_policy_that_it_came_with(browser, world):
    """The headers of a 304 take the place of those that the browser kept, and do not say whether it was a page."""
    kept = Client(headers={"if-none-match": a_calendar(browser, world)["ETag"]})
    again = a_calendar(kept, world)

    assert again.status_code == 304
    assert "sandbox" not in again.headers.get("Content-Security-Policy", "")
