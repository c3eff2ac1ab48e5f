"""One area with one of everything, another beside it, and a client that tells a fault by its status."""

import pytest
from django.db import transaction

from tests.hostile.elsewhere import make_southmoor
from tests.test_permissions import ROWS
from tests.world import BACKEND, World, at, build_world


@pytest.fixture(scope="module")
def two_areas(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        world = build_world()
        make_southmoor(world.other_area)
        for name in ROWS:
            world.address(name)  # makes what the address needs
        yield world
        transaction.set_rollback(True)


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
