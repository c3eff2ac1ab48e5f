"""What a person reads when something cannot be shown: what happened, and what to do next."""

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.world import BACKEND, build_world


@pytest.fixture
def world(db):
    return build_world()


def test_a_page_that_is_not_there_helps_with_the_address_and_leads_home(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    answer = client.get("/northvale/nothing/")
    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert "as_at" not in answer.text
    assert '<a href="/">Go to your board page</a>' in answer.text
    assert 'aria-label="Main"' in answer.text


@pytest.mark.parametrize("name", ["as_at", "compare"])
def test_an_address_with_a_day_that_is_none_says_how_a_day_is_written(client, world, name):
    client.force_login(world.people["board"], backend=BACKEND)
    answer = client.get(f"/northvale/?{name}=31-11-2026")
    assert answer.status_code == 404
    assert 'written like <span class="st-nowrap">2026-11-30</span>' in answer.text


def test_who_may_not_do_something_is_told_whom_to_ask(client, world):
    client.force_login(world.people["board"], backend=BACKEND)
    answer = client.get(world.address("workstrands:update"))
    assert answer.status_code == 403
    assert "ask an administrator of your area" in answer.text


def test_a_form_of_an_old_page_says_that_nothing_was_saved(world):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/accounts/login/", {"login": "lead@example.test", "password": "any"})
    assert answer.status_code == 403
    assert "This page was open for too long" in answer.text
    assert "Nothing was saved." in answer.text


@pytest.mark.parametrize(
    ("template", "words"), [("400.html", "This was not understood"), ("500.html", "Nothing was half saved.")]
)
def test_what_cannot_be_answered_at_all_is_said_without_the_frame(template, words):
    """These are drawn without a request: what broke may be what the frame needs."""
    page = render_to_string(template)
    assert words in page
    assert "tracker.css" in page


def test_an_icon_is_there_for_whoever_asks_by_its_old_name(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer["Location"].endswith(".svg")
