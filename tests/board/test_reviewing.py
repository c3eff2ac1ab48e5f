"""Checking a report, and answering a flag: what stands beside a report, never an edit of it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from board.demonstration.removal import remove
from board.models import FlagReply, UpdateReview
from board.planning_rounds import close_round, open_round
from board.reviewing import (
    accept_update,
    checks_of,
    flag_replies_of,
    last_checks_of,
    reply_to_flag,
    return_update,
    returned_of,
    reviews_of,
)
from board.telephone import enter_report
from kpis.appending import Conflict
from people.models import Lead, User
from strategies.models import Meeting, ReportingRound
from tests.world import at, build_world
from workstrands.models import Action, ProgressUpdate
from workstrands.planning import place_action
from workstrands.reporting import Conflict as ReportedMeanwhile
from workstrands.reporting import report_progress

FOR_ONE = {"seen_number": 0}


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world):
    return world.people["officer"]


@pytest.fixture
def opened(world, officer):
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 5, 13))
    planned = ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 30))
    return open_round(planned, by=officer, at=at(2026, 4, 2))


@pytest.fixture
def update(world, opened):
    return say(world, at(2026, 4, 10))


def say(world, when, **fields):
    said = {"status": "G", "narrative": "Going well.", "seen_number": world.action.updates.count(), **fields}
    return report_progress(world.action, by=world.people["lead"], at=when, **said)


def test_until_an_officer_has_checked_it_a_report_is_not_yet_checked(world, officer, opened, update):
    assert last_checks_of([world.action.pk], at(2026, 4, 11))[world.action.pk].is_waiting

    accept_update(update, round=opened, by=officer, at=at(2026, 4, 12), **FOR_ONE)

    check = last_checks_of([world.action.pk], at(2026, 4, 13))[world.action.pk]
    assert check.is_accepted
    assert not check.is_waiting
    assert (check.review.round, check.review.is_late, check.review.recorded_by) == (opened, False, officer)
    assert last_checks_of([world.action.pk], at(2026, 4, 11))[world.action.pk].is_waiting  # as at the day before


def test_a_returned_report_goes_back_with_its_remark_and_the_next_report_answers_it(world, officer, opened, update):
    return_update(update, remark=" By when? ", round=opened, by=officer, at=at(2026, 4, 12), **FOR_ONE)
    assert returned_of([world.action.pk], at(2026, 4, 13))[world.action.pk].review.remark == "By when?"

    answer = say(world, at(2026, 4, 14), narrative="By June.")

    assert returned_of([world.action.pk], at(2026, 4, 15)) == {}
    check = last_checks_of([world.action.pk], at(2026, 4, 15))[world.action.pk]
    assert (check.update, check.is_waiting, check.answers.remark) == (answer, True, "By when?")


def test_returning_says_why(world, officer, opened, update):
    with pytest.raises(ValidationError, match="Say what the lead should look at again"):
        return_update(update, remark="  ", round=opened, by=officer, at=at(2026, 4, 12), **FOR_ONE)

    assert not UpdateReview.objects.exists()


def test_a_check_never_changes_the_report(world, officer, opened, update):
    before = ProgressUpdate.objects.values().get(pk=update.pk)
    accept_update(update, round=opened, by=officer, at=at(2026, 4, 12), **FOR_ONE)
    return_update(update, remark="After all: by when?", round=opened, by=officer, at=at(2026, 4, 13), seen_number=1)

    assert ProgressUpdate.objects.values().get(pk=update.pk) == before
    assert [review.verdict for review in reviews_of([update.pk], at(2026, 4, 14))[update.pk]] == [
        "returned",
        "accepted",
    ]


def test_of_many_reports_only_the_last_awaits_checking(world, officer, opened, update):
    later = say(world, at(2026, 4, 14), narrative="More.")
    checks = checks_of(world.action.updates.all(), at(2026, 4, 15))

    assert {pk: check.is_waiting for pk, check in checks.items()} == {
        **dict.fromkeys(checks, False),
        later.pk: True,
    }
    with pytest.raises(ValidationError, match="There is a newer report, of 14 April 2026"):
        accept_update(update, round=opened, by=officer, at=at(2026, 4, 15), **FOR_ONE)


@pytest.mark.parametrize("fields", [{"is_imported": True}, {"status": "H", "authority": "The Board, 13 May 2026"}])
def test_what_a_document_stated_or_the_board_decided_needs_no_check(world, officer, opened, fields):
    row = ProgressUpdate.objects.create(
        **{"action": world.action, "area": world.area, "number": 2, "recorded_at": at(2026, 4, 5), "status": "G"}
        | fields
    )
    assert not last_checks_of([world.action.pk], at(2026, 4, 6))[world.action.pk].is_waiting
    with pytest.raises(ValidationError, match="needs no check"):
        accept_update(row, round=opened, by=officer, at=at(2026, 4, 6), **FOR_ONE)


def test_what_was_said_after_the_round_was_closed_stays_late(world, officer, opened, update):
    closed = close_round(opened, by=officer, at=at(2026, 5, 1))
    in_time = accept_update(update, round=closed, by=officer, at=at(2026, 5, 2), **FOR_ONE)
    after = say(world, at(2026, 5, 3), narrative="More.")
    late = accept_update(after, round=closed, by=officer, at=at(2026, 5, 4), **FOR_ONE)

    assert (in_time.is_late, late.is_late) == (False, True)


def test_a_report_is_accepted_only_into_a_round_of_its_area_that_was_opened(world, officer, opened, update):
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 9, 9))
    planned = ReportingRound.objects.create(meeting=meeting, opens_on=date(2026, 8, 1), closes_on=date(2026, 8, 30))
    elsewhere = ReportingRound.objects.create(
        meeting=Meeting.objects.create(area=world.other_area, held_on=date(2026, 5, 13)),
        opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 30), opened_at=at(2026, 4, 1),
    )  # fmt: skip
    for wrong in (planned, elsewhere):
        with pytest.raises(ValidationError, match="Choose a round of this area that has been opened"):
            accept_update(update, round=wrong, by=officer, at=at(2026, 4, 12), **FOR_ONE)


def test_two_officers_checking_at_once_do_not_overwrite_each_other(world, officer, opened, update):
    accept_update(update, round=opened, by=world.people["administrator"], at=at(2026, 4, 12), **FOR_ONE)

    with pytest.raises(Conflict):
        return_update(update, remark="By when?", round=opened, by=officer, at=at(2026, 4, 12, 13), **FOR_ONE)


def test_one_check_sent_twice_is_written_once(world, officer, opened, update):
    for minute in (0, 1):
        accept_update(update, round=opened, by=officer, at=at(2026, 4, 12).replace(minute=minute), **FOR_ONE)
    assert UpdateReview.objects.count() == 1


def test_an_illustrative_officer_checks_illustrative_reports_only(world, officer, opened, update):
    officer.is_illustrative = True
    with pytest.raises(ValidationError, match="checks illustrative reports only"):
        accept_update(update, round=opened, by=officer, at=at(2026, 4, 12), **FOR_ONE)


def test_what_hangs_on_the_demonstration_goes_with_it(world, officer, opened):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    lead = Lead.objects.create(area=world.area, name="Lead (illustrative)", user=made_up, is_illustrative=True)
    place_action(world.action, by=officer, at=at(2026, 4, 3), lead=world.lead)
    world.action.placements.create(
        number=3, recorded_at=at(2026, 4, 4), lead=lead, objective=world.objective, is_illustrative=True
    )
    update = report_progress(world.action, status="G", by=made_up, at=at(2026, 4, 10), seen_number=1)
    review = accept_update(update, round=opened, by=officer, at=at(2026, 4, 12), **FOR_ONE)
    reply = reply_to_flag(world.action, "overdue", text="Because.", by=made_up, at=at(2026, 7, 2), **FOR_ONE)
    assert review.is_illustrative  # though the officer is real: it goes when the report goes
    assert reply.is_illustrative

    remove()

    assert not UpdateReview.objects.exists()
    assert not FlagReply.objects.exists()
    assert not ProgressUpdate.objects.filter(pk=update.pk).exists()


# After a telephone round


def test_what_an_officer_enters_is_accepted_as_it_is_entered(world, officer, opened):
    update = enter_report(
        world.action, round=opened, said_on=date(2026, 4, 9), by=officer, at=at(2026, 4, 10), seen_number=1,
        status="G", narrative="Told by telephone.", on_behalf_of=world.lead,
    )  # fmt: skip

    review = update.reviews.get()
    assert (update.author, update.on_behalf_of, update.round) == (officer, world.lead, opened)
    assert review.remark == "Said on 9 April 2026, entered by an officer."
    assert not review.is_late


@pytest.mark.parametrize(("said_on", "is_late"), [(date(2026, 4, 30), False), (date(2026, 5, 4), True)])
def test_the_day_it_was_said_decides_whether_it_is_late(world, officer, opened, said_on, is_late):
    closed = close_round(opened, by=officer, at=at(2026, 5, 1))
    update = enter_report(
        world.action, round=closed, said_on=said_on, by=officer, at=at(2026, 5, 5), seen_number=1, status="G"
    )
    assert update.reviews.get().is_late is is_late


@pytest.mark.parametrize(
    ("said_on", "words"),
    [(date(2026, 4, 11), "11 April 2026 is still to come"), (date(2025, 12, 31), "the plan starts on 1 January 2026")],
)
def test_the_day_it_was_said_has_come(world, officer, opened, said_on, words):
    with pytest.raises(ValidationError, match=words):
        enter_report(
            world.action, round=opened, said_on=said_on, by=officer, at=at(2026, 4, 10), seen_number=1, status="G"
        )
    assert world.action.updates.count() == 1


def test_a_report_that_came_in_between_stops_the_entering(world, officer, opened, update):
    with pytest.raises(ReportedMeanwhile):
        enter_report(
            world.action, round=opened, said_on=date(2026, 4, 10), by=officer, at=at(2026, 4, 11), seen_number=1,
            status="A", cause="funding", next_steps="Ask for it.",
        )  # fmt: skip
    assert not UpdateReview.objects.exists()


# Answering a flag


def test_a_lead_answers_a_flag_and_the_answers_stand_under_it(world):
    lead = world.people["lead"]
    reply_to_flag(world.action, "overdue", text=" The clinic moved. ", by=lead, at=at(2026, 7, 2), seen_number=0)
    reply_to_flag(world.action, "slipped", text="Twice.", by=lead, at=at(2026, 7, 3), seen_number=1)
    reply_to_flag(world.action, "overdue", text="It opens in May.", by=lead, at=at(2026, 7, 4), seen_number=2)

    found = flag_replies_of([world.action.pk], at(2026, 7, 5))[world.action.pk]

    assert [reply.text for reply in found["overdue"]] == ["It opens in May.", "The clinic moved."]
    assert [reply.text for reply in found["slipped"]] == ["Twice."]
    assert list(flag_replies_of([world.action.pk], at(2026, 7, 2))[world.action.pk]) == ["overdue"]


@pytest.mark.parametrize(
    ("text", "words"), [("  ", "Write the answer"), ("x" * 10_001, "shorten it by 1"), ("a\x00", "cannot be kept")]
)
def test_an_answer_that_cannot_be_kept_says_why(world, text, words):
    with pytest.raises(ValidationError, match=words):
        reply_to_flag(world.action, "overdue", text=text, by=world.people["lead"], at=at(2026, 7, 2), seen_number=0)


def test_two_answers_at_once_are_both_seen(world):
    reply_to_flag(world.action, "overdue", text="One.", by=world.people["lead"], at=at(2026, 7, 2), seen_number=0)
    with pytest.raises(Conflict):
        reply_to_flag(
            world.action, "overdue", text="Two.", by=world.people["officer"], at=at(2026, 7, 2), seen_number=0
        )


def test_reading_checks_and_answers_takes_the_same_queries_for_one_action_and_many(
    world, officer, opened, update, django_assert_num_queries
):
    for number in range(10):
        action = Action.objects.create(
            area=world.area,
            strategy=world.strategy,
            key=f"m-{number}",
            ref=f"3.{number}",
            title="More",
            position=number,
        )
        said = report_progress(action, status="G", by=officer, at=at(2026, 4, 11), seen_number=0)
        accept_update(said, round=opened, by=officer, at=at(2026, 4, 12), **FOR_ONE)
    everything = list(Action.objects.values_list("pk", flat=True))
    with django_assert_num_queries(2):
        checks = last_checks_of(everything, at(2026, 4, 13))
        assert {str(check.review and check.review.round.meeting.held_on) for check in checks.values()} == {
            "None",
            "2026-05-13",
        }
    with django_assert_num_queries(1):
        flag_replies_of(everything, at(2026, 4, 13))
