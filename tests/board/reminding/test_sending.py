"""Letters to leads leave once, whatever happens; what may not have gone an officer sends again."""

import os
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend as LocmemBackend
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.models import Reminder
from board.reminding import claim, claim_again, send_doubtful
from people.models import Lead
from strategies.models import Meeting, ReportingRound
from tests.board.reminding.the_round import (
    CLOSING,
    OPENED,
    PAGE,
    another_action,
    page,
    press,
    report,
    run,
    world_with_round,
)
from tests.other_processes import as_others_see
from tests.world import BACKEND, at
from workstrands.models import Action

# Once, whatever happens


class FailingBackend(LocmemBackend):
    def send_messages(self, messages):
        raise ConnectionResetError("the line went dead")


class UnreachedBackend(LocmemBackend):
    def open(self):
        raise ConnectionRefusedError("nobody is there")


class KilledBackend(LocmemBackend):
    def send_messages(self, messages):
        raise KeyboardInterrupt


def test_a_lead_and_stage_are_claimed_once(world):
    assert claim(world.round, world.lead, OPENED, at=at(2026, 11, 5)) is not None
    assert claim(world.round, world.lead, OPENED, at=at(2026, 11, 5)) is None
    assert claim(world.round, world.lead, CLOSING, at=at(2026, 11, 25)) is not None


def test_what_a_mail_server_refuses_is_kept_with_the_letter_and_not_tried_again(world, settings):
    settings.EMAIL_BACKEND = f"{__name__}.FailingBackend"
    with pytest.raises(CommandError, match="1 letter may not have gone"):
        run()
    reminder = Reminder.objects.get()
    assert reminder.sent_at is None
    assert "the line went dead" in reminder.problem
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert run() == []


def test_where_the_mail_server_is_not_reached_nothing_is_claimed_and_the_next_run_sends(world, settings):
    settings.EMAIL_BACKEND = f"{__name__}.UnreachedBackend"
    with pytest.raises(CommandError, match="Nothing was sent or claimed"):
        run()
    assert not Reminder.objects.exists()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(run()) == 1


def test_killed_between_claim_and_sending_it_is_listed_and_not_sent_by_the_next_run(world, settings, client, clock):
    settings.EMAIL_BACKEND = f"{__name__}.KilledBackend"
    with pytest.raises(KeyboardInterrupt):
        run()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert Reminder.objects.get().sent_at is None
    assert run() == []
    assert "Being sent" in page(client, world)
    clock.now += timedelta(hours=1)
    assert run() == []
    text = page(client, world)
    assert "Letters that may not have gone" in text
    assert "The run ended before the mail server answered." in text


# Sent again by an officer


@pytest.fixture
def doubtful(world, clock):
    reminder = claim(world.round, world.lead, OPENED, at=at(2026, 11, 5, 9))
    clock.now = at(2026, 11, 5, 12)
    return reminder


def test_an_officer_sends_a_doubtful_letter_again_and_the_row_says_so(client, world, doubtful):
    text = press(client, world, press="again", reminder=doubtful.pk, claimed_at=doubtful.claimed_at.isoformat())

    assert "has gone to head@northvale.example" in text
    assert len(mail.outbox) == 1
    doubtful.refresh_from_db()
    assert doubtful.sent_at == at(2026, 11, 5, 12)
    assert doubtful.problem == "May have gone on 5 November 2026 at 09:00 as well; sent again by officer@example.test."
    assert "Letters that may not have gone" not in text


def test_two_presses_send_one_letter(client, world, doubtful):
    fields = {"press": "again", "reminder": doubtful.pk, "claimed_at": doubtful.claimed_at.isoformat()}
    press(client, world, **fields)
    text = press(client, world, **fields)

    assert "went in the meantime" in text
    assert len(mail.outbox) == 1


def test_of_two_officers_at_once_the_second_finds_it_claimed(world, doubtful, clock):
    seen, officer = doubtful.claimed_at, world.people["officer"]
    same = Reminder.objects.get(pk=doubtful.pk)
    claim_again(doubtful, seen_claimed_at=seen, by=officer, at=clock.now)
    with pytest.raises(ValidationError, match="Somebody else is sending"):
        claim_again(same, seen_claimed_at=seen, by=officer, at=clock.now)


