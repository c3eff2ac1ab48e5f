"""What the Board decides, what carrying it out does, what comes back, and what is noted beside it."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from board import attending, deciding, forward
from board.attending import Came, note_attendance
from board.closing import close_decision, close_log_entry
from board.decided import decisions_about, put_off_sentence
from board.deciding import record_decision
from board.decision_rules import has_come_back, is_open, put_off_words, what_is_missing, why_no_effect
from board.forward import Planned, plan_forward
from board.meetings import attended_compare_address, last_attended
from board.minuting import add_to_log, note_challenge
from board.models import Attendance, Challenge, Decision, DecisionOutcome, ForwardItem, MeetingAction
from board.recording import Overtaken
from board.vocabulary import DecisionKind, Outcome
from kpis.appending import Conflict
from people.models import Lead, Partner
from strategies.models import Meeting
from tests.world import at, build_world
from workstrands.models import Action, Deadline, ProgressUpdate
from workstrands.reporting import standing_of

NOW = at(2026, 3, 18, 15)
UNTIL = date(2026, 9, 30)


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def meeting(world) -> Meeting:
    return Meeting.objects.get(area=world.area, held_on=date(2026, 3, 18))


@pytest.fixture
def decide(world, meeting):
    def record(kind=DecisionKind.OTHER, *, when=NOW, of=None, **said):
        said = {"text": "The Board decides so.", **said}
        if kind != DecisionKind.OTHER:
            said.setdefault("action", world.action)
        return record_decision(of or meeting, kind=kind, by=world.people["officer"], at=when, **said)

    return record


def report(action, number, status, when, **said):
    return ProgressUpdate.objects.create(
        action=action, area=action.area, number=number, recorded_at=when, status=status, **said
    )


def off_track(action, when=None):
    return report(action, 2, "R", when or at(2026, 3, 1), next_steps="Hire.", cause="workforce", escalate_to="board",
                  ask="Release the money.", needed_by=date(2026, 4, 1))  # fmt: skip


def propose(action, due_on=date(2026, 12, 31), number=2):
    return Deadline.objects.create(
        action=action, number=number, recorded_at=at(2026, 3, 1), due_on=due_on, state="proposed", reason="Staff left."
    )


def said_of(action, on: date, *, known=NOW) -> str:
    """What stands beside an action's status on a day, by the decisions known at a moment."""
    return put_off_sentence(decisions_about([action.pk], known)[action.pk], standing_of(action, known), on)


# Rules


@pytest.mark.parametrize(
    ("kind", "said", "missing"),
    [
        ("other", {}, set()),
        ("other", {"text": " "}, {"text"}),
        ("stop", {}, {"action", "reason"}),
        ("stop", {"has_action": True, "reason": "Superseded"}, set()),
        ("put_on_hold", {"has_action": True, "reason": "No money"}, {"until"}),
        ("put_on_hold", {"has_action": True, "reason": "No money", "until": UNTIL}, set()),
        ("accept_red", {"has_action": True, "until": UNTIL}, {"reason"}),
        ("accept_red", {"has_action": True, "reason": "x", "until": date(2026, 3, 18)}, {"until"}),
        ("agree_date", {"has_action": True}, {"agreed_on"}),
        ("refuse_date", {"has_action": True}, set()),
        ("resume", {}, {"action"}),
        ("other", {"due_on": date(2026, 3, 17)}, {"due_on"}),
        ("other", {"due_on": date(2026, 3, 18)}, set()),
    ],
)
def test_what_each_kind_of_decision_must_say(kind, said, missing):
    asked = {"text": "So be it.", "reason": "", "has_action": False, "held_on": date(2026, 3, 18), **said}
    assert set(what_is_missing(kind, **asked)) == missing


