"""Whoever sets an installation up gives the first people their sign-ins."""

import io
import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from people.models import Lead, Membership, User
from strategies.models import Area

pytestmark = pytest.mark.django_db


@pytest.fixture
def area():
    return Area.objects.create(name="Northvale", slug="northvale")


def add(*args: str) -> str:
    out = io.StringIO()
    call_command("add_person", *args, stdout=out)
    return out.getvalue()


def test_a_new_person_can_sign_in_with_the_password_that_is_shown_once(area):
    said = add("Officer@Northvale.test", "--area", "northvale", "--role", "officer", "--name", "SEND officer")
    person = User.objects.get(email="officer@northvale.test")
    assert person.check_password(re.search(r"once: (\S+)", said)[1])
    assert Membership.objects.get(user=person).role == "officer"


def test_a_second_call_changes_the_role_and_leaves_the_password(area):
    add("officer@northvale.test", "--area", "Northvale", "--role", "board")
    before = User.objects.get().password
    assert "Password" not in add("officer@northvale.test", "--area", "northvale", "--role", "officer")
    assert (User.objects.get().password, Membership.objects.get().role) == (before, "officer")


def test_a_lead_is_tied_to_their_sign_in(area):
    lead = Lead.objects.create(area=area, name="Head of SEND")
    add("head@northvale.test", "--area", "northvale", "--role", "lead", "--lead", "head of send")
    lead.refresh_from_db()
    assert lead.user.email == "head@northvale.test"
    with pytest.raises(CommandError, match="already"):
        add("other@northvale.test", "--area", "northvale", "--role", "lead", "--lead", "Head of SEND")
    assert not User.objects.filter(email="other@northvale.test").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nobody", "--area", "northvale", "--role", "lead"), "no email address"),
        (("a@b.test", "--area", "Nowhere", "--role", "lead"), "No local area is called Nowhere"),
        (("a@b.test", "--area", "northvale", "--role", "lead", "--lead", "Nobody"), "0 leads of Northvale"),
        (("a@b.test", "--area", "Static", "--role", "lead", "--make-area"), "part of the product's own addresses"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(area, args, message):
    with pytest.raises(CommandError, match=message):
        add(*args)
    assert not User.objects.exists()


def test_an_area_is_made_where_asked(area):
    add("officer@testshire.test", "--area", "Testshire", "--role", "officer", "--make-area")
    assert Area.objects.get(slug="testshire").kind == "local_area"
