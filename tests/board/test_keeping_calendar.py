"""Keeping the Board's calendar: a meeting moves, is called off, and its round is opened again."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import strip_tags

from board import keeping_calendar
from board.keeping_calendar import CalendarMoved, Days, days_of, proposed
from board.models import Attendance, Decision, ForwardItem, Pack
from board.planning_rounds import PlanRefused, close_round, open_round, plan_year, reopen_round, why_not_opened
from board.reminding import open_rounds
from board.rounds import Planned
from board.views.moved import moved_to
from strategies.models import Meeting, ReportingRound
from tests.world import BACKEND, at, build_world

NOW = at(2026, 4, 20)
MAY = date(2026, 5, 13)
MOVED = {
    "held_on": "20 5 2026", "papers_due_on": "13 5 2026", "opens_on": "8 4 2026", "closes_on": "8 5 2026",
}  # fmt: skip


class Clock:
    now = NOW


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def world(db, clock):
    return build_world()


@pytest.fixture
def planned(world):
    meeting = Meeting.objects.create(area=world.area, held_on=MAY, papers_due_on=date(2026, 5, 6))
    return ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 30))


@pytest.fixture
def meeting(planned):
    return planned.meeting


@pytest.fixture
def opened(world, planned):
    return open_round(planned, by=world.people["officer"], at=at(2026, 4, 2))


@pytest.fixture
def closed(world, opened):
    return close_round(opened, by=world.people["officer"], at=at(2026, 4, 18))


def arrive(client, world, person="officer"):
    client.force_login(world.people[person], backend=BACKEND)
    return client


def address(world, name, day="2026-05-13"):
    return reverse(f"board:{name}", args=[world.area.slug, day])


def boxes(days: dict[str, str], *, seen: str) -> dict[str, str]:
    """What the form sends: each day in three boxes."""
    return {f"{name}_{n}": part for name, day in days.items() for n, part in enumerate(day.split(" "))} | {"seen": seen}


def sent(meeting, **changed) -> dict[str, str]:
    return boxes(MOVED | changed, seen=str(days_of(Meeting.objects.get(pk=meeting.pk))))


def words_of(response) -> str:
    return " ".join(strip_tags(response.text).split())


def box(response, name: str) -> str:
    """What stands in one box of a form."""
    (found,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', response.text)
    return re.search(r'value="([^"]*)"', found)[1]


def move(world, meeting, **changed) -> Meeting:
    stands = days_of(meeting)
    days = {"held_on": date(2026, 5, 20), "papers_due_on": date(2026, 5, 13), **changed}
    days = Days(**{name: days.get(name, getattr(stands, name)) for name in Days.__slots__})
    return keeping_calendar.move_meeting(meeting, days, seen=str(stands), by=world.people["officer"], at=NOW)


def call_off(world, meeting, *, moment=NOW) -> Meeting:
    return keeping_calendar.call_off(meeting, because="Snow.", by=world.people["officer"], at=moment)


# The days around another day


def test_a_moved_meeting_keeps_its_distances_in_working_days(planned):
    days, notes = proposed(planned.meeting, date(2026, 5, 20))

    # Papers five working days before; the round closes three, and opens twenty-two, before the papers.
    assert days == Days(date(2026, 5, 20), date(2026, 5, 13), date(2026, 4, 10), date(2026, 5, 8))
    assert notes == ()


def test_a_meeting_moved_to_a_bank_holiday_is_proposed_for_the_next_working_day(planned):
    days, notes = proposed(planned.meeting, date(2026, 5, 25))

    assert days.held_on == date(2026, 5, 26)
    assert notes == ("Moved from 25 May 2026, Spring Bank Holiday.",)


def test_of_a_round_that_is_open_only_its_closing_day_moves(opened):
    days, _ = proposed(opened.meeting, date(2026, 5, 20))

    assert (days.opens_on, days.closes_on) == (date(2026, 4, 1), date(2026, 5, 8))
    assert keeping_calendar.movable(opened.meeting) == ("held_on", "papers_due_on", "closes_on")


def test_of_a_round_that_was_closed_no_day_moves(closed):
    days, _ = proposed(closed.meeting, date(2026, 5, 20))

    assert (days.opens_on, days.closes_on) == (date(2026, 4, 1), date(2026, 4, 30))


def test_a_meeting_without_a_round_or_a_day_for_papers_gets_the_usual_one(world):
    meeting = Meeting.objects.create(area=world.area, held_on=MAY)

    days, _ = proposed(meeting, date(2026, 5, 20))

    assert days == Days(date(2026, 5, 20), date(2026, 5, 13))


# Moving


def test_a_moved_meeting_takes_along_what_belongs_to_it_and_keeps_its_history(world, meeting):
    item = ForwardItem.objects.create(area=world.area, meeting=meeting, title="Transitions")

    moved = move(world, meeting, opens_on=date(2026, 4, 8), closes_on=date(2026, 5, 8))

    assert days_of(moved) == Days(date(2026, 5, 20), date(2026, 5, 13), date(2026, 4, 8), date(2026, 5, 8))
    item.refresh_from_db()
    assert item.meeting.held_on == date(2026, 5, 20)
    last, first = meeting.history.order_by("-history_id")
    assert (last.held_on, first.held_on) == (date(2026, 5, 20), MAY)
    assert (last.history_user, last.history_date) == (world.people["officer"], NOW)


def test_an_open_round_stays_open_with_its_new_closing_day(world, opened):
    move(world, opened.meeting, closes_on=date(2026, 5, 8))

    opened.refresh_from_db()
    assert opened.is_open(NOW)
    assert (opened.opens_on, opened.closes_on) == (date(2026, 4, 1), date(2026, 5, 8))


def test_two_officers_who_move_a_meeting_at_once_do_not_write_over_each_other(world, meeting):
    move(world, meeting)

    with pytest.raises(CalendarMoved):
        move(world, meeting, held_on=date(2026, 5, 21))
    assert Meeting.objects.get(pk=meeting.pk).held_on == date(2026, 5, 20)


def test_the_same_move_sent_twice_is_written_once(world, meeting):
    move(world, meeting)
    move(world, meeting)

    assert meeting.history.count() == 2


@pytest.mark.parametrize(
    ("changed", "field", "message"),
    [
        ({"held_on": date(2026, 5, 23)}, "held_on", "is a Saturday"),
        ({"held_on": date(2026, 4, 20), "papers_due_on": date(2026, 4, 17)}, "held_on", "has passed or is today"),
        ({"papers_due_on": date(2026, 5, 21)}, "papers_due_on", "on or before the meeting, 20 May 2026"),
        ({"closes_on": date(2026, 5, 14)}, "closes_on", "on or before the day papers are due"),
        ({"opens_on": date(2026, 4, 30)}, "opens_on", "opens before it closes"),
        ({"opens_on": date(2026, 2, 20)}, "opens_on", "One round is open at a time"),
        ({"held_on": date(2026, 6, 10)}, "held_on", "Another meeting stands on 10 June 2026"),
    ],
)
def test_days_that_cannot_be_are_refused_and_nothing_moves(world, meeting, changed, field, message):
    Meeting.objects.create(area=world.area, held_on=date(2026, 6, 10))

    with pytest.raises(ValidationError) as refused:
        move(world, meeting, **changed)

    assert message in refused.value.message_dict[field][0]
    assert Meeting.objects.get(pk=meeting.pk).held_on == MAY
    assert ReportingRound.objects.get(meeting=meeting).opens_on == date(2026, 4, 1)


def test_an_open_round_does_not_get_a_closing_day_that_has_passed(world, opened):
    with pytest.raises(ValidationError, match="17 April 2026 has passed"):
        move(world, opened.meeting, closes_on=date(2026, 4, 17))


def test_only_the_days_of_the_round_can_change_while_the_meeting_stays(world, meeting):
    move(world, meeting, held_on=MAY, papers_due_on=date(2026, 5, 6), closes_on=date(2026, 5, 1))

    assert ReportingRound.objects.get(meeting=meeting).closes_on == date(2026, 5, 1)
    assert meeting.history.order_by("-history_id").first().held_on == MAY


def test_a_meeting_that_was_held_or_called_off_or_has_papers_does_not_move(world, meeting, clock):
    pack = Pack.objects.create(
        meeting=meeting, strategy=world.strategy, number=1, as_at=at(2026, 4, 19), recorded_at=at(2026, 4, 19)
    )
    assert "Papers are frozen" in keeping_calendar.why_not_moved(meeting, NOW)
    pack.delete()
    assert keeping_calendar.why_not_moved(meeting, NOW) == ""
    assert keeping_calendar.why_not_moved(meeting, at(2026, 5, 13)) == ""
    assert "was held" in keeping_calendar.why_not_moved(meeting, at(2026, 5, 14))
    Attendance.objects.create(meeting=meeting, name="A member", is_present=True)
    assert "was held" in keeping_calendar.why_not_moved(meeting, at(2026, 5, 13))


def test_a_meeting_called_off_does_not_move(world, meeting):
    assert "was called off on 20 April 2026" in keeping_calendar.why_not_moved(call_off(world, meeting), NOW)


# The page on which it moves


def test_the_page_works_the_days_out_before_anything_moves(client, world, meeting):
    arrive(client, world)
    stands = client.get(address(world, "meeting-move"))
    assert 'value="13"' in stands.text

    page = client.get(address(world, "meeting-move"), {"on_0": "25", "on_1": "5", "on_2": "2026"})

    assert "Moved from 25 May 2026, Spring Bank Holiday." in words_of(page)
    assert box(page, "held_on_0") == "26"
    assert Meeting.objects.get(pk=meeting.pk).held_on == MAY


def test_what_was_settled_is_saved_and_the_old_address_leads_to_the_new_day(client, world, meeting):
    answer = arrive(client, world).post(address(world, "meeting-move"), sent(meeting))

    assert answer["Location"] == address(world, "round", "2026-05-20")
    for name in ("meeting", "round", "meeting-papers", "reminders", "meeting-move", "attendance"):
        led = client.get(address(world, name) + "?back=1")
        assert led["Location"] == address(world, name, "2026-05-20") + "?back=1", name
        assert client.get(led["Location"]).status_code == 200, name


def test_what_is_typed_while_a_meeting_moves_is_sent_on_to_its_new_day(client, world, meeting):
    move(world, meeting)

    answer = arrive(client, world).post(address(world, "meeting-call-off"), {"because": "Snow."})

    assert (answer.status_code, answer["Location"]) == (307, address(world, "meeting-call-off", "2026-05-20"))
    client.post(answer["Location"], {"because": "Snow."})
    assert Meeting.objects.get(pk=meeting.pk).cancelled_because == "Snow."


def test_a_meeting_that_stands_on_the_old_day_wins(client, world, meeting):
    move(world, meeting)
    Meeting.objects.create(area=world.area, held_on=MAY)

    assert arrive(client, world).get(address(world, "meeting")).status_code == 200
    assert moved_to(world.people["officer"], "northvale", "2026-05-13") is None


def test_nobody_of_another_area_learns_that_a_meeting_moved(client, world, meeting):
    move(world, meeting)

    assert arrive(client, world, "other_officer").get(address(world, "meeting")).status_code == 404
    assert client.get("/southmoor/meetings/2026-05-13/").status_code == 404


@pytest.mark.parametrize("day", ["2026-02-31", "soon", "0", "2026-05-14", "9999-99-99"])
def test_a_day_on_which_no_meeting_ever_stood_is_a_plain_404(client, world, meeting, day):
    move(world, meeting)
    arrive(client, world)

    for name in ("meeting", "round", "meeting-move", "meeting-call-off"):
        assert client.get(address(world, name, day)).status_code == 404


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"held_on": "31 2 2027"}, "there is no 31 February 2027"),
        ({"held_on": "x y z"}, "The meeting is held on"),
        ({"papers_due_on": "  "}, "Papers are due: give the day."),
        ({"closes_on": "14 5 2026"}, "The round closes on or before the day papers are due, 13 May 2026."),
        ({"held_on": "\x00 5 2026"}, "The meeting is held on"),
    ],
)
def test_a_wrong_day_moves_nothing_and_loses_nothing(client, world, meeting, changed, message):
    answer = arrive(client, world).post(address(world, "meeting-move"), sent(meeting, **changed))

    assert answer.status_code == 200
    assert message in words_of(answer)
    assert box(answer, "opens_on_0") == "8"
    assert Meeting.objects.get(pk=meeting.pk).held_on == MAY


def test_nonsense_as_the_wanted_day_is_answered_by_the_field(client, world, meeting):
    page = arrive(client, world).get(address(world, "meeting-move"), {"on_0": "31", "on_1": "2", "on_2": "2027"})

    assert page.status_code == 200
    assert "Move it to: there is no 31 February 2027" in words_of(page)


def test_a_move_meanwhile_is_shown_and_what_was_typed_stays(client, world, meeting):
    form = boxes(MOVED | {"closes_on": "7 5 2026"}, seen=str(days_of(meeting)))
    move(world, meeting, held_on=MAY, papers_due_on=date(2026, 5, 7))

    answer = arrive(client, world).post(address(world, "meeting-move"), form)

    assert answer.status_code == 409
    assert "Somebody else changed these days meanwhile" in words_of(answer)
    assert box(answer, "closes_on_0") == "7"
    assert 'value="2026-05-13/2026-05-07/2026-04-01/2026-04-30"' in answer.text


def test_a_meeting_that_cannot_move_says_why_and_shows_no_form(client, world, meeting):
    call_off(world, meeting)

    answer = arrive(client, world).post(address(world, "meeting-move"), sent(meeting))

    assert "Take that back to move it." in words_of(answer)
    assert "held_on_0" not in answer.text
    assert Meeting.objects.get(pk=meeting.pk).held_on == MAY


# Calling off


def test_a_meeting_is_called_off_with_a_reason_and_that_can_be_taken_back(client, world, meeting):
    page = address(world, "meeting-call-off")
    assert "Say why the meeting is called off." in words_of(arrive(client, world).post(page, {"because": "  "}))

    answer = client.post(page, {"because": "The hall is flooded."}, follow=True)

    assert "The meeting was called off on 20 April 2026: The hall is flooded." in words_of(answer)
    client.post(page, {"take_back": "1"})
    meeting.refresh_from_db()
    assert (meeting.cancelled_at, meeting.cancelled_because) == (None, "")
    assert "The hall is flooded." in meeting.history.values_list("cancelled_because", flat=True)


@pytest.mark.parametrize(
    ("because", "message"), [("x" * 1001, "shorten it by 1"), ("a\x0bb", "cannot be kept"), ("", "Say why")]
)
def test_a_reason_that_cannot_be_kept_is_named_and_kept_in_the_form(client, world, meeting, because, message):
    answer = arrive(client, world).post(address(world, "meeting-call-off"), {"because": because})

    assert answer.status_code == 200
    assert message in words_of(answer)
    assert because[:20] in answer.text
    assert Meeting.objects.get(pk=meeting.pk).cancelled_at is None


def test_a_meeting_with_an_open_round_is_not_called_off_before_the_round_is_closed(client, world, opened):
    answer = arrive(client, world).post(address(world, "meeting-call-off"), {"because": "Snow."})

    assert "The round of this meeting is open" in words_of(answer)
    assert Meeting.objects.get(held_on=MAY).cancelled_at is None
    close_round(opened, by=world.people["officer"], at=NOW)
    client.post(address(world, "meeting-call-off"), {"because": "Snow."})
    assert Meeting.objects.get(held_on=MAY).cancelled_at == NOW


def test_a_meeting_of_which_something_is_recorded_is_not_called_off(world):
    held = Meeting.objects.get(area=world.area, held_on=date(2026, 3, 18))
    assert keeping_calendar.why_not_called_off(held, NOW) == ""
    Decision.objects.create(meeting=held, number=1, recorded_at=at(2026, 3, 18), text="Write to the board")

    assert "it was held" in keeping_calendar.why_not_called_off(held, NOW)
    with pytest.raises(ValidationError):
        call_off(world, held)


def test_the_round_of_a_meeting_called_off_is_not_opened_and_reminds_nobody(client, world, meeting, planned):
    call_off(world, meeting)
    arrive(client, world).post(address(world, "round-open"))

    planned.refresh_from_db()
    assert planned.opened_at is None
    assert "was called off" in why_not_opened(planned, NOW)
    assert "The meeting was called off" in words_of(client.get(address(world, "reminders")))


def test_no_letter_goes_for_a_meeting_called_off_whatever_its_round(world, opened):
    assert open_rounds(NOW) == [opened]
    Meeting.objects.filter(pk=opened.meeting_id).update(cancelled_at=NOW, cancelled_because="Snow.")

    assert open_rounds(NOW) == []
    assert open_rounds(at(2026, 4, 19)) == [opened]


def test_seen_from_before_it_was_called_off_a_meeting_is_planned(client, world, meeting):
    call_off(world, meeting, moment=at(2026, 4, 19))
    arrive(client, world, "board")

    assert "called off" in words_of(client.get(address(world, "round")))
    assert "called off" not in words_of(client.get(address(world, "round") + "?as_at=2026-04-18"))
    assert meeting in Meeting.objects.going_ahead(at(2026, 4, 18))
    assert meeting not in Meeting.objects.going_ahead(NOW)


def test_a_year_is_not_planned_onto_a_meeting_called_off(client, world, meeting):
    call_off(world, meeting)
    row = Planned(MAY, date(2026, 5, 6), date(2026, 4, 1), date(2026, 4, 30))

    with pytest.raises(PlanRefused) as refused:
        plan_year(world.area, [row], by=world.people["officer"], at=NOW)

    assert "was called off. Take that back" in refused.value.problems[0]["held_on"]
    asked = {"rhythm": "monthly", "first_on_0": "13", "first_on_1": "5", "first_on_2": "2026", "count": "2",
             "papers": "5", "closes": "2", "opens": "20"}  # fmt: skip
    page = words_of(arrive(client, world).get(reverse("board:round-plan", args=["northvale"]), asked))
    assert "Called off, so not planned again on these days: 13 May 2026." in page
    assert "Take it back" in page


def test_a_round_that_never_opens_is_in_no_other_rounds_way(world, meeting):
    call_off(world, meeting)
    row = Planned(date(2026, 5, 20), date(2026, 5, 13), date(2026, 4, 15), date(2026, 5, 11))

    assert plan_year(world.area, [row], by=world.people["officer"], at=NOW)[0].closes_on == date(2026, 5, 11)


# Opening a round again


def test_a_round_closed_by_mistake_is_opened_again_and_keeps_what_was_accepted(client, world, closed):
    page = arrive(client, world).get(address(world, "round"))
    assert address(world, "round-reopen") in page.text
    assert "show the round as open all along" in words_of(client.get(address(world, "round-reopen")))

    answer = client.post(address(world, "round-reopen"), follow=True)

    assert "The round is open again" in words_of(answer)
    closed.refresh_from_db()
    assert closed.is_open(NOW)
    assert at(2026, 4, 18) in closed.history.values_list("closed_at", flat=True)


def refused_because(world, found) -> str:
    with pytest.raises(ValidationError) as refused:
        reopen_round(found, by=world.people["officer"], at=NOW)
    return refused.value.messages[0]


def test_a_round_is_not_reopened_once_a_later_one_was_opened(world, closed):
    later = Meeting.objects.create(area=world.area, held_on=date(2026, 6, 24))
    after = ReportingRound.objects.create(meeting=later, opens_on=date(2026, 5, 14), closes_on=date(2026, 6, 10))
    after = open_round(after, by=world.people["officer"], at=at(2026, 4, 19))
    close_round(after, by=world.people["officer"], at=at(2026, 4, 20, 9))

    assert "24 June 2026 was opened after it" in refused_because(world, closed)


def test_a_round_is_not_reopened_once_papers_are_frozen_or_its_meeting_was_held_or_called_off(world, closed):
    meeting = closed.meeting
    pack = Pack.objects.create(meeting=meeting, strategy=world.strategy, number=1, as_at=NOW, recorded_at=NOW)
    assert "Papers are frozen" in refused_because(world, closed)
    pack.delete()
    call_off(world, meeting)
    assert "called off" in refused_because(world, closed)
    keeping_calendar.take_back(meeting, by=world.people["officer"], at=NOW)
    Meeting.objects.filter(pk=meeting.pk).update(held_on=date(2026, 4, 17), papers_due_on=None)
    assert "was held" in refused_because(world, closed)


def test_a_round_that_is_open_says_that_there_is_nothing_to_reopen(client, world, opened):
    arrive(client, world)

    assert "This round is not closed." in words_of(client.get(address(world, "round-reopen")))
    assert "This round is not closed." in words_of(client.post(address(world, "round-reopen"), follow=True))
    assert client.get(address(world, "round-reopen", "2026-03-18")).status_code == 200
    Meeting.objects.create(area=world.area, held_on=date(2026, 7, 1))
    assert client.get(address(world, "round-reopen", "2026-07-01")).status_code == 404


# The pages together


@pytest.mark.parametrize("name", ["meeting-move", "meeting-call-off", "round-reopen", "reminders-again"])
def test_the_past_offers_no_keeping_of_the_calendar(client, world, closed, name):
    arrive(client, world)

    assert client.get(address(world, name) + "?as_at=2026-04-19").status_code == 404
    past = client.get(address(world, "round") + "?as_at=2026-04-19")
    assert address(world, name) not in past.text


def test_from_the_meeting_one_walks_to_the_round_its_reminders_and_the_telephone_round(client, world, opened):
    arrive(client, world)
    for here, there in [
        ("meeting", "round"), ("round", "reminders"), ("round", "round-grid"), ("reminders", "round"),
        ("reminders", "round-grid"), ("round", "meeting-move"), ("round", "meeting-call-off"),
    ]:  # fmt: skip
        assert f'href="{address(world, there)}"' in client.get(address(world, here)).text, (here, there)


@pytest.mark.parametrize("name", ["meeting-move", "meeting-call-off", "round-reopen"])
def test_the_queries_of_the_pages_do_not_grow_with_meetings(client, world, closed, name, django_assert_max_num_queries):
    arrive(client, world).get(address(world, name))
    with django_assert_max_num_queries(20) as few:
        client.get(address(world, name))
    for month in range(6, 12):
        found = Meeting.objects.create(area=world.area, held_on=date(2026, month, 10))
        ReportingRound.objects.create(meeting=found, opens_on=date(2026, month, 1), closes_on=date(2026, month, 5))
    with django_assert_max_num_queries(20) as many:
        client.get(address(world, name))
    assert len(many) == len(few)


# Of the demonstration


def test_a_sign_in_of_the_demonstration_leaves_real_meetings_where_they_are(client, world, meeting):
    world.people["officer"].is_illustrative = True
    world.people["officer"].save()
    refusal = "The meeting of 13 May 2026 is a real one. An illustrative sign-in moves and calls off illustrative meetings only."
    arrive(client, world)

    for name in ("meeting-move", "meeting-call-off"):
        page = client.get(address(world, name)).text
        assert refusal in page
        assert "Call it off" not in page
    sent = {**MOVED, "seen": str(days_of(meeting))}
    assert refusal in client.post(address(world, "meeting-move"), sent).text
    assert refusal in client.post(address(world, "meeting-call-off"), {"because": "Made up."}).text
    meeting.refresh_from_db()
    assert (meeting.held_on, meeting.cancelled_at) == (MAY, None)


def test_nor_takes_it_back_that_one_was_called_off(client, world, meeting):
    keeping_calendar.call_off(meeting, because="Flooded.", by=world.people["officer"], at=NOW)
    world.people["officer"].is_illustrative = True
    world.people["officer"].save()

    page = arrive(client, world).post(address(world, "meeting-call-off"), {"take_back": "1"})

    assert "is a real one." in page.text
    assert "It goes ahead after all" not in page.text
    meeting.refresh_from_db()
    assert meeting.cancelled_at == NOW


def test_it_moves_and_calls_off_its_own(client, world, meeting):
    Meeting.objects.update(is_illustrative=True)
    world.people["officer"].is_illustrative = True
    world.people["officer"].save()
    arrive(client, world).post(address(world, "meeting-call-off"), {"because": "Made up."})
    meeting.refresh_from_db()
    assert meeting.cancelled_because == "Made up."
