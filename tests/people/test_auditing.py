"""The audit log: what gets an entry, what does not, and that entries stay."""

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people import auditing
from people.auditing import entries_of
from people.models import AuditEntry
from tests.world import BACKEND, build_world

Kind = AuditEntry.Kind
PASSWORD = "a-long-and-quiet-river"


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def as_(client, world):
    def enter(who: str):
        client.force_login(world.people[who], backend=BACKEND)
        AuditEntry.objects.all()._raw_delete("default")
        return client

    return enter


def kinds() -> list[str]:
    return [entry.kind for entry in AuditEntry.objects.order_by("pk")]


def sign_in(client, email: str, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


@pytest.fixture
def officer(world):
    person = world.people["officer"]
    person.set_password(PASSWORD)
    person.save()
    return person


def test_coming_and_going_is_kept(client, officer):
    sign_in(client, officer.email)
    client.post(reverse("account_logout"))

    assert kinds() == [Kind.SIGN_IN, Kind.SIGN_OUT]
    assert {entry.user for entry in AuditEntry.objects.all()} == {officer}
    assert {entry.ip_address for entry in AuditEntry.objects.all()} == {"127.0.0.1"}


def test_a_wrong_password_is_kept_with_whose_it_was(client, officer):
    sign_in(client, officer.email.upper(), "wrong")

    assert [(entry.kind, entry.user) for entry in AuditEntry.objects.all()] == [(Kind.SIGN_IN_REFUSED, officer)]


@pytest.mark.parametrize("typed", ["nobody@elsewhere.example", "x\x00y@example.org", "", "my secret passphrase"])
def test_what_a_stranger_typed_is_not_kept(client, world, typed):
    sign_in(client, typed, "wrong")

    for entry in AuditEntry.objects.all():
        assert entry.user is None
        assert typed == "" or typed not in f"{entry.what}{entry.address}"


def test_a_lock_out_is_kept(client, officer, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, officer.email, "wrong")

    assert Kind.LOCKED_OUT in kinds()


def test_reading_about_people_is_kept_and_reading_the_plan_is_not(as_, world):
    client = as_("administrator")
    client.get(world.address("board:area"))
    assert kinds() == []

    client.get(world.address("board:people"))
    client.get(world.address("board:audit"))
    assert kinds() == [Kind.PEOPLE_READ, Kind.PEOPLE_READ]
    assert {entry.area for entry in AuditEntry.objects.all()} == {world.area}


@pytest.mark.parametrize("query", ["?_export=csv", "?_export=xlsx"])
def test_rows_taken_away_are_kept(as_, world, query):
    as_("board").get(world.address("board:actions") + query)

    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.what, entry.area) == (Kind.EXPORT, "board:actions", world.area)
    assert "_export" not in entry.address


def test_an_update_is_kept_and_a_form_that_came_back_is_not(as_, world):
    client = as_("lead")
    client.post(world.address("workstrands:update"), {"status": "R"})
    assert kinds() == []

    client.post(
        world.address("workstrands:update"),
        {
            "status": "G",
            "narrative": "On its way.",
            "seen_number": world.action.updates.count(),
            "impact": "",
            "next_steps": "",
            "cause": "",
            "escalate_to": "",
            "ask": "",
        },
    )
    assert kinds() == [Kind.CHANGE]
    assert "On its way" not in AuditEntry.objects.get().address


def test_what_was_refused_is_no_change(as_, world):
    as_("board").post(world.address("workstrands:update"), {"status": "G"})

    assert kinds() == [Kind.REFUSED]


# Refusals


def elsewhere(world, path: str = "") -> str:
    return f"/{world.other_area.slug}/{path}"


def test_what_one_s_role_does_not_open_is_kept_with_who_and_where(as_, world):
    as_("board").get(world.address("board:audit"))

    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.user, entry.area) == (Kind.REFUSED, world.people["board"], world.area)
    assert entry.address == world.address("board:audit")
    assert entry.ip_address == "127.0.0.1"


def test_another_area_s_address_is_kept_and_both_areas_see_it(as_, world):
    as_("board").get(elsewhere(world, "people/"))

    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.user, entry.area) == (Kind.REFUSED, world.people["board"], world.other_area)
    assert list(entries_of(world.area)) == list(entries_of(world.other_area)) == [entry]


@pytest.mark.parametrize(
    "path", ["no-such-area/people/", "nothing/at/all/here/", "{area}/kpis/no-such-kpi/", "{area}/?as_at=nonsense", "{area}/%00/"]
)  # fmt: skip
def test_a_mistyped_or_old_address_is_not_kept(as_, world, path):
    assert as_("board").get("/" + path.format(area=world.area.slug)).status_code == 404
    assert kinds() == []


def test_what_was_sent_to_a_record_that_is_not_one_s_own_is_kept(as_, world):
    assert as_("board").post(reverse("board:my-sign-in"), {"end": "999"}).status_code == 404

    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.area, entry.address) == (Kind.REFUSED, None, reverse("board:my-sign-in"))
    assert list(entries_of(world.area)) == [entry]


def test_what_is_sent_to_no_address_of_the_product_is_not_kept(as_, world):
    as_("board").post("/wp/login.php", {"user": "x"})
    assert kinds() == []


def test_a_form_that_another_site_sent_is_kept(world, client):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.people["officer"], backend=BACKEND)
    AuditEntry.objects.all()._raw_delete("default")
    assert strict.post(reverse("board:my-sign-in"), {"end": "others"}).status_code == 403
    assert kinds() == [Kind.REFUSED]


