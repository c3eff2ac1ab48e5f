"""Signing in, in plain words."""

import pytest
from django.urls import reverse

from tests.world import BACKEND, build_world


@pytest.mark.parametrize("email", ["lead@example.test", "nobody@example.test"])
def test_a_wrong_password_and_an_unknown_address_say_the_same_in_plain_words(client, db, email):
    build_world()
    page = client.post(reverse("account_login"), {"login": email, "password": "not the one"}).text
    assert "The email address or the password is not right." in page
    assert "specified" not in page


@pytest.mark.parametrize(("is_production", "opens"), [(False, 200), (True, 302)])
def test_the_demonstration_s_sign_ins_open_nothing_in_a_production(client, db, settings, is_production, opens):
    """However they came there: with a copied database, or by a restored archive."""
    world = build_world()
    person = world.people["lead"]
    person.is_illustrative = True
    person.set_password("look-around-the-board")
    person.save()
    client.force_login(person, backend=BACKEND)
    settings.IS_PRODUCTION = is_production

    assert client.get(world.address("board:area")).status_code == opens
    client.logout()
    client.post(reverse("account_login"), {"login": person.email, "password": "look-around-the-board"})
    assert client.get(world.address("board:area")).status_code == opens
