"""What was backed up comes back: every table, every file, on the other database too."""

from datetime import UTC, date, datetime
from io import StringIO
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from model_bakery import baker

from board.models import SearchEntry
from board.safekeeping.making import make_backup
from board.safekeeping.packing import stored_names
from board.safekeeping.tables import MADE_AGAIN, Names, Table, kept_tables
from board.search import keeping as search
from common.secret_links import digest_of
from people.access_tokens import make_token
from people.models import AccessToken, AuditEntry, Invitation, Lead, User
from strategies.models import Area, DataVersion
from tests.board.safekeeping.conftest import MADE_AT
from tests.board.safekeeping.installations import files_in
from tests.world import (
    a_plan_that_waits,
    a_public_page,
    a_risk,
    a_secret,
    a_table_of_figures,
    a_workbook_that_waits,
    an_earlier_plan,
    at,
)
from workstrands.evidence import storage
from workstrands.models import Action, Evidence


def rows_of(table, using: str) -> list[list]:
    """As plain values; what Django numbers itself by its name."""
    writers = table.writers(Names(using))
    return [
        [value if value is None or write is None else write(value) for write, value in zip(writers, row, strict=True)]
        for row in table.rows(using)
    ]


def as_plain(rows: list[list]) -> list[list]:
    """A figure is the same figure with and without zeros at its end."""
    return [[value.rstrip("0").rstrip(".") if _is_figure(value) else value for value in row] for row in rows]


def _is_figure(value) -> bool:
    return isinstance(value, str) and value.count(".") == 1 and value.replace(".", "").lstrip("-").isdigit()


def assert_same(one: str, other: str) -> None:
    for table in kept_tables():
        assert as_plain(rows_of(table, one)) == as_plain(rows_of(table, other)), table.name


def contents(names) -> dict[str, bytes]:
    found = {}
    for name in names:
        with storage().open(name) as file:
            found[name] = file.read()
    return found


def move(to: str, folder, *, origin: str = "default", when=MADE_AT) -> dict[str, bytes]:
    """The installation `origin` into the empty one `to`, by the two commands. What the files hold there."""
    archive = make_backup(folder / "backups", at=when, using=origin).path
    with files_in(folder / f"files-of-{to}"):
        call_command("restore", archive, database=to, stdout=StringIO())
        return contents(stored_names(kept_tables(), to))


def fill_whole(world) -> None:
    """Something in (nearly) every table that the product has."""
    area, officer = world.area, world.people["officer"]
    call_command("seed", stdout=StringIO())
    call_command("demo", today=date(2026, 8, 12), stdout=StringIO())
    a_risk(world.strategy), a_public_page(area), an_earlier_plan(area), a_secret(world, "board:feed")
    a_secret(world, "board:link"), a_plan_that_waits(area, world.strategy), a_workbook_that_waits(world)
    a_table_of_figures(world)
    make_token(area, "Dashboard", by=officer, at=at(2026, 2, 1))
    moments = {"invited_at": at(2026, 2, 1), "expires_at": at(2026, 2, 15)}
    Invitation.objects.create(
        area=area, email="new@example.test", role="board", digest="d" * 64, invited_by=officer, **moments
    )
    AuditEntry.objects.create(at=at(2026, 2, 1), kind="export", user=officer, area=area, ip_address="2001:db8::1")
    for label in ("account.EmailAddress", "mfa.Authenticator", "socialaccount.SocialAccount"):
        baker.make(label, user=officer)
    baker.make("axes.AccessFailureLog", username="nobody@example.test")
    group = baker.make("auth.Group", name="Keepers")
    group.permissions.add(Permission.objects.get(codename="view_risk"))
    officer.groups.add(group)


def test_everything_comes_back_as_it_was_on_either_database(moved, on_sqlite, world, tmp_path):
    """From the database that the tests run on to SQLite, and from there to the former kind: PostgreSQL too where it is."""
    fill_whole(world)
    files = contents(stored_names(kept_tables(), "default"))
    filled = [table.name for table in kept_tables() if table.model._base_manager.exists()]

    moved_files = move(on_sqlite, tmp_path)
    assert_same("default", on_sqlite)
    assert moved_files == files

    with files_in(tmp_path / f"files-of-{on_sqlite}"):
        back = move(moved, tmp_path, origin=on_sqlite, when=datetime(2026, 3, 21, 2, 15, tzinfo=UTC))
    assert_same("default", moved)
    assert back == files
    assert files
    assert len(filled) > 95


def test_what_is_not_brought_along_is_made_again(on_sqlite, world, tmp_path):
    move(on_sqlite, tmp_path)

    assert search.is_in_step(on_sqlite)
    entries = SearchEntry.objects.order_by("kind", "row").values_list("kind", "row", "heading", "body", "scope")
    assert entries.exists()
    assert list(entries.using(on_sqlite)) == list(entries)


def test_every_table_is_brought_along_or_said_to_be_made_again():
    kept = {table.name for table in kept_tables()}
    managed = {model._meta.label_lower for model in apps.get_models(include_auto_created=True) if model._meta.managed}

    assert managed - kept == set(MADE_AGAIN)


def test_every_stored_file_lies_in_the_one_storage_that_is_backed_up():
    fields = [field for table in kept_tables() for field in table.file_fields]

    assert fields
    assert {id(field.storage) for field in fields} == {id(storages["evidence"])}


