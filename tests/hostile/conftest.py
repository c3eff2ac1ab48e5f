"""One area with one of everything, another beside it, and a client that tells a fault by its status."""

import pytest

from tests.world import BACKEND, World, at


@pytest.fixture
def world(two_areas, db, monkeypatch) -> World:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 4, 1))
    return two_areas


@pytest.fixture
def as_(client, world):
    client.raise_request_exception = False

    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in
