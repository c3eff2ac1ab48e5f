"""Archives that were damaged, tampered with or made to harm: refused with a reason, and nothing written."""

import io
import json
import random
import struct
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from board.safekeeping import archive as archives
from board.safekeeping.archive import Unfit
from board.safekeeping.tables import kept_tables
from people.models import User
from tests.board.safekeeping.installations import files_in

LEADS = "tables/people.lead.jsonl"


class Unpacked:
    """The parts of an archive, to be changed and packed again."""

    def __init__(self, path: Path):
        with zipfile.ZipFile(path) as file:
            self.parts = {name: file.read(name) for name in file.namelist()}
        self.manifest = json.loads(self.parts["manifest.json"])

    def table(self, name: str) -> dict:
        return next(table for table in self.manifest["tables"] if table["name"] == name)

    @property
    def file(self) -> dict:
        return self.manifest["files"][0]

    def set(self, name: str, content: bytes) -> None:
        """Other content, with a manifest that says that it is right."""
        self.parts[name] = content
        label = name.removeprefix("tables/").removesuffix(".jsonl").removeprefix("files/")
        for part in self.manifest["tables"] + self.manifest["files"]:
            if part["name"] == label:
                part |= {"bytes": len(content), "sha256": sha256(content).hexdigest()}

    def rows(self, name: str) -> list[list]:
        return [json.loads(line) for line in self.parts[f"tables/{name}.jsonl"].splitlines()]

    def set_rows(self, name: str, rows: list) -> None:
        self.set(f"tables/{name}.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows).encode())
        self.table(name)["rows"] = len(rows)

    def set_cell(self, name: str, column: str, value) -> None:
        rows = self.rows(name)
        rows[0][self.table(name)["columns"].index(column)] = value
        self.set_rows(name, rows)

    def rename_file(self, name: str) -> None:
        self.parts[f"files/{name}"] = self.parts.pop(f"files/{self.file['name']}")
        self.file["name"] = name

    def pack(self, path: Path) -> Path:
        self.parts["manifest.json"] = json.dumps(self.manifest).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in self.parts.items():
                file.writestr(name, content)
        return path


def a_wrong_hash(it: Unpacked) -> None:
    it.table("people.lead")["sha256"] = "0" * 64


def a_changed_table(it: Unpacked) -> None:
    it.parts[LEADS] = it.parts[LEADS].replace(b"Head of SEND", b"Head of SENT")


def a_changed_file(it: Unpacked) -> None:
    name = f"files/{it.file['name']}"
    it.parts[name] = it.parts[name][:-1] + b"!"


def a_missing_table(it: Unpacked) -> None:
    it.manifest["tables"].remove(it.table("people.lead"))
    del it.parts[LEADS]


def a_table_that_is_only_listed(it: Unpacked) -> None:
    del it.parts[LEADS]


def an_unknown_table(it: Unpacked) -> None:
    it.parts["tables/people.spy.jsonl"] = b""
    it.manifest["tables"].append(it.table("people.lead") | {"name": "people.spy", "bytes": 0, "rows": 0})


def an_extra_column(it: Unpacked) -> None:
    it.table("people.user")["columns"].append("is_staff")


def columns_in_another_order(it: Unpacked) -> None:
    it.table("people.user")["columns"].reverse()


def a_part_that_is_not_listed(it: Unpacked) -> None:
    it.parts["tables/../../etc/cron.d/job"] = b"* * * * * root true"


def a_row_too_few(it: Unpacked) -> None:
    it.table("people.lead")["rows"] += 1


def a_row_too_short(it: Unpacked) -> None:
    it.set_rows("people.lead", [row[:-1] for row in it.rows("people.lead")])


def a_row_that_is_no_list(it: Unpacked) -> None:
    it.set_rows("people.lead", [{"name": "Head of SEND"}])


def a_line_that_is_no_json(it: Unpacked) -> None:
    it.set(LEADS, b"[1, 2\n")


def a_line_without_an_end(it: Unpacked) -> None:
    it.set(LEADS, it.parts[LEADS].rstrip(b"\n"))


def nested_without_end(it: Unpacked) -> None:
    it.set(LEADS, b"[" * 200_000 + b"\n")


def words_for_a_number(it: Unpacked) -> None:
    it.set_cell("people.lead", "id", "1; DROP TABLE people_lead")


def yes_for_a_number(it: Unpacked) -> None:
    it.set_cell("people.lead", "id", True)


def a_day_that_never_was(it: Unpacked) -> None:
    it.set_cell("strategies.meeting", "held_on", "2026-02-30")


def nothing_where_something_must_be(it: Unpacked) -> None:
    it.set_cell("people.lead", "name", None)


def bytes_that_are_none(it: Unpacked) -> None:
    it.set_cell("board.packfile", "content", "no base64!")


def a_link_to_nothing(it: Unpacked) -> None:
    it.set_cell("people.lead", "partner_id", 999_999)


def a_row_twice(it: Unpacked) -> None:
    rows = it.rows("people.lead")
    it.set_rows("people.lead", [*rows, rows[0]])


def a_status_that_breaks_a_promise(it: Unpacked) -> None:
    """Off track, and not what happens next: a constraint of the database."""
    it.set_cell("workstrands.progressupdate", "status", "R")


def a_file_out_of_its_folder(it: Unpacked) -> None:
    it.rename_file("evidence/../../../../tmp/owned")


def a_file_by_a_whole_path(it: Unpacked) -> None:
    it.rename_file("/etc/owned")


def a_file_by_a_path_of_windows(it: Unpacked) -> None:
    it.rename_file("evidence\\..\\owned")


def a_file_that_no_row_names(it: Unpacked) -> None:
    it.rename_file("evidence/0123456789abcdef0123456789abcdef")


def a_named_file_left_out(it: Unpacked) -> None:
    del it.parts[f"files/{it.file['name']}"]
    it.manifest["files"] = []


def another_format(it: Unpacked) -> None:
    it.manifest["format"] = 99


def a_list_for_a_manifest(it: Unpacked) -> None:
    it.manifest = ["format", 1]


def a_manifest_without_tables(it: Unpacked) -> None:
    del it.manifest["tables"]


def a_part_with_more_to_say(it: Unpacked) -> None:
    it.table("people.lead")["mode"] = "0777"


def less_than_nothing(it: Unpacked) -> None:
    it.table("people.lead")["rows"] = -1


def an_older_version(it: Unpacked) -> None:
    it.manifest |= {"product": "0.0.9", "migrations": it.manifest["migrations"][1:]}


def a_newer_version(it: Unpacked) -> None:
    it.manifest["product"] = "7.0"
    it.manifest["migrations"].append(["people", "0099_not_yet"])


TAMPERED = [
    (a_wrong_hash, "its SHA-256 differs"),
    (a_changed_table, "its SHA-256 differs"),
    (a_changed_file, "its SHA-256 differs"),
    (a_missing_table, "lacks 1 table: people.lead"),
    (a_table_that_is_only_listed, "'tables/people.lead.jsonl' is missing from the archive"),
    (an_unknown_table, "a table that is not known here: 'people.spy'"),
    (an_extra_column, "columns of people.user are not those known here: is_staff"),
    (columns_in_another_order, "columns of people.user are not those known here"),
    (a_part_that_is_not_listed, "is not in manifest.json"),
    (a_row_too_few, "The table people.lead has 2 rows"),
    (a_row_too_short, "people.lead, row 1: is no list of the table’s columns"),
    (a_row_that_is_no_list, "people.lead, row 1: is no list of the table’s columns"),
    (a_line_that_is_no_json, "people.lead, row 1"),
    (a_line_without_an_end, "longer than any row, or breaks off"),
    (nested_without_end, "people.lead, row 1"),
    (words_for_a_number, "people.lead, row 1: id holds no int"),
    (yes_for_a_number, "people.lead, row 1: id holds no int"),
    (a_day_that_never_was, "strategies.meeting, row 1: held_on"),
    (nothing_where_something_must_be, "people.lead, row 1: name is empty"),
    (bytes_that_are_none, "board.packfile, row 1: content is not base64"),
    (a_link_to_nothing, "A row of people.lead points at one that is not there"),
    (a_row_twice, "The database did not take it"),
    (a_status_that_breaks_a_promise, "The database did not take it"),
    (a_file_out_of_its_folder, "which is no name of a stored file"),
    (a_file_by_a_whole_path, "which is no name of a stored file"),
    (a_file_by_a_path_of_windows, "which is no name of a stored file"),
    (a_file_that_no_row_names, "a file that no row names"),
    (a_named_file_left_out, "which a row names"),
    (another_format, "of another format (99)"),
    (a_list_for_a_manifest, "manifest.json cannot be read"),
    (a_manifest_without_tables, "manifest.json cannot be read"),
    (a_part_with_more_to_say, "manifest.json cannot be read"),
    (less_than_nothing, "manifest.json cannot be read"),
]


def refused(path: Path, moved: str, folder: Path) -> str:
    """What the command says; after making sure that it wrote neither a row nor a file."""
    with files_in(folder / "restored") as files:
        with pytest.raises(CommandError) as said:
            call_command("restore", path, database=moved, stdout=io.StringIO())
        assert [found for found in files.rglob("*") if found.is_file()] == []
    assert [table.name for table in kept_tables() if table.model._base_manager.using(moved).exists()] == []
    return str(said.value)


def test_what_was_tampered_with_is_refused_with_a_reason_and_nothing_is_written(moved, archive, tmp_path):
    """One installation for all of them: each must leave it as empty as it was."""
    wrong = {}
    for tamper, reason in TAMPERED:
        unpacked = Unpacked(archive)
        tamper(unpacked)
        said = refused(unpacked.pack(tmp_path / f"{tamper.__name__}.zip"), moved, tmp_path)
        if reason not in said:
            wrong[tamper.__name__] = said
    assert wrong == {}

    with files_in(tmp_path / "restored"):
        call_command("restore", archive, database=moved, stdout=io.StringIO())
    assert User.objects.using(moved).count() == User.objects.count()


def test_another_version_of_the_product_is_named(on_sqlite, archive, tmp_path, monkeypatch):
    applied = [("people", "0001_initial"), ("people", "0002_second")]
    monkeypatch.setattr(archives, "applied_migrations", lambda using: applied)
    unpacked = Unpacked(archive)
    unpacked.manifest["migrations"] = [list(pair) for pair in applied]
    an_older_version(unpacked)
    said = refused(unpacked.pack(tmp_path / "older.zip"), on_sqlite, tmp_path)
    assert "made by version 0.0.9 of the product, and this is 0.1.0" in said
    assert "It is from before people.0001_initial. Install version 0.0.9" in said

    unpacked = Unpacked(archive)
    unpacked.manifest["migrations"] = [list(pair) for pair in applied]
    a_newer_version(unpacked)
    said = refused(unpacked.pack(tmp_path / "newer.zip"), on_sqlite, tmp_path)
    assert "It knows people.0099_not_yet, which is not applied here. Install version 7.0" in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "damaged, or no backup at all"),
        (b"not a zip file at all", "damaged, or no backup at all"),
        (b"PK\x03\x04" + b"\0" * 200, "damaged, or no backup at all"),
    ],
)
def test_what_is_no_archive_is_told_so(on_sqlite, tmp_path, content, reason):
    path = tmp_path / "no-archive.zip"
    path.write_bytes(content)

    assert reason in refused(path, on_sqlite, tmp_path)


