"""For the letters: a clock that stands, a mail server in memory, a round that is open."""

import pytest

from tests.board.reminding.the_round import world_with_round
from tests.world import at


class Clock:
    now = at(2026, 11, 5)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture(autouse=True)
def letters_stay_here(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_ADDRESS = "https://tracker.example"


@pytest.fixture
def world(db, clock):
    return world_with_round()
