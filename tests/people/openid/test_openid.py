"""Signing in through a real OpenID Connect provider, that is started for these tests.

Who comes in is said here, not there: somebody with a sign-in of that address or an invitation to it, and nobody else.
"""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from people import joining
from people.models import AuditEntry, Membership, User
from send_tracker.environment import read
from tests.people.openid.coming_in import CLIENT, AtProvider, come_in, who_is_in
from tests.replicas.servers import free_port


def test_the_sign_in_page_offers_it_where_it_is_set_up(client, set_up, db):
    assert "Sign in with the council" in client.get(reverse("account_login")).text


def test_it_is_not_offered_without_a_provider(client, db):
    assert "Sign in with the" not in client.get(reverse("account_login")).text


def test_somebody_with_a_sign_in_comes_in(client, set_up, world):
    come_in(client, "one")

    assert who_is_in(client) == "officer@example.test"
    assert client.get(world.address("board:area")).status_code == 200
    assert AuditEntry.objects.filter(kind="sign_in", user=world.people["officer"]).exists()


def test_the_first_time_is_told_by_letter_and_kept_in_the_audit_log_and_the_second_is_no_news(
    client, set_up, world, mailoutbox
):
    for _ in range(2):
        come_in(client, "one")
        client.logout()

    (letter,) = mailoutbox
    assert letter.to == ["officer@example.test"]
    assert "Your organisation’s own sign-in now opens the SEND tracker for you." in letter.body
    assert AuditEntry.objects.get(kind="account").user == world.people["officer"]


def test_the_second_time_the_provider_s_own_number_counts(client, set_up, world):
    come_in(client, "one")
    client.logout()
    User.objects.filter(email="officer@example.test").update(email="renamed@example.test")

    come_in(client, "one")
    assert who_is_in(client) == "renamed@example.test"


@pytest.mark.parametrize("who", ["stranger", "unverified", "nameless"])
def test_nobody_else_comes_in_and_no_account_is_made(client, set_up, world, who):
    before = User.objects.count()
    answer = come_in(client, who)

    assert answer.url == reverse("socialaccount_login_error")
    assert who_is_in(client) is None
    assert User.objects.count() == before


def test_an_address_that_is_not_verified_counts_where_the_installation_trusts_its_tenant(
    client, set_up, world, settings
):
    """Microsoft Entra ID says nothing about addresses; a council's own tenant vouches for its own."""
    settings.OIDC_TRUSTS_ADDRESSES = True
    come_in(client, "unverified")
    assert who_is_in(client) == "officer@example.test"


def test_an_invitation_is_accepted_by_coming_in(client, set_up, world):
    by = world.people["administrator"]
    joining.invite(world.area, "invited@example.test", Membership.Role.BOARD, by=by, at=timezone.now())
    come_in(client, "guest")

    assert who_is_in(client) == "invited@example.test"
    assert Membership.objects.get(user__email="invited@example.test").area == world.area
    assert not User.objects.get(email="invited@example.test").has_usable_password()


def test_who_may_no_longer_sign_in_does_not_come_in(client, set_up, world):
    come_in(client, "one")
    client.logout()
    User.objects.filter(email="officer@example.test").update(is_active=False)

    come_in(client, "one")
    assert who_is_in(client) is None


@pytest.mark.parametrize("query", ["", "?code=made-up&state=made-up", "?error=access_denied", "?state=" + "x" * 5000])
def test_a_made_up_answer_opens_nothing(client, set_up, world, query):
    answer = client.get(reverse("openid_connect_callback", args=["organisation"]) + query)

    assert answer.status_code < 500
    assert who_is_in(client) is None


def test_an_answer_to_somebody_else_s_browser_opens_nothing(client, set_up, world):
    began = client.post(reverse("openid_connect_login", args=["organisation"]))
    back = urlsplit(AtProvider().sign_in(began.url, "one"))
    other = client.__class__()

    other.get(f"{back.path}?{back.query}")
    assert who_is_in(other) is None


def test_a_token_of_another_issuer_than_the_one_that_was_set_opens_nothing(client, provider, set_up, world, settings):
    elsewhere = provider.replace("127.0.0.1", "localhost")  # where the same provider answers, by the name that it has
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = read(
        {
            "OIDC_ISSUER": elsewhere,
            "OIDC_CLIENT_ID": CLIENT["client_id"],
            "OIDC_CLIENT_SECRET": CLIENT["client_secret"],
        },
        base=Path("/"),
    ).openid_apps
    answer = come_in(client, "one")

    assert answer.status_code < 500
    assert who_is_in(client) is None


def test_a_provider_that_is_away_is_told(client, set_up, world, settings):
    apps = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    apps[0]["settings"]["server_url"] = f"http://127.0.0.1:{free_port()}"
    answer = client.post(reverse("openid_connect_login", args=["organisation"]), follow=True)

    assert answer.status_code < 500
    assert "did not work" in answer.text


@pytest.mark.usefixtures("set_up")
def test_whoever_came_that_way_has_their_second_step_there(client, world, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    come_in(client, "one")
    assert client.get(world.address("board:area")).status_code == 200
