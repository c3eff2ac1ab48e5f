"""Signing in through a real OpenID Connect provider, that is started for these tests.

Who comes in is said here, not there: somebody with a sign-in of that address or an invitation to it, and nobody else.
"""

import json
import re
import shutil
import subprocess
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

import pytest
from django.conf import settings as project
from django.urls import reverse
from django.utils import timezone

from people import joining
from people.models import AuditEntry, Membership, User
from send_tracker.environment import read
from tests.replicas.servers import free_port
from tests.world import build_world

HERE = Path(__file__).parent
PROVIDER = Path(project.BASE_DIR) / "node_modules" / "oidc-provider"
CLIENT = {"client_id": "send-tracker", "client_secret": "known-to-this-test-alone-and-nobody-else"}
PEOPLE = {
    "one": {"email": "officer@example.test", "email_verified": True, "name": "Officer"},
    "guest": {"email": "invited@example.test", "email_verified": True, "name": "Invited"},
    "stranger": {"email": "stranger@example.test", "email_verified": True, "name": "Stranger"},
    "unverified": {"email": "officer@example.test", "email_verified": False, "name": "Says to be the officer"},
    "nameless": {"name": "Without an address"},
}
CALLBACK = "http://testserver/accounts/with/organisation/back/"


@pytest.fixture(scope="module")
def provider():
    node = shutil.which("node")
    if node is None or not PROVIDER.exists():
        pytest.skip("The provider is not installed: run python scripts/assets.py --tests")
    port = free_port()
    client = CLIENT | {"redirect_uris": [CALLBACK]}
    told = json.dumps({"port": port, "client": client, "people": PEOPLE})
    process = subprocess.Popen([node, HERE / "provider.mjs", told], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while b"listening" not in (line := process.stdout.readline()):
        assert line, "the provider did not start"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def set_up(provider, settings):
    environ = {
        "OIDC_ISSUER": provider,
        "OIDC_CLIENT_ID": CLIENT["client_id"],
        "OIDC_CLIENT_SECRET": CLIENT["client_secret"],
        "OIDC_NAME": "the council",
    }
    found = read(environ, base=Path("/"))
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": found.openid_apps}}
    settings.OIDC_TRUSTS_ADDRESSES = False
    return provider


class Stays(HTTPRedirectHandler):
    """Leaves following redirects to the test: the last one leads back here."""

    def redirect_request(self, *args):
        return None


class AtProvider:
    """Somebody's browser at the provider's own pages."""

    def __init__(self):
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), Stays())

    def open(self, address: str, **fields):
        body = urlencode(fields).encode() if fields else None
        try:
            answer = self.opener.open(Request(address, body), timeout=10)
        except HTTPError as answered:
            answer = answered
        return answer.status, answer.headers.get("Location"), answer.read().decode()

    def sign_in(self, address: str, who: str) -> str:
        """From where the product sends one, to the address that the provider sends one back to."""
        fields = {}
        for _ in range(12):
            status, location, page = self.open(address, **fields)
            fields = {}
            if status in (302, 303):
                address = urljoin(address, location)
                if address.startswith(CALLBACK):
                    return address
                continue
            form = unescape(re.search(r'<form[^>]*action="([^"]+)"', page)[1])
            prompt = re.search(r'name="prompt" value="(\w+)"', page)[1]
            address = urljoin(address, form)
            fields = {"prompt": prompt} | ({"login": who, "password": "any"} if prompt == "login" else {})
        raise AssertionError("the provider never sent anybody back")


def come_in(client, who: str):
    """The whole way; the answer to the address that the provider sent somebody back to."""
    began = client.post(reverse("openid_connect_login", args=["organisation"]))
    assert began.status_code == 302, began.text
    back = urlsplit(AtProvider().sign_in(began.url, who))
    return client.get(f"{back.path}?{back.query}")


def who_is_in(client) -> str | None:
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number).email if number else None


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
