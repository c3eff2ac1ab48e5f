"""One archive, opened without trusting it.

A zip file of `manifest.json`, `tables/<model>.jsonl` (a row a line, as a list in the order of the manifest's columns) and
`files/<name>`. The manifest says of each part how many bytes it has and their SHA-256, and of each table how many rows.
Nothing is unpacked to a disk here, names of files are never paths, and of each part no more is read than the manifest says.
"""

import json
import re
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from board.safekeeping.tables import Names, Table, kept_tables
from common.words import listed, plural

FORMAT = 1
MB = 1024 * 1024
MANIFEST = "manifest.json"
MOST_OF_LIST = 64 * MB  # the zip file's own list of parts, which Python reads whole: some 500,000 files
MOST_OF_MANIFEST = 128 * MB
LONGEST_LINE = 256 * MB  # a row with a whole file in it
SHRINKS_AT_MOST = 200  # times; what is beyond is no backup
ALLOWED_ANYWAY = 256 * MB
PIECE = 256 * 1024
SAFE_NAME = re.compile(r"(?!\.)[\w.-]+(?:/(?!\.)[\w.-]+)*", re.ASCII)
DIGEST = re.compile(r"[0-9a-f]{64}")
BREAKS = (zipfile.BadZipFile, zlib.error, EOFError)
WAYS_OF_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Unfit(Exception):
    """The archive cannot be restored. The message says why."""


@dataclass(frozen=True)
class Part:
    """One table or file of an archive."""

    name: str
    bytes: int
    sha256: str
    rows: int = 0
    last: int = 0  # the highest number that the database has given to a row, also one that is gone
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Manifest:
    product: str
    made_at: str
    database: str
    migrations: list[tuple[str, str]]
    tables: list[Part]
    files: list[Part]
    missing: list[str]  # files that a row named and that were not there when the backup was made

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


def product_version() -> str:
    try:
        return tomllib.loads(Path(settings.BASE_DIR, "pyproject.toml").read_text())["project"]["version"]
    except (OSError, KeyError, ValueError):
        return "unknown"


def applied_migrations(using: str) -> list[tuple[str, str]]:
    return sorted(MigrationRecorder(connections[using]).applied_migrations())


# Opening


@contextmanager
def opened(path: Path) -> Iterator["Archive"]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unfit(f"{path} cannot be opened: {error.strerror}.") from None
    with file:
        try:
            with _unpacked(file) as unpacked:
                yield Archive(unpacked, path.stat().st_size)
        except BREAKS as error:
            raise Unfit(f"{path.name} is damaged, or no backup at all ({error}).") from None


def _unpacked(file: BinaryIO) -> zipfile.ZipFile:
    _refuse_long_list(file)
    try:
        return zipfile.ZipFile(file)
    except (OSError, ValueError, NotImplementedError, struct.error) as error:  # a list of parts that leads nowhere
        raise zipfile.BadZipFile(str(error)) from None


def _refuse_long_list(file: BinaryIO) -> None:
    """Before it is read: it alone could fill the memory."""
    end = zipfile._EndRecData(file)
    if end and end[zipfile._ECD_SIZE] > MOST_OF_LIST:
        raise Unfit("The archive lists more parts than any backup has.")


