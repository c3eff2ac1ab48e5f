"""What ends at the provider ends here: told by the provider's server, or by a frame of its sign-out page."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.urls import reverse

from people import openid_tokens
from people.models import AuditEntry
from people.openid_tokens import SIGNED_OUT
from tests.people.openid.coming_in import CLIENT, AtProvider, come_in, who_is_in
from tests.world import BACKEND

ADDRESS = "/accounts/with/organisation/signed-out/"
FRAME = f"{ADDRESS}frame/"
OURS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
THEIRS = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
def counted(remembered, db):
    """Tokens that were used, and the provider's keys, are kept where all processes see them."""
    cache.clear()


def began_there(client) -> dict:
    return client.session["openid"]


def entries(kind: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(kind=kind))


# Told by the provider itself


def test_signing_out_at_the_provider_ends_the_session_here(client, set_up, world, heard):
    there = AtProvider()
    come_in(client, "one", there=there)
    elsewhere = client.__class__()
    come_in(elsewhere, "one")
    by_password = client.__class__()
    by_password.force_login(world.people["officer"], backend=BACKEND)
    heard.heard.clear()

    there.sign_out(set_up)
    (token,) = heard.heard
    answer = client.__class__(enforce_csrf_checks=True).post(ADDRESS, {"logout_token": token})

    assert (answer.status_code, answer["Cache-Control"]) == (
        200,
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )
    assert who_is_in(client) is None
    assert client.get(world.address("board:area")).status_code == 302
    assert who_is_in(elsewhere) == who_is_in(by_password) == "officer@example.test"
    (entry,) = entries("sign_out")
    assert (entry.user, entry.what) == (world.people["officer"], "The session at the organisation's own sign-in ended")


def test_a_token_ends_a_session_once(client, set_up, world, heard):
    there = AtProvider()
    come_in(client, "one", there=there)
    heard.heard.clear()
    there.sign_out(set_up)
    (token,) = heard.heard

    assert client.post(ADDRESS, {"logout_token": token}).status_code == 200
    assert client.post(ADDRESS, {"logout_token": token}).status_code == 400
    assert [entry.what for entry in entries("refused")] == ["A sign-out by the organisation's own sign-in, not valid"]


def test_the_session_is_known_by_it_after_a_change_of_password_too(client, set_up, world, settings):
    person = world.people["officer"]
    person.set_password("a-long-and-quiet-river")
    person.save()
    come_in(client, "one")
    before, number = began_there(client), client.session.session_key
    new = "another-long-and-quiet-river"
    fields = {"oldpassword": "a-long-and-quiet-river", "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), fields).status_code == 302
    assert client.session.session_key != number

    client.get(FRAME, {"iss": set_up, "sid": before["sid"]})
    assert who_is_in(client) is None


# Made up, to try each thing that must hold. The provider's keys are kept for some minutes: here others lie in their place.


@pytest.fixture
def keys(set_up):
    public = jwt.algorithms.RSAAlgorithm.to_jwk(OURS.public_key(), as_dict=True) | {"kid": "ours", "alg": "RS256"}
    config = {"issuer": set_up, "jwks_uri": f"{set_up}/jwks"}
    cache.set(f"openid:{set_up}/.well-known/openid-configuration", (config, {"keys": [public]}), 300)
    return set_up


def made(issuer: str, *, key=OURS, algorithm="RS256", header=None, **changed) -> str:
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": CLIENT["client_id"],
        "iat": now,
        "exp": now + 120,
        "jti": f"number-{time.perf_counter_ns()}",
        "sub": "one",
        "events": {SIGNED_OUT: {}},
    } | changed
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm, headers={"typ": "logout+jwt", "kid": "ours"} | (header or {}))


def test_of_a_person_alone_all_their_sessions_that_began_there_end(client, keys, world):
    others = [client.__class__() for _ in range(2)]
    for each in others:
        come_in(each, "one")
    by_password = client.__class__()
    by_password.force_login(world.people["officer"], backend=BACKEND)

    assert client.post(ADDRESS, {"logout_token": made(keys)}).status_code == 200
    assert [who_is_in(each) for each in others] == [None, None]
    assert who_is_in(by_password) == "officer@example.test"


