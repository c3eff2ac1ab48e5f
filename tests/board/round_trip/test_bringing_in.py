"""A workbook that came back becomes updates by the rules of the form, all that is chosen at once or nothing."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from board.round_trip import bringing_in
from board.round_trip.bringing_in import HasChanged, NotChosen, abandon, brought_in_before, confirm, receive, rehearse
from board.round_trip.rehearsing import Outcome, digest_of
from common.workbooks import NotAWorkbook
from people.models import Lead, User
from strategies.models import ReportingRound
from tests.board.round_trip.conftest import (
    LATER,
    OFF_TRACK,
    another_action,
    book_of,
    filled,
    row_of,
    saved,
    say,
    sent,
)
from tests.world import at
from workstrands.models import Action, Evidence, Placement, PlanFile, ProgressUpdate

ON_TRACK = {"status": "G On track", "narrative": "It is out."}


def bring(world, content: bytes, *, name="lead", whose="lead", is_officer=None) -> PlanFile:
    is_officer = name == "officer" if is_officer is None else is_officer
    return receive(
        content, file_name="actions.xlsx", area=world.area, by=world.people[name], at=LATER, is_officer=is_officer, whose=whose,
    )  # fmt: skip


def rehearsed(world, plan_file: PlanFile, *, name="lead", moment=LATER) -> dict:
    found = rehearse(plan_file, by=world.people[name], at=moment, is_officer=name == "officer")
    return {row.ref or row.number: row for row in found}


def report(world, plan_file: PlanFile, *, name="lead", choices=None, moment=LATER) -> list[ProgressUpdate]:
    who = {"by": world.people[name], "at": moment, "is_officer": name == "officer"}
    found = rehearse(plan_file, **who)
    chosen = {row.number: "mine" for row in found if row.outcome == Outcome.REPORT} if choices is None else choices
    return confirm(plan_file, seen=digest_of(found), choices=chosen, **who)


def messages(row) -> dict[str, str]:
    return {problem.column: problem.message for problem in row.problems}


# What becomes of a row


def test_a_filled_row_becomes_the_next_report_said_now_by_whoever_brought_it(world):
    plan_file = bring(
        world, filled(sent(world), {"1.1": {**OFF_TRACK, "impact": "Early signs", "difference_made": "None yet."}})
    )
    (update,) = report(world, plan_file)

    assert (update.number, update.status, update.cause, update.escalate_to) == (2, "R", "workforce", "board")
    assert (update.narrative, update.impact, update.difference_made) == (
        "The post is empty.",
        "early_signs",
        "None yet.",
    )
    assert str(update.needed_by) == "2026-04-30"
    assert (update.recorded_at, update.author) == (LATER, world.people["lead"])
    assert update.brought_in == plan_file
    plan_file.refresh_from_db()
    assert (plan_file.state, plan_file.confirmed_at) == ("confirmed", LATER)


def test_it_counts_for_the_round_that_is_open(world):
    ReportingRound.objects.update(closed_at=None)
    (update,) = report(world, bring(world, filled(sent(world), {"1.1": ON_TRACK})))

    assert update.round == ReportingRound.objects.get()


def test_a_complete_row_brings_its_evidence(world):
    said = {"status": "B Complete", "evidence_1_title": "The pathway", "evidence_1_kind": "Document", "evidence_1_url": "https://example.org/p"}  # fmt: skip
    (update,) = report(world, bring(world, filled(sent(world), {"1.1": said})))

    assert list(update.evidence.values_list("title", "kind", "url")) == [
        ("The pathway", "document", "https://example.org/p")
    ]


def test_nothing_has_changed_says_the_last_report_again(world):
    (update,) = report(world, bring(world, filled(sent(world), {"1.1": {"no_change": "Yes"}})))

    assert (update.kind, update.status, update.narrative, update.number) == ("no_change", "G", "Going well.", 2)
    assert update.brought_in is not None


def test_an_untouched_row_is_left_alone(world):
    another_action(world, 1)
    found = rehearsed(world, bring(world, filled(sent(world), {"1.1": ON_TRACK})))

    assert found["1.1"].outcome == Outcome.REPORT
    assert [row.outcome for ref, row in found.items() if ref != "1.1"] == [Outcome.LEFT]


def test_the_impact_last_said_is_said_again_where_the_cell_is_empty(world):
    ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 3, 1), status="G", impact="evident"
    )
    (update,) = report(world, bring(world, filled(sent(world), {"1.1": ON_TRACK})))

    assert update.impact == "evident"


# What is refused, in the form's words


@pytest.mark.parametrize(
    ("said", "column", "why"),
    [
        ({"narrative": "Done"}, "How is it going?", "Choose how the action is going."),
        ({"status": "H On hold"}, "How is it going?", "Choose how the action is going."),
        ({"status": "purple"}, "How is it going?", "Choose how the action is going."),
        ({"status": "A At risk"}, "What happens next", "Say what happens next."),
        ({"status": "A At risk"}, "Main cause", "Choose the main cause."),
        ({"status": "A At risk", "cause": "The weather"}, "Main cause", "Choose one of the list."),
        ({**OFF_TRACK, "escalate_to": None}, "Who needs to act", "Choose who needs to act now that it is off track."),
        ({**OFF_TRACK, "ask": None}, "What the Board is asked to do", "Say what the Board is asked to do."),
        ({**OFF_TRACK, "needed_by": "1/3/2026"}, "Answer needed by", "Give a day to come: 1 March 2026 has passed."),
        ({**OFF_TRACK, "needed_by": "soon"}, "Answer needed by", "Answer needed by: write day, month and year, such as 31 10 2027."),
        ({"status": "B Complete"}, "Evidence: title", "Give at least one piece of evidence that it is done: its title and kind."),
        ({**ON_TRACK, "evidence_1_title": "A list"}, "Evidence: kind", "Choose the kind of evidence 1."),
        ({**ON_TRACK, "evidence_1_url": "example"}, "Evidence: web address", "Write the whole address, such as https://www.example.org/report."),
        ({**ON_TRACK, "no_change": "Yes"}, "Nothing has changed", "It says that nothing has changed, and other columns of the row are filled in. Choose one of the two."),
        ({"no_change": "perhaps"}, "Nothing has changed", "Choose Yes, or leave the cell empty."),
        ({**ON_TRACK, "narrative": "a" * 10_001}, "What has been done", "What has been done has 10,001 characters. The most is 10,000: shorten it by 1."),
    ],
)  # fmt: skip
def test_a_row_is_refused_with_its_column_and_the_forms_own_words(world, said, column, why):
    row = rehearsed(world, bring(world, filled(sent(world), {"1.1": said})))["1.1"]

    assert row.outcome == Outcome.REFUSED
    assert messages(row)[column] == why


def test_evidence_given_before_is_enough_for_complete(world):
    Evidence.objects.create(update=world.action.updates.get(), title="Minutes", kind="document")
    found = rehearsed(world, bring(world, filled(sent(world), {"1.1": {"status": "B Complete"}})))

    assert found["1.1"].outcome == Outcome.REPORT


def test_nothing_has_changed_is_enough_twice_running(world):
    for number in (2, 3):
        ProgressUpdate.objects.create(
            action=world.action, area=world.area, number=number, kind="no_change", recorded_at=at(2026, 3, number), status="G",
        )  # fmt: skip
    found = rehearsed(world, bring(world, filled(sent(world), {"1.1": {"no_change": "Yes"}})))

    assert messages(found["1.1"]) == {
        "Nothing has changed": "“Nothing has changed” is not enough here. Say how the action is going."
    }


def test_a_refused_row_names_the_cell_and_what_it_says(world):
    row = rehearsed(world, bring(world, filled(sent(world), {"1.1": {"status": "purple"}})))["1.1"]

    assert [(problem.cell, problem.value) for problem in row.problems] == [("I7", "purple")]


def test_refused_rows_do_not_hold_up_the_others(world):
    another_action(world, 1)
    written = report(world, bring(world, filled(sent(world), {"1.1": ON_TRACK, "3.1": {"status": "A At risk"}})))

    assert [update.action.ref for update in written] == ["1.1"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("retired", "This action was retired on 11 March 2026. It is kept to be read, and no longer reported on."),
        ("stopped", "The Board stopped this action. Only the Board takes it up again."),
        ("held", "The Board put this action on hold until 1 June 2026. It can be reported on after that day."),
        ("ended", "This plan ended on 11 March 2026. Its actions are kept to be read, and no longer reported on."),
        ("handed over", "You do not lead or support this action any more."),
        ("gone", "The area holds no such action any more."),
    ],
)
def test_what_can_no_longer_be_reported_is_refused_with_the_reason(world, change, why):
    content = filled(sent(world), {"1.1": ON_TRACK})
    action, day = world.action, at(2026, 3, 11)
    said = {"action": action, "area": world.area, "number": 2, "recorded_at": day, "authority": "Decision 1"}
    if change == "retired":
        Action.objects.filter(pk=action.pk).update(retired_at=day)
    if change == "stopped":
        ProgressUpdate.objects.create(**said, status="S")
    if change == "held":
        ProgressUpdate.objects.create(**said, status="H", look_again_on="2026-06-01")
    if change == "ended":
        type(world.strategy).objects.filter(pk=world.strategy.pk).update(ends_on="2026-03-11")
    if change == "handed over":
        other = Lead.objects.get(name="Another lead")
        Placement.objects.create(action=action, number=2, recorded_at=day, priority=world.priority, lead=other)
    if change == "gone":
        Action.objects.filter(pk=action.pk).update(key="a-9")
    (row,) = rehearsed(world, bring(world, content)).values()

    assert [problem.message for problem in row.problems] == [why]


def test_an_officer_brings_in_no_row_that_the_lead_handed_over(world):
    content = filled(sent(world), {"1.1": ON_TRACK})
    other = Lead.objects.get(name="Another lead")
    Placement.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 3, 11), priority=world.priority, lead=other
    )
    row = rehearsed(world, bring(world, content, name="officer"), name="officer")["1.1"]

    assert messages(row) == {"Action": "Head of SEND does not lead or support this action any more."}


# Who may


def test_another_lead_cannot_bring_it_in(world):
    with pytest.raises(NotAWorkbook, match="Only they, or an officer of the area"):
        bring(world, sent(world), name="other_lead")
    assert not PlanFile.objects.exists()


def test_a_strands_workbook_is_brought_in_by_an_officer_alone(world):
    content = filled(sent(world, world.strand), {"1.1": ON_TRACK})
    with pytest.raises(NotAWorkbook, match="work strand Early years"):
        bring(world, content)
    (update,) = report(world, bring(world, content, name="officer"), name="officer")
    assert update.on_behalf_of == world.lead


@pytest.mark.parametrize(("whose", "lead"), [("lead", "Head of SEND"), ("mine", "None")])
def test_an_officer_says_whose_reports_they_are(world, whose, lead):
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK}), name="officer", whose=whose)
    (update,) = report(world, plan_file, name="officer")

    assert (update.author, str(update.on_behalf_of)) == (world.people["officer"], lead)


def test_an_illustrative_officer_reports_nothing_of_a_real_lead(world):
    User.objects.filter(pk=world.people["officer"].pk).update(is_illustrative=True)
    world.people["officer"].refresh_from_db()
    row = rehearsed(world, bring(world, filled(sent(world), {"1.1": ON_TRACK}), name="officer"), name="officer")["1.1"]

    assert "is no illustrative lead" in messages(row)["Action"]


# What changed meanwhile


def test_what_was_reported_meanwhile_stands_beside_and_must_be_chosen(world):
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK}))
    newer = say(world.action)
    row = rehearsed(world, plan_file)["1.1"]

    assert row.outcome == Outcome.MEANWHILE
    assert row.latest == newer
    with pytest.raises(NotChosen) as told:
        report(world, plan_file, choices={})
    assert told.value.rows == [row.number]
    assert ProgressUpdate.objects.count() == 2


def test_mine_too_becomes_the_report_after_the_newer_one(world):
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK}))
    say(world.action)
    (update,) = report(world, plan_file, choices={7: "mine"})

    assert (update.number, update.narrative) == (3, "It is out.")


@pytest.mark.parametrize("choice", ["keep", "later"])
def test_keeping_what_stands_writes_nothing_for_that_row(world, choice):
    another_action(world, 1)
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK, "3.1": ON_TRACK}))
    say(world.action)
    written = report(world, plan_file, choices={7: choice, 8: "mine"})

    assert [update.action.ref for update in written] == ["3.1"]
    assert world.action.updates.count() == 2


def test_nothing_has_changed_is_not_said_of_a_report_nobody_read(world):
    plan_file = bring(world, filled(sent(world), {"1.1": {"no_change": "Yes"}}))
    say(world.action)

    assert messages(rehearsed(world, plan_file)["1.1"]) == {
        "Nothing has changed": "There is a newer report, of 11 March 2026. Read it, then say how the action is going."
    }


def test_a_report_between_looking_and_confirming_writes_nothing(world):
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK}))
    who = {"by": world.people["lead"], "at": LATER, "is_officer": False}
    seen = digest_of(rehearse(plan_file, **who))
    say(world.action)

    with pytest.raises(HasChanged):
        confirm(plan_file, seen=seen, choices={7: "mine"}, **who)
    assert ProgressUpdate.objects.count() == 2


# The same again


@pytest.mark.parametrize("said", [ON_TRACK, OFF_TRACK, {"no_change": "Yes"}])
def test_the_same_file_again_changes_nothing_and_says_so(world, said):
    content = filled(sent(world), {"1.1": said})
    first = bring(world, content)
    report(world, first)
    again = bring(world, content)

    assert rehearsed(world, again)["1.1"].outcome == Outcome.ALREADY
    assert brought_in_before(again) == first
    with pytest.raises(NotChosen):
        report(world, again)
    assert ProgressUpdate.objects.count() == 2


def test_the_rows_mended_afterwards_are_reported_and_the_others_not_twice(world):
    another_action(world, 1)
    content = filled(sent(world), {"1.1": ON_TRACK, "3.1": {"status": "A At risk"}})
    report(world, bring(world, content))
    mended = filled(content, {"3.1": {"cause": "Data", "next_steps": "We ask again."}})
    written = report(world, bring(world, mended))

    assert [update.action.ref for update in written] == ["3.1"]


def test_it_is_confirmed_once(world):
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK}))
    report(world, plan_file)

    with pytest.raises(HasChanged):
        confirm(plan_file, seen="x", choices={7: "mine"}, by=world.people["lead"], at=LATER, is_officer=False)
    assert not abandon(plan_file)
    plan_file.refresh_from_db()
    assert plan_file.content


def test_one_that_was_thrown_away_reports_nothing(world):
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK}))

    assert abandon(plan_file)
    plan_file.refresh_from_db()
    assert (plan_file.state, bytes(plan_file.content), plan_file.rehearsal) == (PlanFile.State.ABANDONED, b"", {})
    with pytest.raises(HasChanged):
        report(world, plan_file)


# All or nothing, and cheaply


def test_a_failure_half_way_saves_nothing(world, monkeypatch):
    another_action(world, 1)
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK, "3.1": ON_TRACK}))
    real, calls = bringing_in.report_progress, []

    def failing(action, **said):
        calls.append(action)
        if len(calls) == 2:
            raise RuntimeError("The power went.")
        return real(action, **said)

    monkeypatch.setattr(bringing_in, "report_progress", failing)
    with pytest.raises(RuntimeError):
        report(world, plan_file)
    assert ProgressUpdate.objects.count() == 2
    plan_file.refresh_from_db()
    assert plan_file.state == "rehearsed"


def test_a_rule_that_speaks_up_only_at_the_end_saves_nothing(world, monkeypatch):
    another_action(world, 1)
    plan_file = bring(world, filled(sent(world), {"1.1": ON_TRACK, "3.1": ON_TRACK}))
    real = bringing_in.report_progress

    def refusing(action, **said):
        if action.ref == "3.1":
            raise ValidationError("No.")
        return real(action, **said)

    monkeypatch.setattr(bringing_in, "report_progress", refusing)
    with pytest.raises(HasChanged):
        report(world, plan_file)
    assert ProgressUpdate.objects.count() == 2


def test_rehearsing_many_rows_asks_no_more_than_few(world):
    def asked(refs: list[str]) -> int:
        plan_file = bring(world, filled(sent(world), {ref: {"status": "B Complete"} for ref in refs}))
        with CaptureQueriesContext(connection) as made:
            rehearse(plan_file, by=world.people["officer"], at=LATER, is_officer=True)
        return len(made)

    another_action(world, 1)
    few = asked(["1.1"])
    refs = ["1.1", "3.1"]
    for number in range(2, 12):
        refs.append(another_action(world, number).ref)
    assert asked(refs) == few


def test_illustrative_workbooks_go_with_the_demonstration(world):
    made_up = User.objects.create(email="made-up@example.test", is_illustrative=True)
    lead = Lead.objects.create(area=world.area, name="Made up (illustrative)", user=made_up, is_illustrative=True)
    said = {"action": world.action, "number": 2, "recorded_at": at(2026, 3, 1), "priority": world.priority}
    Placement.objects.create(**said, lead=lead, is_illustrative=True)
    world.people["made_up"] = made_up
    (update,) = report(
        world, bring(world, filled(sent(world, lead), {"1.1": ON_TRACK}), name="made_up"), name="made_up"
    )
    assert update.is_illustrative
    call_command("demo", "--remove", stdout=io.StringIO())

    assert not PlanFile.objects.exists()
    assert world.action.updates.count() == 1


def test_a_sorted_workbook_is_read_by_its_keys(world):
    another_action(world, 1)
    book = book_of(filled(sent(world), {"1.1": ON_TRACK}))
    sheet = book["Actions"]
    first, second = row_of(sheet, "1.1"), row_of(sheet, "3.1")
    for column in range(1, sheet.max_column + 1):
        one, other = sheet.cell(first, column), sheet.cell(second, column)
        one.value, other.value = other.value, one.value
    (update,) = report(world, bring(world, saved(book)))

    assert update.action.ref == "1.1"