@pytest.mark.parametrize(
    ("kind", "reported", "assessed", "is_refused"),
    [
        ("accept_red", "R", "R", False),
        ("accept_red", "G", "R", False),
        ("accept_red", "G", "A", True),
        ("accept_red", None, "?", True),
        ("resume", "H", "H", False),
        ("resume", "S", "S", False),
        ("resume", "G", "G", True),
        ("stop", "S", "S", True),
        ("stop", "H", "H", False),
        ("put_on_hold", "H", "H", False),  # for longer
        ("put_on_hold", "B", "B", True),
        ("put_on_hold", None, "?", False),
        ("agree_date", "B", "B", True),
        ("agree_date", "R", "R", False),
    ],
)
def test_what_can_be_done_to_an_action_that_stands_so(kind, reported, assessed, is_refused):
    assert bool(why_no_effect(kind, reported=reported, assessed=assessed)) == is_refused


@pytest.mark.parametrize(
    ("kind", "reported", "assessed", "on", "is_back"),
    [
        ("put_on_hold", "H", "H", date(2026, 9, 30), False),
        ("put_on_hold", "H", "H", date(2026, 10, 1), True),
        ("put_on_hold", "G", "G", date(2026, 10, 1), False),
        ("accept_red", "R", "R", date(2026, 10, 1), True),
        ("accept_red", "G", "R", date(2026, 10, 1), True),
        ("accept_red", "G", "G", date(2026, 10, 1), False),
        ("accept_red", None, "?", date(2026, 10, 1), False),
        ("stop", "S", "S", date(2026, 10, 1), False),
    ],
)
def test_what_was_put_off_comes_back_the_day_after_its_last(kind, reported, assessed, on, is_back):
    standing = SimpleNamespace(reported=reported, assessed=assessed)
    decision = SimpleNamespace(kind=kind, until=UNTIL if kind != "stop" else None)
    assert has_come_back(standing, decision, on) is is_back
    assert has_come_back(standing, None, on) is False


def test_a_hold_and_an_acceptance_are_said_with_their_last_day():
    assert put_off_words("put_on_hold", UNTIL, on=date(2026, 9, 30)) == "On hold until 30 September 2026"
    assert (
        put_off_words("put_on_hold", UNTIL, on=date(2026, 10, 1)) == "On hold until 30 September 2026, which has passed"
    )
    assert put_off_words("accept_red", UNTIL, on=NOW.date()) == "Accepted by the Board until 30 September 2026"
    assert put_off_words("stop", None, on=NOW.date()) == ""


# Decisions with effect


def test_a_decision_without_effect_changes_no_action(world, decide):
    decision = decide(action=world.action, owner=world.lead, due_on=date(2026, 5, 1))
    assert (decision.number, decision.update, decision.deadline) == (1, None, None)
    assert world.action.updates.count() == 1
    assert decisions_about([world.action.pk], NOW)[world.action.pk][0].is_open


def test_putting_on_hold_writes_the_update_with_its_authority(world, decide):
    decision = decide(DecisionKind.PUT_ON_HOLD, text="Wait for the budget.", reason="No money yet.", until=UNTIL)

    update = world.action.updates.order_by("-number").first()
    assert decision.update == update
    assert (update.status, update.number, update.look_again_on, update.narrative) == ("H", 2, UNTIL, "No money yet.")
    assert update.authority == "Decision of the Board of 18 March 2026: Wait for the budget."
    assert standing_of(world.action, NOW).assessed == "H"


def test_stopping_writes_the_reason_and_is_done_at_once(world, decide):
    decision = decide(DecisionKind.STOP, reason="Superseded. See 2.1.")
    assert decision.update.status == "S"
    assert decision.update.narrative == "Superseded. See 2.1."
    assert decision.outcomes.get().outcome == Outcome.DONE


def test_stopping_with_something_left_to_do_stays_open(world, decide):
    decision = decide(DecisionKind.STOP, reason="Merged", owner_text="Clerk to the Board")
    assert not decision.outcomes.exists()


