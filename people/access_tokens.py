"""Tokens with which a program reads what one person may see of one area.

A token opens its own area alone, and only while its user may sign in and is a member there; the role of the day decides
what is seen. The secret is shown once; only its digest is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from common.secret_links import CHARACTERS, digest_of, new_token
from common.text import text_problem, tidy
from people import notices
from people.models import AccessToken, Membership, User
from strategies.models import Area

LONGEST_NAME = 80
MOST_TOKENS = 20  # live ones of one person in one area
USE_NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Holder:
    """What a live token opens, and as whom."""

    token: AccessToken
    role: str
    has_illustration: bool

    @property
    def area(self) -> Area:
        return self.token.area

    @property
    def membership(self) -> Membership:
        """As pages are given it; never saved."""
        return Membership(user=self.token.user, area=self.area, role=self.role)


# Reading


def find_holder(secret: str) -> Holder | None:
    """None for a token that was never made or was revoked, and where its user has left the area. One query."""
    if len(secret) != CHARACTERS:
        return None
    role = Membership.objects.filter(user=OuterRef("user"), area=OuterRef("area")).values("role")[:1]
    live = AccessToken.objects.filter(digest=digest_of(secret), revoked_at__isnull=True, user__is_active=True)
    token = (
        live.select_related("user", "area")
        .annotate(role=Subquery(role), has_illustration=Exists(User.objects.filter(is_illustrative=True)))
        .filter(role__isnull=False)
        .first()
    )
    return Holder(token, token.role, token.has_illustration) if token else None


def find_ended(secret: str) -> AccessToken | None:
    """Whose a secret was that opens nothing: revoked, or of somebody who has left. None for what never was one."""
    if len(secret) != CHARACTERS:
        return None
    return AccessToken.objects.select_related("user", "area").filter(digest=digest_of(secret)).first()


def tokens_of(user: User) -> QuerySet[AccessToken]:
    """A person's own, the live ones first."""
    order = F("revoked_at").desc(nulls_first=True), "-made_at", "-pk"
    return user.access_tokens.select_related("area").order_by(*order)


def live_tokens_in(area: Area) -> QuerySet[AccessToken]:
    return AccessToken.objects.filter(area=area, revoked_at__isnull=True).select_related("user").order_by("-made_at")


# Writing


def make_token(area: Area, name: str, *, by: User, at: datetime) -> str:
    """The secret of a new token, to be shown once; its person hears of it by letter."""
    name = tidy(name)
    problem = text_problem(name, name="What it is for", limit=LONGEST_NAME)
    if not name:
        problem = "Say what the token is for, such as “Board dashboard in Power BI”."
    if problem:
        raise ValidationError({"name": problem})
    if not by.memberships.filter(area=area).exists():
        raise ValidationError({"area": "Choose an area that you belong to."})
    if live_tokens_in(area).filter(user=by).count() >= MOST_TOKENS:
        raise ValidationError({"name": f"You have {MOST_TOKENS} tokens for {area}. Revoke one that is not used."})
    secret = new_token()
    AccessToken.objects.create(
        user=by, area=area, name=name, digest=digest_of(secret), made_at=at, is_illustrative=by.is_illustrative
    )
    notices.tell(by, notices.TOKEN_MADE, at=at)
    return secret


def revoke_token(token: AccessToken, *, at: datetime) -> bool:
    """Whether it was live until now."""
    return bool(AccessToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at))


def note_use(token: AccessToken, *, at: datetime) -> bool:
    """At most once an hour, and whether it was now: a dashboard asks for many pages in a row."""
    is_due = token.last_used_at is None or at - token.last_used_at >= USE_NOTED_EVERY
    if is_due:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return is_due
