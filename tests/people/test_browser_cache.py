"""What a browser may keep of pages, and what it is told to drop when a session ends."""

import pytest
from django.urls import reverse

from tests.world import BACKEND, build_world

PASSWORD = "a-long-and-quiet-river"


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def administrator(client, world):
    client.force_login(world.people["administrator"], backend=BACKEND)
    return client


@pytest.mark.parametrize("name", ["people", "sign-ins", "invite", "audit", "my-sign-in", "my-access"])
def test_nothing_is_kept_of_pages_about_people(administrator, world, name):
    answer = administrator.get(world.address(f"board:{name}"))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", ["account_logout", "account_change_password", "mfa_index", "account_reauthenticate"])
def test_nothing_is_kept_of_pages_about_one_s_own_sign_in(administrator, world, name):
    assert "no-store" in administrator.get(reverse(name))["Cache-Control"]


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "join", "account_reset_password_from_key"])
def test_nothing_is_kept_of_pages_on_the_way_to_signing_in(client, world, name):
    assert "no-store" in client.get(world.address(name))["Cache-Control"]


@pytest.mark.parametrize("name", ["area", "strategy", "kpis", "action", "my"])
def test_of_other_pages_a_browser_asks_before_it_shows_its_copy(administrator, world, name):
    assert administrator.get(world.address(f"board:{name}"))["Cache-Control"] == "private, no-cache"


def test_what_was_not_found_is_no_exception(administrator, world):
    assert administrator.get(world.address("board:area") + "kpis/no-such-kpi/")["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(("path", "kept"), [("/favicon.ico", None), ("/healthz", "no-store")])
def test_what_is_nobody_s_page_is_as_it_was(client, db, path, kept):
    said = client.get(path).get("Cache-Control")
    assert said is None if kept is None else kept in said


def test_a_page_that_says_so_itself_may_be_kept_by_everybody(administrator, world):
    assert "public" in administrator.get(world.address("board:public"))["Cache-Control"]


def test_signing_out_clears_what_the_browser_holds(administrator):
    assert "Clear-Site-Data" not in administrator.get(reverse("account_logout"))
    assert administrator.post(reverse("account_logout"))["Clear-Site-Data"] == '"cache"'


def test_ending_the_session_one_is_in_clears_it_too(client, world):
    person = world.people["lead"]
    person.set_password(PASSWORD)
    person.save()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    answer = client.post(reverse("board:my-sign-in"), {"end": person.usersession_set.get().pk})
    assert answer["Clear-Site-Data"] == '"cache"'


def test_so_does_a_session_that_ends_by_itself(client, world, monkeypatch):
    monkeypatch.setattr("people.idling.time.time", lambda: 1_800_000_000)
    client.force_login(world.people["lead"], backend=BACKEND)
    monkeypatch.setattr("people.idling.time.time", lambda: 1_800_000_000 + 61 * 60)
    answer = client.get(world.address("board:area"))
    assert answer.status_code == 302
    assert answer["Clear-Site-Data"] == '"cache"'


def test_visitors_and_whoever_stays_signed_in_are_told_nothing_of_the_kind(client, world):
    assert "Clear-Site-Data" not in client.get(world.address("board:area"))
    client.force_login(world.people["lead"], backend=BACKEND)
    assert "Clear-Site-Data" not in client.get(world.address("board:area"))
