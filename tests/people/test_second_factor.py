"""The second step of signing in."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from people import second_factor
from tests.world import BACKEND, build_world

PASSWORD = "a-long-and-quiet-river"


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world):
    person = world.people["officer"]
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client, person):
    return client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})


def confirm(client):
    """Once more the password, before anything about signing in is changed."""
    return client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def code_of(secret: str) -> str:
    """What an app shows now."""
    return totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))


@pytest.fixture
def secret(officer):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(officer, secret)
    return secret


def test_an_app_is_set_up_after_the_password_was_given_and_codes_are_made(client, officer):
    sign_in(client, officer)
    assert client.get(reverse("mfa_activate_totp")).url.startswith(reverse("account_reauthenticate"))
    assert "Confirm that it is you" in client.get(reverse("account_reauthenticate")).text
    confirm(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)

    assert Authenticator.objects.filter(user=officer, type=Authenticator.Type.TOTP).exists()
    assert "Recovery codes" in answer.text


def test_the_password_alone_opens_nothing_then(client, officer, secret, world):
    answer = sign_in(client, officer)

    assert answer.url == reverse("mfa_authenticate")
    assert client.get(world.address("board:area")).status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.get(world.address("board:area")).status_code == 302

    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.get(world.address("board:area")).status_code == 200


def test_a_recovery_code_opens_once(client, officer, secret, world):
    code = RecoveryCodes.activate(officer).get_unused_codes()[0]
    sign_in(client, officer)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get(world.address("board:area")).status_code == 200

    client.logout()
    sign_in(client, officer)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get(world.address("board:area")).status_code == 302


def test_codes_are_made_from_what_is_kept_encrypted(officer, secret):
    kept = str(Authenticator.objects.get(user=officer, type=Authenticator.Type.TOTP).data)

    assert secret not in kept
    assert get_adapter().decrypt(Authenticator.objects.get(user=officer).data["secret"]) == secret


# An installation that asks for one


@pytest.fixture
def required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.mark.usefixtures("required")
def test_nothing_opens_before_it_is_set_up(client, officer, world):
    sign_in(client, officer)

    assert client.get(world.address("board:area")).url == reverse("mfa_index")
    assert client.post(world.address("workstrands:update"), {"status": "G"}).url == reverse("mfa_index")
    assert client.get(reverse("mfa_index")).status_code == 200
    assert "This installation asks for one" in client.get(reverse("mfa_index")).text

    confirm(client)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert client.get(world.address("board:area")).status_code == 200


@pytest.mark.usefixtures("required")
def test_whoever_takes_it_off_is_asked_again(client, officer, secret, world):
    sign_in(client, officer)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    client.get(world.address("board:area"))
    confirm(client)
    client.post(reverse("mfa_deactivate_totp"))

    assert client.get(world.address("board:area")).url == reverse("mfa_index")


@pytest.mark.usefixtures("required")
def test_pages_without_a_sign_in_stay_open(client, db):
    assert client.get(reverse("account_login")).status_code == 200
    assert client.get(reverse("healthz")).status_code == 200


def test_without_the_setting_nobody_is_asked(client, officer, world):
    sign_in(client, officer)
    assert client.get(world.address("board:area")).status_code == 200


def test_an_administrator_takes_a_lost_one_off_and_sessions_end(client, officer, secret, world):
    RecoveryCodes.activate(officer)
    client.force_login(world.people["administrator"], backend=BACKEND)
    address = reverse("board:member", args=[world.area.slug, officer.pk])
    client.post(address, {"do": "second-step"})

    assert second_factor.with_one([officer.pk]) == set()
    assert not Authenticator.objects.filter(user=officer).exists()


def test_a_code_opens_once_also_after_the_half_minute_that_the_library_remembers_it(officer, secret, remembered):
    code, address = code_of(secret), reverse("mfa_authenticate")
    for client in (first := Client(), second := Client()):
        sign_in(client, officer)
    assert first.post(address, {"code": code}).status_code == 302
    assert cache.delete(totp.TOTP(Authenticator(user=officer))._get_used_cache_key(code))

    again = second.post(address, {"code": code})
    assert again.status_code == 200
    assert "That code or key is not right" in again.text


def test_what_was_used_is_known_to_every_process(officer, secret, remembered):
    """It lies in the database, not in the memory of the process that was asked."""
    sign_in(client := Client(), officer)
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shared_counts WHERE cache_key LIKE '%code:%'")
        assert cursor.fetchone()[0] == 1
