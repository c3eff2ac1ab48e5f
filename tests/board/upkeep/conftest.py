"""It is 1 June 2026 in a small area with one of everything."""

import pytest
from django.urls import reverse

from tests.world import BACKEND, at, build_world


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 6, 1))
    return build_world()


@pytest.fixture
def officer(world):
    return world.people["officer"]


@pytest.fixture
def as_(client, world):
    def sign_in(name: str):
        client.force_login(world.people[name], backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def page(world):
    """The address of a page of the area (`plan=False`) or of its plan."""

    def address(name: str, *args, plan: bool = True) -> str:
        head = [world.area.slug, world.strategy.slug] if plan else [world.area.slug]
        return reverse(f"board:{name}", args=[*head, *args])

    return address
