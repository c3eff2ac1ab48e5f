"""Signing in through a council's or the NHS's own OpenID Connect provider (Microsoft Entra ID and others).

The provider says who somebody is; whether they may come in is said here: by a sign-in of that e-mail address, or by an
invitation to it. Nobody is made an account because a provider knows them. The address must be one that the provider
vouches for: `email_verified`, or an installation whose single tenant is trusted to (`OIDC_TRUSTS_ADDRESSES`). Afterwards
the provider's own number for the person counts, so that a later change of address leads nobody elsewhere.
"""

import logging

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.openid_connect import views as openid
from django.conf import settings
from django.shortcuts import redirect
from django.utils import timezone

from people import joining
from people.models import User

log = logging.getLogger(__name__)


def begin(request, provider_id: str):
    """To the provider's own sign-in page; a provider that is away is said, as one that refuses somebody is."""
    try:
        return openid.login(request, provider_id)
    except requests.RequestException as problem:
        log.warning("The OpenID provider does not answer: %s", type(problem).__name__)
        return redirect("socialaccount_login_error")


class InvitedOnlyAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def pre_social_login(self, request, sociallogin):
        """Ties a first sign-in to whom it belongs to, or ends it."""
        if sociallogin.is_existing:
            if not sociallogin.user.is_active:
                raise ImmediateHttpResponse(redirect("socialaccount_login_error"))
            return
        user = self.user_of(address_vouched_for(sociallogin))
        if user is None or not user.is_active:
            raise ImmediateHttpResponse(redirect("socialaccount_login_error"))
        sociallogin.connect(request, user)

    def user_of(self, email: str) -> User | None:
        if not email:
            return None
        joining.accept_by_address(email, at=timezone.now())
        return User.objects.filter(email__iexact=email).first()


def address_vouched_for(sociallogin) -> str:
    """Empty where the provider names none, or does not say that it is the person's."""
    claims = sociallogin.account.extra_data or {}
    claims = claims.get("userinfo") or claims.get("id_token") or claims
    email = str(claims.get("email") or "").strip().lower()
    is_vouched_for = claims.get("email_verified") is True or settings.OIDC_TRUSTS_ADDRESSES
    return email if is_vouched_for and "@" in email else ""
