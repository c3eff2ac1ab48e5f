"""A world with something of every kind, archives of it, and empty installations to bring them to."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from board.safekeeping.making import make_backup
from tests.board.safekeeping.installations import (
    copy_postgresql,
    drop_postgresql,
    make_sqlite,
    postgresql_like,
    sqlite_like,
)
from tests.world import a_file_of_evidence, build_world, frozen_papers

MADE_AT = datetime(2026, 3, 20, 2, 15, tzinfo=UTC)


@pytest.fixture(scope="session")
def an_empty_sqlite(django_db_setup, django_db_blocker, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    with django_db_blocker.unblock():
        make_sqlite(path)
    return path


@pytest.fixture(scope="session")
def an_empty_one(an_empty_sqlite, django_db_blocker):
    """On the kind of database that the tests run on: of PostgreSQL a copy of the test's own while that is empty."""
    if connection.vendor == "sqlite":
        yield an_empty_sqlite
        return
    with django_db_blocker.unblock():
        name = f"{connection.settings_dict['NAME']}_empty"
        connection.close()
        copy_postgresql(connection.settings_dict["NAME"], name)
    yield name
    with django_db_blocker.unblock():
        drop_postgresql(name)


@pytest.fixture
def on_sqlite(an_empty_sqlite, db, tmp_path):
    with sqlite_like(an_empty_sqlite, tmp_path, "on_sqlite") as alias:
        yield alias


@pytest.fixture
def moved(an_empty_one, db, tmp_path):
    """An empty installation, on the kind of database that the tests run on."""
    is_postgresql = connection.vendor == "postgresql"
    made = postgresql_like(an_empty_one, "moved") if is_postgresql else sqlite_like(an_empty_one, tmp_path, "moved")
    with made as alias:
        yield alias


@pytest.fixture
def world(db):
    """With a file of evidence and frozen papers."""
    world = build_world()
    a_file_of_evidence(world)
    frozen_papers(world.area, world.strategy)
    return world


@pytest.fixture
def archive(world, tmp_path) -> Path:
    return make_backup(tmp_path / "backups", at=MADE_AT).path
