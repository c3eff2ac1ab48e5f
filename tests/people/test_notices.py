"""People hear by letter of changes to their own sign-in."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse

from people import notices
from people.access_tokens import make_token
from people.models import AccessToken
from tests.people.test_second_factor import code_of
from tests.world import BACKEND, at, build_world

PASSWORD, ANOTHER = "a-long-and-quiet-river", "a-short-and-noisy-brook"


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world):
    person = world.people["officer"]
    person.name = "SEND officer"
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def signed_in(client, officer):
    """With the password given once more, as every change of a second step asks."""
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.fixture
def letter(mailoutbox, officer, django_capture_on_commit_callbacks):
    """The one letter that `deed` sent to the officer."""

    def sent_by(deed):
        mailoutbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            deed()
        (only,) = mailoutbox
        assert only.to == [officer.email]
        return only

    return sent_by


def change_password(client):
    return client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    )


def with_app(officer) -> str:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(officer, secret)
    return secret


def test_a_changed_password_is_told_with_the_time_and_what_to_do(signed_in, letter, officer):
    told = letter(lambda: change_password(signed_in))

    assert officer.check_password(PASSWORD)  # as it was read before
    officer.refresh_from_db()
    assert officer.check_password(ANOTHER)
    assert told.subject == "SEND tracker: your password was changed"
    assert told.body.startswith("Dear SEND officer,")
    assert "Your password was changed. This was on " in told.body
    assert "If it was not you:" in told.body
    assert "http://localhost:8000/accounts/password/reset/" in told.body
    assert "http://localhost:8000/my/sign-in/" in told.body


def test_no_secret_and_nothing_of_the_browser_stands_in_a_letter(signed_in, letter):
    signed_in.defaults["HTTP_USER_AGENT"] = "Open http://evil.example now"
    told = letter(lambda: change_password(signed_in))

    assert PASSWORD not in told.body
    assert ANOTHER not in told.body
    assert "evil" not in told.subject + told.body


def test_a_password_chosen_by_the_link_of_a_letter_is_told(client, officer, letter, mailoutbox):
    client.post(reverse("account_reset_password"), {"email": officer.email})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    page = client.get(link, follow=True)
    told = letter(
        lambda: client.post(page.redirect_chain[-1][0], {"password1": ANOTHER, "password2": ANOTHER}, follow=True)
    )
    assert "A new password was chosen by the link of a letter" in told.body


def test_an_app_added_and_taken_off_is_told(signed_in, officer, letter):
    secret = signed_in.get(reverse("mfa_activate_totp")).context["form"].secret
    told = letter(lambda: signed_in.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}))
    assert "An app that shows codes was added" in told.body
    assert secret not in told.body

    told = letter(lambda: signed_in.post(reverse("mfa_deactivate_totp")))
    assert "was taken off your sign-in" in told.body


def test_new_recovery_codes_are_told_without_the_codes(signed_in, officer, letter):
    with_app(officer)
    told = letter(lambda: signed_in.post(reverse("mfa_generate_recovery_codes")))

    assert "New recovery codes were made" in told.body
    codes = RecoveryCodes(Authenticator.objects.get(user=officer, type="recovery_codes")).get_unused_codes()
    assert not [code for code in codes if code in told.body]


def test_a_recovery_code_that_was_used_is_told_with_how_many_are_left(client, officer, letter):
    with_app(officer)
    code = RecoveryCodes.activate(officer).get_unused_codes()[0]
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    told = letter(lambda: client.post(reverse("mfa_authenticate"), {"code": code}))

    assert "A recovery code was used, and you have 9 codes left" in told.body
    assert code not in told.body


def test_a_code_of_the_app_is_used_each_day_and_not_told(client, officer, mailoutbox):
    secret = with_app(officer)
    client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert not mailoutbox


def test_a_passkey_that_was_removed_is_told(signed_in, officer, letter):
    passkey = Authenticator.objects.create(
        user=officer, type=Authenticator.Type.WEBAUTHN, data={"name": "My key", "credential": {}}
    )
    told = letter(lambda: signed_in.post(reverse("mfa_remove_webauthn", args=[passkey.pk])))
    assert "A passkey was taken off your sign-in" in told.body


def test_a_second_step_that_an_administrator_took_off_is_told_to_whose_it_was(client, world, officer, letter):
    with_app(officer)
    client.force_login(world.people["administrator"], backend=BACKEND)
    address = reverse("board:member", args=[world.area.slug, officer.pk])
    told = letter(lambda: client.post(address, {"do": "second-step"}))
    assert "was taken off by an administrator of your area" in told.body


def test_where_there_was_none_to_take_off_nobody_is_written_to(client, world, officer, mailoutbox):
    client.force_login(world.people["administrator"], backend=BACKEND)
    client.post(reverse("board:member", args=[world.area.slug, officer.pk]), {"do": "second-step"})
    assert not mailoutbox


def test_a_token_is_told_without_its_secret_and_with_its_own_day(world, officer, letter):
    secrets = []
    told = letter(lambda: secrets.append(make_token(world.area, "Dashboard", by=officer, at=at(2026, 7, 1))))
    assert "A token was made" in told.body
    assert "This was on 1 July 2026, 13:00." in told.body
    assert secrets[0] not in told.body
    assert "Dashboard" not in told.body


def test_whoever_may_not_sign_in_any_more_is_not_written_to(officer, mailoutbox):
    officer.is_active = False
    notices.tell(officer, notices.SOMETHING, at=at(2026, 7, 1))
    assert not mailoutbox


def test_every_letter_that_the_library_sends_has_words_of_ours():
    """A later version that tells of something new is told in general words until it has its own."""
    from pathlib import Path

    import allauth

    sent = {"password_changed", "password_set", "password_reset", "totp_activated", "totp_deactivated"}
    sent |= {"recovery_codes_generated", "webauthn_added", "webauthn_removed", "account_connected"}
    assert {name.rpartition("/")[2] for name in notices.OF_ALLAUTH} == sent
    for name in notices.OF_ALLAUTH:
        found = Path(allauth.__file__).parent.joinpath("templates", f"{name}_message.txt")
        assert found.exists(), name


# A mail server that is away


@pytest.fixture
def no_mail_server(monkeypatch):
    def broken(self, **kwargs):
        raise RuntimeError("as any backend may raise")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)


@pytest.mark.usefixtures("no_mail_server")
def test_a_mail_server_that_is_away_changes_nothing_of_what_was_done(signed_in, officer, world):
    assert change_password(signed_in).status_code == 302
    officer.refresh_from_db()
    assert officer.check_password(ANOTHER)
    assert signed_in.get(world.address("board:area")).status_code == 200

    make_token(world.area, "Dashboard", by=officer, at=at(2026, 7, 1))
    assert AccessToken.objects.filter(user=officer).exists()
    assert signed_in.post(reverse("account_reset_password"), {"email": officer.email}).status_code == 302
