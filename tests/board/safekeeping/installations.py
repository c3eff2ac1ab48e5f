"""Empty installations beside the test's own, each in a database and with a folder of files of its own.

One of each kind is made a run, migrated as far as the test's own; each test gets a copy.
"""

import shutil
from contextlib import contextmanager
from copy import deepcopy

from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import override_settings

from board.safekeeping.archive import applied_migrations
from workstrands.evidence import storage

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL;"},
    **dict.fromkeys(["USER", "PASSWORD", "HOST", "PORT"], ""),
}


class AtOnce:
    """No migrations: tables are made as the models stand, which takes half a minute less."""

    def __contains__(self, app):
        return True

    def __getitem__(self, app):
        return None


@contextmanager
def added(alias, different):
    """Connected at once: Django's tests let nobody open a database that they did not make, but use one that is open."""
    connections.databases[alias] = {**deepcopy(connection.settings_dict), **different}
    connections[alias].connect()
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.databases[alias]


def make_sqlite(path) -> None:
    with added("made", {**SQLITE, "NAME": str(path)}):
        with override_settings(MIGRATION_MODULES=AtOnce()):
            call_command("migrate", run_syncdb=True, database="made", verbosity=0)
        recorder = MigrationRecorder(connections["made"])
        recorder.ensure_schema()
        for app, name in applied_migrations("default"):
            recorder.record_applied(app, name)


@contextmanager
def sqlite_like(path, folder, alias):
    with added(alias, {**SQLITE, "NAME": shutil.copy(path, folder / f"{alias}.sqlite3")}):
        yield alias


def copy_postgresql(name: str, copy: str) -> None:
    """Nobody may be connected to `name` meanwhile."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')
        cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"')


def drop_postgresql(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


@contextmanager
def postgresql_like(name, alias):
    copy = f"{name}_{alias}"
    copy_postgresql(name, copy)
    try:
        with added(alias, {"NAME": copy}):
            yield alias
    finally:
        drop_postgresql(copy)


@contextmanager
def files_in(folder):
    """The stored files lie in another folder."""
    kept, before = storage(), storage()._location
    try:
        lie_in(kept, str(folder))
        yield folder
    finally:
        lie_in(kept, before)


def lie_in(kept, location) -> None:
    for name in ("base_location", "location"):
        kept.__dict__.pop(name, None)
    kept._location = location
