"""Keeps what can be found in step with the records: the database does it, by triggers.

Signals of models would miss `bulk_create` and `update`. Only migrations are listened to: they may make tables anew
(SQLite drops the triggers with the old ones) or change columns that triggers name, so the triggers are taken down before
them and set up after them, and everything is read again. A database whose triggers are missing or are those of another
version is put right by the next `migrate`, whether there is anything to migrate or not.
"""

from contextlib import contextmanager
from types import ModuleType

from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from board.models import SearchEntry
from board.search import postgres, sqlite
from board.search.sources import SOURCES, Source

ENTRIES = SearchEntry._meta.db_table
COLUMNS = ["area_id", "kind", '"row"', "ref", "heading", "body", "scope", "known_at"]
INTO = f"INSERT INTO {ENTRIES} ({', '.join(COLUMNS)})"
REPLACED = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS if column not in ("kind", '"row"'))


def engine(connection) -> ModuleType:
    return sqlite if connection.vendor == "sqlite" else postgres


def upsert(source: Source, where: str) -> str:
    """Writes the entries of the records that `where` chooses, new or not, in the order in which those came: newest is last."""
    return f'{INTO} {source.select(where)} ORDER BY s.id ON CONFLICT (kind, "row") DO UPDATE SET {REPLACED}'


def fill(cursor) -> None:
    """All entries anew, each kind in the order in which its records came."""
    cursor.execute(f"DELETE FROM {ENTRIES}")
    for source in SOURCES:
        cursor.execute(f"{INTO} {source.select('1 = 1')} ORDER BY s.id")


def is_in_step(using: str = "default") -> bool:
    connection = connections[using]
    with connection.cursor() as cursor:
        return engine(connection).is_in_step(cursor, upsert)


def set_up(using: str = "default") -> None:
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        engine(connection).take_down(cursor)
        engine(connection).set_up(cursor, upsert, fill)


def take_down(using: str = "default") -> None:
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        engine(connection).take_down(cursor)


def tidy(using: str = "default") -> None:
    """What keeps searches quick after many writes. To be done nightly; it takes less than a second."""
    with connections[using].cursor() as cursor:
        engine(connections[using]).tidy(cursor)


def before_migrating(using: str, plan=None, **kwargs) -> None:
    """For the signal `pre_migrate`."""
    if plan:
        take_down(using)


def after_migrating(using: str, plan=None, **kwargs) -> None:
    """For the signal `post_migrate`, which is sent after a database was emptied, too."""
    if (plan or not is_in_step(using)) and is_whole(using):
        set_up(using)


def is_whole(using: str) -> bool:
    """Whether every table stands as the code knows it; halfway there is nothing to be kept."""
    executor = MigrationExecutor(connections[using])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


@contextmanager
def out_of_step(using: str = "default"):
    """For measuring what the triggers cost: without them, and set up again afterwards."""
    take_down(using)
    try:
        yield
    finally:
        set_up(using)
