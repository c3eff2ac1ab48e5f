"""Letters to leads: which is due, to whom, what it says; sent once whatever happens."""

import os
import re
import sqlite3
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend as LocmemBackend
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.models import Reminder, RoundLink, UpdateReview
from board.reminding import claim, claim_again, due_stage, is_outdated, send_doubtful, stage_days, stage_on
from board.vocabulary import ReminderStage
from people.models import Lead, Membership, User
from strategies.models import Meeting, ReportingRound
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Deadline, Placement, ProgressUpdate

OPENED, CLOSING, OVERDUE, COPY = ReminderStage
# Opened on Wednesday 4 November, asked for by Monday 30 November 2026.
DAYS = stage_days(date(2026, 11, 4), date(2026, 11, 30))
PAGE = "/northvale/meetings/2026-12-09/reminders/"


class Clock:
    now = at(2026, 11, 5)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture(autouse=True)
def letters_stay_here(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_ADDRESS = "https://tracker.example"


def world_with_round():
    world = build_world()
    world.lead.email = "head@northvale.example"
    world.lead.save()
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 12, 9))
    world.round = ReportingRound.objects.create(
        meeting=meeting, opens_on=date(2026, 11, 4), closes_on=date(2026, 11, 30), opened_at=at(2026, 11, 4, 9)
    )
    return world


@pytest.fixture
def world(db, clock):
    return world_with_round()


def run(today=None, **options) -> list:
    """The letters that a run sends."""
    before = len(mail.outbox)
    call_command("send_reminders", **({"today": date.fromisoformat(today)} if today else {}), **options)
    return mail.outbox[before:]


def another_action(world, number, *, lead=None, said_at=None, status="G") -> Action:
    action = Action.objects.create(
        area=world.area,
        strategy=world.strategy,
        key=f"r-{number}",
        ref=f"4.{number}",
        title=f"Number {number}",
        position=number,
    )
    Placement.objects.create(
        action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=lead or world.lead
    )
    Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2027, 6, 30))
    if said_at:
        ProgressUpdate.objects.create(
            action=action, area=world.area, number=1, recorded_at=said_at, status=status, next_steps="x", round=None
        )
    return action


def report(world, action, *, moment, status="G") -> ProgressUpdate:
    latest = action.updates.order_by("-number").first()
    return ProgressUpdate.objects.create(
        action=action, area=world.area, number=latest.number + 1 if latest else 1, recorded_at=moment, status=status,
        author=world.people["lead"], round=world.round,
    )  # fmt: skip


# Which letter is due


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2026, 11, 3), None),
        (date(2026, 11, 4), OPENED),
        (date(2026, 11, 24), OPENED),
        (date(2026, 11, 25), CLOSING),  # Thursday, Friday and Monday are left
        (date(2026, 11, 30), CLOSING),  # the last day itself is no day late
        (date(2026, 12, 1), OVERDUE),
        (date(2026, 12, 2), COPY),
    ],
)
def test_a_round_goes_through_its_stages_by_working_days(day, stage):
    assert stage_on(day, DAYS) == stage


def test_three_working_days_leave_out_bank_holidays_and_a_weekend_at_the_end():
    # Easter 2026: Good Friday is 3 April, Easter Monday the 6th.
    assert stage_days(date(2026, 3, 2), date(2026, 4, 8))[CLOSING] == date(2026, 4, 1)
    assert (
        stage_days(date(2026, 3, 2), date(2026, 4, 5))[CLOSING]
        == stage_days(date(2026, 3, 2), date(2026, 4, 2))[CLOSING]
    )


def test_a_letter_that_was_claimed_is_not_due_again():
    assert due_stage(date(2026, 11, 10), DAYS, {}) == OPENED
    assert due_stage(date(2026, 11, 10), DAYS, {OPENED: date(2026, 11, 4)}) is None


def test_a_missed_stage_is_left_out_rather_than_sent_late():
    assert due_stage(date(2026, 11, 26), DAYS, {}) == CLOSING


def test_officers_get_their_copy_two_working_days_after_the_lead_was_told():
    assert due_stage(date(2026, 12, 4), DAYS, {}) == OVERDUE
    told = {OVERDUE: date(2026, 12, 4)}  # a Friday
    assert due_stage(date(2026, 12, 7), DAYS, told) is None
    assert due_stage(date(2026, 12, 8), DAYS, told) == COPY
    assert due_stage(date(2026, 12, 9), DAYS, told | {COPY: date(2026, 12, 8)}) is None


