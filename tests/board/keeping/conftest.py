"""The area whose KPIs are kept, and who keeps them."""

import pytest

from tests.world import BACKEND, at, build_world


@pytest.fixture
def world(db, monkeypatch):
    """It is 10 January 2027: the figure for 2026 is the next due, by 31 March."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2027, 1, 10))
    return build_world()


@pytest.fixture
def as_(client, world):
    client.raise_request_exception = False

    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def page(world):
    return world.address("board:measurement-add")


@pytest.fixture
def demonstrator(world):
    person = world.people["officer"]
    person.is_illustrative = True
    person.save()
    return person
