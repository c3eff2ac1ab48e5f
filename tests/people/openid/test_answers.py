"""An answer of the provider counts only where it signed it, for the request of this browser, and asked as strongly as is wanted."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.urls import reverse

from people import checks, openid, openid_strength
from people.models import AuditEntry
from send_tracker.environment import BadEnvironment, read
from tests.people.openid.coming_in import CLIENT, come_in, who_is_in


def app_of(settings) -> dict:
    return settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]


def asked_of(client) -> dict:
    """The parameters with which the product sends a browser to the provider."""
    began = client.post(reverse("openid_connect_login", args=["organisation"]))
    return parse_qs(urlsplit(began.url).query)


# The same request


def test_each_request_has_a_number_of_its_own(client, set_up, world):
    first, second = (asked_of(client)["nonce"][0] for _ in range(2))
    assert first != second
    assert len(first) >= 40


def test_a_number_in_the_address_takes_nothing_s_place(client, set_up, world):
    address = reverse("openid_connect_login", args=["organisation"])
    began = client.post(f"{address}?auth_params=nonce%3Dknown%26acr_values%3Dnone")
    assert parse_qs(urlsplit(began.url).query)["nonce"] != ["known"]


def test_the_answer_to_another_request_opens_nothing(client, set_up, world, monkeypatch):
    """As where an ID token of before is put in the place of today's."""
    decode = openid.SignedAnswers._decode_id_token
    monkeypatch.setattr(
        openid.SignedAnswers, "_decode_id_token", lambda *args: decode(*args) | {"nonce": "of-another-request"}
    )
    answer = come_in(client, "one")
    assert answer.url == reverse("socialaccount_login_error")
    assert who_is_in(client) is None


@pytest.mark.parametrize("claim", ["nonce", "sub"])
def test_an_id_token_without_it_opens_nothing(client, set_up, world, monkeypatch, claim):
    decode = openid.SignedAnswers._decode_id_token

    def without(*args):
        return {name: value for name, value in decode(*args).items() if name != claim}

    monkeypatch.setattr(openid.SignedAnswers, "_decode_id_token", without)
    come_in(client, "one")
    assert who_is_in(client) is None


def test_what_is_said_beside_the_token_must_be_of_the_same_person(client, set_up, world, monkeypatch):
    monkeypatch.setattr(
        openid.SignedAnswers,
        "_fetch_user_info",
        lambda *args: {"sub": "another", "email": "administrator@example.test", "email_verified": True},
    )
    come_in(client, "one")
    assert who_is_in(client) is None


# Signed by the provider, which is followed nowhere else


class Publishes(BaseHTTPRequestHandler):
    """Keys of somebody else at /keys; anything else leads to where they are."""

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/keys":
            content = json.dumps({"keys": [self.server.key]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return
        self.send_response(302)
        self.send_header("Location", self.server.leads_to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *args):
        """Says nothing."""


@pytest.fixture
def elsewhere():
    server = HTTPServer(("127.0.0.1", 0), Publishes)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    server.key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key)) | {"alg": "RS256"}
    server.asked, server.address = [], f"http://127.0.0.1:{server.server_port}"
    server.leads_to = f"{server.address}/keys"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_token_that_other_keys_than_the_provider_s_would_have_signed_opens_nothing(
    client, set_up, world, settings, elsewhere
):
    app_of(settings)["settings"]["openid_configuration_overrides"]["jwks_uri"] = f"{elsewhere.address}/keys"
    answer = come_in(client, "one")

    assert elsewhere.asked == ["/keys"]
    assert answer.status_code < 500
    assert who_is_in(client) is None


@pytest.mark.parametrize("name", ["jwks_uri", "token_endpoint", "userinfo_endpoint"])
def test_what_the_provider_is_asked_for_is_followed_nowhere_else(client, set_up, world, settings, elsewhere, name):
    app_of(settings)["settings"]["openid_configuration_overrides"][name] = f"{elsewhere.address}/leads-on"
    answer = come_in(client, "one")

    assert elsewhere.asked == ["/leads-on"]
    assert answer.status_code < 500
    assert who_is_in(client) is None


def test_a_description_that_leads_elsewhere_is_not_followed(client, set_up, world, settings, elsewhere):
    app_of(settings)["settings"]["server_url"] = elsewhere.address
    answer = client.post(reverse("openid_connect_login", args=["organisation"]))

    assert elsewhere.asked == ["/.well-known/openid-configuration"]
    assert answer.url == reverse("socialaccount_login_error")


# As strong as is wanted

WANTED = [
    ("OIDC_REQUIRED_ACR", ["two-steps", "three-steps"]),
    ("OIDC_REQUIRED_AMR", ["mfa"]),
    ("OIDC_REQUIRED_CONTEXT", ["c1"]),
]


