"""Brings an archive into an empty installation: everything in one transaction, with its files, or nothing."""

import os
from collections.abc import Callable, Iterator

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import DatabaseError, IntegrityError, connections, models, transaction

from board.safekeeping.archive import Archive, Checked, Part, Unfit, examine
from board.safekeeping.numbering import go_on_after
from board.safekeeping.packing import stored_names
from board.safekeeping.tables import Names, Table, kept_tables
from board.search import keeping as search
from common.words import listed, plural

MOST_ROWS = 500  # written by one statement


def occupied(using: str) -> list[str]:
    """The tables of an installation that are not empty."""
    return [table.name for table in kept_tables() if table.model._base_manager.using(using).exists()]


def refuse_occupied(using: str) -> None:
    found = occupied(using)
    if found:
        names = listed(found if len(found) < 5 else [*found[:4], f"{len(found) - 4} more"])
        raise Unfit(
            f"This installation is not empty: it holds rows in {names}. A backup is only restored into an empty one:"
            " point DATABASE_URL at a new, empty database, run manage.py migrate, and restore again."
        )


def restore(archive: Archive, *, using: str = "default", tell: Callable[[str], None] = lambda said: None) -> None:
    """`Unfit` says why nothing was written."""
    refuse_occupied(using)
    examine(archive, using=using)
    tell("The archive is whole.")
    written: list[str] = []
    try:
        with transaction.atomic(using=using):
            # Without the triggers, which also keeps every other writer out; what can be found is made anew at the end.
            search.take_down(using)
            refuse_occupied(using)
            _load_all(archive, using, tell)
            _put_files(archive, written, using)
            search.set_up(using)
    except BaseException as error:
        for name in written:
            storages["evidence"].delete(name)
        if isinstance(error, (DatabaseError, ValueError)):
            raise Unfit(f"The database did not take it ({str(error).strip()}). Nothing was written.") from error
        raise


# Rows


def _load_all(archive: Archive, using: str, tell: Callable[[str], None]) -> None:
    names, parts = Names(using), {part.name: part for part in archive.manifest.tables}
    for table in kept_tables():
        part = parts[table.name]
        _load(archive, part, table, names, using)
        try:
            # Each table's links now, while it is known whose they are; and PostgreSQL need not remember them all.
            connections[using].check_constraints([table.model._meta.db_table])
        except IntegrityError as error:
            raise Unfit(
                f"A row of {table.name} points at one that is not there. Nothing was written. ({error})"
            ) from None
        go_on_after(table, part.last, using)
        if part.rows:
            tell(f"{plural(part.rows, 'row')} of {table.name}")


def _load(archive: Archive, part: Part, table: Table, names: Names, using: str) -> None:
    """As they are: no `save`, which would move moments and write histories."""
    columns, manager = table.columns, table.model._base_manager.using(using)
    for rows in _batches(archive.rows(part, table, names), _most_rows(table, using)):
        objects = [table.model(**dict(zip(columns, row, strict=True))) for row in rows]
        manager._insert(objects, fields=table.fields, using=using, raw=True)


def _most_rows(table: Table, using: str) -> int:
    if table.is_heavy:
        return 1
    wanted: list[models.Model | None] = [None] * MOST_ROWS
    return max(1, min(MOST_ROWS, connections[using].ops.bulk_batch_size(table.fields, wanted)))


def _batches(rows: Iterator[list], size: int) -> Iterator[list[list]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


# Files


def _put_files(archive: Archive, written: list[str], using: str) -> None:
    """Only what a row names; each is on the disk before the rows are certain."""
    named = set(stored_names(kept_tables(), using))
    for part in archive.manifest.files:
        if part.name not in named:
            raise Unfit(f"The archive holds a file that no row names: {part.name}. Nothing was written.")
        _put(archive, part, written)
    lacking = sorted(named - {part.name for part in archive.manifest.files} - set(archive.manifest.missing))
    if lacking:
        raise Unfit(f"The archive lacks {lacking[0]}, which a row names. Nothing was written.")


def _put(archive: Archive, part: Part, written: list[str]) -> None:
    storage = storages["evidence"]
    try:
        if storage.exists(part.name):
            return _same_as(storage, part)
        # From the first byte on: one that breaks off is taken away again too.
        written.append(part.name)
        name = storage.save(part.name, File(archive.file(part)))
    except (OSError, SuspiciousFileOperation) as error:
        raise Unfit(f"The file {part.name} could not be stored: {error}. Nothing was written.") from error
    if name != part.name:
        written[-1] = name
        raise Unfit(f"The file {part.name} could not be stored under its name. Nothing was written.")
    _to_the_disk(storage, name)


def _same_as(storage, part: Part) -> None:
    """Left by a restore that was killed: the same file is as good; another is never overwritten."""
    with storage.open(part.name) as file:
        try:
            Checked(file, part, part.name).through()
        except Unfit:
            raise Unfit(
                f"Another file named {part.name} is there already. Give FILES_ROOT an empty folder. Nothing was written."
            ) from None


def _to_the_disk(storage, name: str) -> None:
    try:
        handle = os.open(storage.path(name), os.O_RDONLY)
    except NotImplementedError:
        return  # a storage without paths sees to that itself
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
