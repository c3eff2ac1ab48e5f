"""A clock that is set back or forward by a day: reports, figures, sign-ins and links go on, and their order holds by number."""

from datetime import timedelta

import pytest
from django.test import Client

from board.round_links import make_link
from strategies.models import Area
from tests.board.reminding.the_round import world_with_round
from tests.world import BACKEND, at
from workstrands.models import ProgressUpdate
from workstrands.reporting import standing_of

A_DAY = timedelta(days=1)
NOON = at(2026, 11, 3)
REST = dict.fromkeys(["next_steps", "cause", "escalate_to", "ask", "impact"], "")


class Clock:
    now = NOON


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    return clock


@pytest.fixture
def world(db, clock):
    return world_with_round()


@pytest.fixture
def lead(client, world):
    client.force_login(world.people["lead"], backend=BACKEND)
    return client


def report(client: Client, world, words: str, *, seen: int | None = None):
    """By whoever signed in under the clock of now: a day forward, and the session of before has ended."""
    client.force_login(world.people["lead"], backend=BACKEND)
    seen = ProgressUpdate.objects.filter(action=world.action).count() if seen is None else seen
    fields = {**REST, "status": "G", "narrative": words, "seen_number": seen}
    answer = client.post(world.address("workstrands:update"), fields)
    assert "/accounts/" not in answer.get("Location", "")
    return answer


def stands(world, moment) -> int:
    """The number of the report that stands at a moment."""
    return standing_of(world.action, moment).said.number


def numbers(world) -> list[int]:
    return list(world.action.updates.order_by("number").values_list("number", flat=True))


@pytest.mark.parametrize("moved", [A_DAY, -A_DAY], ids=["forward", "back"])
def test_pages_open_and_the_next_report_is_the_next_number(lead, world, clock, moved):
    assert report(lead, world, "Said before the clock was moved.").status_code == 302
    clock.now = NOON + moved
    lead.force_login(world.people["lead"], backend=BACKEND)

    for address in ("/northvale/", "/northvale/send-strategy/", world.address("board:action"), "/my/"):
        assert lead.get(address, follow=True).status_code == 200, address
    assert report(lead, world, "Said by the clock that was moved.").status_code == 302
    assert numbers(world) == [1, 2, 3]
    assert stands(world, clock.now) == 3
    assert "Said by the clock that was moved." in lead.get(world.address("board:action")).text


def test_a_session_ends_when_the_clock_jumps_a_day_ahead(lead, world, clock):
    """What was being typed then is parked: tests/people/test_parking.py."""
    clock.now = NOON + A_DAY
    answer = lead.get(world.address("workstrands:update"))

    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("moved", [A_DAY, -A_DAY], ids=["forward", "back"])
def test_the_same_report_sent_twice_across_the_move_is_not_lost_and_numbers_have_no_gap(lead, world, clock, moved):
    report(lead, world, "Said before the clock was moved.")
    clock.now = NOON + moved
    answer = report(lead, world, "Said before the clock was moved.", seen=1)

    assert answer.status_code in (302, 409)  # the same one, or both shown side by side
    assert numbers(world) == [1, 2]


@pytest.mark.parametrize("moved", [A_DAY, -A_DAY], ids=["forward", "back"])
def test_a_link_of_a_letter_goes_on_and_ends_with_its_round_alone(world, clock, moved):
    Area.objects.filter(pk=world.area.pk).update(sends_round_links=True)
    clock.now = NOON + 5 * A_DAY
    token = make_link(world.round, world.lead, at=clock.now)
    clock.now += moved

    assert "no longer" not in Client().get(f"/updates/{token}/", follow=True).text
    assert Client().get(f"/updates/{token}/", follow=True).status_code == 200


def test_a_round_that_opened_in_what_is_now_the_future_leaves_every_page_in_order(lead, world, clock):
    clock.now = at(2026, 11, 3)  # the round was opened on the 4th

    for address in (
        "/northvale/send-strategy/",
        "/northvale/meetings/",
        "/northvale/meetings/2026-12-09/",
        "/my/",
    ):
        assert lead.get(address).status_code == 200, address


def test_what_was_said_while_the_clock_was_ahead_never_comes_back_over_what_was_said_after(lead, world, clock):
    clock.now = NOON + A_DAY
    report(lead, world, "Said while the clock was a day ahead.")
    clock.now = NOON
    report(lead, world, "Said once it was put right.")

    assert stands(world, NOON + 2 * A_DAY) == 3


def test_what_is_said_once_a_clock_that_was_ahead_is_put_right_stands_at_once(lead, world, clock):
    clock.now = NOON + A_DAY
    report(lead, world, "Said while the clock was a day ahead.")
    clock.now = NOON
    report(lead, world, "Said once it was put right.")

    assert stands(world, NOON) == 3