def test_a_letter_is_not_sent_again_once_nothing_is_awaited_or_the_round_has_closed(client, world, doubtful):
    fields = {"press": "again", "reminder": doubtful.pk, "claimed_at": doubtful.claimed_at.isoformat()}
    report(world, world.action, moment=at(2026, 11, 5, 10))
    assert "no letter is needed" in press(client, world, **fields)
    ReportingRound.objects.filter(pk=world.round.pk).update(closed_at=at(2026, 11, 5, 11))
    assert "The round is not open" in press(client, world, **fields)
    assert mail.outbox == []


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"press": "x"},
        {"press": "again", "reminder": "1", "claimed_at": "soon"},
        {"press": "again", "reminder": "٣", "claimed_at": ""},
        {"press": "again", "reminder": "9" * 30},
        {"press": "revoke", "lead": "-1"},
        {"press": "revoke", "lead": "\x00"},
    ],
)
def test_nonsense_is_answered_plainly_and_changes_nothing(client, world, doubtful, fields):
    client.force_login(world.people["officer"], backend=BACKEND)
    assert client.post(PAGE, fields).status_code in (302, 404)
    assert Reminder.objects.get().sent_at is None
    assert mail.outbox == []


def test_another_area_s_letter_cannot_be_sent_again_from_here(client, world, doubtful):
    meeting = Meeting.objects.create(area=world.other_area, held_on=date(2026, 12, 9))
    round_ = ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 11, 4), closes_on=date(2026, 11, 30))
    lead = Lead.objects.create(area=world.other_area, name="Elsewhere", email="e@southmoor.example")
    theirs = claim(round_, lead, OPENED, at=at(2026, 11, 5, 9))
    client.force_login(world.people["officer"], backend=BACKEND)

    answer = client.post(PAGE, {"press": "again", "reminder": theirs.pk, "claimed_at": theirs.claimed_at.isoformat()})

    assert answer.status_code == 404
    assert client.get(f"{PAGE}opened/{lead.pk}/").status_code == 404


# With processes of their own


def start(url: str, backend: str, folder: Path):
    environment = {
        **os.environ, "DATABASE_URL": url, "EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": str(folder), "EMAIL_URL": "",
    }  # fmt: skip
    root = django_settings.BASE_DIR
    command = [sys.executable, "manage.py", "send_reminders", "--today", "2026-11-05"]
    return subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def letters_in(folder: Path) -> int:
    return sum(file.read_text().count("Subject: Northvale") for file in folder.glob("*.log"))


@pytest.fixture
def shared(transactional_db, tmp_path):
    world = world_with_round()
    for number in range(1, 6):
        lead = Lead.objects.create(area=world.area, name=f"Lead {number}", email=f"l{number}@northvale.example")
        another_action(world, number, lead=lead)
    return as_others_see(tmp_path)


SENT = "SELECT count(*) FROM board_reminder WHERE sent_at IS NOT NULL"
CLAIMED = "SELECT count(*) FROM board_reminder WHERE sent_at IS NULL"


def test_two_runs_at_once_send_each_letter_once(shared, tmp_path):
    url, ask = shared
    folder = tmp_path / "mail"
    runs = [start(url, "tests.board.slow_mail.SlowBackend", folder) for _ in range(2)]
    said = [each.communicate(timeout=120)[0] for each in runs]

    assert [each.returncode for each in runs] == [0, 0], said
    assert letters_in(folder) == 6
    assert ask(SENT) == [(6,)]
    assert ask(CLAIMED) == [(0,)]


def test_a_run_killed_midway_leaves_its_letter_claimed_and_the_next_sends_the_rest(shared, tmp_path):
    url, ask = shared
    folder = tmp_path / "mail"
    killed = start(url, "tests.board.slow_mail.KilledAtTheThirdBackend", folder)
    killed.communicate(timeout=120)

    assert killed.returncode == 9
    assert (ask(SENT), ask(CLAIMED)) == ([(2,)], [(1,)])
    following = start(url, "tests.board.slow_mail.SlowBackend", folder)
    said = following.communicate(timeout=120)[0]
    assert following.returncode == 0, said
    assert (ask(SENT), ask(CLAIMED)) == ([(5,)], [(1,)])
    assert letters_in(folder) == 5


# All that may not have gone, at once

AGAIN = f"{PAGE}again/"


@pytest.fixture
def many_doubtful(world, clock, client):
    """Four letters whose run was killed."""
    world.doubtful = []
    for number in range(4):
        lead = Lead.objects.create(area=world.area, name=f"Lead {number}", email=f"lead{number}@northvale.example")
        another_action(world, number, lead=lead)
        world.doubtful.append(claim(world.round, lead, OPENED, at=at(2026, 11, 5, 9)))
    clock.now = at(2026, 11, 5, 12)
    client.force_login(world.people["officer"], backend=BACKEND)
    return world.doubtful


def letters_named(client) -> list[str]:
    return re.findall(r'name="letter" value="([^"]+)"', client.get(AGAIN).content.decode())


