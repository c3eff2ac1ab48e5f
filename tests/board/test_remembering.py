"""Pages that are kept as made: nothing is shown that was made before the last write, and nobody sees another's frame."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from priorities.models import Priority
from strategies.models import DataVersion
from tests.world import BACKEND, build_world
from workstrands.models import Action

pytestmark = pytest.mark.usefixtures("remembered")


@pytest.fixture
def world(transactional_db):
    return build_world()


def signed_in(world, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name], backend=BACKEND)
    return client


def number() -> int:
    return DataVersion.objects.values_list("number", flat=True).get()


def page(client, world, name="board:area") -> str:
    return main_of(client.get(world.address(name)))


def main_of(response) -> str:
    """Without the frame, whose token differs at each look."""
    return response.content.decode().split("<main")[1].split("</main>")[0]


def test_a_second_look_asks_for_who_it_is_and_no_more(world):
    client = signed_in(world, "board")
    first = page(client, world)
    with CaptureQueriesContext(connection) as asked:
        assert page(client, world) == first
    assert len(asked) <= 4


@pytest.mark.parametrize("name", ["board:area", "board:actions"])
def test_a_write_shows_at_once_also_one_that_no_signal_tells(world, name):
    client = signed_in(world, "board")
    assert "Out of school" not in page(client, world, name)
    Priority.objects.filter(pk=world.priority.pk).update(title="Out of school")
    assert "Out of school" in page(client, world, name)


def test_what_is_made_anew_takes_the_place_of_the_older_one_so_that_memory_does_not_grow_with_writes(world):
    client = signed_in(world, "board")
    for title in ("Out of school", "In school", "At home"):
        Priority.objects.filter(pk=world.priority.pk).update(title=title)
        assert title in page(client, world)
    assert len(caches["pages"]._cache) == 1


def test_the_frame_is_each_persons_own(world):
    page(signed_in(world, "board"), world)
    shown = signed_in(world, "officer").get(world.address("board:area")).content.decode()
    assert world.people["officer"].email in shown
    assert world.people["board"].email not in shown


def test_an_officer_is_offered_what_a_board_member_is_not(world):
    world.strategy.baselined_on = None
    world.strategy.save()
    assert "Set up and baseline this plan" not in page(signed_in(world, "board"), world)
    assert "Set up and baseline this plan" in page(signed_in(world, "officer"), world)
    assert "Set up and baseline this plan" not in page(signed_in(world, "board"), world)


def test_the_past_is_kept_apart_from_today(world):
    client = signed_in(world, "board")
    today = page(client, world)
    past = main_of(client.get(world.address("board:area") + "?as_at=2026-01-31"))
    assert "31 January 2026" in past
    assert page(client, world) == today


def test_the_number_moves_once_a_transaction_and_not_when_it_is_undone(world):
    before = number()
    with transaction.atomic():
        Action.objects.update(title="One")
        Action.objects.update(title="Two")
        assert number() == before
    assert number() == before + 1
    with transaction.atomic():
        Action.objects.update(title="Three")
        transaction.set_rollback(True)
    assert number() == before + 1


def test_reading_and_signing_in_leave_the_number_alone(world):
    client = signed_in(world, "board")
    before = number()
    page(client, world)
    signed_in(world, "board")
    Session.objects.all().delete()
    assert number() == before