def test_an_archive_that_is_not_there_is_told_so(on_sqlite, tmp_path):
    assert "cannot be opened: No such file or directory" in refused(tmp_path / "nowhere.zip", on_sqlite, tmp_path)


def test_an_archive_cut_short_anywhere_is_refused(on_sqlite, archive, tmp_path):
    content = archive.read_bytes()
    for part in (0.1, 0.5, 0.9, 0.999):
        path = tmp_path / "short.zip"
        path.write_bytes(content[: int(len(content) * part)])
        assert "damaged" in refused(path, on_sqlite, tmp_path)


def test_an_archive_with_damaged_bytes_anywhere_is_refused_and_breaks_nothing(on_sqlite, archive, tmp_path):
    """Or what was damaged says nothing, such as a moment in the zip file's own list."""
    content, draw, refusals = archive.read_bytes(), random.Random(7), 0
    for place in [*draw.sample(range(len(content)), 60), *range(len(content) - 300, len(content), 5)]:
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        (tmp_path / "damaged.zip").write_bytes(damaged)
        try:
            with archives.opened(tmp_path / "damaged.zip") as held:
                archives.examine(held, using=on_sqlite)
        except Unfit:
            refusals += 1
    assert refusals > 60  # of 120; which bytes say nothing differs with the files


