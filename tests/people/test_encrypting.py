"""What second steps are made of, under one `SECRET_KEY` and then under another."""

import io

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command
from django.urls import reverse

from people.encrypting import decrypt
from tests.people.test_second_factor import PASSWORD, code_of, sign_in
from tests.world import BACKEND, build_world

OLD, NEW, ELSE = "the-key-of-last-year-" * 3, "the-key-of-this-year-" * 3, "a-key-that-nobody-has-" * 3


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world, settings):
    """With an app and recovery codes, set up under the old key."""
    settings.SECRET_KEY = OLD
    person = world.people["officer"]
    person.set_password(PASSWORD)
    person.save()
    person.secret = totp.generate_totp_secret()
    totp.TOTP.activate(person, person.secret)
    person.codes = RecoveryCodes.activate(person).get_unused_codes()
    return person


@pytest.fixture
def changed(officer, settings):
    """The key was changed, and the old one is named."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    return settings


def encrypt_anew() -> str:
    out = io.StringIO()
    call_command("encrypt_anew", stdout=out)
    return out.getvalue()


def opens_with(client, person, code: str, world) -> bool:
    client.logout()
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": code})
    return client.get(world.address("board:area")).status_code == 200


def data_of(person) -> dict[str, dict]:
    return {each.type: each.data for each in Authenticator.objects.filter(user=person)}


def test_under_another_key_a_second_step_still_opens_while_the_old_one_is_named(client, officer, changed, world):
    assert opens_with(client, officer, code_of(officer.secret), world)
    assert opens_with(client, officer, officer.codes[0], world)


def test_once_encrypted_anew_the_old_key_can_go(client, officer, changed, world):
    assert encrypt_anew() == "2 second steps encrypted anew, 0 under the key of today already.\n"
    changed.SECRET_KEY_FALLBACKS = []

    assert opens_with(client, officer, code_of(officer.secret), world)
    assert opens_with(client, officer, officer.codes[0], world)


def test_the_old_key_reads_nothing_of_it_then(officer, changed):
    encrypt_anew()
    changed.SECRET_KEY, changed.SECRET_KEY_FALLBACKS = OLD, []
    for data in data_of(officer).values():
        with pytest.raises(InvalidToken):
            decrypt(data.get("secret") or data["seed"])


def test_a_code_that_was_used_stays_used(client, officer, changed, world):
    assert opens_with(client, officer, officer.codes[0], world)
    encrypt_anew()
    assert not opens_with(client, officer, officer.codes[0], world)


def test_codes_that_came_from_elsewhere_are_encrypted_anew_each(officer, changed):
    from people.encrypting import encrypt

    changed.SECRET_KEY, changed.SECRET_KEY_FALLBACKS = OLD, []
    Authenticator.objects.filter(user=officer, type="recovery_codes").update(
        data={"migrated_codes": [encrypt("12345678"), encrypt("87654321")]}
    )
    changed.SECRET_KEY, changed.SECRET_KEY_FALLBACKS = NEW, [OLD]
    encrypt_anew()
    changed.SECRET_KEY_FALLBACKS = []
    assert RecoveryCodes.activate(officer).get_unused_codes() == ["12345678", "87654321"]


def test_a_second_run_changes_nothing(officer, changed):
    encrypt_anew()
    before = data_of(officer)
    assert encrypt_anew() == "0 second steps encrypted anew, 2 under the key of today already.\n"
    assert data_of(officer) == before


def test_what_no_key_reads_is_told_left_as_it_is_and_hinders_nothing_else(world, officer, changed):
    changed.SECRET_KEY = ELSE
    lost = world.people["lead"]
    totp.TOTP.activate(lost, totp.generate_totp_secret())
    before = data_of(lost)
    changed.SECRET_KEY = NEW

    with pytest.raises(CommandError, match="1 second step cannot be read"):
        encrypt_anew()
    assert data_of(lost) == before
    assert encrypt_anew_leaves_only(lost)


def encrypt_anew_leaves_only(lost) -> bool:
    rest = Authenticator.objects.exclude(user=lost)
    return all(decrypt(each.data.get("secret") or each.data["seed"]) for each in rest)


def test_a_passkey_has_nothing_to_encrypt(world, changed):
    Authenticator.objects.create(user=world.people["lead"], type="webauthn", data={"name": "My key", "credential": {}})
    assert encrypt_anew().startswith("2 second steps")


def test_a_session_under_the_old_key_goes_on_while_it_is_named_and_ends_then(client, officer, settings, world):
    client.force_login(officer, backend=BACKEND)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ELSE, []
    assert client.get(world.address("board:area")).status_code == 302

    settings.SECRET_KEY = OLD
    client.force_login(officer, backend=BACKEND)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert client.get(world.address("board:area")).status_code == 200
