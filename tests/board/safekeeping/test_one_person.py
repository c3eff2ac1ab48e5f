"""Everything that is held about one person, and nothing of anybody else."""

import json
import re
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessFailureLog
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.test.utils import isolate_apps

from board.models import Attendance, Challenge, Decision, Reminder
from board.safekeeping import one_person
from board.safekeeping.one_person import TIES, keys_to_people, name_of, uncovered
from people.access_tokens import make_token
from people.models import AuditEntry, Invitation, Lead, User
from strategies.models import Meeting, ReportingRound
from tests.world import at

EMAIL = "lead@example.test"


def asked(email: str, folder: Path) -> dict[str, list[dict]]:
    to = folder / "held.zip"
    call_command("subject_access", email, to=to, stdout=StringIO())
    with zipfile.ZipFile(to) as packed:
        assert packed.namelist() == ["what-is-held.html", "what-is-held.json"]
        return json.loads(packed.read("what-is-held.json"))["held"]


def page_of(folder: Path) -> str:
    with zipfile.ZipFile(folder / "held.zip") as packed:
        return packed.read("what-is-held.html").decode()


# Nothing is forgotten


def test_every_key_to_a_person_says_what_it_means():
    assert uncovered() == []


def test_no_key_is_named_that_is_gone():
    there = {name_of(model, key) for model, key in keys_to_people()}

    assert TIES.keys() - there == set()


@isolate_apps("people")
def test_a_model_that_comes_later_is_not_forgotten(db, tmp_path, monkeypatch):
    class Note(models.Model):
        about = models.ForeignKey(User, models.CASCADE)

        class Meta:
            app_label = "people"

    found = [*apps.get_models(include_auto_created=True), Note]
    assert uncovered(found) == ["people.Note.about"]

    monkeypatch.setattr(one_person, "uncovered", lambda: ["people.Note.about"])
    with pytest.raises(CommandError, match=r"people\.Note\.about: say in board/safekeeping/one_person\.py"):
        call_command("subject_access", EMAIL, to=tmp_path / "held.zip")
    assert not (tmp_path / "held.zip").exists()


# What is in it


def test_what_a_person_is_wrote_and_was_sent_is_in_it(world, tmp_path):
    lead = world.people["lead"]
    meeting = Meeting.objects.get(area=world.area)
    round_ = ReportingRound.objects.get(meeting=meeting)
    make_token(world.area, "Power BI", by=lead, at=at(2026, 2, 1))
    Client().force_login(lead, "people.backends.MemberBackend")
    AuditEntry.objects.create(at=at(2026, 2, 2), kind="export", user=lead, area=world.area, what="board:actions")
    Attendance.objects.create(meeting=meeting, user=lead, name="Head of SEND")
    Decision.objects.create(
        meeting=meeting, number=1, recorded_at=at(2026, 3, 18), recorded_by=lead, text="Write to the trust"
    )
    Reminder.objects.create(
        round=round_, lead=world.lead, stage="opened", address=EMAIL, claimed_at=at(2026, 2, 1), sent_at=at(2026, 2, 1)
    )
    AccessFailureLog.objects.create(username=EMAIL, ip_address="192.0.2.7")

    held = asked(EMAIL, tmp_path)

    assert held["The sign-in"][0]["Email address"] == EMAIL
    assert held["Memberships"][0]["Role"] == "Lead"
    assert held["Earlier and present versions of memberships"][0]["History type"] == "Created"
    assert held["Leads"][0]["Name"] == "Head of SEND"
    assert [row["How it is going"] for row in held["Progress updates: written or recorded by this person"]] == [
        "Going well."
    ]
    assert held["Decisions: written or recorded by this person"][0]["What was decided"] == "Write to the trust"
    assert held["Access tokens"][0]["What it is for"] == "Power BI"
    assert "board:actions" in [row.get("What") for row in held["Audit entries"]]
    assert held["Letters sent"][0]["Address"] == EMAIL
    assert held["Attempts to sign in"][0]["IP Address"] == "192.0.2.7"
    assert len(held["Sessions that are open"]) == 1
    assert {row["As"] for row in held["Work this person leads, owns or supports"]} >= {"lead", "owner"}
    assert "Going well." in page_of(tmp_path)