def test_taking_up_again_brings_back_what_was_said_before(world, decide):
    off_track(world.action)
    held = decide(DecisionKind.PUT_ON_HOLD, reason="No money.", until=UNTIL)
    decision = decide(DecisionKind.RESUME, when=at(2026, 4, 1))

    update = decision.update
    assert (update.number, update.status, update.next_steps, update.ask) == (4, "R", "Hire.", "Release the money.")
    assert "What was reported on 1 March 2026 holds" in update.narrative
    assert held.outcomes.get().text == "Decided anew by the Board of 18 March 2026."


def test_taking_up_again_what_was_silent_says_not_started(world, decide):
    world.action.updates.all().delete()
    decide(DecisionKind.PUT_ON_HOLD, reason="No money.", until=UNTIL)
    assert decide(DecisionKind.RESUME, when=at(2026, 4, 1)).update.status == "N"


def test_a_proposed_date_does_not_count_until_it_is_agreed(world, decide):
    propose(world.action)
    assert standing_of(world.action, NOW).due_on == date(2026, 6, 30)

    decision = decide(DecisionKind.AGREE_DATE, text="More time.", agreed_on=date(2026, 12, 31))

    assert standing_of(world.action, NOW).due_on == date(2026, 12, 31)
    assert (decision.deadline.number, decision.deadline.state) == (3, "agreed")
    assert decision.deadline.reason == "Decision of the Board of 18 March 2026: More time."


def test_refusing_a_proposed_date_is_kept_and_leaves_the_agreed_one(world, decide):
    propose(world.action)
    decision = decide(DecisionKind.REFUSE_DATE)
    assert (decision.deadline.due_on, decision.deadline.state) == (date(2026, 12, 31), "refused")
    assert standing_of(world.action, NOW).due_on == date(2026, 6, 30)
    with pytest.raises(ValidationError, match="No proposed date waits"):
        decide(DecisionKind.REFUSE_DATE, text="Again.", when=at(2026, 3, 19))


def test_a_date_for_one_part_of_the_work_stays_with_that_part(world, decide):
    Deadline.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 1, 2), due_on=date(2026, 8, 31), applies_to="Year 11"
    )
    Deadline.objects.create(
        action=world.action, number=3, recorded_at=at(2026, 3, 1), due_on=date(2026, 10, 31), applies_to="Year 11",
        state="proposed",
    )  # fmt: skip
    assert decide(DecisionKind.AGREE_DATE, agreed_on=date(2026, 10, 31)).deadline.applies_to == "Year 11"


@pytest.mark.parametrize("day", [date(2026, 6, 30), date(2026, 5, 1)])
def test_an_agreed_date_is_later_than_the_one_before(decide, day):
    with pytest.raises(ValidationError, match="It is due on 30 June 2026: give a later date"):
        decide(DecisionKind.AGREE_DATE, agreed_on=day)


def test_what_is_accepted_stays_off_track_and_says_so(world, decide):
    off_track(world.action)
    decision = decide(DecisionKind.ACCEPT_RED, reason="Posts are vacant.", until=UNTIL)

    assert decision.update is None
    assert standing_of(world.action, NOW).reported == "R"
    assert said_of(world.action, UNTIL) == "Accepted by the Board until 30 September 2026: Posts are vacant."
    assert "until 30 September 2026, which has passed: Posts" in said_of(world.action, date(2026, 10, 1))
    assert said_of(world.action, UNTIL, known=at(2026, 3, 17)) == ""


def test_what_is_accepted_says_nothing_more_once_it_is_no_longer_off_track(world, decide):
    off_track(world.action)
    decide(DecisionKind.ACCEPT_RED, reason="Posts are vacant.", until=UNTIL)
    report(world.action, 3, "G", at(2026, 4, 1))
    assert said_of(world.action, UNTIL, known=at(2026, 4, 2)) == ""