def test_sign_ins_are_not_brought_along_but_what_opens_the_installation_is(on_sqlite, world, tmp_path):
    officer = world.people["officer"]
    secret = make_token(world.area, "Dashboard", by=officer, at=at(2026, 2, 1))
    officer.set_password("a-long-enough-password")
    officer.save()
    Client().force_login(officer, "people.backends.MemberBackend")
    assert Session.objects.exists()

    move(on_sqlite, tmp_path)

    assert not Session.objects.using(on_sqlite).exists()
    restored = User.objects.using(on_sqlite).get(email=officer.email)
    assert restored.check_password("a-long-enough-password")
    assert AccessToken.objects.using(on_sqlite).get().digest == digest_of(secret)


def test_no_number_of_a_row_that_is_gone_is_given_again(moved, world, tmp_path):
    """Histories still name it."""
    gone = Lead.objects.create(area=world.area, name="Head of transport")
    number = gone.pk
    gone.delete()

    move(moved, tmp_path)

    area = Area.objects.using(moved).get(slug="northvale")
    assert Lead.objects.using(moved).create(area=area, name="Head of admissions").pk > number


def test_moments_that_models_set_by_themselves_stay_as_they_were(on_sqlite, world, tmp_path):
    officer = world.people["officer"]
    User.objects.filter(pk=officer.pk).update(joined_at=at(2020, 5, 1))

    move(on_sqlite, tmp_path)

    assert User.objects.using(on_sqlite).get(pk=officer.pk).joined_at == at(2020, 5, 1)


def test_the_number_of_the_data_moves_so_that_no_page_kept_before_is_shown(on_sqlite, world, tmp_path):
    before = DataVersion.objects.using(on_sqlite).first()

    move(on_sqlite, tmp_path)

    assert DataVersion.objects.using(on_sqlite).get().number > (before.number if before else 0)


def test_an_installation_that_holds_anything_is_not_restored_into(world, archive):
    before = {table.name: table.model._base_manager.count() for table in kept_tables()}

    with pytest.raises(CommandError, match="not empty: it holds rows in people"):
        call_command("restore", archive)

    assert {table.name: table.model._base_manager.count() for table in kept_tables()} == before


def test_an_archive_can_be_verified_where_there_is_something_already(archive):
    said = StringIO()
    call_command("restore", archive, check=True, stdout=said)

    assert "whole, and fit for this installation" in said.getvalue()


def test_a_file_that_was_missing_is_told_and_holds_nothing_up(on_sqlite, world, tmp_path):
    name = world.action.updates.get(number=1).evidence.get().file.name
    storage().delete(name)
    complaints = StringIO()
    call_command("backup", to=tmp_path / "backups", stdout=StringIO(), stderr=complaints)
    (archive,) = (tmp_path / "backups").glob("*.zip")

    with files_in(tmp_path / "empty"):
        call_command("restore", archive, database=on_sqlite, stdout=StringIO(), stderr=complaints)

    assert complaints.getvalue().count(name) == 2
    assert Evidence.objects.using(on_sqlite).get().file.name == name


def test_a_restore_that_breaks_off_takes_its_files_away_and_can_be_tried_again(moved, archive, tmp_path, monkeypatch):
    def break_off(using):
        raise OSError("the machine went to sleep")

    with files_in(tmp_path / "restored") as folder:
        monkeypatch.setattr(search, "set_up", break_off)
        with pytest.raises(OSError, match="went to sleep"):
            call_command("restore", archive, database=moved, stdout=StringIO())
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        assert not User.objects.using(moved).exists()

        monkeypatch.undo()
        call_command("restore", archive, database=moved, stdout=StringIO())
    assert_same("default", moved)


def test_a_file_that_a_killed_restore_left_is_as_good_but_another_is_never_overwritten(
    on_sqlite, world, archive, tmp_path
):
    name = world.action.updates.get(number=1).evidence.get().file.name
    content = contents([name])[name]
    with files_in(tmp_path / "restored"):
        storage().save(name, ContentFile(b"something else"))
        with pytest.raises(CommandError, match="Another file named"):
            call_command("restore", archive, database=on_sqlite, stdout=StringIO())
        assert contents([name]) == {name: b"something else"}

        storage().delete(name)
        storage().save(name, ContentFile(content))
        call_command("restore", archive, database=on_sqlite, stdout=StringIO())
        assert contents([name]) == {name: content}


def test_what_people_write_afterwards_is_found(moved, world, tmp_path):
    """The triggers stand again."""
    move(moved, tmp_path)

    action = Action.objects.using(moved).get(key="a-1")
    Action.objects.using(moved).filter(pk=action.pk).update(title="Publish the transport guide")

    found = SearchEntry.objects.using(moved).filter(heading__contains="transport guide")
    assert [entry.row for entry in found] == [action.pk]


def test_a_backup_is_of_one_moment_and_holds_no_writer_up(moved, world, tmp_path, monkeypatch):
    move(moved, tmp_path)
    writer = connections.create_connection(moved)
    writer.connect()
    rows = Table.rows

    def written_meanwhile(table, using):
        if table.name == "people.lead":
            with writer.cursor() as cursor:
                cursor.execute("UPDATE people_lead SET name = 'Somebody else'")
                cursor.execute("UPDATE people_user SET name = 'Somebody else'")
        yield from rows(table, using)

    monkeypatch.setattr(Table, "rows", written_meanwhile)
    second = make_backup(tmp_path / "second", at=MADE_AT, using=moved)
    writer.close()

    with ZipFile(second.path) as unpacked:
        assert "Somebody else" not in unpacked.read("tables/people.lead.jsonl").decode()
    assert Lead.objects.using(moved).filter(name="Somebody else").exists()


def test_a_database_that_is_not_migrated_is_told_so(archive, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [("people.0001_initial", False)])

    with pytest.raises(CommandError, match=r"Run manage\.py migrate first"):
        call_command("restore", archive)
