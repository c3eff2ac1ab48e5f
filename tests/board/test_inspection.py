"""What inspectors found and what answers it."""

from datetime import date

import pytest
from django.urls import reverse

from board.views.inspection import next_due_in_words
from people.models import User
from priorities.models import Finding, Inspection
from tests.world import BACKEND, World, at, build_world
from workstrands.answering import answer_finding
from workstrands.models import Action

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

    page = text_of(read())

    assert "1.1 Publish the pathway" in page
    assert "Lead reports On track, 10 February 2026." in page
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
        (None, ""),
    ],
)
def test_days_to_the_next_inspection_are_said_in_words(due_by, words):
    assert next_due_in_words(due_by, date(2026, 11, 26)) == words


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


def test_the_queries_do_not_grow_with_findings_or_actions(world, read, django_assert_max_num_queries):
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
        world.objective.findings.add(other)
    with django_assert_max_num_queries(100) as many:
        read()
    assert len(many) == len(few)
