from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from people.models import Lead
from strategies.models import Meeting, ReportingRound
from tests.world import at, build_world
from workstrands import reporting
from workstrands.models import Evidence, ProgressUpdate
from workstrands.reporting import (
    Asked,
    Conflict,
    actions_of,
    closed_because,
    confirm_impact,
    lead_users,
    may_repeat,
    repeat_status,
    repeats_running,
    report_progress,
    what_is_missing,
    why_not_confirmed,
)

TODAY = date(2026, 3, 10)
COMPLETE = {"status": "B", "evidence": [("The published pathway", "document", "https://example.org/pathway")]}


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def lead(world):
    return world.people["lead"]


def say(world, status="G", *, when=None, seen=1, by="lead", **words):
    return report_progress(
        world.action, status=status, by=world.people[by], at=when or at(2026, 3, 10), seen_number=seen, **words
    )


# What a report must say


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        (Asked("N"), set()),
        (Asked("G"), set()),
        (Asked("A"), {"cause", "next_steps"}),
        (Asked("A", cause="data", next_steps="  "), {"next_steps"}),
        (Asked("A", cause="data", next_steps="Recruit"), set()),
        (Asked("R"), {"cause", "next_steps", "escalate_to"}),
        (Asked("R", cause="data", next_steps="Recruit", escalate_to="sro"), set()),
        (Asked("R", cause="data", next_steps="Recruit", escalate_to="board"), {"ask", "needed_by"}),
        (Asked("R", cause="data", next_steps="x", escalate_to="board", ask="Fund it", needed_by=TODAY), set()),
        (
            Asked("R", cause="data", next_steps="x", escalate_to="board", ask="Fund it", needed_by=date(2026, 3, 9)),
            {"needed_by"},
        ),
        (Asked("A", cause="data", next_steps="x", escalate_to="board"), set()),
        (Asked("B"), {"evidence"}),
        (Asked("B", has_evidence=True), set()),
    ],
)
def test_what_each_status_asks_for(said, missing):
    assert set(what_is_missing(said, on=TODAY)) == missing


@pytest.mark.parametrize(
    ("status", "repeats", "due_on", "expected"),
    [
        (None, 0, None, False),
        ("G", 0, None, True),
        ("G", 0, TODAY, True),
        ("G", 0, date(2026, 3, 9), False),
        ("G", 1, None, True),
        ("G", 2, None, False),
        ("A", 0, date(2026, 6, 30), True),
        ("N", 0, date(2026, 6, 30), True),
        ("B", 0, date(2026, 6, 30), True),
        ("R", 0, date(2026, 6, 30), False),
        ("H", 0, None, False),
        ("S", 0, None, False),
    ],
)
def test_when_nothing_has_changed_may_be_pressed(status, repeats, due_on, expected):
    assert may_repeat(status, repeats=repeats, due_on=due_on, on=TODAY) is expected


@pytest.mark.parametrize(
    ("status", "impact", "kinds", "is_confirmable"),
    [
        ("B", "sustained", ["data", "lived_experience"], True),
        ("B", "sustained", ["data", "audit"], False),
        ("B", "sustained", ["lived_experience"], False),
        ("B", "evident", ["data", "lived_experience"], False),
        ("G", "sustained", ["data", "lived_experience"], False),
        (None, "", [], False),
    ],
)
def test_what_a_confirmation_of_impact_stands_on(status, impact, kinds, is_confirmable):
    assert (why_not_confirmed(status=status, impact=impact, kinds=kinds) == "") is is_confirmable


def test_nothing_is_reported_outside_a_plans_life_or_on_what_was_retired(world):
    plan = world.strategy
    assert closed_because(plan, None, TODAY) == ""
    assert "starts on 1 January 2026" in closed_because(plan, None, date(2025, 12, 31))
    assert "ended on 31 December 2030" in closed_because(plan, None, date(2031, 1, 1))
    assert "retired on 10 March 2026" in closed_because(plan, TODAY, TODAY)
    assert closed_because(plan, date(2026, 3, 11), TODAY) == ""


# Reporting


def test_a_report_is_the_next_row_with_its_author_area_and_moment(world, lead):
    update = say(world, narrative=" The pathway is published.\r\n", impact="early_signs")

    assert (update.number, update.kind, update.author, update.area) == (2, "update", lead, world.area)
    assert (update.recorded_at, update.recorded_by) == (at(2026, 3, 10), lead)
    assert update.narrative == "The pathway is published."
    assert not update.is_illustrative


