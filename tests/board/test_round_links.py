"""Links for leads who never sign in: what they open, when they end, and what is kept of a report through one."""

import logging
import re
from datetime import date

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from board import round_links
from board.models import RoundLink
from board.reviewing import needs_check
from common.discreet_logs import DiscreetFilter, without_secrets
from common.secret_links import digest_of
from people.models import AuditEntry, Lead
from strategies.models import Area, ReportingRound
from tests.board.reminding.conftest import clock, letters_stay_here  # noqa: F401
from tests.board.reminding.the_round import another_action, world_with_round
from tests.world import BACKEND, at
from workstrands.models import Deadline, Evidence, Placement, ProgressUpdate

PAGE = "/northvale/meetings/2026-12-09/reminders/"
GOING_WELL = {"seen_number": 1, "status": "G", "narrative": "The pathway is printed."}


@pytest.fixture
def world(db, clock):  # noqa: F811
    world = world_with_round()
    Area.objects.filter(pk=world.area.pk).update(sends_round_links=True)
    world.area.refresh_from_db()
    world.other = another_action(world, 1, lead=Lead.objects.get(name="Another lead"))
    return world


@pytest.fixture
def token(world, clock) -> str:  # noqa: F811
    return round_links.make_link(world.round, world.lead, at=clock.now)


def opened(token: str) -> tuple[Client, str]:
    """A browser that has followed the link of the letter, and where it stands."""
    browser = Client(enforce_csrf_checks=True)
    answer = browser.get(f"/updates/{token}/a-1/")
    assert answer.status_code == 302
    return browser, answer["Location"]


def send(browser, address, **fields):
    form = browser.get(address)
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.content.decode())[1]
    return browser.post(address, {**GOING_WELL, **fields, "csrfmiddlewaretoken": csrf}, follow=True)


def last(world) -> ProgressUpdate:
    return world.action.updates.order_by("-number").first()


# The letter


def test_a_letter_carries_a_link_where_the_area_sends_them_and_the_lead_never_signed_in(world):
    call_command("send_reminders")
    (letter,) = mail.outbox

    token = re.search(r"/updates/([\w-]+)/a-1/", letter.body)[1]
    link = RoundLink.objects.get()
    assert link.digest == digest_of(token)
    assert token not in str(link.__dict__)
    assert (link.lead, link.round) == (world.lead, world.round)
    assert f"https://tracker.example/updates/{token}/" in letter.alternatives[0][0]
    assert opened(token)[1] == f"/updates/for/{link.pk}/a-1/"


def test_links_are_off_until_an_officer_switches_them_on(world):
    assert Area._meta.get_field("sends_round_links").default is False
    Area.objects.filter(pk=world.area.pk).update(sends_round_links=False)
    call_command("send_reminders")
    assert "/updates/" not in mail.outbox[0].body
    assert not RoundLink.objects.exists()


def test_whoever_signs_in_gets_no_link(world):
    user = world.people["lead"]
    user.last_login = at(2026, 10, 1)
    user.save()
    call_command("send_reminders")
    assert "/northvale/actions/a-1/update/" in mail.outbox[0].body
    assert "/updates/" not in mail.outbox[0].body


def test_the_officers_copy_carries_no_link(world, clock):  # noqa: F811
    clock.now = at(2026, 12, 1)
    call_command("send_reminders")
    clock.now = at(2026, 12, 3)
    call_command("send_reminders")

    copy = mail.outbox[-1]
    assert copy.cc == ["officer@example.test"]
    assert "/updates/" not in copy.body + copy.alternatives[0][0]
    assert "The links in our letter before this one" in copy.body


# What it opens


def test_a_report_through_a_link_has_no_author_and_stands_unchecked(world, token):
    browser, address = opened(token)
    answer = send(browser, address)

    assert "Thank you. Your update of <strong>1.1 Publish the pathway</strong> is saved." in answer.content.decode()
    said = last(world)
    assert (said.number, said.status, said.narrative) == (2, "G", "The pathway is printed.")
    assert (said.author, said.recorded_by, said.on_behalf_of) == (None, None, world.lead)
    assert said.round == world.round
    assert round_links.is_said_through_link(said)
    assert needs_check(said)
    assert not said.reviews.exists()


def test_what_a_signed_in_lead_or_a_document_said_was_not_said_through_a_link(world):
    assert not round_links.is_said_through_link(last(world))