def test_a_letter_is_outdated_once_a_later_one_went_or_is_due():
    assert not is_outdated(OPENED, date(2026, 11, 10), DAYS, {OPENED: date(2026, 11, 4)})
    assert is_outdated(OPENED, date(2026, 11, 26), DAYS, {OPENED: date(2026, 11, 4)})
    assert is_outdated(CLOSING, date(2026, 12, 1), DAYS, {CLOSING: date(2026, 11, 25), OVERDUE: date(2026, 12, 1)})


# To whom, and what


def test_one_letter_holds_all_that_is_awaited_from_a_lead_oldest_first(world):
    another_action(world, 1, said_at=at(2026, 5, 1))
    another_action(world, 2)

    (letter,) = run()

    assert letter.to == ["head@northvale.example"]
    assert letter.subject == "Northvale: Three actions to update by 30 November 2026"
    places = [letter.body.index(title) for title in ("Number 2", "Publish the pathway", "Number 1")]
    assert places == sorted(places)
    assert "https://tracker.example/northvale/actions/a-1/update/" in letter.body
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    assert html.count("https://tracker.example/northvale/actions/") == 3
    assert '<html lang="en-GB">' in html
    assert "style=" not in html


def test_a_letter_carries_titles_as_they_are_in_text_and_escaped_in_html(world):
    world.action.title = "Join up <health> & care"
    world.action.save()

    (letter,) = run()

    assert "Join up <health> & care" in letter.body
    assert "Join up &lt;health&gt; &amp; care" in letter.alternatives[0][0]


def test_each_stage_has_one_letter_however_often_it_is_run(world, clock):
    sent = []
    for day in (
        "2026-11-04",
        "2026-11-05",
        "2026-11-25",
        "2026-11-30",
        "2026-12-01",
        "2026-12-02",
        "2026-12-03",
        "2026-12-04",
    ):
        clock.now = at(*map(int, day.split("-")))
        sent += [(day, letter.subject.split(": ")[1]) for letter in run() + run()]

    assert sent == [
        ("2026-11-04", "One action to update by 30 November 2026"),
        ("2026-11-25", "Few days left"),
        ("2026-12-01", "Overdue"),
        ("2026-12-03", "Still overdue"),
    ]
    assert Reminder.objects.filter(sent_at__isnull=False).count() == 4


def test_the_last_letter_goes_to_the_officers_as_a_copy(world, clock):
    clock.now = at(2026, 12, 1)
    (first,) = run()
    clock.now = at(2026, 12, 3)
    (second,) = run()

    assert first.cc == []
    assert (second.to, second.cc) == (["head@northvale.example"], ["officer@example.test"])
    assert second.reply_to == ["officer@example.test"]


def test_nobody_gets_a_letter_who_has_reported_has_left_has_no_address_or_holds_nothing(world):
    def lead(name, **more):
        return Lead.objects.create(area=world.area, name=name, **{"email": f"{name}@northvale.example", **more})

    another_action(world, 1, lead=lead("gone", left_on=date(2026, 11, 1)))
    another_action(world, 2, lead=lead("silent", email=""))
    another_action(world, 3, lead=lead("done"), said_at=at(2026, 5, 1), status="B")
    lead("idle")
    action = another_action(world, 4, lead=lead("prompt"))
    report(world, action, moment=at(2026, 11, 4, 15))

    assert [letter.to for letter in run()] == [["head@northvale.example"]]


def test_an_action_that_nobody_leads_brings_no_letter(world):
    Placement.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 2, 1), priority=world.priority, lead=None
    )

    assert run() == []


def test_a_returned_update_is_awaited_again_with_the_remark(world):
    update = report(world, world.action, moment=at(2026, 11, 4, 15))
    assert run() == []
    UpdateReview.objects.create(
        update=update, number=1, recorded_at=at(2026, 11, 5, 9), verdict="returned", remark="Which schools?"
    )

    (letter,) = run()

    assert "Returned to you: Which schools?" in letter.body


def test_a_closed_round_and_a_round_to_come_bring_no_letter(world):
    world.round.closed_at = at(2026, 11, 5, 9)
    world.round.save()
    assert run() == []
    world.round.opened_at = world.round.closed_at = None
    world.round.save()
    assert run() == []


def test_a_dry_run_says_what_would_be_sent_and_claims_nothing(world, capsys):
    assert run(dry_run=True) == []
    assert (
        "would be sent: The round has opened, Head of SEND, head@northvale.example (1 action)"
        in capsys.readouterr().out
    )
    assert not Reminder.objects.exists()


def test_nothing_is_sent_outside_to_an_illustrative_lead(world, settings):
    Lead.objects.filter(pk=world.lead.pk).update(is_illustrative=True)
    settings.EMAIL_BACKEND = f"{__name__}.OutsideBackend"

    assert run() == []
    assert not Reminder.objects.exists()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(run()) == 1
    assert Reminder.objects.get().is_illustrative


