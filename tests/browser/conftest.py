"""A real Chromium: the machine's own, never one that Playwright downloads. Without one these tests are skipped and say so."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.dates import LONDON
from tests.world import BACKEND

# Playwright's synchronous interface runs a loop of its own, and Django would take a test's queries for asynchronous ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = [
    "--no-sandbox",  # needed as root, as in CI; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="No Chromium is installed (Debian: apt-get install chromium)"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": SWITCHES}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London"}


@pytest.fixture
def signed_in(live_server, context, client):
    """`signed_in(user)` gives the browser that person's session, without the sign-in page in between."""

    def enter(user):
        client.force_login(user, backend=BACKEND)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        return user

    return enter


@pytest.fixture
def clock(monkeypatch):
    """`clock("2026-09-01 10:00")` makes it that minute in London for whoever asks Django; `clock.now` is that moment."""

    def turn_to(text: str) -> datetime:
        turn_to.now = datetime.fromisoformat(text).replace(tzinfo=LONDON)
        return turn_to.now

    monkeypatch.setattr("django.utils.timezone.now", lambda: turn_to.now.astimezone(UTC))
    return turn_to
