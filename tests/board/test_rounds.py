"""Planning a year of meetings and rounds, opening and closing them, and how a round stands."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError

from board.planning_rounds import PlanRefused, close_round, open_round, plan_year, proposal
from board.reviewing import accept_update, return_update
from board.round_standing import round_standing
from board.rounds import Planned, Rhythm, Spacing, own_problems, problems_in, wanted_days, year_of
from people.models import Lead
from strategies.models import Area, Meeting, ReportingRound
from strategies.working_days import is_working_day, working_days_between
from tests.world import at, build_world
from workstrands.models import Action, Placement, ProgressUpdate
from workstrands.reporting import report_progress, standing_of
from workstrands.standing import calendar_of

USUAL = Spacing(papers=5, closes=2, opens=20)
TODAY = date(2026, 3, 20)
GOOD = Planned(date(2026, 6, 10), date(2026, 6, 3), date(2026, 5, 1), date(2026, 6, 1))


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world):
    return world.people["officer"]


@pytest.fixture
def reporting_round(world):
    """The second round, planned for April and not opened."""
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 5, 13), papers_due_on=date(2026, 5, 6))
    return ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 30))


def add_action(world, number: int, lead: Lead | None) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"more-{number}", ref=f"2.{number}", title="More", position=number
    )
    Placement.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=lead)
    return action


def say(world, action, when, person="lead", **fields):
    said = {"status": "G", "narrative": "Going well.", **fields}
    number = action.updates.count()
    return report_progress(action, by=world.people[person], at=when, seen_number=number, **said)


# The days of a year


@pytest.mark.parametrize(
    ("rhythm", "first_on", "expected"),
    [
        (Rhythm.MONTHLY, date(2026, 1, 14), [date(2026, 1, 14), date(2026, 2, 11), date(2026, 3, 11)]),
        # a fifth Thursday is the last one where a month has four
        (Rhythm.MONTHLY, date(2026, 1, 29), [date(2026, 1, 29), date(2026, 2, 26), date(2026, 3, 26)]),
        (Rhythm.SIX_WEEKLY, date(2026, 1, 14), [date(2026, 1, 14), date(2026, 2, 25), date(2026, 4, 8)]),
        (Rhythm.QUARTERLY, date(2026, 11, 4), [date(2026, 11, 4), date(2027, 2, 3), date(2027, 5, 5)]),
        (Rhythm.TERMLY, date(2026, 10, 7), [date(2026, 10, 7), date(2027, 2, 3), date(2027, 6, 2)]),
        # never in August: in July, the last whole month of the summer term
        (Rhythm.TERMLY, date(2026, 12, 9), [date(2026, 12, 9), date(2027, 4, 14), date(2027, 7, 14)]),
    ],
)
def test_a_rhythm_keeps_the_weekday_of_the_first_meeting(rhythm, first_on, expected):
    assert wanted_days(rhythm, first_on=first_on, count=3) == expected


def test_a_meeting_on_a_bank_holiday_moves_to_the_next_working_day_and_says_so():
    (planned,) = year_of(Rhythm.MONTHLY, first_on=date(2026, 12, 28), count=1, spacing=USUAL)

    assert planned.held_on == date(2026, 12, 29)
    assert planned.papers_due_on == date(2026, 12, 18)
    assert planned.closes_on == date(2026, 12, 16)
    assert planned.notes == ("Moved from 28 December 2026, Boxing Day (substitute day).",)


@pytest.mark.parametrize("rhythm", Rhythm.values)
def test_every_day_of_a_planned_year_is_a_working_day_and_rounds_never_overlap(rhythm):
    planned = year_of(rhythm, first_on=date(2027, 3, 26), count=12, spacing=USUAL)

    assert all(is_working_day(day) for row in planned for day in row.days)
    assert all(working_days_between(row.papers_due_on, row.held_on) == 5 for row in planned)
    assert all(working_days_between(row.closes_on, row.papers_due_on) == 2 for row in planned)
    assert all(before.closes_on < after.opens_on < after.closes_on for before, after in pairwise(planned))
    assert not problems_in(planned, standing=[], today=TODAY)


def test_a_round_that_would_open_too_early_waits_for_the_round_before():
    first, second = year_of(Rhythm.MONTHLY, first_on=date(2026, 6, 10), count=2, spacing=Spacing(5, 2, 30))

    assert first.closes_on == date(2026, 6, 1)
    assert second.opens_on == date(2026, 6, 2)
    assert second.notes == ("Opens after the round before has closed.",)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({}, None, ""),
        ({"held_on": date(2026, 6, 13)}, "held_on", "13 June 2026 is a Saturday"),
        ({"held_on": date(2026, 8, 31)}, "held_on", "31 August 2026 is Late Summer Bank Holiday"),
        ({"held_on": date(2026, 3, 20)}, "held_on", "has passed or is today"),
        ({"papers_due_on": date(2026, 6, 11)}, "papers_due_on", "on or before the meeting, 10 June 2026"),
        ({"papers_due_on": date(2026, 5, 25)}, "papers_due_on", "25 May 2026 is Spring Bank Holiday"),
        ({"closes_on": date(2026, 6, 4)}, "closes_on", "the day papers are due, 3 June 2026"),
        ({"opens_on": date(2026, 6, 1)}, "opens_on", "opens before it closes, 1 June 2026"),
    ],
)
def test_what_an_officer_changes_is_held_against_the_other_days(changed, field, words):
    days = {name: getattr(GOOD, name) for name in ("held_on", "papers_due_on", "opens_on", "closes_on")}
    problems = own_problems(Planned(**days | changed), today=TODAY)

    if field is None:
        assert problems == {}
    else:
        assert words in problems[field]


def test_two_rounds_are_never_planned_to_be_open_at_once():
    later = Planned(date(2026, 7, 8), date(2026, 7, 1), date(2026, 6, 1), date(2026, 6, 29))

    problems = problems_in([GOOD, later], standing=[], today=TODAY)

    assert list(problems) == [1]
    assert "runs from 1 May 2026 to 1 June 2026" in problems[1]["opens_on"]


# Writing the plan


def test_a_year_is_planned_whole_with_the_officer_in_its_history(world, officer):
    rows = proposal(world.area, Rhythm.QUARTERLY, first_on=date(2026, 6, 10), count=4, spacing=USUAL).rows

    planned = plan_year(world.area, rows, by=officer, at=at(2026, 3, 20))

    assert [found.meeting.held_on for found in planned] == [row.held_on for row in rows]
    assert [found.meeting.papers_due_on for found in planned] == [row.papers_due_on for row in rows]
    assert all(found.opened_at is None for found in planned)
    assert planned[0].history.get().history_user == planned[0].meeting.history.get().history_user == officer


def test_one_wrong_row_and_nothing_is_planned(world, officer):
    wrong = Planned(date(2026, 7, 11), date(2026, 7, 3), date(2026, 6, 8), date(2026, 7, 1))

    with pytest.raises(PlanRefused) as refused:
        plan_year(world.area, [GOOD, wrong], by=officer, at=at(2026, 3, 20))

    assert list(refused.value.problems) == [1]
    assert Meeting.objects.count() == 1


def test_the_same_plan_sent_twice_is_written_once(world, officer):
    plan_year(world.area, [GOOD], by=officer, at=at(2026, 3, 20))
    plan_year(world.area, [GOOD], by=officer, at=at(2026, 3, 20))

    assert Meeting.objects.filter(held_on=GOOD.held_on).count() == 1


def test_meetings_that_stand_are_kept(world, officer):
    plan_year(world.area, [GOOD], by=officer, at=at(2026, 3, 20))
    Meeting.objects.create(area=world.area, held_on=date(2026, 9, 9), papers_due_on=date(2026, 9, 4))

    found = proposal(world.area, Rhythm.QUARTERLY, first_on=date(2026, 6, 10), count=2, spacing=USUAL)

    assert [meeting.held_on for meeting in found.kept] == [GOOD.held_on]
    # a meeting without a round keeps its papers day, and gets its round
    assert [(row.held_on, row.papers_due_on) for row in found.rows] == [(date(2026, 9, 9), date(2026, 9, 4))]
    plan_year(world.area, found.rows, by=officer, at=at(2026, 3, 20))
    assert Meeting.objects.get(held_on=date(2026, 9, 9)).reporting_round.closes_on == date(2026, 9, 2)


def test_a_meeting_that_stands_is_not_moved_by_the_way(world, officer):
    Meeting.objects.create(area=world.area, held_on=GOOD.held_on, papers_due_on=date(2026, 6, 2))

    with pytest.raises(PlanRefused) as refused:
        plan_year(world.area, [GOOD], by=officer, at=at(2026, 3, 20))

    assert "papers due on 2 June 2026" in refused.value.problems[0]["papers_due_on"]


def test_another_areas_meetings_are_in_nobodys_way(world, officer):
    Meeting.objects.create(area=world.other_area, held_on=GOOD.held_on)
    assert len(plan_year(world.area, [GOOD], by=officer, at=at(2026, 3, 20))) == 1


# Opening and closing


def test_an_opened_round_takes_what_is_said_and_a_closed_one_no_longer(world, officer, reporting_round):
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    during = say(world, world.action, at(2026, 4, 10))
    close_round(reporting_round, by=officer, at=at(2026, 5, 1))
    after = say(world, world.action, at(2026, 5, 2), narrative="Done more.")

    assert during.round == reporting_round
    assert after.round is None


def test_the_flags_follow_the_opening_of_a_round(world, officer, reporting_round):
    def flags(moment):
        return {flag.code for flag in standing_of(world.action, moment).flags}

    assert "not_updated" not in flags(at(2026, 4, 3))
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    assert "not_updated" in flags(at(2026, 4, 3))
    say(world, world.action, at(2026, 4, 3))
    assert "not_updated" not in flags(at(2026, 4, 3))
    assert calendar_of(world.area, at(2026, 4, 1)).current(date(2026, 4, 1)) == date(2026, 2, 1)


def test_one_round_is_open_at_a_time(world, officer, reporting_round):
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 7, 8))
    later = ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 6, 1), closes_on=date(2026, 6, 30))
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))

    with pytest.raises(ValidationError, match="meeting of 13 May 2026 is open"):
        open_round(later, by=officer, at=at(2026, 4, 3))

    close_round(reporting_round, by=officer, at=at(2026, 5, 1))
    assert open_round(later, by=officer, at=at(2026, 6, 1)).is_open(at(2026, 6, 2))


def test_a_round_is_opened_once_closed_once_and_not_after_its_meeting(world, officer, reporting_round):
    with pytest.raises(ValidationError, match="has not been opened"):
        close_round(reporting_round, by=officer, at=at(2026, 4, 1))
    with pytest.raises(ValidationError, match="was held on 13 May 2026"):
        open_round(reporting_round, by=officer, at=at(2026, 5, 14))
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    with pytest.raises(ValidationError, match="was opened on 2 April 2026 already"):
        open_round(reporting_round, by=officer, at=at(2026, 4, 3))
    close_round(reporting_round, by=officer, at=at(2026, 5, 1))
    with pytest.raises(ValidationError, match="was closed on 1 May 2026 already"):
        close_round(reporting_round, by=officer, at=at(2026, 5, 2))


# How a round stands


def stand(world, reporting_round, moment):
    found = ReportingRound.objects.select_related("meeting").get(pk=reporting_round.pk)
    return round_standing(found, world.area, moment)


def numbers(standing):
    return standing.asked, standing.reported, standing.late, len(standing.waiting), len(standing.returned)


def test_a_round_counts_who_has_updated_and_who_is_late(world, officer, reporting_round):
    other = add_action(world, 1, Lead.objects.get(name="Another lead"))
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    assert numbers(stand(world, reporting_round, at(2026, 4, 3))) == (2, 0, 0, 0, 0)

    say(world, world.action, at(2026, 4, 10))
    assert numbers(stand(world, reporting_round, at(2026, 4, 11))) == (2, 1, 0, 1, 0)
    # the last day is not late; the day after it is
    assert stand(world, reporting_round, at(2026, 4, 30, 22)).late == 0
    standing = stand(world, reporting_round, at(2026, 5, 1))
    assert standing.late == 1
    assert [row.lead.name for row in standing.lead_rows if row.late] == ["Another lead"]
    assert [one.standing.id for one in standing.missing] == [other.pk]
    assert "passed 1 working day ago" in standing.stage_sentence


def test_checking_takes_a_report_off_the_list_and_returning_waits_for_an_answer(world, officer, reporting_round):
    opened = open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    update = say(world, world.action, at(2026, 4, 10))
    return_update(update, remark="By when?", round=opened, by=officer, at=at(2026, 4, 11), seen_number=0)
    assert numbers(stand(world, reporting_round, at(2026, 4, 12))) == (1, 1, 0, 0, 1)

    answer = say(world, world.action, at(2026, 4, 13), narrative="By June.")
    standing = stand(world, reporting_round, at(2026, 4, 14))
    assert numbers(standing) == (1, 1, 0, 1, 0)
    assert standing.waiting[0].check.answers.remark == "By when?"

    accept_update(answer, round=opened, by=officer, at=at(2026, 4, 14), seen_number=0)
    assert numbers(stand(world, reporting_round, at(2026, 4, 15))) == (1, 1, 0, 0, 0)
    # as at the day before, it awaited checking
    assert len(stand(world, reporting_round, at(2026, 4, 13, 20)).waiting) == 1


def test_what_comes_after_closing_can_be_accepted_and_stays_late(world, officer, reporting_round):
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    closed = close_round(reporting_round, by=officer, at=at(2026, 5, 1))
    update = say(world, world.action, at(2026, 5, 4))
    standing = stand(world, reporting_round, at(2026, 5, 5))
    assert numbers(standing) == (1, 0, 1, 1, 0)
    assert standing.waiting[0].said_outside == "after"

    review = accept_update(update, round=closed, by=officer, at=at(2026, 5, 5), seen_number=0)

    assert review.is_late
    assert numbers(stand(world, reporting_round, at(2026, 5, 6))) == (1, 1, 1, 0, 0)


def test_a_round_to_come_shows_nothing_of_the_one_that_is_open(world, officer, reporting_round):
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 7, 8))
    later = ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 6, 1), closes_on=date(2026, 6, 30))
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    say(world, world.action, at(2026, 4, 10))
    assert stand(world, later, at(2026, 4, 11)).waiting == []

    close_round(reporting_round, by=officer, at=at(2026, 5, 1))
    between = say(world, world.action, at(2026, 5, 20), narrative="Between the rounds.")
    assert [one.check.update for one in stand(world, later, at(2026, 5, 21)).waiting] == [between]


def test_what_is_complete_or_not_started_is_not_asked_for(world, officer, reporting_round):
    say(world, world.action, at(2026, 3, 20), status="B", evidence=[("Minutes", "document", "")])
    coming = add_action(world, 1, world.lead)
    Action.objects.filter(pk=coming.pk).update(starts_on=date(2026, 9, 1))
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))

    standing = stand(world, reporting_round, at(2026, 4, 3))

    assert standing.asked == 0
    assert [one.said_outside for one in standing.waiting] == [
        "before"
    ]  # between two rounds, and checked like any other


def test_what_a_document_stated_needs_no_check(world, officer, reporting_round):
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 4, 3), status="G", is_imported=True
    )
    assert stand(world, reporting_round, at(2026, 4, 4)).waiting == []


def test_leads_who_left_never_signed_in_or_hold_nothing_are_listed(world, officer, reporting_round):
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    gone = Lead.objects.create(area=world.area, name="Gone", left_on=date(2026, 3, 1))
    absent = Lead.objects.create(area=world.area, name="Without a sign-in")
    add_action(world, 1, gone)
    add_action(world, 2, absent)
    Lead.objects.create(area=world.area, name="Gone too", left_on=date(2026, 3, 1))

    standing = stand(world, reporting_round, at(2026, 4, 3))

    assert dict(standing.to_look_after) == {
        "Never signed in": ["Head of SEND"],
        "Left": ["Gone (1 March 2026)"],
        "Has no sign-in": ["Without a sign-in"],
        "Holds no action of a running plan and no KPI": ["Another lead"],
    }


def test_another_areas_reports_are_not_counted(world, officer, reporting_round):
    other = Area.objects.get(slug="southmoor")
    meeting = Meeting.objects.create(area=other, held_on=date(2026, 5, 13))
    theirs = ReportingRound.objects.create(
        meeting=meeting, opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 30), opened_at=at(2026, 4, 1)
    )
    open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    say(world, world.action, at(2026, 4, 3))

    standing = round_standing(theirs, other, at(2026, 4, 4))

    assert numbers(standing) == (0, 0, 0, 0, 0)
    assert standing.idle == []


def test_the_queries_of_a_round_do_not_grow_with_its_actions(
    world, officer, reporting_round, django_assert_max_num_queries
):
    opened = open_round(reporting_round, by=officer, at=at(2026, 4, 2))
    say(world, world.action, at(2026, 4, 3))
    with django_assert_max_num_queries(20) as few:
        numbers(round_standing(opened, world.area, at(2026, 4, 20)))
    for number in range(20):
        lead = Lead.objects.create(area=world.area, name=f"Lead {number}", user=world.people["lead"])
        action = add_action(world, number, lead)
        update = say(world, action, at(2026, 4, 3) + timedelta(hours=number))
        if number % 2:
            return_update(update, remark="Why?", round=opened, by=officer, at=at(2026, 4, 5), seen_number=0)
    with django_assert_max_num_queries(20) as many:
        standing = round_standing(opened, world.area, at(2026, 4, 20))
        assert numbers(standing) == (21, 21, 0, 11, 10)
        assert standing.lead_rows
    assert len(many) == len(few)
