"""Joining an area by an invitation, leaving it and coming back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from people import joining
from people.access_tokens import find_holder, make_token
from people.models import Invitation, Lead, Membership, User
from tests.world import at, build_world

Role = Membership.Role
NOW = at(2026, 11, 2)
PASSWORD = "a-long-and-quiet-river"


@pytest.fixture
def world(db):
    return build_world()


@pytest.fixture
def administrator(world):
    return world.people["administrator"]


def invite(world, email="new@example.org", role=Role.OFFICER, **more):
    return joining.invite(world.area, email, role, by=world.people["administrator"], at=NOW, **more)


def member(world, who: str) -> Membership:
    return Membership.objects.get(user=world.people[who], area=world.area)


def test_who_accepts_is_a_member_with_the_role_and_the_lead_of_the_invitation(world):
    lead = Lead.objects.create(area=world.area, name="Head of inclusion")
    _, secret = invite(world, role=Role.LEAD, lead=lead)

    user = joining.accept(joining.find_invitation(secret, at=NOW), at=NOW, password=PASSWORD, name="Head of inclusion")

    membership = Membership.objects.get(user=user)
    assert (membership.area, membership.role) == (world.area, Role.LEAD)
    assert membership.history.get().history_user == world.people["administrator"]
    lead.refresh_from_db()
    assert lead.user == user
    assert user.check_password(PASSWORD)


def test_only_the_digest_is_kept(world):
    _, secret = invite(world)

    assert secret not in str(Invitation.objects.values().get())


def test_an_invitation_opens_once(world):
    invitation, secret = invite(world)
    joining.accept(invitation, at=NOW, password=PASSWORD)

    assert joining.find_invitation(secret, at=NOW) is None
    with pytest.raises(ValidationError, match="used, withdrawn or is too old"):
        joining.accept(invitation, at=NOW, password=PASSWORD)
    assert User.objects.filter(email="new@example.org").count() == 1


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "é" * 43])
def test_a_made_up_secret_opens_nothing(world, secret):
    invite(world)
    assert joining.find_invitation(secret, at=NOW) is None


def test_it_is_over_after_two_weeks_or_when_withdrawn(world):
    invitation, secret = invite(world)
    assert joining.find_invitation(secret, at=NOW + timedelta(days=14)) is None
    assert joining.withdraw(invitation, at=NOW)
    assert not joining.withdraw(invitation, at=NOW)
    assert joining.find_invitation(secret, at=NOW) is None


def test_a_second_invitation_to_an_address_ends_the_first(world):
    _, first = invite(world)
    _, second = invite(world, email="NEW@example.org", role=Role.BOARD)

    assert joining.find_invitation(first, at=NOW) is None
    assert joining.find_invitation(second, at=NOW).role == Role.BOARD


def test_a_weak_password_makes_nobody(world):
    invitation, _ = invite(world)
    with pytest.raises(ValidationError):
        joining.accept(invitation, at=NOW, password="password1234")
    assert not User.objects.filter(email="new@example.org").exists()


def test_who_belongs_already_is_not_invited(world):
    with pytest.raises(ValidationError, match="belongs to"):
        invite(world, email=world.people["board"].email.upper())


def test_a_lead_of_another_area_or_with_a_sign_in_is_refused(world):
    elsewhere = Lead.objects.create(area=world.other_area, name="Head of SEND elsewhere")
    for lead in (elsewhere, Lead.objects.filter(user__isnull=False, area=world.area).first()):
        with pytest.raises(ValidationError, match="who has no sign-in yet"):
            invite(world, lead=lead)


def test_who_leaves_sees_nothing_and_what_they_wrote_stays(world, administrator):
    lead = world.people["lead"]
    token = make_token(world.area, "Dashboard", by=lead, at=NOW)
    assert find_holder(token)

    joining.leave(member(world, "lead"), by=administrator, at=NOW)

    assert find_holder(token) is None
    assert not Lead.objects.filter(user=lead).exists()
    assert not lead.memberships.exists()
    gone = Membership.history.filter(user=lead).order_by("-history_id").first()
    assert (gone.history_type, gone.history_user, gone.history_date) == ("-", administrator, NOW)


def test_who_comes_back_is_a_member_again_with_their_own_sign_in(world, administrator):
    officer = world.people["officer"]
    joining.leave(member(world, "officer"), by=administrator, at=NOW)
    invitation, _ = invite(world, email=officer.email, role=Role.BOARD)

    assert joining.accept(invitation, at=NOW) == officer
    assert member(world, "officer").role == Role.BOARD


def test_the_last_administrator_neither_leaves_nor_becomes_something_else(world, administrator):
    only = member(world, "administrator")
    with pytest.raises(ValidationError, match="only administrator"):
        joining.leave(only, by=administrator, at=NOW)
    with pytest.raises(ValidationError, match="only administrator"):
        joining.change_role(only, Role.BOARD, by=administrator, at=NOW)

    joining.change_role(member(world, "officer"), Role.ADMINISTRATOR, by=administrator, at=NOW)
    joining.leave(only, by=administrator, at=NOW)


def test_a_change_of_role_is_in_the_history(world, administrator):
    joining.change_role(member(world, "board"), Role.OFFICER, by=administrator, at=NOW)

    assert member(world, "board").history.order_by("-history_id").first().role == Role.OFFICER


def test_too_many_open_invitations_are_refused(world, monkeypatch):
    monkeypatch.setattr(joining, "MOST_OPEN", 2)
    invite(world, email="one@example.org")
    invite(world, email="two@example.org")
    with pytest.raises(ValidationError, match="2 invitations are open"):
        invite(world, email="three@example.org")


def test_an_address_a_provider_vouches_for_accepts_what_is_open_to_it(world):
    invite(world, email="known@example.org")
    joining.accept_by_address("Known@Example.org", at=timezone.now().replace(year=2026, month=11, day=2))

    assert not User.objects.get(email="known@example.org").has_usable_password()