def test_the_list_behind_the_link_names_the_lead_s_own_actions_and_nothing_else(world, token):
    browser, _ = opened(token)
    answer = browser.get(f"/updates/{token}/", follow=True)
    text = answer.content.decode()

    assert "Publish the pathway" in text
    assert "Number 1" not in text
    assert "/northvale/" not in text


def test_a_link_does_not_sign_anybody_in(world, token):
    browser, _ = opened(token)
    for address in ("/my/", "/northvale/", "/northvale/actions/a-1/", "/northvale/actions/a-1/update/", PAGE):
        answer = browser.get(address)
        assert (answer.status_code, answer["Location"].startswith("/accounts/login/")) == (302, True), address


def test_another_lead_s_action_is_a_plain_404(world, token):
    browser, address = opened(token)
    other = address.replace("a-1", world.other.key)
    assert browser.get(other).status_code == 404
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address).content.decode())[1]
    assert browser.post(other, {**GOING_WELL, "csrfmiddlewaretoken": csrf}).status_code == 404
    assert world.other.updates.count() == 0


def test_an_action_handed_over_is_the_next_lead_s_alone(world, token):
    browser, address = opened(token)
    Placement.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 11, 5, 11), priority=world.priority,
        lead=Lead.objects.get(name="Another lead"),
    )  # fmt: skip
    assert browser.get(address).status_code == 404


def test_the_number_of_a_link_opens_nothing_without_its_secret(world, token):
    _, address = opened(token)
    assert Client().get(address).status_code == 404
    assert Client().post(address, GOING_WELL).status_code == 404
    assert last(world).number == 1


@pytest.mark.parametrize(
    "address", ["/updates/x/", f"/updates/{'A' * 43}/", f"/updates/{'A' * 43}/a-1/", "/updates/%00/"]
)
def test_a_link_that_was_never_made_is_a_plain_404(db, client, address):
    assert client.get(address).status_code == 404


# When it ends


def test_a_link_ends_when_its_round_closes(world, token, clock):  # noqa: F811
    browser, address = opened(token)
    ReportingRound.objects.filter(pk=world.round.pk).update(closed_at=at(2026, 11, 5, 13))
    clock.now = at(2026, 11, 5, 14)

    for answer in (browser.get(f"/updates/{token}/"), browser.get(address)):
        assert answer.status_code == 410
        assert "This link has ended" in answer.content.decode()
        assert "Publish the pathway" not in answer.content.decode()


def test_a_link_ends_when_its_lead_leaves(world, token):
    browser, address = opened(token)
    Lead.objects.filter(pk=world.lead.pk).update(left_on=date(2026, 11, 1))
    assert browser.get(address).status_code == 410


def test_an_officer_revokes_the_links_of_one_lead(world, token, client):
    browser, address = opened(token)
    spared = round_links.make_link(world.round, Lead.objects.get(name="Another lead"), at=at(2026, 11, 5))
    client.force_login(world.people["officer"], backend=BACKEND)
    call_command("send_reminders")
    client.post(PAGE, {"press": "revoke", "lead": world.lead.pk})

    assert browser.get(address).status_code == 410
    assert "was revoked" in browser.get(f"/updates/{token}/").content.decode()
    assert Client().get(f"/updates/{spared}/").status_code == 302


def test_switching_links_off_ends_those_that_are_out(world, token, client):
    browser, address = opened(token)
    client.force_login(world.people["officer"], backend=BACKEND)
    client.post(PAGE, {"press": "links_off"})

    assert browser.get(address).status_code == 410
    world.area.refresh_from_db()
    assert world.area.sends_round_links is False
    client.post(PAGE, {"press": "links_on"})
    world.area.refresh_from_db()
    assert world.area.sends_round_links is True
    assert browser.get(address).status_code == 410


# Nothing lost, nothing twice


def test_the_audit_log_says_that_a_link_was_used_and_names_nobody_as_its_holder(world, token):
    send(*opened(token))
    entry = AuditEntry.objects.get(kind=AuditEntry.Kind.CHANGE)
    assert (entry.user, entry.area, entry.what) == (None, world.area, f"By the link of a letter to {world.lead.name}")
    assert token not in entry.address


def test_the_same_report_sent_twice_is_written_once(world, token):
    browser, address = opened(token)
    send(browser, address)
    answer = send(browser, address, narrative=" The pathway is printed.\r\n")

    assert answer.status_code == 200
    assert last(world).number == 2