def test_the_first_report_of_all_answers_to_none(world):
    ProgressUpdate.objects.all().delete()

    assert say(world, seen=0).number == 1


def test_what_an_illustrative_person_reports_is_illustrative(world, lead):
    lead.is_illustrative = True
    lead.save()
    Lead.objects.filter(user=lead).update(is_illustrative=True)

    update = say(world, **COMPLETE)

    assert update.is_illustrative
    assert update.evidence.get().is_illustrative


def test_a_report_belongs_to_the_round_that_was_open_when_it_was_made(world):
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 6, 18))
    summer = ReportingRound.objects.create(
        meeting=meeting, opens_on=date(2026, 5, 1), closes_on=date(2026, 6, 1), opened_at=at(2026, 5, 1)
    )

    assert say(world, when=at(2026, 4, 10)).round is None
    assert say(world, when=at(2026, 5, 2), seen=2).round == summer


def test_off_track_says_every_missing_thing_at_once(world):
    with pytest.raises(ValidationError) as refused:
        say(world, "R", escalate_to="board")

    assert set(refused.value.message_dict) == {"cause", "next_steps", "ask", "needed_by"}
    assert world.action.updates.count() == 1


@pytest.mark.parametrize("status", ["H", "S", "E", "?", "", "x"])
def test_only_what_a_lead_may_report_is_taken(world, status):
    with pytest.raises(ValidationError) as refused:
        say(world, status)

    assert refused.value.message_dict == {"status": ["Choose how the action is going."]}


def test_complete_asks_for_evidence_only_where_there_is_none(world):
    with pytest.raises(ValidationError, match="at least one piece of evidence"):
        say(world, "B")

    update = say(world, **COMPLETE)
    assert update.evidence.get().title == "The published pathway"
    assert say(world, "B", seen=2, narrative="Still in use.", when=at(2026, 4, 10)).number == 3


def test_a_text_too_long_or_unkeepable_is_refused_by_its_field(world):
    with pytest.raises(ValidationError) as refused:
        say(world, narrative="x" * 100_000, next_steps="a\x07b")

    assert set(refused.value.message_dict) == {"narrative", "next_steps"}


def test_evidence_that_cannot_be_kept_takes_the_report_with_it(world):
    with pytest.raises(ValidationError):
        say(world, evidence=[("Title", "no_such_kind", "")])

    assert world.action.updates.count() == 1


def test_two_people_at_once_and_the_second_is_shown_what_the_first_said(world):
    first = say(world, "A", cause="data", next_steps="Recruit", by="officer")

    with pytest.raises(Conflict) as conflict:
        say(world, "G", narrative="All well.")

    assert conflict.value.latest == first
    assert world.action.updates.count() == 2


def test_a_race_that_only_the_database_sees_is_a_conflict_too(world, monkeypatch):
    """Both read number 1; the unique number lets one of them in."""
    seen_by_both, read = reporting.latest_update(world.action), reporting.latest_update
    faster = say(world, narrative="Faster.", by="officer")
    reads = iter([seen_by_both])
    monkeypatch.setattr(reporting, "latest_update", lambda action: next(reads, None) or read(action))

    with pytest.raises(Conflict) as conflict:
        say(world, narrative="Slower.")

    assert conflict.value.latest == faster
    assert world.action.updates.count() == 2