def test_a_part_packed_in_another_way_is_refused(on_sqlite, archive, tmp_path):
    path = tmp_path / "packed.zip"
    unpacked = Unpacked(archive)
    unpacked.pack(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as file:
        file.writestr("tables/more.jsonl", b"")

    assert "packed in a way that no backup" in refused(path, on_sqlite, tmp_path)


def test_a_bomb_is_not_opened(on_sqlite, archive, tmp_path, monkeypatch):
    """A table of zeros that packs to a thousandth; the bounds are set lower so that the test needs no gigabytes."""
    monkeypatch.setattr(archives, "ALLOWED_ANYWAY", 1024)
    unpacked = Unpacked(archive)
    unpacked.set(LEADS, b"0" * 50_000_000)

    assert "unpacks to far more than any backup" in refused(unpacked.pack(tmp_path / "bomb.zip"), on_sqlite, tmp_path)


def test_a_row_beyond_all_bounds_is_not_read_whole(on_sqlite, archive, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "LONGEST_LINE", 4096)
    unpacked = Unpacked(archive)
    unpacked.set_cell("people.lead", "name", "x" * 5000)

    assert "longer than any row" in refused(unpacked.pack(tmp_path / "long.zip"), on_sqlite, tmp_path)


def test_a_size_that_lies_is_found_out(on_sqlite, archive, tmp_path):
    """The zip file's own list says less than the part unpacks to."""
    path = Unpacked(archive).pack(tmp_path / "lies.zip")
    content = bytearray(path.read_bytes())
    at = content.rfind(LEADS.encode()) - 46
    assert content[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<L", content, at + 24, 3)
    path.write_bytes(content)

    assert "has 3 bytes, and manifest.json says" in refused(path, on_sqlite, tmp_path)


def test_two_parts_of_one_name_are_refused(on_sqlite, archive, tmp_path):
    path = Unpacked(archive).pack(tmp_path / "twice.zip")
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as file:
        file.writestr(LEADS, b"")

    assert "two parts of one name" in refused(path, on_sqlite, tmp_path)


def test_more_parts_than_any_backup_has_are_not_listed(on_sqlite, archive, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_OF_LIST", 1000)

    assert "more parts than any backup" in refused(archive, on_sqlite, tmp_path)