def test_a_visitor_s_refusals_are_not_kept(client, world):
    client.get(world.address("board:audit"))
    client.get(elsewhere(world))
    client.post(reverse("board:my-sign-in"))
    assert kinds() == []


def test_the_same_address_is_kept_once_in_ten_minutes(as_, world):
    client = as_("board")
    for _ in range(3):
        client.get(world.address("board:audit"))
    client.get(world.address("board:sign-ins"))
    assert kinds() == [Kind.REFUSED, Kind.REFUSED]


def test_nobody_floods_the_log_and_the_last_entry_says_that_there_was_more(as_, world, monkeypatch):
    monkeypatch.setattr(auditing, "MOST_REFUSALS", 4)
    client = as_("board")
    for number in range(9):
        client.get(elsewhere(world, f"kpis/{number}/"))

    assert kinds() == [Kind.REFUSED] * 4
    assert [entry.what for entry in AuditEntry.objects.order_by("pk")][-1] == auditing.AND_MORE


def test_another_s_flood_hides_nothing_of_mine_and_ten_minutes_later_it_is_kept_again(as_, world, monkeypatch):
    monkeypatch.setattr(auditing, "MOST_REFUSALS", 1)
    client = as_("board")
    client.get(elsewhere(world, "kpis/one/"))
    client.force_login(world.people["lead"], backend=BACKEND)
    client.get(elsewhere(world, "kpis/two/"))
    later = timezone.now() + auditing.REFUSALS_WITHIN
    monkeypatch.setattr(auditing.timezone, "now", lambda: later)
    client.get(elsewhere(world, "kpis/two/"))

    refused = AuditEntry.objects.filter(kind=Kind.REFUSED)
    assert [entry.user for entry in refused.order_by("pk")] == [world.people[who] for who in ("board", "lead", "lead")]


def test_secrets_and_what_cannot_be_printed_are_not_kept_of_an_address(as_, world):
    secret = "Ab3" * 12
    as_("board").post(elsewhere(world, f"actions/x%00{secret}/update/"))
    for entry in AuditEntry.objects.all():
        assert secret not in entry.address
        assert "\x00" not in entry.address


def test_a_page_that_opens_costs_no_question_more(as_, world):
    client = as_("board")
    with CaptureQueriesContext(connection) as asked:
        client.get(world.address("board:kpis"))
    assert not [query for query in asked.captured_queries if "auditentry" in query["sql"]]


# A sign-in that is changed before anybody is signed in


def test_a_password_chosen_by_the_link_of_a_letter_is_kept(client, officer, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": officer.email})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    page = client.get(link, follow=True)
    typed = {"password1": "a-short-and-noisy-brook", "password2": "a-short-and-noisy-brook"}
    client.post(page.redirect_chain[-1][0], typed)

    entry = AuditEntry.objects.get(kind=Kind.ACCOUNT)
    assert (entry.user, entry.what) == (officer, "A password chosen by the link of a letter")
    assert link.rstrip("/").rpartition("-")[2] not in entry.address


def test_another_area_sees_nothing_of_it(as_, world):
    as_("administrator").get(world.address("board:people"))

    assert entries_of(world.area).count() == 1
    assert entries_of(world.people["other_officer"].memberships.get().area).count() == 0


def test_an_entry_is_never_edited(as_, world):
    as_("administrator").get(world.address("board:people"))
    entry = AuditEntry.objects.get()
    entry.what = "nothing"

    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        AuditEntry.objects.update(what="nothing")


# PostgreSQL: by privilege


def test_only_postgresql_has_privileges(db):
    if connection.vendor == "postgresql":
        pytest.skip("This is PostgreSQL")
    with pytest.raises(CommandError, match="Only PostgreSQL"):
        call_command("grant_privileges", "pages")


@pytest.fixture
def pages_role(db):
    if connection.vendor != "postgresql":
        pytest.skip("Only PostgreSQL has privileges")
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE pages_of_a_test NOLOGIN")  # gone with the test's transaction
    return "pages_of_a_test"


def test_the_role_of_the_pages_adds_to_the_log_and_can_neither_edit_nor_delete(pages_role, as_, client, world):
    call_command("grant_privileges", pages_role)
    as_("administrator").get(world.address("board:people"))
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {pages_role}")
        try:
            cursor.execute("SELECT count(*) FROM people_auditentry")
            assert cursor.fetchone() == (1,)
            client.force_login(world.people["board"], backend=BACKEND)
            client.get(world.address("board:audit"))
            cursor.execute("SELECT count(*) FROM people_auditentry WHERE kind = 'refused'")
            assert cursor.fetchone() == (1,)
            as_adding = "INSERT INTO people_auditentry (at, kind, what, address, is_illustrative) VALUES (now(), 'change', '', '', false)"
            cursor.execute(as_adding)
            for refused in (
                "UPDATE people_auditentry SET what = 'x'",
                "DELETE FROM people_auditentry",
                "TRUNCATE people_auditentry",
            ):
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    cursor.execute(refused)
            cursor.execute("UPDATE people_user SET name = name")
        finally:
            cursor.execute("RESET ROLE")


@pytest.mark.parametrize(("role", "words"), [("no_such_role", "There is no role"), ("", "There is no role")])
def test_a_role_that_there_is_none_of_is_said(pages_role, role, words):
    with pytest.raises(CommandError, match=words):
        call_command("grant_privileges", role)


def test_the_owner_of_the_tables_is_refused(pages_role):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
    with pytest.raises(CommandError, match="may do anything"):
        call_command("grant_privileges", owner)
