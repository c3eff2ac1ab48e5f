"""Signing in, in plain words."""

import pytest
from django.urls import reverse

from tests.world import build_world


@pytest.mark.parametrize("email", ["lead@example.test", "nobody@example.test"])
def test_a_wrong_password_and_an_unknown_address_say_the_same_in_plain_words(client, db, email):
    build_world()
    page = client.post(reverse("account_login"), {"login": email, "password": "not the one"}).text
    assert "The email address or the password is not right." in page
    assert "specified" not in page
