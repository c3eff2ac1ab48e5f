"""A second factor that an installation asks for (`REQUIRE_SECOND_FACTOR=1`): nothing else opens before it is set up.

Who came through an OpenID provider has their second factor there, which `openid_strength.py` can look for. An administrator of
an area can take a member's factors off when telephone and recovery codes are lost; the person sets up new ones at the next
sign-in.
"""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.shortcuts import redirect

from people.models import User

HAS_ONE = "has_second_factor"  # in the session, so that it is asked once
OPEN = ("mfa_", "account_", "usersessions_", "healthz", "favicon")
TAKES_OFF = ("mfa_deactivate_totp", "mfa_remove_webauthn")


class SecondFactorMiddleware:
    """Stands after authentication."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not settings.REQUIRE_SECOND_FACTOR or not getattr(view, "login_required", True):
            return None
        name = request.resolver_match.view_name
        if name in TAKES_OFF:
            request.session.pop(HAS_ONE, None)
            return None
        if not request.user.is_authenticated or has_one(request):
            return None
        request.must_set_second_factor_up = True  # the page of the second step says so
        return None if name.startswith(OPEN) else redirect("mfa_index")


def has_one(request) -> bool:
    if HAS_ONE not in request.session and (came_through_a_provider(request) or is_mfa_enabled(request.user)):
        request.session[HAS_ONE] = True
    return HAS_ONE in request.session


def came_through_a_provider(request) -> bool:
    records = get_authentication_records(request, request.user)
    return any(record.get("method") == "socialaccount" for record in records)


def with_one(users) -> set[int]:
    """The ids of those of them who have a second factor, in one query."""
    found = Authenticator.objects.filter(
        user__in=users, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    return set(found.values_list("user_id", flat=True))


def take_off(user: User) -> int:
    """How many there were, recovery codes included."""
    return Authenticator.objects.filter(user=user).delete()[0]
