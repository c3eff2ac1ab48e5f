"""A meeting that was called off stays where it was, says why, and nothing can be recorded of it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags

from board.attending import Came, note_attendance
from board.deciding import record_decision
from board.forward import Planned, plan_forward
from board.meetings import last_attended, neighbours
from board.minuting import add_to_log, note_challenge
from board.models import Attendance
from strategies.models import Meeting
from tests.world import BACKEND, at, build_world

JUNE = "/northvale/meetings/2026-06-17/"


@pytest.fixture
def world(db, monkeypatch):
    """It is 20 May 2026. The Board met in March; the meeting of June was called off on 4 May; the next is in September."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 5, 20))
    world = build_world()
    Meeting.objects.create(
        area=world.area, held_on=date(2026, 6, 17), papers_due_on=date(2026, 6, 10), cancelled_at=at(2026, 5, 4),
        cancelled_because="The hall is flooded.",
    )  # fmt: skip
    Meeting.objects.create(area=world.area, held_on=date(2026, 9, 16))
    return world


@pytest.fixture
def june(world) -> Meeting:
    return Meeting.objects.get(area=world.area, held_on=date(2026, 6, 17))


@pytest.fixture
def read(client, world):
    def text(address: str, who: str = "board", **asked) -> str:
        client.force_login(world.people[who], backend=BACKEND)
        response = client.get(address, asked)
        assert response.status_code == 200
        return " ".join(strip_tags(response.text.replace("</", " </")).split())

    return text


def test_the_list_sets_it_apart_with_the_reason(read):
    text = read("/northvale/meetings/")
    assert (
        "Called off Meetings that were called off, the latest first Meeting Why 17 June 2026 The hall is flooded."
        in text
    )
    assert "17 June 2026 No round is planned" not in text
    assert "16 September 2026 No round is planned" in text


def test_before_it_was_called_off_it_was_to_come(read):
    assert "17 June 2026 No round is planned" in read("/northvale/meetings/", as_at="2026-05-03")
    page = read(JUNE, as_at="2026-05-03")
    assert "The hall is flooded." not in page
    assert "To come" in page


def test_its_page_says_why_and_when_the_board_meets_instead(read):
    text = read(JUNE)
    assert "Called off: The hall is flooded. The next meeting is the Board of 16 September 2026" in text
    for left_out in ("Asked of the Board", "What changed since", "Apologies", "Carried over"):
        assert left_out not in text


def test_what_it_was_to_look_at_waits_for_another_meeting(world, june, read):
    plan_forward(world.area, [Planned("Transport", meeting=june)], by=world.people["officer"], at=at(2026, 5, 1))
    text = read(JUNE, who="officer")
    assert "It was to be looked at in depth Give it another meeting Transport" in text
    assert "Give it another meeting" not in read(JUNE)


def test_nothing_is_offered_to_be_recorded_of_it(read, client):
    text = read(JUNE, who="officer")
    assert "Note apologies" not in text
    assert "Record a decision" not in text
    assert "This meeting was called off: The hall is flooded." in read(f"{JUNE}attendance/", who="officer")
    assert "This meeting was called off: The hall is flooded." in read(f"{JUNE}decisions/add/", who="officer")


def test_nothing_can_be_recorded_of_it_even_on_its_day(world, june):
    officer, said = world.people["officer"], {"by": world.people["officer"], "at": at(2026, 6, 17)}
    for record in (
        lambda: record_decision(june, kind="other", text="Write.", **said),
        lambda: note_challenge(june, text="Why?", **said),
        lambda: add_to_log(june, text="Write.", **said),
        lambda: note_attendance(june, [Came("Clerk", "apologies")], by=officer, at=at(2026, 5, 20)),
    ):
        with pytest.raises(ValidationError, match=r"called off: The hall is flooded\. Nothing can be recorded"):
            record()


def test_the_meetings_beside_another_are_those_that_go_ahead(world, june):
    march = Meeting.objects.get(area=world.area, held_on=date(2026, 3, 18))
    september = Meeting.objects.get(area=world.area, held_on=date(2026, 9, 16))
    assert neighbours(september, at(2026, 5, 20)) == (march, None)
    assert neighbours(march, at(2026, 5, 20)) == (None, september)
    assert neighbours(march, at(2026, 5, 3)) == (None, june)


def test_nobody_attended_a_meeting_that_was_called_off(world, june):
    board = world.people["board"]
    Attendance.objects.create(meeting=june, user=board, name="Member", is_present=True)
    assert last_attended(board, world.area, date(2026, 7, 1)) is None


def test_the_forward_plan_offers_no_meeting_that_was_called_off(read, client):
    read("/northvale/meetings/forward/", who="officer")
    offered = client.get("/northvale/meetings/forward/").text
    assert "16 September 2026" in offered
    assert "17 June 2026" not in offered


def test_an_officer_finds_the_ways_to_the_round_the_papers_and_the_reminders(read, client):
    read("/northvale/meetings/2026-09-16/", who="officer")
    page = client.get("/northvale/meetings/2026-09-16/").text
    for part in ("round", "papers", "reminders"):
        assert f'href="/northvale/meetings/2026-09-16/{part}/"' in page
    read("/northvale/meetings/2026-09-16/")
    assert "/reminders/" not in client.get("/northvale/meetings/2026-09-16/").text


def test_an_officer_moves_or_calls_off_a_meeting_to_come_and_takes_that_back(read, client):
    text = read("/northvale/meetings/2026-09-16/", who="officer")
    assert "Move this meeting Call it off" in text
    assert 'href="/northvale/meetings/2026-09-16/move/"' in client.get("/northvale/meetings/2026-09-16/").text
    off = read(JUNE, who="officer")
    assert "It goes ahead after all" in off
    assert "Move this meeting" not in off
    assert "Call it off" not in read("/northvale/meetings/2026-03-18/", who="officer")
    assert "Call it off" not in read("/northvale/meetings/2026-09-16/")
