"""The people of the provider that is started for these tests, and a browser on its way through its pages."""

import re
from html import unescape
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from django.urls import reverse

from people.models import User

CLIENT = {"client_id": "send-tracker", "client_secret": "known-to-this-test-alone-and-nobody-else"}
PEOPLE = {
    "one": {"email": "officer@example.test", "email_verified": True, "name": "Officer"},
    "guest": {"email": "invited@example.test", "email_verified": True, "name": "Invited"},
    "stranger": {"email": "stranger@example.test", "email_verified": True, "name": "Stranger"},
    "unverified": {"email": "officer@example.test", "email_verified": False, "name": "Says to be the officer"},
    "nameless": {"name": "Without an address"},
    "strong": {
        "email": "officer@example.test",
        "email_verified": True,
        "acr": "two-steps",
        "amr": ["pwd", "mfa"],
        "acrs": ["c1", "c2"],
    },
    "weak": {
        "email": "officer@example.test",
        "email_verified": True,
        "acr": "one-step",
        "amr": ["pwd"],
        "acrs": ["c9"],
    },
}
CALLBACK = "http://testserver/accounts/with/organisation/back/"


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

    def sign_out(self, provider: str) -> None:
        """At the provider's own page, which then tells those that somebody signed in to."""
        _, _, page = self.open(f"{provider}/session/end")
        secret = re.search(r'name="xsrf" value="(\w+)"', page)[1]
        status, _, page = self.open(f"{provider}/session/end/confirm", xsrf=secret, logout="yes")
        assert status < 400, page


def come_in(client, who: str, *, there: AtProvider | None = None):
    """The whole way; the answer to the address that the provider sent somebody back to."""
    began = client.post(reverse("openid_connect_login", args=["organisation"]))
    assert began.status_code == 302, began.text
    back = urlsplit((there or AtProvider()).sign_in(began.url, who))
    return client.get(f"{back.path}?{back.query}")


def who_is_in(client) -> str | None:
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number).email if number else None
