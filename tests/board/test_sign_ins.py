"""The pages of who may sign in: invitations by email, roles, leaving; the page that an invitation opens; one's own sessions."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from common.notify_email import NotifyError
from people import joining
from people.models import AuditEntry, Invitation, Lead, Membership, User
from tests.world import BACKEND, build_world

Role = Membership.Role
PASSWORD = "a-long-and-quiet-river"


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def page(client, world):
    client.force_login(world.people["administrator"], backend=BACKEND)
    return client


def invite(page, world, **fields):
    typed = {"email": "new@example.org", "name": "", "role": "officer", "lead": ""} | fields
    return page.post(world.address("board:invite"), typed, follow=True)


def link_in(letter) -> str:
    return re.search(r"http://[^/]+(/accounts/join/\S+)", letter.body)[1]


def member_page(world, who: str) -> str:
    return reverse("board:member", args=[world.area.slug, world.people[who].pk])


def test_an_invitation_goes_by_letter_and_opens_the_area(page, client, world, mailoutbox):
    assert "The invitation went to new@example.org" in invite(page, world, name="Officer for SEND").text
    (letter,) = mailoutbox
    assert letter.to == ["new@example.org"]
    client.logout()

    assert world.area.name in client.get(link_in(letter)).text
    answer = client.post(link_in(letter), {"name": "Officer for SEND", "password": PASSWORD}, follow=True)

    assert answer.status_code == 200
    assert f"You belong to {world.area} now, as officer." in answer.text
    assert client.get(link_in(letter)).status_code == 410


def test_a_weak_password_is_told_and_the_invitation_stays(page, client, world, mailoutbox):
    invite(page, world)
    client.logout()
    answer = client.post(link_in(mailoutbox[0]), {"name": "", "password": "short"})

    assert "too short" in answer.text
    assert "short" not in re.sub(r"too short", "", re.search(r"<form.*?</form>", answer.text, re.DOTALL)[0])
    assert client.get(link_in(mailoutbox[0])).status_code == 200


def test_whoever_has_a_sign_in_must_use_it(page, client, world, mailoutbox):
    """The letter alone, forwarded or read by somebody else, does not open another person's account."""
    other = world.people["other_officer"]
    invite(page, world, email=other.email)
    link = link_in(mailoutbox[0])
    assert page.post(link).url.startswith("/accounts/login/")
    assert not other.memberships.filter(area=world.area).exists()

    client.force_login(other, backend=BACKEND)
    client.post(link)
    assert other.memberships.filter(area=world.area).exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"email": ""}, "Give the email address"),
        ({"email": "nobody"}, "Give an email address like"),
        ({"email": "a\r\nBcc: b@example.org"}, "Give an email address like"),
        ({"role": "god"}, "Choose one of the roles"),
        ({"role": ""}, "Choose what they may do"),
        ({"lead": "999999"}, "Choose one of the list"),
        ({"name": "x" * 121}, "120"),
    ],
)
def test_bad_input_is_told_and_invites_nobody(page, world, mailoutbox, fields, message):
    assert message in invite(page, world, **fields).text
    assert not Invitation.objects.exists()
    assert not mailoutbox


def test_too_many_open_invitations_are_told_at_the_top(page, world, monkeypatch):
    monkeypatch.setattr(joining, "MOST_OPEN", 0)
    assert "Withdraw those that are not needed" in invite(page, world).text
    assert not Invitation.objects.exists()


def test_a_lead_of_another_area_cannot_be_chosen(page, world):
    lead = Lead.objects.create(area=world.other_area, name="Head of SEND elsewhere")
    assert "Choose one of the list" in invite(page, world, lead=lead.pk).text
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("problem", [ConnectionRefusedError, NotifyError])
def test_a_letter_that_cannot_be_sent_is_told_and_can_be_sent_again(page, world, mailoutbox, monkeypatch, problem):
    def broken(self, **kwargs):
        raise problem

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", broken)
        assert "could not be sent" in invite(page, world).text
    first = Invitation.objects.get()
    answer = page.post(reverse("board:invitation", args=[world.area.slug, first.pk]), {"do": "again"}, follow=True)

    assert "went to new@example.org" in answer.text
    assert len(mailoutbox) == 1
    assert Invitation.objects.filter(withdrawn_at__isnull=True).get().sent_at


