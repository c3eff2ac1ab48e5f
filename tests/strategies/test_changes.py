"""Under which number a write counts: of one area where that is sure, otherwise of all areas."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from kpis.models import Indicator, Measurement
from people.models import Lead, Membership
from strategies import changes
from strategies.changes import OF_ONE_AREA, area_of, changed_table, in_area
from strategies.models import Area, DataVersion, SourceDocument
from strategies.models.versions import ALL_AREAS
from tests.strategies.of_one_area import sure_way, tables_of_one_area
from tests.world import at


def numbers() -> dict[int, int]:
    return dict(DataVersion.objects.values_list("area", "number"))


def moved(before: dict[int, int]) -> dict[int, int]:
    after = numbers()
    return {area: number - before.get(area, 0) for area, number in after.items() if number != before.get(area, 0)}


@pytest.fixture
def areas(transactional_db):
    return [Area.objects.create(name=name, slug=name.lower()) for name in ("Northvale", "Southmoor")]


# Which tables


def test_every_name_is_a_table():
    tables = {model._meta.db_table for model in tables_of_one_area()}
    assert {f"{app}_{name}" for app, names in OF_ONE_AREA.items() for name in names} <= tables


@pytest.mark.parametrize("model", tables_of_one_area(), ids=lambda model: model._meta.label)
def test_each_row_of_such_a_table_hangs_under_one_area(model):
    assert sure_way(model)


@pytest.mark.parametrize("model", [Area, Indicator, Measurement, Membership, SourceDocument])
def test_what_other_areas_show_counts_for_all_whoever_writes_it(model):
    with in_area(7):
        assert area_of(model._meta.db_table) == ALL_AREAS


@pytest.mark.parametrize("table", [
    "workstrands_action", "workstrands_action_kpis", "workstrands_historicalaction",
    "workstrands_historicalaction_supporting_leads", "board_meetingactionoutcome",
])  # fmt: skip
def test_what_its_own_pages_alone_show_counts_for_the_area_where_it_is_known(table):
    assert area_of(table) == ALL_AREAS
    with in_area(7):
        assert area_of(table) == 7
        with in_area(8):
            assert area_of(table) == 8
        assert area_of(table) == 7
    assert area_of(table) == ALL_AREAS


def test_a_table_that_nobody_named_counts_for_all():
    with in_area(7):
        assert area_of("board_somethingnew") == area_of("somethingnew_action") == ALL_AREAS


def test_a_block_can_answer_for_a_further_table():
    with in_area(7, also=("kpis_measurement",)):
        assert area_of("kpis_measurement") == 7
        assert area_of("kpis_indicator") == ALL_AREAS


def test_an_area_does_not_outlive_its_block_where_that_breaks_off():
    with pytest.raises(ZeroDivisionError), in_area(7):
        1 / 0  # noqa: B018 - breaks off
    assert area_of("workstrands_action") == ALL_AREAS


@pytest.mark.parametrize(("sql", "table"), [
    ('INSERT INTO "kpis_kpi" ("id") VALUES (1)', "kpis_kpi"),
    ('UPDATE "kpis_kpi" SET "tolerance" = 1', "kpis_kpi"),
    ('DELETE FROM "kpis_kpi" WHERE 1', "kpis_kpi"),
    ('SELECT "kpis_kpi"."id" FROM "kpis_kpi"', ""),
    ('UPDATE "people_user" SET "last_login" = 1', ""),
    ('UPDATE "board_roundlink" SET "last_used_at" = 1', ""),
    ('INSERT INTO "people_auditentry" ("id") VALUES (1)', ""),
    ('UPDATE "strategies_dataversion" SET "number" = 1', ""),
    ('INSERT INTO "django_session" ("id") VALUES (1)', ""),
])  # fmt: skip
def test_what_a_statement_changes(sql, table):
    assert changed_table(sql) == table


# The numbers


def test_the_number_of_an_area_moves_by_its_own_writes_and_by_those_of_all(areas):
    here, there = areas
    before = DataVersion.of([here.pk, there.pk])
    with in_area(here.pk):
        Lead.objects.create(area=here, name="Head of SEND")
    after = DataVersion.of([here.pk, there.pk])
    assert after[here.pk] > before[here.pk]
    assert after[there.pk] == before[there.pk]

    Lead.objects.create(area=here, name="Head of nobody knows what")
    last = DataVersion.of([here.pk, there.pk])
    assert last[here.pk] > after[here.pk]
    assert last[there.pk] > after[there.pk]


def test_the_number_read_with_other_rows_is_the_same_one(areas):
    with in_area(areas[0].pk):
        Lead.objects.create(area=areas[0], name="Head of SEND")
    read = dict(Area.objects.annotate(version=DataVersion.beside("pk")).values_list("pk", "version"))
    assert read == DataVersion.of([area.pk for area in areas])


def test_one_transaction_moves_each_number_once_and_none_where_it_is_undone(areas):
    here = areas[0]
    before = numbers()
    with transaction.atomic(), in_area(here.pk):
        for name in ("One", "Two"):
            Lead.objects.create(area=here, name=name)
            Indicator.objects.create(code=name.lower(), title=name)
        assert numbers() == before
    assert moved(before) == {ALL_AREAS: 1, here.pk: 1}
    before = numbers()
    with transaction.atomic(), in_area(here.pk):
        Lead.objects.create(area=here, name="Three")
        transaction.set_rollback(True)
    assert moved(before) == {}


def test_a_number_moves_too_where_the_part_that_first_asked_for_it_was_undone(areas):
    here = areas[0]
    before = numbers()
    with transaction.atomic(), in_area(here.pk):
        with transaction.atomic():
            Lead.objects.create(area=here, name="Undone")
            transaction.set_rollback(True)
        Lead.objects.create(area=here, name="Kept")
    assert moved(before) == {here.pk: 1}


def test_one_first_write_that_another_overtakes_is_counted(areas, monkeypatch):
    """Both find no row; the second to add it counts on what the first has added."""
    save = DataVersion.save

    def overtaken(self, *args, **kwargs):
        monkeypatch.setattr(DataVersion, "save", save)
        DataVersion.move(self.area)
        save(self, *args, **kwargs)

    monkeypatch.setattr(DataVersion, "save", overtaken)
    DataVersion.move(areas[0].pk)
    assert numbers()[areas[0].pk] == 2


def test_a_first_row_that_cannot_be_added_is_no_silence(areas, monkeypatch):
    """A number that stood still unnoticed would leave old pages standing."""

    def refused(self, *args, **kwargs):
        raise IntegrityError("some other key")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(DataVersion, "save", refused)
        with pytest.raises(IntegrityError):
            DataVersion.move(areas[0].pk)


def test_the_migration_moves_the_number_it_finds_and_areas_find_their_place_behind_it(areas):
    """The row of before was given its key, which PostgreSQL does not count by itself."""
    migration = import_module("strategies.migrations.0011_number_of_each_area")
    DataVersion.objects.all().delete()
    newest = DataVersion.objects.create(area=99).pk
    DataVersion.objects.create(pk=newest + 1, number=7)
    with connection.schema_editor() as editor:
        migration.move(apps, editor)
        migration.count_on(apps, editor)
    DataVersion.move(areas[0].pk)
    assert numbers() == {99: 1, ALL_AREAS: 8, areas[0].pk: 1}


def test_an_area_that_is_gone_leaves_its_number_so_that_it_never_begins_anew(areas):
    gone = areas[0].pk
    DataVersion.move(gone)
    areas[0].delete()
    assert gone in numbers()


def test_before_there_are_numbers_writes_go_through(areas, monkeypatch):
    """As earlier migrations write, on a database that has the table of before."""

    def no_such_column(*args, **kwargs):
        raise DatabaseError("no such column: area")

    monkeypatch.setattr(DataVersion, "move", no_such_column)
    with pytest.raises(DatabaseError):
        Lead.objects.create(area=areas[0], name="Of today")
    monkeypatch.setattr(changes, "holds_numbers", lambda connection: False)
    Lead.objects.create(area=areas[0], name="Of before")


def test_whether_there_are_numbers_is_seen_by_the_column(db, monkeypatch):
    assert changes.holds_numbers(connection)
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, changes.APART)
    of_before = [column for column in described if column.name != "area"]
    monkeypatch.setattr(connection.introspection, "get_table_description", lambda cursor, table: of_before)
    assert not changes.holds_numbers(connection)


# Two who write at once


@pytest.fixture
def somebody_else(areas):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time, whatever they write")
    other = connection.copy()
    yield other
    other.close()


def test_two_who_write_in_two_areas_do_not_wait_for_each_other(areas, somebody_else):
    here, there = (area.pk for area in areas)
    for area in (ALL_AREAS, here, there):
        DataVersion.move(area)
    with somebody_else.cursor() as cursor, connection.cursor() as own:
        own.execute("SET lock_timeout = '300ms'")
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM strategies_dataversion WHERE area = %s FOR UPDATE", [there])
        before = numbers()
        with in_area(here):
            Lead.objects.create(area=areas[0], name="Head of SEND")
        assert set(moved(before)) == {here}
        with in_area(there), pytest.raises(OperationalError, match="lock timeout"):
            Lead.objects.create(area=areas[1], name="Head of SEND")
        cursor.execute("ROLLBACK")
        own.execute("RESET lock_timeout")


def test_whoever_writes_in_an_area_does_not_wait_for_who_writes_what_all_areas_share(areas, somebody_else):
    here = areas[0].pk
    DataVersion.move()
    with somebody_else.cursor() as cursor, connection.cursor() as own:
        own.execute("SET lock_timeout = '300ms'")
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM strategies_dataversion WHERE area = 0 FOR UPDATE")
        with in_area(here):
            Lead.objects.create(area=areas[0], name="Head of SEND")
        with pytest.raises(OperationalError, match="lock timeout"):
            Lead.objects.create(area=areas[0], name="Written nobody knows where")
        cursor.execute("ROLLBACK")
        own.execute("RESET lock_timeout")


def test_statements_that_write_many_rows_are_seen_too(areas):
    here = areas[0]
    with in_area(here.pk):
        before = numbers()
        Lead.objects.bulk_create([Lead(area=here, name=str(n)) for n in range(3)])
        assert moved(before) == {here.pk: 1}
        before = numbers()
        Lead.objects.update(role="Head")
        assert moved(before) == {here.pk: 1}
        before = numbers()
        Lead.objects.all().delete()
        assert set(moved(before)) == {here.pk}


def test_a_database_that_was_restored_counts_on_beyond_what_was_given_out(db, monkeypatch):
    """A program may still hold the answer to an old number, and no number comes back from a backup."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 11, 26))
    DataVersion.objects.all().delete()
    for _ in range(30):
        DataVersion.move()
        DataVersion.move(7)
    given_out = DataVersion.of([7])[7]

    DataVersion.objects.all().delete()
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 11, 26, 13))
    DataVersion.move()

    assert DataVersion.of([7])[7] > given_out