def test_the_demonstrations_letters_and_links_go_with_it(world):
    from board.demonstration.removal import tagged_models

    assert {Reminder, RoundLink} <= set(tagged_models())


def test_another_area_s_round_asks_its_own_leads_alone(world):
    meeting = Meeting.objects.create(area=world.other_area, held_on=date(2026, 12, 9))
    ReportingRound.objects.create(
        meeting=meeting, opens_on=date(2026, 11, 4), closes_on=date(2026, 11, 30), opened_at=at(2026, 11, 4, 9)
    )

    assert [letter.subject.split(":")[0] for letter in run()] == ["Northvale"]


# Once, whatever happens


class OutsideBackend(LocmemBackend):
    """As if it left the machine."""


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


def page(client, world, name="officer", address=PAGE) -> str:
    client.force_login(world.people[name], backend=BACKEND)
    return " ".join(client.get(address).content.decode().split())


def press(client, world, **fields):
    client.force_login(world.people["officer"], backend=BACKEND)
    response = client.post(PAGE, fields, follow=True)
    return " ".join(response.content.decode().split())


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


# The page


def test_the_page_shows_each_lead_s_letters_and_what_went(client, world, clock):
    run()
    text = page(client, world)

    assert "Head of SEND" in text
    assert "<strong>Sent</strong> 5 November 2026" in text
    assert "From 25 November 2026" in text
    letter = page(client, world, address=f"{PAGE}closing/{world.lead.pk}/")
    assert "Northvale: Few days left: one action to update by 30 November 2026" in letter
    assert "Publish the pathway" in letter
    assert "officer@example.test" in page(client, world, address=f"{PAGE}overdue_copy/{world.lead.pk}/")


def test_looking_at_a_letter_makes_no_link_and_sends_nothing(client, world):
    world.area.sends_round_links = True
    world.area.save()
    assert "without a sign-in" in page(client, world, address=f"{PAGE}opened/{world.lead.pk}/")
    assert not RoundLink.objects.exists()
    assert mail.outbox == []


def test_a_lead_without_an_address_is_named_so_that_somebody_telephones(client, world):
    Lead.objects.filter(pk=world.lead.pk).update(email="")
    text = page(client, world)
    assert "Leads without an e-mail address" in text
    assert "<li>Head of SEND</li>" in text
    assert "No letter is due to anybody" in text


def test_the_past_shows_what_had_gone_by_then_and_offers_nothing(client, world, clock):
    run()
    clock.now = at(2026, 11, 20)
    text = page(client, world, address=f"{PAGE}?as_at=2026-11-04")
    assert "<strong>Sent</strong>" not in text
    assert "Let letters carry links" not in text
    assert client.post(f"{PAGE}?as_at=2026-11-04", {"press": "links_on"}).status_code == 404


@pytest.mark.parametrize("day", ["2026-12-10", "soon", "2026-02-31"])
def test_a_day_without_a_meeting_is_a_plain_404(client, world, day):
    client.force_login(world.people["officer"], backend=BACKEND)
    assert client.get(f"/northvale/meetings/{day}/reminders/").status_code == 404


def test_a_meeting_without_a_round_says_what_to_do(client, world):
    Meeting.objects.create(area=world.area, held_on=date(2027, 3, 10))
    assert "Plan a round" in page(client, world, address="/northvale/meetings/2027-03-10/reminders/")


def test_the_page_s_queries_do_not_grow_with_leads_or_actions(client, world):
    client.force_login(world.people["officer"], backend=BACKEND)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    run()
    first = asked()
    for number in range(1, 9):
        lead = Lead.objects.create(area=world.area, name=f"Lead {number}", email=f"l{number}@northvale.example")
        another_action(world, number, lead=lead)
    run()
    assert asked() == first


# With processes of their own


def as_others_see(tmp_path) -> tuple[str, callable]:
    """The test's database as another process reaches it, and a way to ask it."""
    if connection.vendor == "postgresql":
        name = connection.settings_dict["NAME"]
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

        def ask(sql):
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()

        return url, ask
    path = tmp_path / "others.sqlite3"
    with sqlite3.connect(path) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)

    def ask(sql):
        with sqlite3.connect(path) as opened:
            return opened.execute(sql).fetchall()

    return f"sqlite:///{path}", ask


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


def test_officers_of_other_areas_and_those_who_left_get_no_copy(world, clock):
    gone = User.objects.create(email="former@example.test", is_active=False)
    Membership.objects.create(user=gone, area=world.area, role=Membership.Role.OFFICER)
    clock.now = at(2026, 12, 1)
    run()
    clock.now = at(2026, 12, 3)
    (letter,) = run()
    assert letter.cc == ["officer@example.test"]


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