def test_it_is_withdrawn(page, client, world, mailoutbox):
    invite(page, world)
    page.post(reverse("board:invitation", args=[world.area.slug, Invitation.objects.get().pk]), {"do": "withdraw"})
    assert client.get(link_in(mailoutbox[0])).status_code == 410


def test_a_role_is_changed_and_noted(page, world):
    page.post(member_page(world, "board"), {"do": "role", "role": "officer"})

    assert Membership.objects.get(user=world.people["board"], area=world.area).role == Role.OFFICER
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.MEMBERSHIP, what__contains="is now officer").exists()


@pytest.mark.parametrize("typed", [{"do": "role", "role": "god"}, {"do": "role"}])
def test_a_role_that_there_is_none_of_changes_nothing(page, world, typed):
    page.post(member_page(world, "board"), typed)
    assert Membership.objects.get(user=world.people["board"], area=world.area).role == Role.BOARD


@pytest.mark.parametrize("typed", [{"do": "everything"}, {}])
def test_an_unknown_deed_is_no_page(page, world, typed):
    assert page.post(member_page(world, "board"), typed).status_code == 404


def test_somebody_leaves_and_sees_nothing_at_once(page, client, world):
    gone = client.__class__()
    gone.force_login(world.people["board"], backend=BACKEND)
    assert gone.get(world.address("board:area")).status_code == 200

    page.post(member_page(world, "board"), {"do": "leave"})

    assert gone.get(world.address("board:area")).status_code == 404
    assert "Who left" in page.get(world.address("board:sign-ins")).text


def test_the_only_administrator_is_told(page, world):
    answer = page.post(member_page(world, "administrator"), {"do": "leave"}, follow=True)
    assert "only administrator" in answer.text


def test_nobody_of_another_area_is_reached(page, world):
    for number in (world.people["other_officer"].pk, "0", "x", "9" * 30):
        address = reverse("board:member", args=[world.area.slug, number])
        assert page.post(address, {"do": "leave"}).status_code == 404


def test_an_invitation_of_another_area_is_not_reached(page, world):
    by = User.objects.create_user("keeper@example.org", None)
    invitation, _ = joining.invite(world.other_area, "x@example.org", Role.BOARD, by=by, at=timezone.now())
    address = reverse("board:invitation", args=[world.area.slug, invitation.pk])
    assert page.post(address, {"do": "withdraw"}).status_code == 404


def test_the_page_says_who_came_last_when_and_its_queries_do_not_grow(page, world, django_assert_max_num_queries):
    page.get(world.address("board:sign-ins"))
    for number in range(20):
        user = User.objects.create_user(f"{number}@example.org", None)
        Membership.objects.create(user=user, area=world.area, role=Role.BOARD)
    with django_assert_max_num_queries(12):
        text = page.get(world.address("board:sign-ins")).text
    assert "Last sign-in" in text
    assert "19@example.org" in text


def test_sign_ins_of_another_area_are_not_listed(page, world):
    text = page.get(world.address("board:sign-ins")).text
    assert world.people["officer"].email in text
    assert world.people["other_officer"].email not in text


# One's own sessions


def sign_in(client, user):
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
        user.save()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def test_one_sees_and_ends_one_s_own_sessions(client, world):
    here, there = sign_in(client, world.people["lead"]), sign_in(client.__class__(), world.people["lead"])
    assert here.get(reverse("board:my-sign-in")).text.count('<th scope="row">') == 2

    here.post(reverse("board:my-sign-in"), {"end": "others"})

    assert there.get(world.address("board:area")).status_code == 302
    assert here.get(world.address("board:area")).status_code == 200


def test_another_s_session_is_not_reached(client, world):
    sign_in(client.__class__(), world.people["officer"])
    here = sign_in(client, world.people["lead"])
    theirs = world.people["officer"].usersession_set.get()

    assert here.post(reverse("board:my-sign-in"), {"end": theirs.pk}).status_code == 404
    assert world.people["officer"].usersession_set.count() == 1


def test_ending_the_session_one_is_in_leads_to_signing_in(client, world):
    here = sign_in(client, world.people["lead"])
    answer = here.post(reverse("board:my-sign-in"), {"end": world.people["lead"].usersession_set.get().pk})
    assert answer.url == reverse("account_login")
    assert here.get(world.address("board:area")).status_code == 302
