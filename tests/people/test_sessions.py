"""An administrator ends somebody's sessions, on a device that was lost for instance."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import AuditEntry, Membership
from people.sessions import open_sessions
from tests.world import BACKEND, build_world

PASSWORD = "a-long-and-quiet-river"


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def officer(world):
    person = world.people["officer"]
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def administrator(client, world):
    client.force_login(world.people["administrator"], backend=BACKEND)
    return client


def signed_in(person) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    client.get(reverse("board:my"))
    return client


def end_all(client, world, person):
    return client.post(reverse("board:member", args=[world.area.slug, person.pk]), {"do": "sessions"}, follow=True)


def test_all_of_them_end_and_nobody_else_s(administrator, officer, world, django_capture_on_commit_callbacks):
    browsers = [signed_in(officer), signed_in(officer)]
    assert "End 2 sessions" in administrator.get(world.address("board:sign-ins")).text

    with django_capture_on_commit_callbacks(execute=True):
        answer = end_all(administrator, world, officer)

    assert "is signed in nowhere any more" in answer.text
    assert "End 2 sessions" not in answer.text
    assert [browser.get(reverse("board:my")).status_code for browser in browsers] == [302, 302]
    assert administrator.get(reverse("board:my")).status_code == 200
    assert [(letter.to, "ended your sessions" in letter.body) for letter in mail.outbox] == [([officer.email], True)]
    assert AuditEntry.objects.filter(what__contains="signed in nowhere", area=world.area).count() == 1


def test_of_somebody_who_belongs_to_another_area_too(administrator, officer, world):
    Membership.objects.create(user=officer, area=world.other_area, role=Membership.Role.BOARD)
    browser = signed_in(officer)

    end_all(administrator, world, officer)

    assert browser.get(reverse("board:my")).status_code == 302


def test_not_of_somebody_of_another_area_alone(administrator, world):
    stranger = world.people["other_officer"]
    stranger.set_password(PASSWORD)
    stranger.save()
    browser = signed_in(stranger)

    assert end_all(administrator, world, stranger).status_code == 404
    assert browser.get(reverse("board:my")).status_code == 200


def test_what_ran_out_is_not_counted(officer):
    signed_in(officer)
    now = timezone.now()
    assert open_sessions([officer.pk], now)[officer.pk] == 1

    Session.objects.filter(session_key__in=UserSession.objects.values("session_key")).update(expire_date=now)

    assert open_sessions([officer.pk], now)[officer.pk] == 0


def test_a_lost_second_step_taken_off_ends_them_too(administrator, officer, world):
    browser = signed_in(officer)

    administrator.post(reverse("board:member", args=[world.area.slug, officer.pk]), {"do": "second-step"})

    assert browser.get(reverse("board:my")).status_code == 302