@pytest.mark.parametrize(("name", "values"), WANTED)
def test_who_was_asked_strongly_enough_comes_in(client, set_up, world, settings, name, values):
    setattr(settings, name, values)
    come_in(client, "strong")
    assert who_is_in(client) == "officer@example.test"


@pytest.mark.parametrize("who", ["weak", "one"])
@pytest.mark.parametrize(("name", "values"), WANTED)
def test_who_was_not_is_told_and_it_is_in_the_audit_log(client, set_up, world, settings, name, values, who):
    setattr(settings, name, values)
    answer = come_in(client, who)

    assert answer.status_code == 403
    assert "did not say that it asked you for a second step" in answer.text
    assert who_is_in(client) is None
    entry = AuditEntry.objects.get(kind=AuditEntry.Kind.SIGN_IN_REFUSED)
    assert (entry.user, entry.what[:33]) == (world.people["officer"], "The organisation's own sign-in di")


def test_a_sign_in_that_is_too_weak_again_and_again_is_kept_once(client, set_up, world, settings):
    come_in(client, "weak")
    client.logout()
    settings.OIDC_REQUIRED_AMR = ["mfa"]  # from now on
    for _ in range(3):
        come_in(client, "weak")

    assert AuditEntry.objects.get(kind=AuditEntry.Kind.SIGN_IN_REFUSED).user == world.people["officer"]


def test_all_that_is_wanted_must_hold(settings):
    settings.OIDC_REQUIRED_ACR, settings.OIDC_REQUIRED_AMR = ["two-steps"], ["mfa"]
    assert openid_strength.is_enough({"acr": "two-steps", "amr": ["pwd", "mfa"]})
    assert not openid_strength.is_enough({"acr": "two-steps", "amr": ["pwd"]})
    assert not openid_strength.is_enough({"acr": "one-step", "amr": ["mfa"]})


@pytest.mark.parametrize("claim", [None, 3, True, {}, {"mfa": True}, [["mfa"]], "pwd mfa", ["MFA"]])
def test_a_claim_of_another_shape_is_not_enough(settings, claim):
    settings.OIDC_REQUIRED_AMR = ["mfa"]
    assert not openid_strength.is_enough({"amr": claim})


def test_it_is_asked_for(client, set_up, world, settings):
    settings.OIDC_REQUIRED_ACR, settings.OIDC_REQUIRED_CONTEXT = ["two-steps", "three-steps"], ["c1"]
    asked = asked_of(client)
    assert asked["acr_values"] == ["two-steps three-steps"]
    assert json.loads(asked["claims"][0]) == {"id_token": {"acrs": {"essential": True, "values": ["c1"]}}}


def test_nothing_is_asked_for_where_nothing_is_wanted(client, set_up, world):
    assert not {"acr_values", "claims"} & set(asked_of(client))


def test_an_installation_that_wants_nothing_is_told_so(set_up, settings):
    assert checks.strength_at_the_provider(None) == [checks.TAKEN_ON_TRUST]
    settings.OIDC_REQUIRED_AMR = ["mfa"]
    assert checks.strength_at_the_provider(None) == []
    settings.OIDC_REQUIRED_AMR, settings.SOCIALACCOUNT_PROVIDERS = [], {"openid_connect": {"APPS": []}}
    assert checks.strength_at_the_provider(None) == []


PROVIDER_SET_UP = {
    "OIDC_ISSUER": "https://provider.example",
    "OIDC_CLIENT_ID": CLIENT["client_id"],
    "OIDC_CLIENT_SECRET": CLIENT["client_secret"],
}


def test_what_is_wanted_is_read_from_the_environment():
    found = read(PROVIDER_SET_UP | {"OIDC_REQUIRED_ACR": "AAL2_ANY, AAL3_ANY"}, base=Path("/"))
    assert found.openid_required_acr == ["AAL2_ANY", "AAL3_ANY"]
    assert (found.openid_required_amr, found.openid_required_context) == ([], [])


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        (PROVIDER_SET_UP | {"OIDC_REQUIRED_AMR": ","}, "OIDC_REQUIRED_AMR names nothing"),
        (PROVIDER_SET_UP | {"OIDC_REQUIRED_ACR": "one two"}, "OIDC_REQUIRED_ACR is a list by commas"),
        ({"OIDC_REQUIRED_CONTEXT": "c1"}, "OIDC_ISSUER is missing, and OIDC_REQUIRED_CONTEXT is there"),
    ],
)
def test_what_cannot_be_meant_stops_the_start(environ, says):
    with pytest.raises(BadEnvironment, match=says):
        read(environ, base=Path("/"))
