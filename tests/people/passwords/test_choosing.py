"""Wherever somebody chooses a password the same is asked of it, and beside the field stands what to do instead."""

import io
import re

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse
from lxml import html

from people import joining
from people.models import Membership, User
from people.passwords import validators
from people.passwords.validators import BREACHED, COMMON, EASILY_GUESSED, OF_THE_PLACE
from strategies.models import Area
from tests.people.passwords.service import seen, serving
from tests.world import BACKEND, at

NOW = at(2026, 11, 2)
OLD, GOOD = "a-long-and-quiet-river", "lantern bread orbit"
REFUSED = [
    ("Password1234", COMMON),
    ("18/04/1979!!", EASILY_GUESSED),
    ("northvale-2026!", OF_THE_PLACE),
    ("EHCPlan2026!", OF_THE_PLACE),
    ("summer2026summer", OF_THE_PLACE),
]


@pytest.fixture
def area(db) -> Area:
    return Area.objects.create(name="Northvale", slug="northvale")


@pytest.fixture
def officer(area) -> User:
    person = User.objects.create_user("officer@council.example", OLD)
    Membership.objects.create(user=person, area=area, role="officer")
    return person


@pytest.fixture
def service(settings, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving() as service:
        settings.BREACHED_PASSWORDS_URL = service.address
        service.body = seen(GOOD, 4)
        yield service


def on_joining(client, officer, mailoutbox, password: str):
    area = officer.memberships.get().area
    _, secret = joining.invite(area, "new@elsewhere.example", "board", by=officer, at=NOW)
    return client.post(reverse("join", args=[secret]), {"name": "", "password": password}), "password"


def on_changing(client, officer, mailoutbox, password: str):
    client.force_login(officer, backend=BACKEND)
    typed = {"oldpassword": OLD, "password1": password, "password2": password}
    return client.post(reverse("account_change_password"), typed), "password1"


def on_resetting(client, officer, mailoutbox, password: str):
    client.post(reverse("account_reset_password"), {"email": officer.email})
    link = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mailoutbox[-1].body)[1]
    page = client.get(link, follow=True)
    return client.post(page.redirect_chain[-1][0], {"password1": password, "password2": password}), "password1"


PAGES = pytest.mark.parametrize("choose", [on_joining, on_changing, on_resetting])


def beside_the_field(page, name: str) -> str:
    """What a screen reader says of the field: the texts that it names as its description."""
    (field,) = html.document_fromstring(page.text).xpath(f"//input[@name='{name}']")
    assert field.get("aria-invalid") == "true"
    described = [
        field.getroottree().getroot().get_element_by_id(each) for each in field.get("aria-describedby").split()
    ]
    return " ".join(" ".join(each.text_content() for each in described).split())


@pytest.fixture
def of_invitations(monkeypatch):
    """The page of an invitation asks the clock; the invitations here are of one day."""
    monkeypatch.setattr("board.views.sign_ins.timezone.now", lambda: NOW)


@PAGES
@pytest.mark.parametrize(("password", "said"), REFUSED)
def test_what_is_easily_guessed_is_refused_beside_its_field(
    client, officer, mailoutbox, of_invitations, choose, password, said
):
    page, field = choose(client, officer, mailoutbox, password)

    assert page.status_code == 200
    assert page.context["form"].errors == {field: [said]}
    assert said in beside_the_field(page, field)
    officer.refresh_from_db()
    assert officer.check_password(OLD)
    assert User.objects.count() == 1


@PAGES
def test_one_that_was_stolen_elsewhere_is_refused_beside_its_field(
    client, officer, mailoutbox, of_invitations, service, choose
):
    page, field = choose(client, officer, mailoutbox, GOOD)

    assert page.context["form"].errors == {field: [BREACHED]}
    assert BREACHED in beside_the_field(page, field)
    assert len(service.heard) == 1
    officer.refresh_from_db()
    assert officer.check_password(OLD)
    assert User.objects.count() == 1


@PAGES
def test_a_service_that_is_away_keeps_nobody_out(client, officer, mailoutbox, of_invitations, service, choose):
    service.status = 503
    answer, _ = choose(client, officer, mailoutbox, GOOD)

    assert answer.status_code == 302
    assert any(person.check_password(GOOD) for person in User.objects.all())


def test_what_was_refused_here_is_asked_of_nobody(officer, service):
    for password in ["short", *(password for password, _ in REFUSED)]:
        with pytest.raises(ValidationError):
            validate_password(password, officer)

    assert service.heard == []


@pytest.mark.parametrize("password", ["short", "12345678901", ""])
def test_of_one_that_is_too_short_that_alone_is_said(officer, password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, officer)

    assert [problem.code for problem in refused.value.error_list] == ["password_too_short"]


def test_a_refusal_says_one_reason_and_what_to_do_and_nothing_of_the_password(officer):
    for password, _ in REFUSED:
        with pytest.raises(ValidationError) as refused:
            validate_password(password, officer)
        (said,) = refused.value.messages
        assert validators.INSTEAD in said
        assert password not in said


def test_where_there_is_no_person_yet_the_rest_is_asked_all_the_same(db):
    validate_password(GOOD)
    with pytest.raises(ValidationError, match="Little is left"):
        validate_password("EHCPlan2026!")


def test_the_command_that_makes_a_superuser_asks_it_too(db, monkeypatch, service):
    service.body = seen("another quiet river", 2)
    typed = iter(["EHCPlan2026!"] * 2 + ["another quiet river"] * 2 + [GOOD] * 2)
    monkeypatch.setattr("getpass.getpass", lambda prompt="": next(typed))
    monkeypatch.setattr("builtins.input", lambda prompt="": "n")  # not to pass it over
    said = io.StringIO()

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    call_command("createsuperuser", email="owner@council.example", stdin=Terminal(), stdout=said, stderr=said)

    assert OF_THE_PLACE in said.getvalue()
    assert BREACHED in said.getvalue()
    assert User.objects.get().check_password(GOOD)


def test_what_is_asked_is_said_before(db):
    assert any("three words" in text for text in password_validators_help_texts())
