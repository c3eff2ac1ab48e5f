"""On 20 July 2026 a program holds a token of the Board member of Northvale."""

import pytest

from people.access_tokens import make_token
from tests.world import at, build_world

BASE = "/northvale/api/v1/"


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    return build_world()


@pytest.fixture
def token(world) -> str:
    return make_token(world.area, "Board dashboard", by=world.people["board"], at=at(2026, 7, 1))


@pytest.fixture
def ask(client, token):
    """GET of a resource with the token: `ask("actions", limit=2)`."""

    def get(name: str, *, secret: str = token, base: str = BASE, headers: dict | None = None, **query):
        said = {"Authorization": f"Bearer {secret}", **(headers or {})}
        return client.get(f"{base}{name}/", query, headers=said)

    return get


@pytest.fixture
def rows(ask):
    def get(name: str, **query) -> list[dict]:
        response = ask(name, **query)
        assert response.status_code == 200, response.text
        return response.json()["rows"]

    return get