def test_another_fault_of_the_database_is_not_taken_for_a_conflict(world, monkeypatch):
    def fails(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(ProgressUpdate, "save", fails)
    with pytest.raises(IntegrityError):
        say(world)


def test_the_same_report_sent_twice_is_written_once(world):
    first = say(world, **COMPLETE)

    assert say(world, **COMPLETE, when=at(2026, 3, 10) + timedelta(minutes=2)) == first
    assert world.action.updates.count() == 2
    assert Evidence.objects.count() == 1


def test_the_same_words_an_hour_later_are_a_report_of_their_own(world):
    say(world, narrative="Going well.")

    assert say(world, narrative="Going well.", seen=2, when=at(2026, 3, 10, 13)).number == 3


def test_an_officer_reports_on_behalf_of_the_lead_and_the_record_says_so(world):
    update = say(world, by="officer", on_behalf_of=world.lead)

    assert (update.author, update.on_behalf_of) == (world.people["officer"], world.lead)


def test_nobody_reports_on_behalf_of_another_areas_lead(world):
    stranger = Lead.objects.create(area=world.other_area, name="Stranger")

    with pytest.raises(ValidationError, match="Choose a lead of this area"):
        say(world, by="officer", on_behalf_of=stranger)


# Nothing has changed


def repeat(world, *, when, seen, by="lead"):
    return repeat_status(world.action, by=world.people[by], at=when, seen_number=seen)


def test_nothing_has_changed_can_be_said_on_behalf_of_a_lead(world):
    update = repeat_status(world.action, by=None, at=at(2026, 3, 10), seen_number=1, on_behalf_of=world.lead)
    assert (update.author, update.on_behalf_of, update.status) == (None, world.lead, "G")


def test_nothing_has_changed_repeats_all_that_stands(world):
    say(
        world,
        "A",
        cause="data",
        next_steps="Recruit",
        impact="no_data",
        escalate_to="sro",
        narrative="Two posts are empty.",
    )

    update = repeat(world, when=at(2026, 4, 10), seen=2)

    assert (update.kind, update.number, update.status, update.cause) == ("no_change", 3, "A", "data")
    assert (update.next_steps, update.impact, update.escalate_to) == ("Recruit", "no_data", "sro")


def test_it_can_be_pressed_twice_running_and_again_after_a_report(world):
    repeat(world, when=at(2026, 3, 10), seen=1)
    repeat(world, when=at(2026, 4, 10), seen=2)
    with pytest.raises(ValidationError, match="Say how the action is going"):
        repeat(world, when=at(2026, 5, 10), seen=3)

    say(world, when=at(2026, 5, 10), seen=3)
    assert repeats_running([world.action.pk], at(2026, 5, 1))[world.action.pk] == 2
    assert repeats_running([world.action.pk], at(2026, 5, 11))[world.action.pk] == 0
    assert repeat(world, when=at(2026, 6, 10), seen=4).number == 5


def test_it_cannot_be_pressed_past_the_agreed_date(world):
    with pytest.raises(ValidationError):
        repeat(world, when=at(2026, 7, 1), seen=1)


def test_it_cannot_be_pressed_where_nothing_was_reported(world):
    ProgressUpdate.objects.all().delete()

    with pytest.raises(ValidationError):
        repeat(world, when=at(2026, 3, 10), seen=0)


def test_a_double_press_counts_once(world):
    first = repeat(world, when=at(2026, 3, 10), seen=1)

    assert repeat(world, when=at(2026, 3, 10) + timedelta(seconds=1), seen=1) == first
    assert world.action.updates.count() == 2


def test_a_press_on_a_page_that_is_out_of_date_is_a_conflict(world):
    say(world, by="officer", narrative="It moved.")

    with pytest.raises(Conflict):
        repeat(world, when=at(2026, 3, 11), seen=1)


# Impact, and who reports


def test_an_officer_confirms_sustained_impact_once(world):
    evidence = [("Survey", "lived_experience", ""), ("Figures", "data", "")]
    say(world, "B", evidence=evidence, impact="sustained")
    officer = world.people["officer"]

    confirmation = confirm_impact(
        world.action, by=officer, at=at(2026, 4, 1), seen_number=0, text="Seen in the survey."
    )

    assert (confirmation.number, confirmation.recorded_by) == (1, officer)
    with pytest.raises(Conflict):
        confirm_impact(world.action, by=officer, at=at(2026, 4, 1), seen_number=0)


def test_impact_that_is_not_backed_is_not_confirmed(world):
    say(world, **COMPLETE, impact="sustained")

    with pytest.raises(ValidationError, match="Two kinds of evidence"):
        confirm_impact(world.action, by=world.people["officer"], at=at(2026, 4, 1), seen_number=0)


def test_the_lead_and_the_supporting_leads_in_post_may_report(world):
    other = Lead.objects.get(user=world.people["other_lead"])
    now = at(2026, 3, 10)
    assert lead_users(world.action, now) == {world.people["lead"].pk}
    assert not actions_of(world.people["other_lead"], now).exists()

    world.action.supporting_leads.add(other)
    assert lead_users(world.action, now) == {world.people["lead"].pk, world.people["other_lead"].pk}
    assert actions_of(world.people["other_lead"], now).get() == world.action

    world.lead.left_on = date(2026, 3, 1)
    world.lead.save()
    assert lead_users(world.action, now) == {world.people["other_lead"].pk}
    assert not actions_of(world.people["lead"], now).exists()
