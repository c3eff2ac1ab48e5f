"""What inspectors found and what answers it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from board.inspection_thread import Clock, age_in_words, inspections_of, is_old, months_between, next_due_in_words
from people.models import User
from priorities.models import Finding, Inspection
from tests.world import BACKEND, World, a_plan_that_waits, at, build_world
from workstrands.answering import answer_finding
from workstrands.models import Action, Evidence, Placement, ProgressUpdate
from workstrands.withholding import withhold

Kind = Finding.Kind


@pytest.fixture
def world(db) -> World:
    return build_world()


@pytest.fixture
def read(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    return lambda **query: client.get(reverse("board:inspection", args=[world.area.slug]), query)


def add_finding(world: World, ref: str, kind=Kind.AREA_FOR_IMPROVEMENT, **fields) -> Finding:
    inspection = Inspection.objects.get(area=world.area)
    return Finding.objects.create(inspection=inspection, kind=kind, ref=ref, text=f"Finding {ref}", **fields)


def text_of(response) -> str:
    return " ".join(response.text.split())


def test_a_finding_that_nothing_answers_says_so_plainly(world, read):
    add_finding(world, "A1", owner_text="Leaders across the partnership")

    page = text_of(read())

    assert "Nothing answers it as yet." in page
    assert "Who is to act, in the inspectors’ words: Leaders across the partnership" in page
    assert "One finding asks for something; nothing in the plans is linked to it as yet." in page


def test_what_answers_a_finding_is_listed_with_how_it_stands(world, read):
    finding = add_finding(world, "A1")
    world.action.findings.add(finding)
    world.objective.findings.add(finding)
    world.kpi.findings.add(finding)

    page = text_of(read(as_at="2026-03-01"))

    assert "1.1 Publish the pathway" in page
    assert page.count("<span>On track</span>") == 2  # what the lead reports, and what dates and data say
    assert "Last reported on 10 February 2026." in page
    assert "O1 Plans on time" in page
    assert "EHC plans issued within 20 weeks" in page
    assert "each is answered" in page


def test_parts_stand_under_their_finding(world, read):
    whole = add_finding(world, "A1")
    add_finding(world, "A1.1", parent=whole)
    world.action.findings.add(whole)

    page = text_of(read())

    assert "Part of A1" in page
    assert "Answered with A1 as a whole." in page


def test_a_second_hand_inspection_is_marked(world, read):
    Inspection.objects.update(is_second_hand=True)
    assert "Second hand." in text_of(read())


@pytest.mark.parametrize(
    ("due_by", "words"),
    [
        (date(2027, 9, 30), "The next inspection is due by 30 September 2027, in 308 days."),
        (date(2026, 11, 27), "The next inspection is due by 27 November 2026, in 1 day."),
        (date(2026, 11, 26), "The next inspection is due by 26 November 2026, which is this day."),
        (date(2026, 11, 20), "The next inspection was due by 20 November 2026, 6 days before this view."),
        (None, "The records held here do not say by when the next inspection is due."),
    ],
)
def test_days_to_the_next_inspection_are_said_in_words(due_by, words):
    assert next_due_in_words(due_by, date(2026, 11, 26)) == words


# Evidence and its age


@pytest.mark.parametrize(
    ("dated_on", "on", "words"),
    [
        (date(2026, 11, 26), date(2026, 11, 26), "0 days"),
        (date(2026, 11, 25), date(2026, 11, 26), "1 day"),
        (date(2026, 10, 27), date(2026, 11, 26), "30 days"),
        (date(2026, 10, 26), date(2026, 11, 26), "1 month"),
        (date(2026, 8, 31), date(2026, 9, 30), "30 days"),
        (date(2025, 11, 26), date(2026, 11, 26), "12 months"),
        (date(2024, 11, 27), date(2026, 11, 26), "23 months"),
        (date(2024, 11, 26), date(2026, 11, 26), "2 years"),
        (date(2024, 8, 20), date(2026, 11, 26), "2 years 3 months"),
        (date(2024, 2, 29), date(2025, 2, 28), "11 months"),
        (date(2027, 1, 1), date(2026, 11, 26), "0 days"),
    ],
)
def test_how_old_evidence_is_in_words(dated_on, on, words):
    assert age_in_words(dated_on, on) == words


@pytest.mark.parametrize(
    ("dated_on", "expected"),
    [(date(2026, 9, 30), False), (date(2026, 9, 29), True), (date(2027, 9, 30), False), (date(2020, 1, 1), True)],
)
def test_a_year_to_the_day_is_not_older_than_twelve_months(dated_on, expected):
    assert is_old(dated_on, date(2027, 9, 30)) is expected


def test_months_between_two_days_never_count_one_that_is_not_over():
    ends = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 30), date(2026, 3, 31)]
    assert [months_between(date(2026, 1, 31), end) for end in ends] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("due_by", "counts_on"),
    [(date(2027, 9, 30), date(2027, 9, 30)), (None, date(2026, 11, 26)), (date(2026, 11, 1), date(2026, 11, 26))],
)
def test_evidence_is_counted_on_the_day_of_the_next_inspection_where_that_is_still_to_come(due_by, counts_on):
    assert Clock(due_by, date(2026, 11, 26)).counts_on == counts_on


def add_evidence(world: World, title: str, dated_on: date | None = None, **fields) -> Evidence:
    said = world.action.updates.get(number=1)
    return Evidence.objects.create(update=said, title=title, kind="audit", dated_on=dated_on, **fields)


def test_evidence_stands_with_its_kind_its_date_and_its_age_on_both_days(world, read):
    add_finding(world, "A1")
    Inspection.objects.update(next_due_by=date(2027, 2, 1))
    world.action.findings.add(Finding.objects.get(ref="A1"))
    add_evidence(world, "Audit of plans", date(2026, 1, 5))
    add_evidence(world, "Panel notes")

    page = text_of(read(as_at="2026-06-01"))

    assert "Audit, 5 January 2026, of action" in page
    assert "4 months old; 12 months at the next inspection." in page
    assert "Will be older than twelve months on 1 February 2027" in page
    assert "Audit, reported 10 February 2026, of action" in page
    assert (
        "Two pieces of evidence back what answers them; one will be older than twelve months on 1 February 2027."
        in page
    )


def test_where_the_next_inspection_is_not_known_only_the_age_on_the_day_is_said(world, read):
    world.action.findings.add(add_finding(world, "A1"))
    add_evidence(world, "Old audit", date(2025, 1, 5))

    page = text_of(read(as_at="2026-06-01"))

    assert "do not say by when the next inspection is due" in page
    assert "16 months old." in page
    assert "at the next inspection" not in page
    assert "Older than twelve months already" in page


def test_evidence_that_was_added_later_is_not_there_before(world, read):
    world.action.findings.add(add_finding(world, "A1"))
    add_evidence(world, "Late audit", date(2026, 1, 5), added_at=at(2026, 5, 1))

    assert "No evidence is held for these actions as yet." in text_of(read(as_at="2026-04-30"))
    assert "Late audit" in text_of(read(as_at="2026-05-01"))


def test_what_is_withheld_backs_a_finding_no_more_and_does_in_earlier_views(world, read):
    world.action.findings.add(add_finding(world, "A1"))
    piece = add_evidence(world, "Audit of plans", date(2026, 1, 5), url="https://www.example.org/audit")
    withhold(piece, because="The wrong audit", by=world.people["officer"], at=at(2026, 5, 1))

    before, after = text_of(read(as_at="2026-04-30")), text_of(read(as_at="2026-05-02"))

    assert "One piece of evidence backs what answers them" in before
    assert "Audit of plans <strong>(withheld since)</strong>" in before
    assert "www.example.org/audit" not in before
    assert "Audit of plans" not in after
    assert "No evidence is held for these actions as yet." in after


def test_what_a_plan_brought_in_without_a_day_is_undated_evidence(world, read):
    world.action.findings.add(add_finding(world, "A1"))
    plan = a_plan_that_waits(world.area, world.strategy)
    said = ProgressUpdate.objects.create(
        action=world.action, area=world.area, number=2, recorded_at=at(2026, 3, 5), status="G", brought_in=plan
    )
    Evidence.objects.create(update=said, title="Minutes", kind="document", added_at=at(2025, 1, 10))

    page = text_of(read(as_at="2026-06-01"))

    assert "Document, undated evidence, of action" in page
    assert "Its age is not known." in page
    assert "One piece of undated evidence: its age is not known." in page
    assert "10 January 2025" not in page
    assert "Older than twelve months already" not in page


def below_the_objective(world: World, *, ref: str = "3.1", key: str = "c-1") -> Action:
    """Another action below the objective of the world, reported on 10 February 2026, with a piece of evidence."""
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=key, ref=ref, title="Train", position=3
    )
    Placement.objects.create(action=action, number=1, recorded_at=at(2026, 1, 10), objective=world.objective)
    said = ProgressUpdate.objects.create(
        action=action, area=world.area, number=1, recorded_at=at(2026, 2, 10), status="G"
    )
    Evidence.objects.create(update=said, title=f"Training log {ref}", kind="data", dated_on=date(2026, 2, 1))
    return action


def test_evidence_below_a_linked_objective_answers_the_finding_through_it(client, world, read):
    finding = add_finding(world, "A1")
    world.objective.findings.add(finding)
    action = below_the_objective(world)

    page = text_of(read(as_at="2026-06-01"))
    address = reverse("board:objective", args=[world.area.slug, world.strategy.slug, world.objective.key])

    assert "One piece of evidence backs what answers them" in page
    assert f'through objective <a href="{address}?as_at=2026-06-01">O1</a>' in page
    table = client.get(reverse("board:evidence", args=[world.area.slug]), {"finding": "2024-09-27-A1"})
    assert "Training log 3.1" in text_of(table)

    Placement.objects.create(action=action, number=2, recorded_at=at(2026, 6, 10), priority=world.priority)
    assert "Training log" in text_of(read(as_at="2026-06-01"))
    assert "Training log" not in text_of(read(as_at="2026-06-11"))
    assert "No evidence is held for any action below these objectives as yet." in text_of(read(as_at="2026-06-11"))


def test_an_action_that_is_linked_itself_needs_no_objective_to_come_through(world):
    finding = add_finding(world, "A1")
    for record in (world.objective, below_the_objective(world)):
        record.findings.add(finding)

    [shown] = inspections_of(world.area, at(2026, 6, 1), day=date(2026, 6, 1))
    [piece] = shown.evidence
    assert (piece.title, piece.through) == ("Training log 3.1", None)


def test_a_retired_objective_carries_no_evidence_to_a_finding(world):
    world.objective.findings.add(add_finding(world, "A1"))
    below_the_objective(world)
    type(world.objective).objects.filter(pk=world.objective.pk).update(retired_at=at(2026, 5, 1))

    [shown] = inspections_of(world.area, at(2026, 6, 1), day=date(2026, 6, 1))
    assert shown.evidence == []


def test_the_queries_do_not_grow_with_actions_below_linked_objectives(world, read):
    world.objective.findings.add(add_finding(world, "A1"))
    below_the_objective(world)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            read()
        return len(queries)

    asked()
    few = asked()
    for n in range(2, 12):
        below_the_objective(world, ref=f"3.{n}", key=f"c-{n}")
    assert asked() == few


def test_the_thread_says_statuses_and_flags_in_the_words_of_the_area(world, read):
    world.area.words = {"statuses": {"G": "Going well", "B": "Finished"}}
    world.area.save()
    world.action.findings.add(add_finding(world, "A1"))

    page = text_of(read(as_at="2026-03-01"))

    assert page.count("<span>Going well</span>") == 2
    assert "On track" not in page


def test_what_nothing_answers_stands_first_and_strengths_apart(world, read):
    answered = add_finding(world, "A1")
    add_finding(world, "B1", Kind.NEEDS_TO_DO_BETTER)
    world.action.findings.add(answered)

    page = text_of(read())

    first, then = page.index("Finding B1"), page.index("Finding A1")
    assert page.index("Nothing answers this as yet") < first < page.index("Areas for improvement") < then
    assert then < page.index("What the area does well (1)") < page.index("Leaders are reflective.")


def test_a_kpi_stands_with_how_it_stands(world, read):
    world.kpi.findings.add(add_finding(world, "A1"))
    assert "<strong>Behind</strong>. 64.8%, 2025." in text_of(read())


def test_a_retired_finding_is_not_asked_for_any_more(world, read):
    finding = add_finding(world, "A1")
    Finding.objects.filter(pk=finding.pk).update(retired_at=at(2026, 3, 1))

    assert "Finding A1" in text_of(read(as_at="2026-02-28"))
    assert "Finding A1" not in text_of(read())


def test_the_same_evidence_of_two_findings_is_counted_once(world):
    for ref in ("A1", "A2"):
        world.action.findings.add(add_finding(world, ref))
    add_evidence(world, "Audit of plans", date(2026, 1, 5))
    [shown] = inspections_of(world.area, at(2026, 6, 1), day=date(2026, 6, 1))
    assert len(shown.evidence) == 1


def test_before_the_inspection_there_is_nothing_to_show(world, read):
    assert "No inspection of Northvale is recorded up to this day" in text_of(read(as_at="2024-09-01"))


def test_a_link_that_an_illustrative_sign_in_made_is_marked(world, read):
    first, second = add_finding(world, "A1"), add_finding(world, "A2")
    real, made_up = world.people["officer"], User.objects.create(email="o@example.test", is_illustrative=True)
    answer_finding(first, add=[world.action, world.objective], by=made_up, at=at(2026, 3, 1))
    answer_finding(second, add=[world.action], by=real, at=at(2026, 3, 2))

    page = text_of(read())

    assert page.count("(illustrative link)") == 2
    assert "(illustrative link)" not in page[page.index('id="finding-2024-09-27-A2"') :]


def test_another_areas_inspection_is_not_there(client, world):
    client.force_login(world.people["other_officer"], backend=BACKEND)
    assert client.get(reverse("board:inspection", args=[world.area.slug])).status_code == 404


def test_the_queries_do_not_grow_with_findings_actions_or_evidence(world, read, django_assert_max_num_queries):
    finding = add_finding(world, "A1")
    world.action.findings.add(finding)
    read()
    with django_assert_max_num_queries(100) as few:
        read()
    for number in range(2, 30):
        other = add_finding(world, f"A{number}")
        action = Action.objects.create(
            area=world.area,
            strategy=world.strategy,
            key=f"a-{number}",
            ref=f"1.{number}",
            title="More",
            position=number,
        )
        action.findings.add(other)
        said = ProgressUpdate.objects.create(
            action=action, area=world.area, number=1, recorded_at=at(2026, 2, 10), status="G", narrative="Well."
        )
        Evidence.objects.create(update=said, title="Audit", kind="audit")
        world.objective.findings.add(other)
    with django_assert_max_num_queries(100) as many:
        read()
    assert len(many) == len(few)
