"""Joining an area, leaving it, and coming back.

An administrator invites an email address with a role; the letter carries a link whose secret is kept here as a digest
alone. Who opens it signs in, or chooses a password where the address has no sign-in yet, and is a member from then on. Who
leaves loses the membership; what they wrote stays under their name, and the history of the membership says from when to
when. Nobody takes the last administrator's role away.
"""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from common.secret_links import CHARACTERS, digest_of, new_token
from people.models import Invitation, Lead, Membership, User
from strategies.models import Area

LASTS = timedelta(days=14)
MOST_OPEN = 200  # of one area: a list of addresses sent by mistake
Role = Membership.Role


# Reading


def open_invitations(at: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at)


def find_invitation(secret: str, *, at: datetime) -> Invitation | None:
    if len(secret) != CHARACTERS:
        return None
    return open_invitations(at).filter(digest=digest_of(secret)).select_related("area", "lead", "invited_by").first()


# Inviting


@transaction.atomic
def invite(
    area: Area, email: str, role: str, *, by: User, at: datetime, name: str = "", lead: Lead | None = None
) -> tuple[Invitation, str]:
    """The invitation and its secret, which only the letter holds. An open one to the same address is withdrawn."""
    email = email.strip().lower()
    if Membership.objects.filter(area=area, user__email__iexact=email).exists():
        raise ValidationError({"email": f"{email} belongs to {area} already. Change the role instead."})
    if lead is not None and (lead.area_id != area.pk or lead.user_id is not None):
        raise ValidationError({"lead": "Choose a lead of this area who has no sign-in yet."})
    Invitation.objects.filter(
        area=area, email__iexact=email, accepted_at__isnull=True, withdrawn_at__isnull=True
    ).update(withdrawn_at=at)
    if open_invitations(at).filter(area=area).count() >= MOST_OPEN:
        raise ValidationError(f"{MOST_OPEN} invitations are open. Withdraw those that are not needed.")
    secret = new_token()
    invitation = Invitation(
        area=area, email=email, name=name.strip(), role=role, lead=lead, digest=digest_of(secret), invited_by=by,
        invited_at=at, expires_at=at + LASTS, is_illustrative=by.is_illustrative,
    )  # fmt: skip
    invitation.full_clean(exclude=["digest"])
    invitation.save()
    return invitation, secret


def withdraw(invitation: Invitation, *, at: datetime) -> bool:
    """Whether it was open until now."""
    still = Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True, withdrawn_at__isnull=True)
    return bool(still.update(withdrawn_at=at))


# Joining


def accept(invitation: Invitation, *, at: datetime, password: str = "", name: str = "") -> User:
    """The person, a member from now on. Without a sign-in of that address one is made, with the password, or with none
    where an OpenID provider stands for it."""
    if password and not User.objects.filter(email__iexact=invitation.email).exists():
        # Before anything is held: a service that knows breached passwords may take its time to answer.
        validate_password(password, _person(invitation, name))
    return _accept(invitation, at=at, password=password, name=name)


@transaction.atomic
def _accept(invitation: Invitation, *, at: datetime, password: str, name: str) -> User:
    held = open_invitations(at).select_for_update(of=("self",)).filter(pk=invitation.pk).first()
    if held is None:
        raise ValidationError("This invitation was used, withdrawn or is too old. Ask for a new one.")
    user = User.objects.filter(email__iexact=held.email).first() or _new_user(held, password, name)
    user.is_active = True
    user.save(update_fields=["is_active"])
    _join(user, held.area, held.role, by=held.invited_by, at=at)
    if held.lead is not None and held.lead.user_id is None:
        held.lead.user = user
        held.lead._history_user, held.lead._history_date = held.invited_by, at
        held.lead.save()
    held.accepted_at, held.accepted_by = at, user
    held.save(update_fields=["accepted_at", "accepted_by"])
    return user


def accept_by_address(email: str, *, at: datetime) -> None:
    """Every open invitation to an address whose owner an OpenID provider has vouched for."""
    for invitation in open_invitations(at).filter(email__iexact=email):
        accept(invitation, at=at)


def _person(invitation: Invitation, name: str) -> User:
    """Not kept yet."""
    return User(
        email=invitation.email, name=(name or invitation.name).strip(), is_illustrative=invitation.is_illustrative
    )


def _new_user(invitation: Invitation, password: str, name: str) -> User:
    """The password was judged before."""
    user = _person(invitation, name)
    user.set_password(password or None)
    user.full_clean(exclude=["password"])
    user.save()
    return user


def _join(user: User, area: Area, role: str, *, by: User, at: datetime) -> Membership:
    membership = Membership.objects.filter(user=user, area=area).first() or Membership(user=user, area=area)
    membership.role, membership.is_illustrative = role, user.is_illustrative
    membership._history_user, membership._history_date = by, at
    membership.save()
    return membership


# Changing and leaving


@transaction.atomic
def change_role(membership: Membership, role: str, *, by: User, at: datetime) -> None:
    _hold_administrators(membership.area)
    if role != Role.ADMINISTRATOR:
        _refuse_last_administrator(membership)
    _join(membership.user, membership.area, role, by=by, at=at)


@transaction.atomic
def leave(membership: Membership, *, by: User, at: datetime) -> None:
    """Out of the area from now on: its tokens are revoked, its leads have no sign-in any more, sessions elsewhere go on."""
    _hold_administrators(membership.area)
    _refuse_last_administrator(membership)
    user, area = membership.user, membership.area
    user.access_tokens.filter(area=area, revoked_at__isnull=True).update(revoked_at=at)
    for lead in Lead.objects.filter(area=area, user=user):
        lead.user = None
        lead._history_user, lead._history_date = by, at
        lead.save()
    membership._history_user, membership._history_date = by, at
    membership._change_reason = "Left the area"
    membership.delete()


def _hold_administrators(area: Area) -> None:
    """One change at a time, so that two administrators cannot take each other's role away at once."""
    Area.objects.select_for_update().filter(pk=area.pk).values_list("pk").first()


def _refuse_last_administrator(membership: Membership) -> None:
    others = Membership.objects.filter(area=membership.area, role=Role.ADMINISTRATOR, user__is_active=True)
    if membership.role == Role.ADMINISTRATOR and not others.exclude(pk=membership.pk).exists():
        raise ValidationError("This is the area's only administrator. Make somebody else administrator first.")
