import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from people.models import User
from people.parking import MOST_CHARACTERS, SLOT
from tests.world import at, build_world
from workstrands.models import ProgressUpdate

PASSWORD = "a long enough passphrase"
NOW = at(2026, 3, 10)


@pytest.fixture
def clock(monkeypatch):
    clock = {"now": NOW}
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock["now"])
    return clock


@pytest.fixture
def world(db, clock):
    world = build_world()
    for user in world.people.values():
        user.set_password(PASSWORD)
    User.objects.bulk_update(world.people.values(), ["password"])
    return world


@pytest.fixture
def browser():
    """It sends what a browser sends: cookies, and the token of the form."""
    return Client(enforce_csrf_checks=True)


def token_on(response) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', response.content.decode())[1]


def sign_in(browser, name: str, following: str):
    form = browser.get(following)
    return browser.post(
        following, {"login": f"{name}@example.test", "password": PASSWORD, "csrfmiddlewaretoken": token_on(form)}
    )


def type_until_the_session_ends(browser, page, narrative="Half a day of writing.", who="lead"):
    """Signed in, the form opened, the session gone from the server, the form sent."""
    sign_in(browser, who, "/accounts/login/")
    token = token_on(browser.get(page))
    Session.objects.all().delete()
    fields = {
        "seen_number": 1,
        "status": "A",
        "narrative": narrative,
        "csrfmiddlewaretoken": token,
        "needed_by_0": "31",
    }
    return browser.post(page, fields)


def test_what_was_typed_when_the_session_ran_out_is_in_the_form_after_sign_in(browser, world):
    page = world.address("workstrands:update")

    asked = type_until_the_session_ends(browser, page)
    assert asked.status_code == 302
    assert asked.url == f"/accounts/login/?next={page}"

    back = sign_in(browser, "lead", asked.url)
    assert back.url == page
    text = browser.get(page).content.decode()
    assert "Half a day of writing." in text
    assert "Your session had run out." in text
    assert re.search(r'value="A"[^>]* checked', text)
    assert 'value="31"' in text
    assert "There is a problem" not in text


def test_it_is_never_sent_by_itself_and_forgotten_once_it_is_sent(browser, world):
    page = world.address("workstrands:update")
    sign_in(browser, "lead", type_until_the_session_ends(browser, page).url)
    form = browser.get(page)
    assert ProgressUpdate.objects.count() == 1

    browser.post(page, {"seen_number": 1, "status": "G", "narrative": "Sent.", "csrfmiddlewaretoken": token_on(form)})

    assert ProgressUpdate.objects.count() == 2
    assert "Your session had run out." not in browser.get(page).content.decode()


def test_the_token_and_the_like_are_not_kept(browser, world):
    type_until_the_session_ends(browser, world.address("workstrands:update"))

    parked = Session.objects.get().get_decoded()[SLOT]
    assert set(parked["fields"]) == {"seen_number", "status", "narrative", "needed_by_0"}


def test_somebody_who_may_not_open_the_page_does_not_see_what_was_typed(browser, world):
    page = world.address("workstrands:update")
    asked = type_until_the_session_ends(browser, page)

    sign_in(browser, "board", asked.url)

    response = browser.get(page)
    assert response.status_code == 403
    assert "Half a day of writing." not in response.content.decode()


def test_after_an_hour_it_is_gone(browser, world, clock):
    page = world.address("workstrands:update")
    asked = type_until_the_session_ends(browser, page)
    clock["now"] = NOW + timedelta(minutes=61)

    sign_in(browser, "lead", asked.url)

    assert "Half a day of writing." not in browser.get(page).content.decode()


def test_it_shows_at_its_own_address_only(browser, world):
    asked = type_until_the_session_ends(browser, world.address("workstrands:update"))
    sign_in(browser, "officer", asked.url)

    assert "Your session had run out." not in browser.get(world.address("workstrands:set-up")).content.decode()


def test_a_narrative_too_long_to_be_saved_is_still_parked_and_a_flood_is_not(browser, world):
    page = world.address("workstrands:update")
    type_until_the_session_ends(browser, page, narrative="x" * 100_000)
    assert len(Session.objects.get().get_decoded()[SLOT]["fields"]["narrative"][0]) == 100_000

    asked = type_until_the_session_ends(browser, page, narrative="x" * (MOST_CHARACTERS + 1))
    assert asked.status_code == 302
    assert not any(SLOT in session.get_decoded() for session in Session.objects.all())


def test_a_post_without_the_token_is_refused_and_nothing_is_parked(browser, world):
    response = browser.post(world.address("workstrands:update"), {"narrative": "Forged."})

    assert response.status_code == 403
    assert not Session.objects.exists()


def test_the_sign_in_itself_is_not_parked(browser, world):
    form = browser.get("/accounts/login/")
    browser.post(
        "/accounts/login/", {"login": "lead@example.test", "password": "wrong", "csrfmiddlewaretoken": token_on(form)}
    )

    assert not any(SLOT in session.get_decoded() for session in Session.objects.all())
