"""Who is asking, where a proxy stands between: only a proxy that is named is believed."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from send_tracker.client_address import ClientAddressMiddleware

CASES = [
    # (TRUSTED_PROXY, the address that asks, X-Forwarded-For, whom the product sees)
    ([], "198.51.100.9", "203.0.113.5", "198.51.100.9"),
    ([], "127.0.0.1", "203.0.113.5", "127.0.0.1"),
    (["127.0.0.1"], "127.0.0.1", "203.0.113.5", "203.0.113.5"),
    (["127.0.0.1"], "127.0.0.1", "10.9.9.9, 203.0.113.5", "203.0.113.5"),
    (["127.0.0.1", "10.0.0.0/24"], "127.0.0.1", "198.51.100.1, 203.0.113.5, 10.0.0.7", "203.0.113.5"),
    (["127.0.0.1"], "127.0.0.1", "", "127.0.0.1"),
    (["127.0.0.1"], "127.0.0.1", "<script>", "127.0.0.1"),
    (["127.0.0.1"], "127.0.0.1", "203.0.113.5, nonsense", "127.0.0.1"),
    (["127.0.0.1"], "127.0.0.1", ",".join(["127.0.0.1"] * 5000), "127.0.0.1"),
    (["unix"], "", "2001:db8::5", "2001:db8::5"),
    (["127.0.0.1"], "", "203.0.113.5", ""),
    (["unix"], "198.51.100.9", "203.0.113.5", "198.51.100.9"),
]


@pytest.mark.parametrize(("trusted", "asking", "forwarded", "seen"), CASES)
def test_whom_the_product_sees(settings, trusted, asking, forwarded, seen):
    settings.TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=asking, HTTP_X_FORWARDED_FOR=forwarded)
    ClientAddressMiddleware(lambda request: HttpResponse())(request)

    assert request.META["REMOTE_ADDR"] == seen


@pytest.mark.parametrize(("asking", "is_secure"), [("127.0.0.1", True), ("198.51.100.9", False)])
def test_only_the_proxy_may_say_that_it_came_by_https(settings, asking, is_secure):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = RequestFactory().get(
        "/", REMOTE_ADDR=asking, HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_HOST="evil.example"
    )
    ClientAddressMiddleware(lambda request: HttpResponse())(request)

    assert request.is_secure() == is_secure
    assert ("HTTP_X_FORWARDED_HOST" in request.META) == is_secure