@pytest.mark.parametrize(
    "changed",
    [
        {"key": THEIRS},
        {"key": "a-secret-that-is-long-enough-for-the-purpose", "algorithm": "HS256"},
        {"key": None, "algorithm": "none"},
        {"header": {"kid": "unknown"}},
        {"header": {"typ": "JWT"}},
        {"header": {"typ": None}},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"iat": None},
        {"jti": None},
        {"nonce": "of-an-id-token"},
        {"events": None},
        {"events": {"something": {}}},
        {"events": [SIGNED_OUT]},
        {"events": {SIGNED_OUT: "yes"}},
        {"sub": None},
        {"sub": "o\x00ne"},
        {"sub": "one", "sid": ["one"]},
        {"sub": "one", "sid": ""},
    ],
)
def test_what_is_not_just_so_ends_nothing(client, keys, world, changed):
    come_in(client, "one")
    answer = client.__class__().post(ADDRESS, {"logout_token": made(keys, **changed)})

    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_request"}
    assert who_is_in(client) == "officer@example.test"


@pytest.mark.parametrize("sent", ["", "made-up", "a.b.c", "\x00", "é.é.é", "e30.e30.e30", "..", "W10.W10.W10"])
def test_what_is_no_token_at_all_is_refused(client, keys, world, sent):
    assert client.post(ADDRESS, {"logout_token": sent}).status_code == 400
    assert client.post(ADDRESS, sent.encode(), content_type="application/json").status_code == 400


def test_an_id_token_ends_nothing(client, set_up, world, monkeypatch):
    """A browser, or a program of somebody else's, may hold one that the provider signed."""
    seen, read = [], openid_tokens.read_id_token
    monkeypatch.setattr(openid_tokens, "read_id_token", lambda token, **of: seen.append(token) or read(token, **of))
    come_in(client, "one")

    assert client.post(ADDRESS, {"logout_token": seen[0]}).status_code == 400
    assert who_is_in(client) == "officer@example.test"


def test_a_flood_makes_one_entry_and_asks_the_provider_twice_at_most(client, set_up, world, monkeypatch):
    asked, fetch = [], openid_tokens.keys_of
    monkeypatch.setattr(openid_tokens, "keys_of", lambda config: asked.append(1) or fetch(config))
    for _ in range(40):
        client.post(ADDRESS, {"logout_token": made(set_up, header={"kid": "made-up"})})

    assert len(asked) == 2
    assert len(entries("refused")) == 1


def test_too_much_is_not_read(client, keys, world):
    assert client.post(ADDRESS, {"logout_token": "x" * 20_000}).status_code == 413


def test_a_provider_that_is_away_ends_nothing_and_breaks_nothing(client, set_up, world, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    assert client.post(ADDRESS, {"logout_token": made(set_up)}).status_code == 400


def test_without_a_provider_there_is_nothing(client, db):
    assert client.post(ADDRESS, {"logout_token": "x"}).status_code == 404
    assert client.get(FRAME, {"sid": "x"}).status_code == 404


# By a frame, without cookies


@pytest.mark.parametrize("says_who", [True, False])
def test_a_frame_that_names_the_session_ends_it_and_no_other(client, set_up, world, says_who):
    come_in(client, "one")
    other = client.__class__()
    come_in(other, "one")
    asked = {"sid": began_there(client)["sid"]} | ({"iss": set_up} if says_who else {})
    assert asked["sid"]

    answer = client.__class__().get(FRAME, asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert (who_is_in(client), who_is_in(other)) == (None, "officer@example.test")
    assert [entry.user for entry in entries("sign_out")] == [world.people["officer"]]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"sid": ""}, 400),
        ({"sid": "x" * 256}, 400),
        ({"sid": "\x00"}, 400),
        ({"sid": "of-nobody"}, 204),
        ({"sid": "of-nobody", "iss": "https://elsewhere.example"}, 400),
    ],
)
def test_a_frame_that_names_none_ends_none(client, set_up, world, asked, status):
    come_in(client, "one")
    assert client.__class__().get(FRAME, asked).status_code == status
    assert who_is_in(client) == "officer@example.test"


def test_an_issuer_of_elsewhere_ends_nothing(client, set_up, world):
    come_in(client, "one")
    asked = {"sid": began_there(client)["sid"], "iss": "https://elsewhere.example"}
    assert client.get(FRAME, asked).status_code == 400
    assert who_is_in(client) == "officer@example.test"
