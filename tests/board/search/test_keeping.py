"""What can be found is kept in step by the database, whoever writes and however."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models.signals import post_migrate, pre_migrate

from board.models import Challenge, Decision, FamilyView, MeetingAction, SearchEntry
from board.search import keeping, sqlite
from board.search.finding import find
from board.search.sources import SOURCES
from kpis.models import Commentary, Indicator
from people.models import Lead, Partner
from priorities.models import CurrentPractice, Priority
from strategies.changes import changed_table
from strategies.models import DataVersion, GlossaryTerm, Meeting, Strategy, YouSaidWeDid
from tests.world import a_risk, at
from workstrands.models import Action, Evidence, Milestone, ProgressUpdate

NOW = at(2026, 3, 1)


def kinds_with(world, words: str) -> list[str]:
    return [count.kind for count in find(world.area, words, limit=3, at=NOW).counts]


def test_every_source_is_a_table_with_the_columns_it_names(db):
    with connection.cursor() as cursor:
        for source in SOURCES:
            columns = {c.name for c in connection.introspection.get_table_description(cursor, source.table)}
            assert set(source.watched) <= columns, source.kind


def test_no_source_holds_an_e_mail_address(world):
    said = " ".join(source.select("1 = 1") for source in SOURCES)

    assert "email" not in said
    Lead.objects.filter(pk=world.lead.pk).update(email="head@northvale.example")
    assert kinds_with(world, "head@northvale.example") == []


def test_what_is_created_is_found(world):
    assert kinds_with(world, "pathway") == ["action"]


def test_what_is_created_in_bulk_is_found(world):
    Priority.objects.bulk_create([Priority(strategy=world.strategy, ref=str(n), title="Bats") for n in range(2, 40)])

    assert [count.count for count in find(world.area, "bats", limit=3, at=NOW).counts] == [38]


def test_what_is_changed_by_update_is_found_by_its_new_words_alone(world):
    Action.objects.filter(pk=world.action.pk).update(title="Open the lighthouse")

    assert kinds_with(world, "lighthouse") == ["action"]
    assert kinds_with(world, "pathway") == []


def test_what_is_deleted_is_not_found(world):
    GlossaryTerm.objects.create(area=world.area, abbreviation="EHCP", meaning="Education, health and care plan")
    assert kinds_with(world, "EHCP") == ["term"]

    GlossaryTerm.objects.all().delete()

    assert kinds_with(world, "EHCP") == []
    assert not SearchEntry.objects.filter(kind="term").exists()


def test_what_is_rolled_back_is_not_found(world):
    with transaction.atomic():
        Action.objects.filter(pk=world.action.pk).update(title="Open the lighthouse")
        transaction.set_rollback(True)

    assert kinds_with(world, "lighthouse") == []
    assert kinds_with(world, "pathway") == ["action"]


def test_a_kpi_is_found_by_the_words_of_its_indicator_as_they_change(world):
    assert kinds_with(world, "issued") == ["kpi"]

    Indicator.objects.filter(pk=world.kpi.indicator_id).update(title="Moonlight")

    assert kinds_with(world, "moonlight") == ["kpi"]
    assert kinds_with(world, "issued") == []


def test_every_kind_of_record_can_be_found(world):
    one_of_each(world)

    found = {count.kind for count in find(world.area, "bats", limit=3, at=NOW).counts}

    by_their_own_words = {"action", "objective", "strand", "kpi", "priority", "finding", "inspection", "plan", "document",
                          "passage", "measure", "reply", "assessment", "forward"}  # fmt: skip
    assert found == {source.kind for source in SOURCES} - by_their_own_words
    assert found | by_their_own_words == {source.kind for source in SOURCES}


def one_of_each(world) -> None:
    area, meeting = world.area, Meeting.objects.get(area=world.area)
    said = {"number": 1, "recorded_at": NOW}
    update = ProgressUpdate.objects.create(
        action=world.action, area=area, number=2, recorded_at=NOW, status="G", difference_made="Bats are heard."
    )
    Evidence.objects.create(update=update, title="Bats, a survey", kind="data")
    Milestone.objects.create(action=world.action, text="Count the bats")
    Lead.objects.create(area=area, name="Head of bats")
    Partner.objects.create(area=area, name="Bats trust", sector=Partner.Sector.COUNCIL)
    CurrentPractice.objects.create(priority=world.priority, text="Bats are counted.")
    Commentary.objects.create(kpi=world.kpi, period_end=date(2025, 12, 31), text="Fewer bats.", **said)
    GlossaryTerm.objects.create(area=area, abbreviation="B", meaning="Bats")
    YouSaidWeDid.objects.create(area=area, said="More bats", did="Boxes")
    Decision.objects.create(meeting=meeting, text="Write about bats", **said)
    Challenge.objects.create(meeting=meeting, text="Why?", answer="Because of bats.", **said)
    MeetingAction.objects.create(meeting=meeting, text="Ask the bats", **said)
    FamilyView.objects.create(
        area=area, priority=world.priority, felt="yes", words="Bats!", body="Forum", said_on=date(2026, 2, 1), **said
    )
    risk = a_risk(world.strategy)
    type(risk).objects.filter(pk=risk.pk).update(mitigation="Bats")


def test_the_triggers_stand_in_the_test_database_and_migrate_does_nothing_twice(world):
    assert keeping.is_in_step()
    before = set(SearchEntry.objects.values_list("pk", flat=True))

    keeping.after_migrating(using="default", plan=[])

    assert set(SearchEntry.objects.values_list("pk", flat=True)) == before


def test_missing_triggers_are_put_back_and_what_was_missed_is_read(world):
    keeping.take_down()
    Action.objects.filter(pk=world.action.pk).update(title="Open the lighthouse")
    assert not keeping.is_in_step()

    keeping.after_migrating(using="default", plan=[])

    assert keeping.is_in_step()
    assert kinds_with(world, "lighthouse") == ["action"]
    assert kinds_with(world, "pathway") == []


def test_tidying_changes_nothing_that_is_found(world):
    Action.objects.filter(pk=world.action.pk).update(title="Open the lighthouse")

    keeping.tidy()

    assert keeping.is_in_step()
    assert kinds_with(world, "lighthouse") == ["action"]
    assert kinds_with(world, "pathway") == []


def test_a_missing_index_of_references_is_put_back(world):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL says by which definition its columns and indexes were made")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX search_refs")
    assert not keeping.is_in_step()

    keeping.after_migrating(using="default", plan=[])

    assert keeping.is_in_step()


def test_migrations_run_without_triggers_and_everything_is_read_again(world):
    keeping.before_migrating(using="default", plan=[("a migration", False)])
    assert not keeping.is_in_step()
    Action.objects.filter(pk=world.action.pk).update(title="Open the lighthouse")

    keeping.after_migrating(using="default", plan=[("a migration", False)])

    assert keeping.is_in_step()
    assert kinds_with(world, "lighthouse") == ["action"]


def test_migrate_is_listened_to():
    for signal, hook in ((pre_migrate, "search_before_migrating"), (post_migrate, "search_after_migrating")):
        assert any(key[0] == hook for key, *_ in signal.receivers)


def test_a_table_can_be_made_anew_while_the_triggers_are_down(transactional_db):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite makes tables anew")
    keeping.before_migrating(using="default", plan=[("a migration", False)])
    with connection.schema_editor() as editor:
        editor._remake_table(Strategy)

    keeping.after_migrating(using="default", plan=[("a migration", False)])

    assert keeping.is_in_step()


def test_an_emptied_database_keeps_its_triggers_and_holds_no_entry(transactional_db):
    from tests.world import build_world

    build_world()
    assert SearchEntry.objects.exists()

    call_command("flush", interactive=False, verbosity=0)

    assert keeping.is_in_step()
    assert not SearchEntry.objects.exists()


def test_what_the_triggers_write_counts_as_no_further_write(transactional_db):
    from tests.world import build_world

    world = build_world()
    number = DataVersion.objects.get().number

    Action.objects.filter(pk=world.action.pk).update(title="Open the lighthouse")

    assert DataVersion.objects.get().number == number + 1
    assert kinds_with(world, "lighthouse") == ["action"]
    assert DataVersion.objects.get().number == number + 1
    assert not changed_table("CREATE TRIGGER search_action_added AFTER INSERT ON workstrands_action")


def test_the_index_agrees_with_the_entries_after_many_changes(world):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL generates its own columns")
    for n in range(30):
        Action.objects.filter(pk=world.action.pk).update(title=f"Word{n} and word{n + 1}")
    Priority.objects.filter(pk=world.priority.pk).update(title="Élan")

    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {sqlite.WORDS}({sqlite.WORDS}, rank) VALUES ('integrity-check', 1)")
    assert kinds_with(world, "word30") == ["action"]
    assert kinds_with(world, "word3") == []


def test_a_very_long_text_can_still_be_saved(world):
    YouSaidWeDid.objects.create(area=world.area, said="bats " * 300_000, did="x" * 2_000_000)

    assert kinds_with(world, "bats") == ["said"]