def test_two_who_report_at_once_see_both_texts(world, token):
    browser, address = opened(token)
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 11, 5, 10), status="A", next_steps="x",
        narrative="The officer was quicker.", author=world.people["officer"],
    )  # fmt: skip
    answer = send(browser, address)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "The officer was quicker." in text
    assert "The pathway is printed." in text
    assert last(world).number == 2
    assert send(browser, address, seen_number=2).status_code == 200
    assert last(world).number == 3


def test_what_is_missing_is_said_by_its_field_and_nothing_is_saved(world, token):
    browser, address = opened(token)
    answer = send(browser, address, status="R", narrative="Stuck.")

    text = answer.content.decode()
    assert "Say what happens next." in text
    assert "Stuck." in text
    assert last(world).number == 1


def test_what_was_written_when_the_session_ended_comes_back_by_the_link(world, token):
    from django.contrib.sessions.models import Session

    browser, address = opened(token)
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address).content.decode())[1]
    Session.objects.all().delete()
    answer = browser.post(address, {**GOING_WELL, "csrfmiddlewaretoken": csrf})
    assert answer.status_code == 404
    assert "What you had just written is kept for an hour" in answer.content.decode()

    form = browser.get(f"/updates/{token}/a-1/", follow=True).content.decode()

    assert "The pathway is printed." in form
    assert last(world).number == 1


def test_what_was_written_when_the_round_closed_is_shown_to_be_copied(world, token):
    browser, address = opened(token)
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address).content.decode())[1]
    ReportingRound.objects.filter(pk=world.round.pk).update(closed_at=at(2026, 11, 5, 11))
    answer = browser.post(address, {**GOING_WELL, "narrative": "Half a day <of> work.", "csrfmiddlewaretoken": csrf})

    assert answer.status_code == 410
    assert "Half a day &lt;of&gt; work." in answer.content.decode()
    assert last(world).number == 1


def test_a_report_for_an_illustrative_lead_is_illustrative(world, clock):  # noqa: F811
    Lead.objects.filter(pk=world.lead.pk).update(is_illustrative=True)
    world.lead.refresh_from_db()
    browser, address = opened(round_links.make_link(world.round, world.lead, at=clock.now))
    send(browser, address, evidence_1_title="Minutes", evidence_1_kind="document")

    said = last(world)
    assert said.is_illustrative
    assert [piece.is_illustrative for piece in said.evidence.all()] == [True]
    assert not Evidence.history.filter(is_illustrative=False).exists()


# The secret


def test_a_form_is_not_taken_from_another_site(world, token):
    browser, address = opened(token)
    assert browser.post(address, GOING_WELL).status_code == 403
    assert last(world).number == 1


def test_the_secret_is_in_no_page_and_no_referrer(world, token):
    browser = Client()
    entry = browser.get(f"/updates/{token}/a-1/")
    assert entry["Referrer-Policy"] == "no-referrer"
    assert token not in entry["Location"]
    for address in (entry["Location"], entry["Location"].replace("a-1/", "")):
        answer = browser.get(address)
        assert token not in answer.content.decode()
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cache-Control"] == "no-store"
        assert "noindex" in answer["X-Robots-Tag"]


def test_the_secret_is_in_no_log_line(world, token, client):
    heard = []

    class Listening(logging.Handler):
        def emit(self, record):
            heard.append(record.getMessage())

    listening = Listening()
    listening.addFilter(DiscreetFilter())
    logger = logging.getLogger("django.request")
    logger.addHandler(listening)
    round_links.revoke(world.round, world.lead, at=at(2026, 11, 5, 10))
    client.get(f"/updates/{token}/")
    client.post(f"/feeds/{token}.ics")
    logger.removeHandler(listening)

    assert len(heard) == 2
    assert not [line for line in heard if token in line]
    assert without_secrets(f"GET /feeds/{token}.ics") == "GET /feeds/….ics"


def test_every_handler_of_the_product_s_logs_is_discreet(settings):
    logs = settings.LOGGING
    assert all("discreet" in handler["filters"] for handler in logs["handlers"].values())
    assert logs["loggers"]["django"]["handlers"] == []


def test_the_list_s_queries_do_not_grow_with_actions(world, token):
    browser, _ = opened(token)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"/updates/for/{RoundLink.objects.get().pk}/").status_code == 200
        return len(queries)

    first = asked()
    for number in range(2, 9):
        another_action(world, number)
    assert asked() == first


# Nothing has changed