def test_the_page_can_be_read_and_runs_nothing_that_people_wrote(world, tmp_path):
    Lead.objects.filter(pk=world.lead.pk).update(role="<script>alert(1)</script>")
    asked(EMAIL, tmp_path)

    page = page_of(tmp_path)
    assert "<h1>What is held about lead@example.test</h1>" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_no_secret_is_in_it(world, tmp_path):
    lead = world.people["lead"]
    lead.set_password("a-long-enough-password")
    lead.save()
    secret = make_token(world.area, "Power BI", by=lead, at=at(2026, 2, 1))
    Authenticator.objects.create(user=lead, type="totp", data={"secret": "SEALEDSECRET"})
    client = Client()
    client.force_login(lead, "people.backends.MemberBackend")

    said = json.dumps(asked(EMAIL, tmp_path))

    digest = lead.access_tokens.get().digest
    for kept in (secret, digest, lead.password, "SEALEDSECRET", client.session.session_key):
        assert kept not in said


def test_nothing_of_anybody_else_is_in_it(world, tmp_path):
    """Though they invited, recorded, changed and were written about."""
    officer = world.people["officer"]
    meeting = Meeting.objects.get(area=world.area)
    other = Lead.objects.get(name="Another lead")
    other._history_user = officer
    other.email = "private@example.test"
    other.save()
    Invitation.objects.create(
        area=world.area, email="invited@example.test", name="Somebody invited", role="lead", lead=other, digest="d",
        invited_by=officer, invited_at=at(2026, 2, 1), expires_at=at(2026, 2, 15),
    )  # fmt: skip
    said = {"meeting": meeting, "number": 1, "recorded_at": at(2026, 3, 18), "recorded_by": officer}
    Challenge.objects.create(**said, text="Why so late?", raised_by="A named member")
    Decision.objects.create(**said, text="Write to the trust", owner=other, owner_text="A named owner")
    world.action.updates.model.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 2, 11), status="G", narrative="By telephone.",
        author=officer, on_behalf_of=other,
    )  # fmt: skip

    held = asked("officer@example.test", tmp_path)
    everything = json.dumps(held) + page_of(tmp_path)

    assert held["Progress updates: written or recorded by this person"][0]["On behalf of"] == "another lead"
    assert held["Changes made to records"][0]["Record"] == f"Lead no. {other.pk}"
    assert len(held["Invitations: written or recorded by this person"]) == 1
    for private in ("Another lead", "private@", "invited@", "Somebody invited", "A named member", "A named owner"):
        assert private not in everything
    assert set(re.findall(r"[\w.]+@example\.test", everything)) == {"officer@example.test"}


def test_whoever_held_a_post_before_is_somebody_else(world, tmp_path):
    """The post's record is kept when somebody new takes it."""
    world.lead.name, world.lead.email, world.lead.user = "The one before", "before@example.test", None
    world.lead.save()
    world.lead.name, world.lead.email, world.lead.user = "Head of SEND", EMAIL, world.people["lead"]
    world.lead.save()

    assert "before" not in json.dumps(asked(EMAIL, tmp_path))


def test_somebody_without_a_sign_in_is_found_by_their_address(world, tmp_path):
    Lead.objects.filter(name="Another lead").update(user=None, email="Post@example.test")

    held = asked("post@example.test", tmp_path)

    assert held["Leads with this address"][0]["Name"] == "Another lead"
    assert "The sign-in" not in held


def test_the_audit_log_says_that_it_was_asked(world, tmp_path):
    asked(EMAIL, tmp_path)

    entry = AuditEntry.objects.get(kind="export")
    assert entry.what == f"subject access, sign-in no. {world.people['lead'].pk}"


# What is given is looked at


def test_the_file_is_for_nobody_elses_eyes_and_is_never_written_over(world, tmp_path):
    asked(EMAIL, tmp_path)
    assert (tmp_path / "held.zip").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["held.zip"]

    with pytest.raises(CommandError, match="is there already"):
        call_command("subject_access", EMAIL, to=tmp_path / "held.zip")


@pytest.mark.parametrize("to", ["held.txt", "no-such-folder/held.zip"])
def test_a_file_that_cannot_be_is_told(world, tmp_path, to):
    with pytest.raises(CommandError, match=r"--to must name a file that ends in \.zip, in a folder that is there"):
        call_command("subject_access", EMAIL, to=tmp_path / to)


@pytest.mark.parametrize("email", ["nobody@example.test", "", "not an address", "nul\x00@example.test"])
def test_an_address_of_which_nothing_is_held_is_told(world, tmp_path, email):
    with pytest.raises(CommandError, match=r"Nothing is held about|is no email address"):
        call_command("subject_access", email, to=tmp_path / "held.zip")
    assert not (tmp_path / "held.zip").exists()