class Archive:
    def __init__(self, unpacked: zipfile.ZipFile, size: int):
        self.unpacked, self.size = unpacked, size
        self.parts = {part.filename: part for part in unpacked.infolist()}
        self._refuse_parts()
        self.manifest = self._read_manifest()
        self._refuse_unlisted()

    def _refuse_parts(self) -> None:
        parts = self.unpacked.infolist()
        if len(self.parts) < len(parts):
            raise Unfit("The archive holds two parts of one name.")
        if any(part.flag_bits & 1 for part in parts):
            raise Unfit("The archive is protected by a password. No backup of this product is.")
        if any(part.compress_type not in WAYS_OF_PACKING for part in parts):
            raise Unfit("The archive is packed in a way that no backup of this product is.")
        if sum(part.file_size for part in parts) > SHRINKS_AT_MOST * self.size + ALLOWED_ANYWAY:
            raise Unfit("The archive unpacks to far more than any backup of its size. It was not opened.")

    def _read_manifest(self) -> Manifest:
        part = self.parts.get(MANIFEST)
        if part is None:
            raise Unfit(f"The archive has no {MANIFEST}. It is no backup of this product.")
        if part.file_size > MOST_OF_MANIFEST:
            raise Unfit(f"{MANIFEST} is larger than any backup’s.")
        try:
            with self._open(MANIFEST) as file:
                return manifest_of(json.loads(file.read(MOST_OF_MANIFEST)))
        except (ValueError, RecursionError):
            raise Unfit(f"{MANIFEST} cannot be read.") from None

    def _refuse_unlisted(self) -> None:
        """Every part is in the manifest with its size, and the other way round."""
        listed_sizes = {f"tables/{table.name}.jsonl": table.bytes for table in self.manifest.tables}
        listed_sizes |= {f"files/{file.name}": file.bytes for file in self.manifest.files}
        there = {name: part.file_size for name, part in self.parts.items() if name != MANIFEST}
        if len(listed_sizes) < len(self.manifest.tables) + len(self.manifest.files):
            raise Unfit(f"{MANIFEST} names a part twice.")
        for name in sorted(there.keys() ^ listed_sizes.keys()):
            is_missing = name in listed_sizes
            raise Unfit(f"{name!r:.120} is {'missing from the archive' if is_missing else f'not in {MANIFEST}'}.")
        for name, size in there.items():
            if size != listed_sizes[name]:
                raise Unfit(f"{name} has {size:,} bytes, and {MANIFEST} says {listed_sizes[name]:,}.")

    def _open(self, name: str) -> BinaryIO:
        try:
            return self.unpacked.open(self.parts[name])
        except (
            OSError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as error:  # its place, or its own head, is damaged
            raise zipfile.BadZipFile(f"{name}: {error}") from None

    def file(self, part: Part) -> "Checked":
        return Checked(self._open(f"files/{part.name}"), part, f"The file {part.name}")

    def rows(self, part: Part, table: Table, names: Names) -> Iterator[list]:
        """The values of each row as the models hold them. What is wrong is only known for certain at the end."""
        readers, number = table.readers(names), 0
        with self._open(f"tables/{part.name}.jsonl") as file:
            stream = Checked(file, part, f"The table {part.name}")
            for number, line in enumerate(stream.lines(), 1):
                yield _row(line, readers, where=f"{part.name}, row {number}")
        if number != part.rows:
            raise Unfit(f"The table {part.name} has {plural(number, 'row')}, and {MANIFEST} says {part.rows:,}.")


class Checked:
    """A stream that raises `Unfit` at its end if it was not what the manifest says."""

    def __init__(self, stream: BinaryIO, part: Part, what: str):
        self.stream, self.part, self.what, self.digest = stream, part, what, sha256()

    def read(self, size: int = PIECE) -> bytes:
        return self._seen(self.stream.read, size)

    def lines(self) -> Iterator[bytes]:
        while line := self._seen(self.stream.readline, LONGEST_LINE):
            if not line.endswith(b"\n"):
                raise Unfit(f"{self.what} has a line that is longer than any row, or breaks off.")
            yield line

    def through(self) -> None:
        while self.read():
            pass

    def _seen(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            piece = read(size)
        except OSError as error:
            raise Unfit(f"{self.what} cannot be read: {error.strerror or error}.") from error
        self.digest.update(piece)
        if not piece and self.digest.hexdigest() != self.part.sha256:
            raise Unfit(f"{self.what} is not what was backed up: its SHA-256 differs from that in {MANIFEST}.")
        return piece


def _row(line: bytes, readers: list, *, where: str) -> list:
    try:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(readers):
            raise ValueError("is no list of the table’s columns")
        return [read(value) for read, value in zip(readers, values, strict=True)]
    except (ValueError, RecursionError) as error:
        raise Unfit(f"{where}: {str(error)[:200]}.") from None


# What a manifest says


def manifest_of(said) -> Manifest:
    """Raises ValueError for what is no manifest, and `Unfit` for one of another format."""
    if not isinstance(said, dict):
        raise ValueError
    if said.get("format") != FORMAT:
        raise Unfit(f"The archive is of another format ({said.get('format')!r:.20}); this version reads {FORMAT}.")
    words = {name: _checked(said.get(name), str) for name in ("product", "made_at", "database")}
    tables = [_part(each) for each in _checked(said.get("tables"), list)]
    files = [_part(each) for each in _checked(said.get("files"), list)]
    missing = [_checked(name, str) for name in _checked(said.get("missing"), list)]
    for file in files:
        if not SAFE_NAME.fullmatch(file.name):
            raise Unfit(f"The archive holds a file named {file.name!r:.120}, which is no name of a stored file.")
    return Manifest(**words, tables=tables, files=files, missing=missing, migrations=_migrations(said))


def _migrations(said) -> list[tuple[str, str]]:
    pairs = [_checked(pair, list) for pair in _checked(said.get("migrations"), list)]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError
    return sorted((_checked(app, str), _checked(name, str)) for app, name in pairs)


def _part(said) -> Part:
    try:
        part = Part(**_checked(said, dict))
    except TypeError:
        raise ValueError from None
    for value, wanted in ((part.name, str), (part.sha256, str), (part.columns, list)):
        _checked(value, wanted)
    if not DIGEST.fullmatch(part.sha256):
        raise ValueError
    for number in (part.bytes, part.rows, part.last):
        if _checked(number, int) < 0:
            raise ValueError
    return part


def _checked(value, wanted: type):
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise ValueError
    return value


# Whether it can be restored here


def examine(archive: Archive, *, using: str) -> None:
    """Reads everything once and writes nothing. `Unfit` says what is wrong."""
    refuse_other_version(archive.manifest, applied_migrations(using))
    refuse_other_tables(archive.manifest)
    names = Names(using)
    tables = {table.name: table for table in kept_tables()}
    for part in archive.manifest.tables:
        for _ in archive.rows(part, tables[part.name], names):
            pass
    for part in archive.manifest.files:
        archive.file(part).through()


def refuse_other_version(manifest: Manifest, applied: list[tuple[str, str]]) -> None:
    lacking = sorted(set(applied) - set(manifest.migrations))
    ahead = sorted(set(manifest.migrations) - set(applied))
    made_by = f"The archive was made by version {manifest.product} of the product, and this is {product_version()}."
    if ahead:
        raise Unfit(
            f"{made_by} It knows {_some(ahead)}, which {'is' if len(ahead) == 1 else 'are'} not applied here."
            f" Install version {manifest.product}, run manage.py migrate, and restore again."
        )
    if lacking:
        raise Unfit(
            f"{made_by} It is from before {_some(lacking)}. Install version {manifest.product} with an empty database,"
            " restore there, and then bring that installation up to date with manage.py migrate."
        )


def _some(migrations: list[tuple[str, str]]) -> str:
    names = [f"{app}.{name}" for app, name in migrations]
    return listed(names if len(names) < 4 else [*names[:3], f"{len(names) - 3} more"])


def refuse_other_tables(manifest: Manifest) -> None:
    """The same migrations made the same tables, so what differs was tampered with."""
    tables = {table.name: table.columns for table in kept_tables()}
    given = {part.name: part.columns for part in manifest.tables}
    if missing := sorted(tables.keys() - given.keys()):
        raise Unfit(f"The archive lacks {plural(len(missing), 'table')}: {listed(missing)}.")
    if unknown := sorted(given.keys() - tables.keys()):
        raise Unfit(f"The archive holds a table that is not known here: {unknown[0]!r:.120}.")
    for name, columns in tables.items():
        if given[name] != columns:
            odd = sorted({str(column) for column in given[name]} ^ set(columns))
            raise Unfit(f"The columns of {name} are not those known here: {listed(odd) or 'their order differs'}.")