@pytest.fixture
def due_later(world):
    """Past its date an action must be said anew."""
    Deadline.objects.create(action=world.action, number=2, recorded_at=at(2026, 10, 1), due_on=date(2027, 6, 30))


def press(browser, address, **fields):
    """One press on the list behind the link."""
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address).content.decode())[1]
    return browser.post(f"{address}no-change/", {**fields, "csrfmiddlewaretoken": csrf}, follow=True)


def test_nothing_has_changed_is_one_press_behind_the_link_said_by_the_lead_and_unchecked(world, token, due_later):
    browser, address = opened(token)
    listed = browser.get(address.replace("a-1/", "")).content.decode()
    assert f'action="{address}no-change/"' in listed
    assert "Nothing has changed since 10 February 2026" in listed

    answer = press(browser, address, seen_number=1)

    assert "Your update of <strong>1.1 Publish the pathway</strong> is saved." in answer.content.decode()
    said = last(world)
    assert (said.number, said.kind, said.status) == (2, "no_change", "G")
    assert (said.author, said.recorded_by, said.on_behalf_of, said.round) == (None, None, world.lead, world.round)
    assert needs_check(said)


def test_the_press_sent_twice_is_written_once(world, token, due_later):
    browser, address = opened(token)
    press(browser, address, seen_number=1)
    answer = press(browser, address, seen_number=1)

    assert "is saved" in answer.content.decode()
    assert world.action.updates.count() == 2


def say(world, number, **fields):
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=number, recorded_at=at(2026, 11, 5, 9), **fields
    )


def test_what_is_off_track_or_past_its_date_must_be_said_anew(world, token):
    say(world, 2, status="R", next_steps="Ask again.", cause="capacity", author=world.people["lead"])
    browser, address = opened(token)
    assert "no-change" not in browser.get(address).content.decode()
    assert "no-change" not in browser.get(address.replace("a-1/", "")).content.decode()

    answer = press(browser, address, seen_number=2)

    assert "is not enough here. Say how the action is going." in answer.content.decode()
    assert world.action.updates.count() == 2


@pytest.mark.parametrize("seen", ["0", "7", "", "x", "²", "9" * 30, "\x00"])
def test_a_press_that_saw_something_else_writes_nothing(world, token, seen):
    browser, address = opened(token)
    answer = press(browser, address, seen_number=seen)

    assert "There is a newer report." in answer.content.decode()
    assert world.action.updates.count() == 1


def test_the_press_is_for_this_lead_s_own_actions_and_ends_with_the_round(world, token, clock):  # noqa: F811
    browser, address = opened(token)
    assert Client().post(f"{address}no-change/", {"seen_number": 1}).status_code == 404
    assert browser.get(f"{address}no-change/")["Location"] == address
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address).content.decode())[1]
    fields = {"seen_number": 0, "csrfmiddlewaretoken": csrf}
    assert browser.post(address.replace("a-1", world.other.key) + "no-change/", fields).status_code == 404
    ReportingRound.objects.filter(pk=world.round.pk).update(closed_at=at(2026, 11, 5, 13))
    clock.now = at(2026, 11, 5, 14)
    assert browser.post(f"{address}no-change/", fields | {"seen_number": 1}).status_code == 410
    assert world.action.updates.count() == 1


def test_a_made_up_lead_s_press_is_marked_as_made_up(world, token, due_later):
    Lead.objects.filter(pk=world.lead.pk).update(is_illustrative=True)
    RoundLink.objects.update(is_illustrative=True)
    browser, address = opened(token)
    press(browser, address, seen_number=1)

    assert last(world).is_illustrative


def test_an_action_s_history_says_that_nobody_signed_in(world, token, client):
    browser, address = opened(token)
    send(browser, address)
    client.force_login(world.people["officer"], backend=BACKEND)

    said = "Head of SEND, through the round’s link, not signed in"
    assert said in client.get("/northvale/actions/a-1/").content.decode()
    assert said in client.get(PAGE.replace("reminders", "round")).content.decode()


def test_the_queries_of_the_list_do_not_grow_with_actions(world, token, due_later):
    browser, address = opened(token)
    page = address.replace("a-1/", "")
    browser.get(page)
    with CaptureQueriesContext(connection) as few:
        browser.get(page)
    for number in range(20, 32):
        another_action(world, number, said_at=at(2026, 2, 1))
    with CaptureQueriesContext(connection) as many:
        assert browser.get(page).content.decode().count("no-change") == 13
    assert len(many) == len(few)
