"""A session that nobody used for a while, and one that has lasted long enough."""

import pytest
from django.urls import reverse

from tests.world import BACKEND, build_world

HOUR = 60 * 60


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def clock(monkeypatch):
    def turn_to(seconds: float) -> None:
        monkeypatch.setattr("people.idling.time.time", lambda: 1_800_000_000 + seconds)

    turn_to(0)
    return turn_to


@pytest.fixture
def lead(client, world, clock):
    client.force_login(world.people["lead"], backend=BACKEND)
    return client


def test_it_ends_after_an_hour_and_the_sign_in_page_says_why(lead, world, clock):
    clock(HOUR + 1)

    answer = lead.get(world.address("board:area"), follow=True)

    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "Nothing happened for 60 minutes" in answer.text


def test_each_use_begins_the_hour_anew(lead, world, clock):
    for minutes in (50, 100, 150, 200):
        clock(minutes * 60)
        assert lead.get(world.address("board:area")).status_code == 200


def test_what_was_typed_comes_back_after_sign_in(lead, world, clock):
    clock(HOUR + 1)
    lead.post(world.address("workstrands:update"), {"status": "G", "narrative": "Typed before lunch."})
    assert not world.action.updates.filter(narrative="Typed before lunch.").exists()

    person = world.people["lead"]
    person.set_password("a-long-and-quiet-river")
    person.save()
    lead.post(reverse("account_login"), {"login": person.email, "password": "a-long-and-quiet-river"})

    assert "Typed before lunch." in lead.get(world.address("workstrands:update")).text


def test_a_clock_that_was_set_back_ends_no_session(lead, world, clock):
    clock(-5 * HOUR)
    assert lead.get(world.address("board:area")).status_code == 200
    clock(-5 * HOUR + 30)
    assert lead.get(world.address("board:area")).status_code == 200


def test_it_is_written_at_most_once_a_minute(lead, world, clock, django_assert_num_queries):
    clock(120)
    lead.get(world.address("board:my-sign-in"))
    clock(150)
    before = lead.session["last_used"]
    lead.get(world.address("board:my-sign-in"))
    assert lead.session["last_used"] == before


# However much it was used


def use_until(client, world, clock, hour: float) -> None:
    """Every half hour, so that it never lay unused."""
    for half in range(1, int(hour * 2) + 1):
        clock(half * HOUR / 2)
        assert client.get(world.address("board:area")).status_code == 200


def test_it_ends_twelve_hours_after_signing_in_however_much_it_was_used(lead, world, clock):
    use_until(lead, world, clock, 12)
    clock(12 * HOUR + 1)

    answer = lead.get(world.address("board:area"), follow=True)

    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    assert "A session lasts 12 hours at most" in answer.text
    assert "Nothing happened" not in answer.text


def test_an_installation_says_how_long(lead, world, clock, settings):
    settings.SESSION_LONGEST_HOURS = 1
    use_until(lead, world, clock, 1)
    clock(HOUR + 1)

    assert lead.get(world.address("board:area")).status_code == 302


def test_what_was_typed_when_it_had_lasted_long_enough_comes_back_after_sign_in(lead, world, clock):
    use_until(lead, world, clock, 12)
    clock(12 * HOUR + 1)
    lead.post(world.address("workstrands:update"), {"status": "G", "narrative": "Typed late."})
    assert not world.action.updates.filter(narrative="Typed late.").exists()

    person = world.people["lead"]
    person.set_password("a-long-and-quiet-river")
    person.save()
    lead.post(reverse("account_login"), {"login": person.email, "password": "a-long-and-quiet-river"})

    assert "Typed late." in lead.get(world.address("workstrands:update")).text


def test_signing_in_again_begins_the_hours_anew(lead, world, clock):
    use_until(lead, world, clock, 8)
    lead.force_login(world.people["lead"], backend=BACKEND)
    clock(8.5 * HOUR)
    assert lead.session["began"] == 1_800_000_000 + 8 * HOUR
    assert lead.get(world.address("board:area")).status_code == 200


def test_a_session_from_before_there_was_a_longest_time_gets_its_hours(lead, world, clock):
    session = lead.session
    del session["began"]
    session.save()
    clock(120)
    lead.get(world.address("board:area"))
    assert lead.session["began"] == 1_800_000_000 + 120


def test_one_s_own_page_says_when_it_ends_at_the_latest(lead, clock):
    text = lead.get(reverse("board:my-sign-in")).text
    assert "12 hours after signing in, used or not" in text
    assert "This one ends on 15 January 2027, 20:00 at the latest" in text