def test_all_letters_that_may_not_have_gone_go_again_at_once_and_each_says_so(client, many_doubtful):
    assert "Send all 4 again" in client.get(PAGE).content.decode()
    named = letters_named(client)
    assert len(named) == 4
    assert mail.outbox == []  # looking sends nothing

    answer = client.post(AGAIN, {"letter": named}, follow=True)

    assert "Four letters sent again." in answer.content.decode()
    assert sorted(letter.to[0] for letter in mail.outbox) == [f"lead{n}@northvale.example" for n in range(4)]
    row = Reminder.objects.get(pk=many_doubtful[0].pk)
    assert row.sent_at == at(2026, 11, 5, 12)
    assert "sent again by officer@example.test" in row.problem


def test_the_press_for_all_pressed_twice_sends_each_letter_once(client, many_doubtful):
    named = letters_named(client)
    client.post(AGAIN, {"letter": named})
    answer = client.post(AGAIN, {"letter": named}, follow=True)

    assert len(mail.outbox) == 4
    assert "Four letters of those you saw went, or changed, meanwhile: not sent again." in answer.content.decode()


def test_of_two_presses_at_once_each_letter_goes_once(world, clock, many_doubtful):
    """Both have read the rows before either has claimed one."""
    seen = [(Reminder.objects.get(pk=each.pk), each.claimed_at) for each in many_doubtful]
    same = [(Reminder.objects.get(pk=each.pk), each.claimed_at) for each in many_doubtful]
    sent = {
        "by": world.people["officer"], "clock": lambda: clock.now, "reconnect": lambda: True,
        "compose": lambda each: mail.EmailMessage("To update", to=[each.address]),
    }  # fmt: skip
    first, second = send_doubtful(seen, **sent), send_doubtful(same, **sent)

    assert (len(first.sent), len(second.sent), len(second.taken)) == (4, 0, 4)
    assert len(mail.outbox) == 4


def test_a_letter_that_was_seen_before_another_press_stays(client, world, many_doubtful):
    named, first = letters_named(client), many_doubtful[0]
    press(client, world, press="again", reminder=first.pk, claimed_at=first.claimed_at.isoformat())
    client.post(AGAIN, {"letter": named})

    assert len(mail.outbox) == 4


def test_a_mail_server_that_is_gone_leaves_the_rest_as_it_was(client, many_doubtful, monkeypatch, settings):
    named = letters_named(client)

    def gone(self):
        raise OSError("no route")

    monkeypatch.setattr(LocmemBackend, "open", gone)
    answer = client.post(AGAIN, {"letter": named}, follow=True)

    assert "The mail server was not reached (no route). Nothing was sent." in answer.content.decode()
    assert set(Reminder.objects.values_list("claimed_at", flat=True)) == {at(2026, 11, 5, 9)}


@pytest.mark.parametrize(
    "named", [[], ["x"], ["1/soon"], ["99999999999999999999/2026-11-05T09:00:00+00:00"], ["\x00/\x00"], ["/"], ["²/1"]]
)
def test_nonsense_for_all_sends_nothing(client, many_doubtful, named):
    assert client.post(AGAIN, {"letter": named}).status_code == 302
    assert mail.outbox == []


def test_a_letter_that_needs_not_go_is_named_apart_and_stays(client, world, many_doubtful):
    report(world, Action.objects.get(key="r-0"), moment=at(2026, 11, 5, 11))
    page = client.get(AGAIN).content.decode()

    assert "Not sent again" in page
    assert "Nothing is awaited from Lead 0 any more" in page
    assert len(letters_named(client)) == 3
    client.post(AGAIN, {"letter": [f"{many_doubtful[0].pk}/{many_doubtful[0].claimed_at.isoformat()}"]})
    assert mail.outbox == []


def test_without_a_letter_in_doubt_there_is_nothing_to_send_and_without_a_round_no_page(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)
    assert "No letter can be sent again." in client.get(AGAIN).content.decode()
    Meeting.objects.create(area=world.area, held_on=date(2027, 1, 6))
    assert client.get(AGAIN.replace("2026-12-09", "2027-01-06")).status_code == 404
    assert client.post(AGAIN.replace("2026-12-09", "2027-01-06")).status_code == 404


def test_the_queries_of_the_page_for_all_do_not_grow_with_letters(client, world, many_doubtful):
    client.get(AGAIN)
    with CaptureQueriesContext(connection) as few:
        client.get(AGAIN)
    for number in range(50, 60):
        lead = Lead.objects.create(area=world.area, name=f"More {number}", email=f"more{number}@northvale.example")
        another_action(world, number, lead=lead)
        claim(world.round, lead, OPENED, at=at(2026, 11, 5, 9))
    with CaptureQueriesContext(connection) as many:
        client.get(AGAIN)
    assert len(many) == len(few)
