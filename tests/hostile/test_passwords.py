"""Which passwords are taken, that they are kept exactly as typed, and that changing one asks for the one before."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from lxml import html

from people.models import User
from tests.world import BACKEND

ANY_COMPOSITION = [
    "quiet river chair",
    "ONLYCAPITALSHERE",
    "7391 0426 8815 2207",
    "–—…‘’“”§¶†‡•",
    " a space at each end ",
    "ключ від старої хати",
    ("a lantern, a river; purple orbit of bread and two cold chairs by the window – §7391 " * 3)[:180],
]


@pytest.fixture
def somebody(db) -> User:
    return User.objects.create(email="somebody@northvale.example", name="Head of SEND")


def sign_in(client, user: User, password: str) -> bool:
    client.logout()
    return client.post(reverse("account_login"), {"login": user.email, "password": password}).status_code == 302


@pytest.mark.parametrize("password", ANY_COMPOSITION)
def test_any_composition_of_twelve_to_180_characters_is_taken_and_opens(client, somebody, password):
    validate_password(password, somebody)
    somebody.set_password(password)
    somebody.save()

    assert sign_in(client, somebody, password)


@pytest.mark.parametrize(
    "changed", ["Quiet River chair", "quiet river chair ", " quiet river chair", "quiet river chai", ""]
)
def test_a_password_is_taken_exactly_as_it_was_typed(client, somebody, changed):
    somebody.set_password("quiet river chair")
    somebody.save()

    assert not sign_in(client, somebody, changed)


@pytest.mark.parametrize(
    "password", ["elevenchars", "qwerty123456", "1q2w3e4r5t6y", "x y" * 60, "somebody@northvale.example"]
)
def test_what_is_short_or_easily_guessed_is_not_taken(somebody, password):
    with pytest.raises(ValidationError):
        validate_password(password, somebody)


def test_changing_it_asks_for_the_one_before(client, somebody):
    somebody.set_password("quiet river chair")
    somebody.save()
    client.force_login(somebody, backend=BACKEND)
    sent = {"oldpassword": "a wrong one", "password1": "another quiet river", "password2": "another quiet river"}
    response = client.post(reverse("account_change_password"), sent)

    assert response.status_code == 200
    assert response.context["form"].errors["oldpassword"]
    somebody.refresh_from_db()
    assert somebody.check_password("quiet river chair")


def test_every_field_for_a_password_hides_it_and_lets_a_password_manager_fill_it_in(client, somebody):
    somebody.set_password("quiet river chair")
    somebody.save()
    pages = [client.get(reverse("account_login"))]
    client.force_login(somebody, backend=BACKEND)
    pages.append(client.get(reverse("account_change_password")))
    fields = [
        field
        for page in pages
        for field in html.document_fromstring(page.text).iter("input")
        if "password" in field.get("name", "")
    ]

    assert len(fields) == 4
    for field in fields:
        assert field.get("type") == "password"
        assert field.get("autocomplete") in ("current-password", "new-password")
        assert not {"onpaste", "readonly", "maxlength"} & set(field.attrib)
