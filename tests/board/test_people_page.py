"""Who answers for what and how fresh it is."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from people.models import Lead, Membership, User
from tests.world import BACKEND, World, at, build_world
from workstrands.models import Action, Placement, ProgressUpdate


@pytest.fixture
def world(db) -> World:
    return build_world()


def read(client, world: World, person: str = "board", **query):
    client.force_login(world.people[person], backend=BACKEND)
    return client.get(reverse("board:people", args=[world.area.slug]), query)


def text_of(response) -> str:
    return " ".join(response.text.split())


def words_of(response) -> str:
    return " ".join(strip_tags(response.text).split())


def add_action(world: World, number: int, lead: Lead | None) -> Action:
    action = Action.objects.create(
        area=world.area, strategy=world.strategy, key=f"more-{number}", ref=f"2.{number}", title="More", position=number
    )
    Placement.objects.create(action=action, number=1, recorded_at=at(2026, 1, 1), priority=world.priority, lead=lead)
    return action


def test_each_lead_is_listed_with_role_partner_and_last_update(client, world):
    page = words_of(read(client, world))

    assert "Head of SEND" in page
    assert "Northvale Council" in page
    assert "10 February 2026" in page
    assert "1 of 1 live" in page


def test_actions_that_nobody_leads_are_counted_too(client, world):
    add_action(world, 1, None)

    page = words_of(read(client, world))

    assert "Nobody named" in page
    assert "1 action never reported" in page


def test_a_lead_who_has_left_is_marked_as_left(client, world):
    Lead.objects.filter(pk=world.lead.pk).update(left_on=date(2026, 4, 1))
    assert "Left on 1 April 2026" in text_of(read(client, world))
    assert "Left on 1 April 2026" not in text_of(read(client, world, as_at="2026-03-01"))


def test_supporting_counts_and_a_lead_without_an_action_is_listed_apart(client, world):
    other = Lead.objects.get(name="Another lead")
    assert "Leads without an action" in text_of(read(client, world))
    world.action.supporting_leads.add(other)
    assert "Leads without an action" not in text_of(read(client, world))


def rows_behind(client, page: str, lead: str, label: str) -> list[tuple[str, int]]:
    """(number on the page, rows of the action table that it leads to) of each link of a lead's cell."""
    row = page[page.index(f'<th scope="row">{lead}') :]
    cell = row[row.index(f'data-label="{label}"') :]
    found = re.findall(r'href="([^"]+)"[^>]*>(\d+)', cell[: cell.index("</td>")])
    tables = [client.get(address.replace("&amp;", "&")).context["table"] for address, _ in found]
    return [(int(number), len(table.data)) for (_, number), table in zip(found, tables, strict=True)]


@pytest.mark.parametrize("query", [{}, {"as_at": "2026-03-01"}])
def test_every_count_leads_to_as_many_actions(client, world, query):
    other = Lead.objects.get(name="Another lead")
    for number in range(1, 4):
        add_action(world, number, other).supporting_leads.add(world.lead)
    add_action(world, 4, world.lead)
    page = text_of(read(client, world, **query))

    assert rows_behind(client, page, "Head of SEND", "Leads") == [(2, 2)]
    assert rows_behind(client, page, "Head of SEND", "Supports") == [(3, 3)]
    assert rows_behind(client, page, "Head of SEND", "Last update") == [(1, 1)]
    assert rows_behind(client, page, "Head of SEND", "Updated this round")[1] == (2, 2)
    assert rows_behind(client, page, "Another lead", "Leads") == [(3, 3)]
    assert "part=leads&amp;assessed=%3F" in page


def test_only_administrators_see_the_sign_ins(client, world):
    assert world.address("board:sign-ins") in text_of(read(client, world, "administrator"))
    for person in ("board", "lead", "officer"):
        assert "Sign-ins" not in text_of(read(client, world, person))


def test_another_areas_people_are_not_there(client, world):
    assert read(client, world, "other_officer").status_code == 404


def test_the_past_shows_who_led_then(client, world):
    other = Lead.objects.get(name="Another lead")
    Placement.objects.create(
        action=world.action, number=2, recorded_at=at(2026, 5, 1), objective=world.objective, lead=other
    )

    then = text_of(read(client, world, as_at="2026-03-01"))

    assert '<th scope="row">Head of SEND' in then
    assert '<th scope="row">Another lead' not in then


def test_the_queries_do_not_grow_with_people_or_actions(client, world, django_assert_max_num_queries):
    read(client, world, "administrator")
    with django_assert_max_num_queries(40) as few:
        read(client, world, "administrator")
    for number in range(30):
        user = User.objects.create(email=f"more-{number}@example.test")
        Membership.objects.create(user=user, area=world.area, role="lead")
        lead = Lead.objects.create(area=world.area, name=f"Lead {number}", user=user)
        action = add_action(world, number, lead)
        ProgressUpdate.objects.create(action=action, area=world.area, number=1, recorded_at=at(2026, 2, 11), status="G")
    with django_assert_max_num_queries(40) as many:
        read(client, world, "administrator")
    assert len(many) == len(few)
