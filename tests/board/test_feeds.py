"""A person's calendar: what is in it, how it is written, and that its link is a secret that can be ended."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as some

from board import keeping_calendar
from board.feeds import LONGEST_LINE, Entry, calendar_file, escaped, folded, make_feed, revoke_feeds
from board.keeping_calendar import call_off, take_back
from board.models import CalendarFeed
from common.secret_links import digest_of
from people.models import AuditEntry, Lead, Membership
from strategies.models import Meeting, ReportingRound
from tests.world import BACKEND, at, build_world
from workstrands.models import Action, Deadline, Placement, ProgressUpdate


class Clock:
    now = at(2026, 3, 10)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def world(db, clock, settings):
    settings.SITE_ADDRESS = "https://tracker.example"
    world = build_world()
    Meeting.objects.create(area=world.other_area, held_on=date(2026, 4, 1))
    return world


def feed(world, name: str) -> str:
    """What a calendar program gets, its folded lines joined."""
    token = make_feed(world.people[name], at=at(2026, 3, 10))
    answer = Client().get(f"/feeds/{token}.ics")
    assert answer.status_code == 200
    return answer.content.decode().replace("\r\n ", "")


def summaries(text: str) -> list[str]:
    return [line.removeprefix("SUMMARY:") for line in text.split("\r\n") if line.startswith("SUMMARY:")]


# What is in it


def test_a_lead_finds_the_dates_of_their_actions_and_the_rounds(world):
    text = feed(world, "lead")

    assert summaries(text) == [
        "Northvale: reporting opens",
        "Northvale: updates are asked for by today",
        "Due: 1.1 Publish the pathway",
    ]
    assert "DTSTART;VALUE=DATE:20260630\r\nDTEND;VALUE=DATE:20260701" in text
    assert "URL:https://tracker.example/northvale/actions/a-1/" in text


@pytest.mark.parametrize("name", ["officer", "board"])
def test_officers_and_board_members_find_meetings_papers_and_rounds(world, name):
    Meeting.objects.filter(area=world.area).update(papers_due_on=date(2026, 3, 11))

    assert set(summaries(feed(world, name))) == {
        "Northvale: Partnership Board",
        "Northvale: papers are due",
        "Northvale: reporting opens",
        "Northvale: updates are asked for by today",
    }


def test_nobody_finds_anything_of_another_area(world):
    for name in ("lead", "officer", "board"):
        assert "Southmoor" not in feed(world, name)
    assert summaries(feed(world, "other_officer")) == ["Southmoor: Partnership Board"]


def test_whoever_leads_nothing_finds_an_empty_calendar(world):
    assert summaries(feed(world, "other_lead")) == []


def test_a_date_that_moves_moves_its_entry_and_a_completed_action_leaves(world):
    before = feed(world, "lead")
    Deadline.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 3, 1), due_on=date(2026, 9, 30), reason="Consultation"
    )
    after = feed(world, "lead")

    assert f"UID:action-{world.action.pk}@tracker.example\r\n" in before
    assert f"UID:action-{world.action.pk}@tracker.example\r\n" in after
    assert "VALUE=DATE:20260930" in after
    assert "VALUE=DATE:20260630" not in after
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 3, 2), status="B"
    )
    assert "Publish the pathway" not in feed(world, "lead")


def test_whoever_left_an_area_or_a_post_finds_nothing_of_it(world):
    Lead.objects.filter(pk=world.lead.pk).update(left_on=date(2026, 3, 1))
    assert summaries(feed(world, "lead")) == []
    Membership.objects.filter(user=world.people["officer"]).delete()
    assert summaries(feed(world, "officer")) == []


def test_queries_do_not_grow_with_actions_or_meetings(world):
    token = make_feed(world.people["lead"], at=at(2026, 3, 10))
    Client().get(f"/feeds/{token}.ics")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            Client().get(f"/feeds/{token}.ics")
        return len(queries)

    first = asked()
    for number in range(1, 8):
        action = Action.objects.create(
            area=world.area,
            strategy=world.strategy,
            key=f"f-{number}",
            ref=f"6.{number}",
            title="More",
            position=number,
        )
        Placement.objects.create(
            action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=world.lead
        )
        Deadline.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), due_on=date(2026, 7, number))
        meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 6, 1) + timedelta(days=30 * number))
        ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 5, number), closes_on=date(2026, 5, 20))
    assert asked() == first


# How it is written


def test_text_is_escaped_as_the_standard_says():
    assert escaped("a, b; c\\d\r\ne\nf") == "a\\, b\\; c\\\\d\\ne\\nf"


@given(some.text(some.characters(exclude_categories=["Cs", "Cc"]), max_size=400))
def test_folded_lines_are_short_in_octets_and_join_to_what_was_said(text):
    lines = folded(text).split("\r\n")

    assert all(len(line.encode()) <= LONGEST_LINE for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    assert lines[0] + "".join(line[1:] for line in lines[1:]) == text


def test_a_calendar_file_has_the_parts_that_the_standard_asks_for_and_ends_its_lines_properly():
    entry = Entry("a-1", date(2026, 12, 31), "Zoë’s plan; due", "Line\nline", "https://x.example/", at(2026, 3, 1))
    text = calendar_file([entry], name="SEND", host="x.example")

    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert text.endswith("END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    for line in (
        "UID:a-1@x.example", "DTSTAMP:20260301T120000Z", "DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270101",
        "SUMMARY:Zoë’s plan\\; due", "DESCRIPTION:Line\\nline",
    ):  # fmt: skip
        assert f"\r\n{line}\r\n" in text


# The link


def test_the_page_shows_a_new_link_once_and_keeps_its_digest_alone(client, world):
    client.force_login(world.people["lead"], backend=BACKEND)
    assert "You have no calendar link" in client.get("/my/calendar/").text
    shown = client.post("/my/calendar/", {"press": "make"})
    token = shown.text.split("https://tracker.example/feeds/")[1].split(".ics")[0]

    assert shown["Cache-Control"] == "no-store"
    assert CalendarFeed.objects.get().digest == digest_of(token)
    assert token not in client.get("/my/calendar/").text
    assert Client().get(f"/feeds/{token}.ics").status_code == 200


def test_a_revoked_link_and_one_that_was_replaced_open_nothing(client, world):
    client.force_login(world.people["lead"], backend=BACKEND)
    first = make_feed(world.people["lead"], at=at(2026, 3, 10))
    second = make_feed(world.people["lead"], at=at(2026, 3, 11))
    assert Client().get(f"/feeds/{first}.ics").status_code == 404
    assert Client().get(f"/feeds/{second}.ics").status_code == 200
    client.post("/my/calendar/", {"press": "revoke"})
    assert Client().get(f"/feeds/{second}.ics").status_code == 404
    assert "You have no calendar link" in client.get("/my/calendar/").text


def test_nobody_revokes_another_s_link(client, world):
    token = make_feed(world.people["lead"], at=at(2026, 3, 10))
    client.force_login(world.people["officer"], backend=BACKEND)
    client.post("/my/calendar/", {"press": "revoke"})
    assert Client().get(f"/feeds/{token}.ics").status_code == 200


def test_whoever_may_not_sign_in_any_more_has_no_calendar_either(world):
    token = make_feed(world.people["lead"], at=at(2026, 3, 10))
    world.people["lead"].is_active = False
    world.people["lead"].save()
    assert Client().get(f"/feeds/{token}.ics").status_code == 404


def test_a_press_that_is_none_is_answered_plainly(client, world):
    client.force_login(world.people["lead"], backend=BACKEND)
    assert "Nothing was chosen" in client.post("/my/calendar/", {"press": "x"}, follow=True).text
    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "é"])
def test_a_link_that_was_never_made_is_a_plain_404(client, db, token):
    assert client.get(f"/feeds/{token}.ics").status_code == 404


def test_the_file_is_not_sent_again_until_it_changes(world, clock):
    token = make_feed(world.people["lead"], at=at(2026, 3, 1))
    address = f"/feeds/{token}.ics"
    first = Client().get(address)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Last-Modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert "noindex" in first["X-Robots-Tag"]
    clock.now = at(2026, 3, 11)
    same = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    Meeting.objects.filter(area=world.area).update(held_on=date(2026, 3, 25))
    assert Client().get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_that_a_calendar_program_asked_is_noted_once_a_day(world, clock):
    token = make_feed(world.people["lead"], at=at(2026, 3, 1))
    for hour in (9, 10, 11):
        clock.now = at(2026, 3, 12, hour)
        Client().get(f"/feeds/{token}.ics")
    assert CalendarFeed.objects.get().last_read_at == at(2026, 3, 12, 9)


# A calendar that changes


def event(text: str, key: str) -> str:
    """One entry of the file."""
    return next(part for part in text.split("BEGIN:VEVENT") if f"UID:{key}@" in part)


def test_a_meeting_called_off_stays_in_the_calendar_as_cancelled_with_its_papers_and_round(world):
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 5, 13), papers_due_on=date(2026, 5, 6))
    planned = ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 30))
    assert "CANCELLED" not in feed(world, "board")
    call_off(meeting, because="The hall is flooded.", by=world.people["officer"], at=at(2026, 3, 10))

    text = feed(world, "board")

    keys = [f"meeting-{meeting.pk}", f"papers-{meeting.pk}", f"round-{planned.pk}-opens", f"round-{planned.pk}-closes"]
    for key in keys:
        assert "STATUS:CANCELLED" in event(text, key)
        assert "SUMMARY:Called off: Northvale" in event(text, key)
    assert "The meeting was called off: The hall is flooded." in event(text, keys[0])
    assert "LAST-MODIFIED:20260310T120000Z" in event(text, keys[0])
    assert text.count("STATUS:CANCELLED") == 4
    take_back(meeting, by=world.people["officer"], at=at(2026, 3, 10))
    assert "CANCELLED" not in feed(world, "board")


def test_a_round_that_was_held_before_its_meeting_was_called_off_stays_as_it_was(world):
    meeting = Meeting.objects.get(area=world.area)
    call_off(meeting, because="Snow.", by=world.people["officer"], at=at(2026, 3, 10))

    assert feed(world, "board").count("STATUS:CANCELLED") == 1


def test_a_meeting_that_moves_keeps_its_entry_and_says_when_it_was_changed(world):
    meeting = Meeting.objects.get(area=world.area)
    before = keeping_calendar.days_of(meeting)
    days = replace(before, held_on=date(2026, 3, 25), papers_due_on=date(2026, 3, 18))
    keeping_calendar.move_meeting(meeting, days, seen=str(before), by=world.people["officer"], at=at(2026, 3, 10))

    found = event(feed(world, "board"), f"meeting-{meeting.pk}")

    assert "DTSTART;VALUE=DATE:20260325" in found
    assert "LAST-MODIFIED:20260310T120000Z" in found
    assert "/northvale/meetings/2026-03-25/" in found


def test_a_link_that_opens_nothing_is_in_the_audit_log_once_and_without_its_secret(client, world):
    person = world.people["lead"]
    secret = make_feed(person, at=at(2026, 1, 15))
    revoke_feeds(person, at=at(2026, 1, 16))
    AuditEntry.objects.all()._raw_delete("default")
    for token in (secret, secret, "never-one", "another"):
        assert client.get(reverse("board:feed", args=[token])).status_code == 404

    entries = AuditEntry.objects.order_by("pk")
    assert [(entry.kind, entry.user) for entry in entries] == [("refused", person), ("refused", None)]
    assert secret not in "".join(f"{entry.address}{entry.what}" for entry in entries)
