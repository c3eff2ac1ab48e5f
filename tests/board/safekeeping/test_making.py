"""Archives in their folder: whole ones alone, whatever happens meanwhile."""

import json
import os
import resource
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from board.safekeeping import making
from board.safekeeping.making import NotMade, make_backup
from tests.board.safekeeping.conftest import MADE_AT


def test_the_newest_archive_is_told_beside_it_and_is_for_nobody_elses_eyes(world, tmp_path):
    folder = tmp_path / "backups"
    made = make_backup(folder, at=MADE_AT)

    said = json.loads((folder / "last.json").read_text())
    assert made.path.name == "send-tracker-20260320T021500Z.zip"
    assert said == {
        "at": "2026-03-20T02:15:00+00:00",
        "size": made.path.stat().st_size,
        "sha256": sha256(made.path.read_bytes()).hexdigest(),
        "archive": made.path.name,
    }
    assert made.path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["last.json", made.path.name]


def test_the_command_says_where_the_archive_lies_and_what_it_holds(world, tmp_path, settings):
    settings.BACKUP_ROOT = str(tmp_path / "kept")
    said = StringIO()
    call_command("backup", stdout=said)

    (archive,) = (tmp_path / "kept").glob("*.zip")
    assert str(archive) in said.getvalue()
    assert "1 file, read back." in said.getvalue()


def test_of_older_archives_so_many_stay_as_are_asked_for(world, tmp_path):
    (tmp_path / "kept-by-hand.zip").touch()
    for day in range(4):
        made = make_backup(tmp_path, at=MADE_AT + timedelta(days=day), keep=2)

    names = sorted(path.name for path in tmp_path.glob("*.zip"))
    assert names == ["kept-by-hand.zip", "send-tracker-20260322T021500Z.zip", "send-tracker-20260323T021500Z.zip"]
    assert made.removed == ["send-tracker-20260321T021500Z.zip"]


def test_keeping_none_is_refused(world, tmp_path):
    with pytest.raises(CommandError, match="--keep must be 1 or more"):
        call_command("backup", to=tmp_path, keep=0)

    assert list(tmp_path.glob("*.zip")) == []


def test_no_archive_takes_the_place_of_another(world, tmp_path):
    first = make_backup(tmp_path, at=MADE_AT)

    with pytest.raises(NotMade, match="is there already"):
        make_backup(tmp_path, at=MADE_AT)
    assert first.path.stat().st_size == first.size


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_full_disk_leaves_no_half_archive_and_says_so(world, tmp_path):
    make_backup(tmp_path, at=MADE_AT)
    before = left_in(tmp_path)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * 1024, limit[1]))
    try:
        with pytest.raises(CommandError, match=r"disk of .* is full\. No backup was made") as refused:
            call_command("backup", to=tmp_path, stdout=StringIO())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    assert "those made before are as they were" in str(refused.value)
    assert left_in(tmp_path) == before


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 16 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("Nobody may mount a file system here; the limit on files says the same")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_real_full_disk_is_told_likewise(world, small_disk):
    with pytest.raises(CommandError, match=r"is full\. No backup was made"):
        call_command("backup", to=small_disk, stdout=StringIO())

    assert left_in(small_disk) == []


def test_a_folder_that_cannot_be_is_told(world, tmp_path):
    (tmp_path / "a-file").touch()

    with pytest.raises(CommandError, match=r"a-file.*No backup was made"):
        call_command("backup", to=tmp_path / "a-file" / "backups")


def test_a_database_that_cannot_be_read_is_told(world, tmp_path, monkeypatch):
    def refuse(target, **moment):
        raise DatabaseError("permission denied for table people_user\n")

    monkeypatch.setattr(making, "pack", refuse)
    with pytest.raises(CommandError, match=r"permission denied for table people_user\)\. No backup was made"):
        call_command("backup", to=tmp_path / "backups")
    assert left_in(tmp_path / "backups") == []


def test_an_archive_that_cannot_be_read_back_is_thrown_away(world, tmp_path, monkeypatch):
    written = making.pack

    def damaged(file, **moment):
        held = written(file, **moment)
        file.seek(200)
        file.write(b"damaged on its way to the disk")
        return held

    monkeypatch.setattr(making, "pack", damaged)
    with pytest.raises(CommandError, match="could not be read back, and was thrown away"):
        call_command("backup", to=tmp_path / "backups")

    assert left_in(tmp_path / "backups") == []


def test_what_a_killed_backup_left_goes_after_a_day_but_not_while_it_may_run(world, tmp_path):
    old, new = tmp_path / ".send-tracker-old", tmp_path / ".send-tracker-new"
    for path in (old, new):
        path.touch()
    long_ago = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    os.utime(old, (long_ago, long_ago))

    make_backup(tmp_path, at=MADE_AT)

    assert not old.exists()
    assert new.exists()