def test_what_is_on_hold_says_until_when_and_when_that_has_passed(world, decide):
    decide(DecisionKind.PUT_ON_HOLD, reason="No money.", until=UNTIL)
    assert said_of(world.action, UNTIL) == "On hold until 30 September 2026: No money."
    assert said_of(world.action, date(2026, 10, 1)) == "On hold until 30 September 2026, which has passed: No money."


def test_a_dropped_acceptance_no_longer_stands(world, decide):
    off_track(world.action)
    decision = decide(DecisionKind.ACCEPT_RED, reason="Posts are vacant.", until=UNTIL)
    close_decision(decision, outcome="dropped", text="The money came.", by=world.people["officer"], at=at(2026, 4, 1))
    assert said_of(world.action, UNTIL, known=at(2026, 4, 2)) == ""


def test_only_what_is_off_track_is_accepted(decide):
    with pytest.raises(ValidationError, match="this action is on track"):
        decide(DecisionKind.ACCEPT_RED, reason="Posts are vacant.", until=UNTIL)
    assert not Decision.objects.exists()


def test_a_plan_that_has_ended_is_decided_on_no_more(world, decide):
    world.strategy.ends_on = date(2026, 3, 1)
    world.strategy.save()
    with pytest.raises(ValidationError, match="This plan ended on 1 March 2026"):
        decide(DecisionKind.STOP, reason="Superseded", action=Action.objects.get(pk=world.action.pk))


def test_nothing_is_decided_before_the_meeting_is_held(world, decide):
    with pytest.raises(ValidationError, match="This meeting is held on 18 March 2026"):
        decide(when=at(2026, 3, 17))


def test_another_areas_action_lead_or_kpi_is_refused(world, decide):
    lead = Lead.objects.create(area=world.other_area, name="Elsewhere")
    with pytest.raises(ValidationError) as refusal:
        decide(owner=lead)
    assert refusal.value.message_dict == {"owner": ["Choose one of this area."]}


@pytest.mark.parametrize("field", ["text", "reason"])
def test_a_text_that_cannot_be_kept_is_refused_by_its_field(decide, field):
    with pytest.raises(ValidationError) as refusal:
        decide(**{field: "before\x00after"})
    assert list(refusal.value.message_dict) == [field]


# Together or not at all


def test_the_second_officer_sees_the_first_ones_decision_and_changes_nothing(world, decide):
    first = decide(seen_number=0, text="Theirs")
    with pytest.raises(Conflict) as conflict:
        decide(DecisionKind.STOP, reason="Superseded", seen_number=0)
    assert conflict.value.latest == first
    assert world.action.updates.count() == 1
    assert decide(DecisionKind.STOP, reason="Superseded", seen_number=1).number == 2


def test_a_decision_that_comes_in_while_another_is_carried_out_wins_and_the_other_leaves_nothing(
    world, meeting, decide, monkeypatch
):
    really = deciding.carry_out

    def slowly(decision, **who):
        really(decision, **who)
        Decision.objects.create(meeting=meeting, number=1, recorded_at=NOW, text="Theirs")

    monkeypatch.setattr(deciding, "carry_out", slowly)
    with pytest.raises(Conflict) as conflict:
        decide(DecisionKind.STOP, reason="Superseded", seen_number=0)
    assert conflict.value.latest.text == "Theirs"
    assert world.action.updates.count() == 1


def test_the_same_decision_sent_twice_is_carried_out_once(world, decide):
    first = decide(DecisionKind.STOP, reason="Superseded", seen_number=0)
    assert decide(DecisionKind.STOP, reason="Superseded", seen_number=0) == first
    assert world.action.updates.count() == 2
    assert Decision.objects.count() == DecisionOutcome.objects.count() == 1


