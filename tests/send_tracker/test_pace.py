"""How often one person may write in a minute, and that whoever is refused keeps what they typed."""

from datetime import timedelta

import pytest
from django.test import Client

from people.auditing import Kind, note
from people.models import AuditEntry
from send_tracker.pace import wait_for
from tests.failures.test_database_away import shown
from tests.world import BACKEND, at, build_world

NOW = at(2026, 3, 10)
TYPED = "Two schools have joined; the rest follow."


@pytest.fixture
def world(db, monkeypatch, settings):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    settings.WRITES_A_MINUTE = 3
    return build_world()


@pytest.fixture
def lead(client, world):
    client.force_login(world.people["lead"], backend=BACKEND)
    AuditEntry.objects.all().delete()
    return client


def wrote(world, *, seconds_ago: int, times: int = 1, kind: str = Kind.CHANGE, who: str = "lead") -> None:
    for _ in range(times):
        note(kind, at=NOW - timedelta(seconds=seconds_ago), user=world.people[who], area=world.area)


def report(client, world):
    return client.post(
        world.address("workstrands:update"), {"seen_number": 1, "status": "G", "narrative": TYPED, "next_steps": ""}
    )


def test_one_too_many_is_not_saved_and_all_that_was_typed_is_on_the_page(lead, world):
    wrote(world, seconds_ago=20, times=3)
    response = report(lead, world)

    assert response.status_code == 429
    assert response["Retry-After"] == "40"
    assert "Wait 40 seconds" in response.text
    assert {"narrative": TYPED, "status": "G", "seen_number": "1"}.items() <= shown(response.text).items()
    assert world.action.updates.count() == 1


def test_sent_again_when_the_minute_is_over_it_is_saved(lead, world, monkeypatch):
    wrote(world, seconds_ago=20, times=3)
    again = shown(report(lead, world).text)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(seconds=41))

    assert lead.post(world.address("workstrands:update"), again).status_code == 302
    assert world.action.updates.order_by("-number").first().narrative == TYPED


@pytest.mark.parametrize(
    "said",
    [
        {"seconds_ago": 20, "times": 2},
        {"seconds_ago": 61, "times": 30},
        {"seconds_ago": 20, "times": 30, "kind": Kind.PEOPLE_READ},
        {"seconds_ago": 20, "times": 30, "who": "officer"},
    ],
    ids=["fewer", "longer ago", "pages that were read", "somebody else"],
)
def test_what_does_not_count(lead, world, said):
    wrote(world, **said)
    assert report(lead, world).status_code == 302


def test_what_was_really_written_counts_for_every_session_of_the_person(lead, world):
    other = Client()
    other.force_login(world.people["lead"], backend=BACKEND)
    answers = []
    for number, browser in enumerate([lead, other, lead, other], start=1):
        said = {"seen_number": number, "status": "G", "narrative": f"{TYPED} {number}"}
        answers.append(browser.post(world.address("workstrands:update"), said).status_code)

    assert answers == [302, 302, 302, 429]


def test_reading_goes_on_and_signing_out_too(lead, world):
    wrote(world, seconds_ago=5, times=9)

    assert lead.get(world.address("board:area")).status_code == 200
    assert lead.post(world.address("account_logout")).status_code == 302


def test_no_password_comes_back_on_the_page(lead, world):
    wrote(world, seconds_ago=5, times=3)
    response = lead.post(world.address("account_change_password"), {"oldpassword": "a quiet river"})

    assert response.status_code == 429
    assert "a quiet river" not in response.text


def test_it_costs_a_form_one_question(world, django_assert_num_queries):
    wrote(world, seconds_ago=5, times=3)
    with django_assert_num_queries(1):
        assert wait_for(world.people["lead"], NOW) == 55
