"""Writes everything an installation holds into one archive, as it stood at one moment, row by row."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from django.core.files.storage import storages
from django.db import connections, transaction

from board.safekeeping.archive import FORMAT, MANIFEST, PIECE, Manifest, Part, applied_migrations, product_version
from board.safekeeping.numbering import last_number
from board.safekeeping.tables import Names, Table, kept_tables

QUICKLY = 4  # of zlib's levels: nearly as small as the usual 6 in half the time


@contextmanager
def one_moment(using: str) -> Iterator[None]:
    """What is read inside stood so at one moment; nobody who writes is held up.

    Django would begin as a writer does in SQLite, and everybody else would wait for the backup to end.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        yield  # that transaction's moment
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(using=using):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


class Measured:
    """Counts and digests what is written."""

    def __init__(self, target: BinaryIO):
        self.target, self.bytes, self.digest = target, 0, sha256()

    def write(self, piece: bytes) -> None:
        self.target.write(piece)
        self.digest.update(piece)
        self.bytes += len(piece)

    def part(self, name: str, **more) -> Part:
        return Part(name=name, bytes=self.bytes, sha256=self.digest.hexdigest(), **more)


def pack(target: BinaryIO, *, at: datetime, using: str = "default") -> Manifest:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICKLY) as archive, one_moment(using):
        names, tables = Names(using), kept_tables()
        kept = [_write_table(archive, table, names, using) for table in tables]
        files, missing = _write_files(archive, tables, using)
        manifest = Manifest(
            product=product_version(), made_at=at.isoformat(), database=connections[using].vendor,
            migrations=applied_migrations(using), tables=kept, files=files, missing=missing,
        )  # fmt: skip
        archive.writestr(MANIFEST, json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1))
    return manifest


def _write_table(archive: zipfile.ZipFile, table: Table, names: Names, using: str) -> Part:
    writers, rows = table.writers(names), 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as target:
        measured = Measured(target)
        for row in table.rows(using):
            values = [
                value if value is None or write is None else write(value)
                for write, value in zip(writers, row, strict=True)
            ]
            measured.write(f"{json.dumps(values, ensure_ascii=False, separators=(',', ':'))}\n".encode())
            rows += 1
    return measured.part(table.name, rows=rows, columns=table.columns, last=last_number(table, using))


def stored_names(tables: list[Table], using: str) -> list[str]:
    """Of the files that rows name."""
    found = set()
    for table in tables:
        for field in table.file_fields:
            rows = table.model._base_manager.using(using).exclude(**{field.name: ""})
            found.update(name for name in rows.values_list(field.name, flat=True) if name)
    return sorted(found)


def _write_files(archive: zipfile.ZipFile, tables: list[Table], using: str) -> tuple[list[Part], list[str]]:
    """As they are: what people upload is compressed already. One that is not there is noted, and the rest is kept."""
    storage, kept, missing = storages["evidence"], [], []
    for name in stored_names(tables, using):
        try:
            source = storage.open(name)
        except FileNotFoundError:
            missing.append(name)
            continue
        with source, archive.open(zipfile.ZipInfo(f"files/{name}"), "w", force_zip64=True) as target:
            measured = Measured(target)
            while piece := source.read(PIECE):
                measured.write(piece)
        kept.append(measured.part(name))
    return kept, missing