def test_when_the_decision_cannot_be_saved_neither_is_what_it_does(world, decide, monkeypatch):
    def broken(self, *args, **kwargs):
        raise RuntimeError("killed")

    monkeypatch.setattr(Decision, "save", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        decide(DecisionKind.PUT_ON_HOLD, reason="No money.", until=UNTIL)
    assert world.action.updates.count() == 1


def test_the_database_holds_to_what_a_decision_needs(world, meeting):
    with pytest.raises(IntegrityError):
        Decision.objects.create(
            meeting=meeting, number=1, recorded_at=NOW, kind="stop", text="Stop", action=world.action
        )


def test_what_an_illustrative_meeting_decides_is_illustrative(world, meeting, decide):
    meeting.is_illustrative = True
    decision = decide(DecisionKind.STOP, reason="Superseded")
    assert decision.is_illustrative
    assert decision.update.is_illustrative
    assert decision.outcomes.get().is_illustrative


def test_an_illustrative_officer_does_not_stop_what_a_real_lead_leads(world, decide):
    world.people["officer"].is_illustrative = True
    with pytest.raises(ValidationError, match="no illustrative lead"):
        decide(DecisionKind.STOP, reason="Superseded")


# Until it is done


def test_a_decision_is_open_until_somebody_says_what_became_of_it(world, decide):
    decision, officer = decide(action=world.action), world.people["officer"]
    close_decision(decision, outcome="done", text="Sent.", by=officer, at=at(2026, 4, 1), seen_number=0)
    close_decision(decision, outcome="reopened", by=officer, at=at(2026, 4, 3), seen_number=1)

    def state(moment):
        return decisions_about([world.action.pk], moment)[world.action.pk][0].state

    assert [state(at(2026, 3, 31)), state(at(2026, 4, 2)), state(at(2026, 4, 4))] == ["Open", "Done", "Open"]


@pytest.mark.parametrize(
    ("outcome", "expected"), [(None, True), ("", True), ("reopened", True), ("done", False), ("dropped", False)]
)
def test_what_counts_as_open(outcome, expected):
    assert is_open(outcome) is expected


def test_dropping_says_why_and_nothing_is_closed_twice(world, decide):
    decision, officer = decide(), world.people["officer"]
    with pytest.raises(ValidationError, match="Say why it is dropped"):
        close_decision(decision, outcome="dropped", by=officer, at=NOW)
    close_decision(decision, outcome="done", by=officer, at=NOW)
    with pytest.raises(ValidationError, match="It is closed already"):
        close_decision(decision, outcome="dropped", text="No.", by=officer, at=at(2026, 4, 1))


def test_two_who_close_the_same_entry_both_learn_of_it(world, meeting):
    officer, other = world.people["officer"], world.people["administrator"]
    entry = add_to_log(meeting, text="Write to the trust.", by=officer, at=NOW)
    close_log_entry(entry, outcome="done", by=officer, at=NOW, seen_number=0)
    with pytest.raises(Conflict):
        close_log_entry(entry, outcome="dropped", text="No.", by=other, at=NOW, seen_number=0)
    assert entry.outcomes.count() == 1


# Challenge and the log


def test_a_challenge_keeps_its_answer_and_who_raised_it(world, meeting):
    said = {"text": "Why so late?", "answer": "Staff left.", "raised_by": "Parent carer forum", "action": world.action}
    row = note_challenge(meeting, by=world.people["officer"], at=NOW, seen_number=0, **said)
    assert (row.number, row.answer, row.raised_by) == (1, "Staff left.", "Parent carer forum")
    assert note_challenge(meeting, by=world.people["officer"], at=NOW, seen_number=0, **said) == row
    with pytest.raises(ValidationError, match="Say what was questioned"):
        note_challenge(meeting, text=" ", by=world.people["officer"], at=NOW)
    assert Challenge.objects.count() == 1


def test_an_entry_names_a_lead_or_somebody_else_not_both(world, meeting):
    with pytest.raises(ValidationError, match="not both"):
        add_to_log(meeting, text="Write.", owner=world.lead, owner_text="Clerk", by=world.people["officer"], at=NOW)
    assert not MeetingAction.objects.exists()


# Who came


def test_attendance_is_noted_changed_and_kept_in_its_history(world, meeting):
    officer, partner = world.people["officer"], Partner.objects.get()
    came = Came("Head of SEND", "present", partner=partner, user=world.people["lead"])
    assert note_attendance(meeting, [came, Came("Clerk", "present")], by=officer, at=NOW) == 2
    row = Attendance.objects.get(name="Head of SEND")
    assert note_attendance(meeting, [came], by=officer, at=NOW) == 0

    changed = Came("Director", "apologies", partner=partner, was="Head of SEND", seen=attending.seen_of(row))
    assert note_attendance(meeting, [changed], by=officer, at=NOW) == 1
    row.refresh_from_db()
    assert (row.name, row.apologies, row.is_present, row.user) == ("Director", True, False, world.people["lead"])
    assert list(row.history.values_list("name", flat=True)) == ["Director", "Head of SEND"]


def test_two_who_note_the_same_person_do_not_undo_each_other(world, meeting):
    officer = world.people["officer"]
    note_attendance(meeting, [Came("Clerk", "present")], by=officer, at=NOW)
    with pytest.raises(Overtaken, match="Clerk"):
        note_attendance(meeting, [Came("Chair", "present"), Came("Clerk", "absent")], by=officer, at=NOW)
    assert list(Attendance.objects.values_list("name", "is_present")) == [("Clerk", True)]


def test_before_a_meeting_only_apologies_are_noted(world, meeting):
    officer, before = world.people["officer"], at(2026, 3, 10)
    note_attendance(meeting, [Came("Clerk", "apologies")], by=officer, at=before)
    with pytest.raises(ValidationError, match="only apologies"):
        note_attendance(meeting, [Came("Chair", "present")], by=officer, at=before)


def test_since_the_meeting_one_last_attended(world, meeting):
    board, officer = world.people["board"], world.people["officer"]
    later = Meeting.objects.create(area=world.area, held_on=date(2026, 6, 17))
    assert attended_compare_address(board, world.area, date(2026, 7, 1)) == ("", "")
    note_attendance(meeting, [Came("Member", "present", user=board)], by=officer, at=NOW)
    note_attendance(later, [Came("Member", "apologies", user=board)], by=officer, at=at(2026, 6, 17))

    assert last_attended(board, world.area, date(2026, 7, 1)) == meeting
    assert last_attended(board, world.area, date(2026, 3, 18)) is None
    assert last_attended(board, world.other_area, date(2026, 7, 1)) is None
    assert attended_compare_address(board, world.area, date(2026, 7, 1)) == (
        "/northvale/?compare=2026-03-18",
        "Since the meeting you last attended, 18 March 2026",
    )


# The forward plan


def test_the_forward_plan_is_added_to_moved_and_done(world, meeting):
    officer = world.people["officer"]
    plan_forward(world.area, [Planned("Annual reviews", meeting=meeting, lead=world.lead)], by=officer, at=NOW)
    item = ForwardItem.objects.get()
    done = Planned(
        "Annual reviews", item=item, meeting=meeting, lead=world.lead, is_done=True, seen=forward.seen_of(item)
    )
    assert plan_forward(world.area, [done], by=officer, at=NOW) == 1
    assert ForwardItem.objects.get().done_on == date(2026, 3, 18)
    with pytest.raises(Overtaken):
        plan_forward(world.area, [Planned("Reviews", item=item, seen=forward.seen_of(item))], by=officer, at=NOW)


def test_a_forward_plan_names_nothing_of_another_area(world):
    elsewhere = Meeting.objects.create(area=world.other_area, held_on=date(2026, 6, 1))
    with pytest.raises(ValidationError, match="of this area"):
        plan_forward(world.area, [Planned("Reviews", meeting=elsewhere)], by=world.people["officer"], at=NOW)
