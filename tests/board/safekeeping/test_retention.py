"""What is kept long enough goes; what the Board saw stays."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from board.models import Reminder
from board.safekeeping import retention
from board.safekeeping.retention import OwnerOnly, retain
from board.safekeeping.tables import kept_tables
from kpis.models import FigureImport, FilePiece
from people.models import AuditEntry, Invitation, Membership, User
from people.parking import SLOT
from strategies.models import ReportingRound
from tests.world import a_file_that_waits, a_plan_that_waits, at
from workstrands.evidence import storage
from workstrands.models import PlanFile

NOW = at(2026, 11, 26)
A_DAY = timedelta(days=1)


def taken(**options) -> dict[str, int]:
    return {rule.what: count for rule, count in retain(at=NOW, **options) if count}


def rows_everywhere() -> dict[str, int]:
    return {table.name: table.model._base_manager.count() for table in kept_tables()}


def test_nothing_that_the_board_saw_goes(world):
    before = rows_everywhere()

    assert taken(with_audit=True) == {}
    assert rows_everywhere() == before


def test_files_that_nobody_confirmed_are_forgotten(world):
    a_file_that_waits(world.area, world.kpi)
    a_plan_that_waits(world.area, world.strategy)
    FigureImport.objects.update(made_at=NOW - 2 * A_DAY)
    PlanFile.objects.update(made_at=NOW - 8 * A_DAY)

    assert taken() == {
        "figure imports that nobody confirmed": 1,
        "plans and workbooks that nobody confirmed": 1,
    }
    assert not FilePiece.objects.exists()
    assert bytes(PlanFile.objects.get().content) == b""


def test_files_that_wait_for_their_confirmation_are_left(world):
    a_file_that_waits(world.area, world.kpi)
    a_plan_that_waits(world.area, world.strategy)
    FigureImport.objects.update(made_at=NOW - timedelta(hours=23))
    PlanFile.objects.update(made_at=NOW - 6 * A_DAY)

    assert taken() == {}


def a_session(ends_at, **data) -> str:
    store = SessionStore()
    store.update({"kept": "this", **data})
    store.save()
    Session.objects.filter(pk=store.session_key).update(expire_date=ends_at)
    return store.session_key


def test_sessions_that_have_ended_go_with_what_was_noted_of_them(world):
    ended, live = a_session(NOW - A_DAY), a_session(NOW + A_DAY)
    for key in (ended, live):
        UserSession.objects.create(user=world.people["lead"], session_key=key, ip="192.0.2.1", user_agent="A browser")

    assert taken() == {"sessions that have ended": 1}
    assert Session.objects.get().pk == live
    assert UserSession.objects.get().session_key == live


def test_a_parked_form_goes_after_its_hour_and_the_session_stays(world):
    old = a_session(NOW + A_DAY, **{SLOT: {"at": (NOW - timedelta(hours=2)).timestamp(), "path": "/", "fields": {}}})
    new = a_session(NOW + A_DAY, **{SLOT: {"at": (NOW - timedelta(minutes=9)).timestamp(), "path": "/", "fields": {}}})

    assert taken() == {"forms parked when a session ran out": 1}
    assert Session.objects.get(pk=old).get_decoded() == {"kept": "this"}
    assert SLOT in Session.objects.get(pk=new).get_decoded()
    assert Session.objects.get(pk=old).expire_date == NOW + A_DAY


def test_sign_in_attempts_go_after_ninety_days(world):
    for days in (89, 91):
        said = {"username": "lead@example.test", "ip_address": f"192.0.2.{days}"}
        AccessFailureLog.objects.create(**said)
        AccessAttempt.objects.create(failures_since_start=1, **said)
        for model in (AccessFailureLog, AccessAttempt):
            model.objects.filter(ip_address=said["ip_address"]).update(attempt_time=NOW - days * A_DAY)

    assert taken() == {"sign-in attempts": 2}
    assert AccessFailureLog.objects.get().ip_address == "192.0.2.89"


def an_invitation(world, name, **moments) -> None:
    moments = {"invited_at": at(2026, 1, 1), "expires_at": at(2026, 1, 15), **moments}
    Invitation.objects.create(
        area=world.area, email=f"{name}@example.test", role="board", digest=name, invited_by=world.people["administrator"], **moments
    )  # fmt: skip


def test_invitations_go_half_a_year_after_they_ended(world):
    an_invitation(world, "ran-out")
    an_invitation(world, "used-long-ago", accepted_at=at(2026, 1, 10))
    an_invitation(world, "withdrawn-lately", withdrawn_at=at(2026, 10, 1))
    an_invitation(world, "open", invited_at=at(2026, 11, 20), expires_at=at(2026, 12, 4))

    assert taken() == {"invitations that were used, withdrawn or ran out": 2}
    assert {each.digest for each in Invitation.objects.all()} == {"withdrawn-lately", "open"}


def test_letters_of_closed_rounds_lose_their_addresses_and_are_still_not_sent_twice(world):
    round_ = ReportingRound.objects.get(meeting__area=world.area)
    letter = {"round": round_, "lead": world.lead, "stage": "opened", "address": "lead@example.test"}
    Reminder.objects.create(**letter, claimed_at=at(2024, 2, 1), sent_at=at(2024, 2, 1))

    assert taken() == {"addresses of letters of closed rounds": 1}
    assert taken() == {}
    assert Reminder.objects.get().address == ""
    assert Reminder.objects.get().sent_at == at(2024, 2, 1)


def test_letters_of_a_round_that_is_open_are_left(world):
    ReportingRound.objects.update(closed_at=None)
    round_ = ReportingRound.objects.get(meeting__area=world.area)
    letter = {"round": round_, "lead": world.lead, "stage": "opened", "address": "lead@example.test"}
    Reminder.objects.create(**letter, claimed_at=at(2024, 2, 1))

    assert taken() == {}


def test_what_signed_a_leaver_in_goes_and_their_name_stays_beside_what_they_wrote(world):
    """The lead left in June; another in November; the officer is still there."""
    User.objects.update(joined_at=at(2026, 1, 1))
    for name, left_at in (("lead", at(2026, 6, 1)), ("other_lead", at(2026, 11, 1)), ("officer", None)):
        person = world.people[name]
        Authenticator.objects.create(user=person, type="totp", data={"secret": "sealed"})
        if left_at:
            person.memberships.all().delete()
        Membership.history.filter(user=person).update(history_date=left_at or at(2026, 1, 1))

    assert taken() == {"leavers’ second factors and links to their organisation’s sign-in": 1}
    assert {each.user_id for each in Authenticator.objects.all()} == {
        world.people[name].pk for name in ("other_lead", "officer")
    }
    assert world.action.updates.get(number=1).author == world.people["lead"]


def test_entries_of_the_audit_log_go_after_six_years_and_only_when_asked(world):
    for day in (at(2020, 11, 1), at(2021, 1, 1)):
        AuditEntry.objects.create(at=day, kind="sign_in", user=world.people["lead"])

    assert taken() == {}
    assert retention.old_audit_entries(NOW) == 1
    assert taken(with_audit=True) == {"entries of the audit log": 1}
    assert AuditEntry.objects.get().at == at(2021, 1, 1)


def test_a_role_that_may_not_remove_audit_entries_is_told_whose_work_it_is(world, monkeypatch):
    """As on PostgreSQL, where the web’s role has no right to delete them."""
    a_session(NOW - A_DAY)

    def refuse(rows):
        if rows.model is AuditEntry:
            raise DatabaseError("permission denied for table people_auditentry")
        return rows.delete()[0]

    monkeypatch.setattr(retention, "_deleted", refuse)
    with pytest.raises(OwnerOnly):
        retain(at=NOW, with_audit=True)
    with pytest.raises(CommandError, match=r"naming the owner of the tables\. Nothing was taken away"):
        call_command("retain", audit=True)
    assert Session.objects.exists()


def test_a_stored_file_that_no_row_names_goes_at_last(world, files_apart, monkeypatch):
    name = storage().save("evidence/0123456789abcdef0123456789abcdef", ContentFile(b"left by a stopped process"))
    monkeypatch.setattr(type(storage()), "get_modified_time", lambda self, name: NOW - A_DAY)

    assert taken(rehearse=True) == {"stored files that no row names": 1}
    assert storage().exists(name)
    assert taken() == {"stored files that no row names": 1}
    assert not storage().exists(name)


def test_a_rehearsal_says_what_would_go_and_takes_nothing(world):
    a_session(NOW - A_DAY)
    an_invitation(world, "ran-out")
    AuditEntry.objects.create(at=at(2020, 1, 1), kind="sign_in")
    before = rows_everywhere()

    assert sum(taken(rehearse=True, with_audit=True).values()) == 3
    assert rows_everywhere() == before
    assert Session.objects.exists()


def test_the_command_says_what_went_and_how_long_each_is_kept(world, settings):
    settings.RETENTION_DAYS = {"letters": "365"}
    said = StringIO()
    call_command("retain", rehearse=True, stdout=said)

    assert "0  addresses of letters of closed rounds (kept for 365 days)" in said.getvalue()
    assert "0  sign-in attempts (kept for 90 days)" in said.getvalue()
    assert "Nothing was changed: this was a rehearsal." in said.getvalue()


@pytest.mark.parametrize("days", ["", "0", "-3", "ten", "1e9", "99999999999", "1.5"])
def test_a_period_that_is_none_is_refused_by_its_name(world, settings, days):
    settings.RETENTION_DAYS = {"audit": days}

    with pytest.raises(ImproperlyConfigured, match="RETAIN_AUDIT_DAYS is no whole number of days"):
        retain(at=NOW)
    with pytest.raises(CommandError, match="RETAIN_AUDIT_DAYS"):
        call_command("retain")


def test_a_period_of_nothing_that_is_kept_is_refused(world, settings):
    settings.RETENTION_DAYS = {"auditt": "10"}

    with pytest.raises(CommandError, match=r"RETAIN_AUDITT_DAYS is no period of retention\. There are RETAIN_SIGN_IN"):
        call_command("retain")
