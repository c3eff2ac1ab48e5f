"""The pages on which people make and revoke tokens for programs."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.access_tokens import MOST_TOKENS, find_holder, make_token
from people.models import AccessToken, Membership
from tests.world import BACKEND, at, build_world

MINE = "/my/access/"
OF_AREA = "/northvale/people/access/"


@pytest.fixture
def world(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 7, 20))
    return build_world()


def signed_in(client, world, name: str):
    client.force_login(world.people[name], backend=BACKEND)
    return client


def secret_on(page) -> str:
    return re.search(r'id="token"[^>]*value="([\w-]{43})"', page.text)[1]


def test_a_token_is_shown_once_and_only_its_digest_is_kept(client, world):
    signed_in(client, world, "board")
    assert "You have no token" in client.get(MINE).text
    made = client.post(MINE, {"name": "  Board dashboard "})
    secret = secret_on(made)
    assert made["Cache-Control"] == "no-store"
    holder = find_holder(secret)
    assert (holder.area, holder.role, holder.token.name) == (world.area, "board", "Board dashboard")
    assert secret not in str(AccessToken.objects.values().get())
    later = client.get(MINE).text
    assert secret not in later
    assert "Board dashboard" in later
    assert "Never" in later


def test_somebody_of_two_areas_chooses_one(client, world):
    Membership.objects.create(user=world.people["board"], area=world.other_area, role="lead")
    signed_in(client, world, "board")
    page = client.post(MINE, {"name": "Dashboard"})
    assert "Choose the area that it may read." in page.text
    assert "Dashboard" in page.text
    assert not AccessToken.objects.exists()
    client.post(MINE, {"name": "Dashboard", "area": "southmoor"})
    assert AccessToken.objects.get().area == world.other_area


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Say what the token is for"),
        ({"name": "   "}, "Say what the token is for"),
        ({"name": "x" * 81}, "more than 80 characters"),
        ({"name": "a\x07b"}, "cannot be kept"),
    ],
)
def test_a_token_without_a_good_name_is_not_made(client, world, fields, words):
    page = signed_in(client, world, "board").post(MINE, fields)
    assert words in page.text
    assert "There is a problem" in page.text
    assert not AccessToken.objects.exists()


def test_nobody_makes_a_token_for_an_area_that_is_not_theirs(client, world):
    Membership.objects.filter(user=world.people["board"]).delete()
    page = signed_in(client, world, "board").post(MINE, {"name": "Dashboard", "area": "northvale"})
    assert "You belong to no area yet" in page.text
    assert not AccessToken.objects.exists()


def test_a_drawer_full_of_tokens_asks_to_revoke_one(client, world):
    for number in range(MOST_TOKENS):
        make_token(world.area, f"No. {number}", by=world.people["board"], at=at(2026, 7, 1))
    page = signed_in(client, world, "board").post(MINE, {"name": "One more"})
    assert "Revoke one that is not used" in page.text
    assert AccessToken.objects.count() == MOST_TOKENS


def test_revoking_ends_a_token_and_keeps_it_in_the_list(client, world):
    secret = make_token(world.area, "Dashboard", by=world.people["board"], at=at(2026, 7, 1))
    token = AccessToken.objects.get()
    page = signed_in(client, world, "board").post(MINE, {"revoke": token.pk}, follow=True)
    assert "opens nothing any more" in page.text
    assert "Revoked on 20 July 2026" in page.text
    assert find_holder(secret) is None


@pytest.mark.parametrize("pressed", ["999999", "x", "9" * 400, "-1"])
def test_what_is_no_token_is_a_plain_404(client, world, pressed):
    assert signed_in(client, world, "board").post(MINE, {"revoke": pressed}).status_code == 404


def test_anothers_token_cannot_be_revoked_from_ones_own_page(client, world):
    make_token(world.area, "Dashboard", by=world.people["officer"], at=at(2026, 7, 1))
    assert signed_in(client, world, "board").post(MINE, {"revoke": AccessToken.objects.get().pk}).status_code == 404
    assert AccessToken.objects.get().revoked_at is None


def test_an_administrator_sees_and_revokes_the_tokens_of_the_area_and_of_no_other(client, world):
    make_token(world.area, "Dashboard", by=world.people["officer"], at=at(2026, 7, 1))
    make_token(world.other_area, "Elsewhere", by=world.people["other_officer"], at=at(2026, 7, 1))
    theirs, ours = AccessToken.objects.get(name="Elsewhere"), AccessToken.objects.get(name="Dashboard")
    signed_in(client, world, "administrator")
    page = client.get(OF_AREA).text
    assert "Dashboard" in page
    assert "officer@example.test" in page
    assert "Elsewhere" not in page
    assert OF_AREA in client.get("/northvale/people/").text
    assert client.post(OF_AREA, {"revoke": theirs.pk}).status_code == 404
    done = client.post(OF_AREA, {"revoke": ours.pk}, follow=True)
    assert "No program has a token" in done.text
    assert AccessToken.objects.filter(revoked_at__isnull=True).get() == theirs


def test_what_an_illustrative_sign_in_makes_is_illustrative(world):
    user = world.people["board"]
    user.is_illustrative = True
    user.save()
    make_token(world.area, "Dashboard", by=user, at=at(2026, 7, 1))
    assert AccessToken.objects.get().is_illustrative


@pytest.mark.parametrize(("name", "address"), [("board", MINE), ("administrator", OF_AREA)])
def test_queries_do_not_grow_with_tokens(client, world, name, address):
    signed_in(client, world, name)

    def queries() -> int:
        with CaptureQueriesContext(connection) as made:
            assert client.get(address).status_code == 200
        return len(made)

    make_token(world.area, "First", by=world.people[name], at=at(2026, 7, 1))
    few = queries()
    for number in range(9):
        make_token(world.area, f"No. {number}", by=world.people[name], at=at(2026, 7, 1))
    assert queries() == few
