"""A backup in its folder: written under another name, read back whole, and only then given its own.

Whoever looks into the folder finds whole archives alone. `last.json` beside them says when the newest was made.
"""

import errno
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from board.safekeeping.archive import MB, PIECE, Manifest, Unfit, examine, opened
from board.safekeeping.packing import pack

ARCHIVE = re.compile(r"send-tracker-\d{8}T\d{6}Z\.zip")
UNFINISHED = ".send-tracker-"
LAST = "last.json"
A_DAY = 24 * 60 * 60
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def backup_root() -> Path:
    return Path(getattr(settings, "BACKUP_ROOT", "") or settings.BASE_DIR / "var" / "backups")


class NotMade(Exception):
    """No backup was made. The message says why."""


@dataclass(frozen=True)
class Made:
    path: Path
    size: int
    sha256: str
    manifest: Manifest
    removed: list[str]


def make_backup(folder: Path, *, at: datetime, keep: int | None = None, using: str = "default") -> Made:
    """`keep`: of all archives in the folder, the newest so many stay."""
    final = folder / f"send-tracker-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"
    with _told(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_unfinished(folder)
        if final.exists():
            raise NotMade(f"{final} is there already. Wait a second, and try again.")
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=folder)  # for nobody else's eyes: 0600
        try:
            with os.fdopen(handle, "w+b") as file:
                manifest = pack(file, at=at, using=using)
                file.flush()
                os.fsync(file.fileno())
            _read_back(Path(name), using)
            size, digest = os.path.getsize(name), _digest(Path(name))
            os.replace(name, final)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise
        _note(folder, {"at": at.isoformat(), "size": size, "sha256": digest, "archive": final.name})
        removed = _remove_older(folder, keep) if keep else []
    return Made(final, size, digest, manifest, removed)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """What the disk or the database refuses, in words."""
    try:
        yield
    except DatabaseError as error:
        raise NotMade(f"The database could not be read ({str(error).strip()}). No backup was made.") from error
    except OSError as error:
        if error.errno in FULL:
            raise NotMade(
                f"The disk of {folder} is full. No backup was made, and nothing of it was left; those made before are"
                " as they were. Make room, or give another folder by --to."
            ) from error
        raise NotMade(f"{error.filename or folder}: {error.strerror or error}. No backup was made.") from error


def _read_back(path: Path, using: str) -> None:
    try:
        with opened(path) as archive:
            examine(archive, using=using)
    except Unfit as error:
        raise NotMade(f"What was written could not be read back, and was thrown away: {error}") from None


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _note(folder: Path, said: dict) -> None:
    """For the page of metrics, and whoever watches. The names of the folder are brought to the disk with it."""
    unfinished = folder / f"{UNFINISHED}{LAST}"
    with unfinished.open("w") as file:
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, folder / LAST)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_older(folder: Path, keep: int) -> list[str]:
    names = sorted(path.name for path in folder.iterdir() if ARCHIVE.fullmatch(path.name))
    older = names[:-keep]
    for name in older:
        (folder / name).unlink()
    return older


def _clear_unfinished(folder: Path) -> None:
    """What a process that was killed has left; younger than a day it may be another that runs."""
    for path in folder.glob(f"{UNFINISHED}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > A_DAY:
                path.unlink()


def in_mb(size: int) -> str:
    return f"{size / MB:.1f} MB"
