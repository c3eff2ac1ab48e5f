import pytest

from tests.world import BACKEND, at, build_world


@pytest.fixture
def world(db, monkeypatch):
    """It is 10 January 2027: the figure for 2026 is the next due."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2027, 1, 10))
    return build_world()


@pytest.fixture
def officer(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    return client


@pytest.fixture
def lead(client, world):
    client.force_login(world.people["lead"], backend=BACKEND)
    return client
