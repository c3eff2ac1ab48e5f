"""Signing in through a council's or the NHS's own OpenID Connect provider (Microsoft Entra ID and others).

The provider says who somebody is; whether they may come in is said here: by a sign-in of that email address, or by an
invitation to it. Nobody is made an account because a provider knows them. The address must be one that the provider
vouches for: `email_verified`, or an installation whose single tenant is trusted to (`OIDC_TRUSTS_ADDRESSES`). Afterwards
the provider's own number for the person counts, so that a later change of address leads nobody elsewhere.

An answer counts where its ID token is signed by the provider, is of the request that this browser made (`nonce`), and says a
sign-in as strong as the installation wants (`openid_strength.py`).
"""

import logging

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect import views as openid
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from common.secret_links import new_token
from people import auditing, joining, openid_strength, openid_tokens
from people.models import User

log = logging.getLogger(__name__)


def begin(request, provider_id: str):
    """To the provider's own sign-in page; a provider that is away is said, as one that refuses somebody is."""
    try:
        return openid.login(request, provider_id)
    except requests.RequestException as problem:
        log.warning("The OpenID provider does not answer: %s", type(problem).__name__)
        return redirect("socialaccount_login_error")


@login_not_required
def back(request, provider_id: str):
    """Where the provider sends somebody back to."""
    try:
        return OAuth2CallbackView.adapter_view(SignedAnswers(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404("There is no such provider.") from None


class SignedAnswers(openid.OpenIDConnectOAuth2Adapter):
    def _decode_id_token(self, app, id_token: str) -> dict:
        """The library believes one that came straight from the provider; here its signature is checked, too."""
        return openid_tokens.read_id_token(id_token, client_id=app.client_id, config=self.openid_config)


class AskingProvider(OpenIDConnectProvider):
    """Sends with each request a number that its answer must bear, and how strong a sign-in must be."""

    oauth2_adapter_class = SignedAnswers

    def redirect(self, request, process, next_url=None, data=None, **kwargs):
        nonce = new_token()
        asked = kwargs.pop("auth_params", None) or self.get_auth_params()
        asked |= openid_strength.asked_for() | {"nonce": nonce}
        return super().redirect(request, process, next_url, data, auth_params=asked, nonce=nonce, **kwargs)


class InvitedOnlyAdapter(DefaultSocialAccountAdapter):
    def get_provider(self, request, provider, client_id=None):
        return AskingProvider(request, app=super().get_provider(request, provider, client_id=client_id).app)

    def get_requests_session(self):
        """Follows nobody elsewhere: what the provider is asked for lies where its description says, or nowhere."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def pre_social_login(self, request, sociallogin):
        """Ties a first sign-in to whom it belongs to, or ends it."""
        self.judge(request, sociallogin)
        if sociallogin.is_existing:
            if not sociallogin.user.is_active:
                raise ImmediateHttpResponse(redirect("socialaccount_login_error"))
            return
        user = self.user_of(address_vouched_for(sociallogin))
        if user is None or not user.is_active:
            raise ImmediateHttpResponse(redirect("socialaccount_login_error"))
        sociallogin.connect(request, user)

    def judge(self, request, sociallogin) -> None:
        """Ends what is no answer to this browser's own request, and what is too weak."""
        claims = id_token_of(sociallogin)
        if not is_answer(claims, sociallogin):
            log.warning("The OpenID provider's answer is not of the request that was made")
            raise ImmediateHttpResponse(redirect("socialaccount_login_error"))
        if not openid_strength.is_enough(claims):
            auditing.note_weak_sign_in(request, at=timezone.now(), user=whose(sociallogin))
            raise ImmediateHttpResponse(render(request, "socialaccount/too_weak.html", status=403))

    def user_of(self, email: str) -> User | None:
        if not email:
            return None
        joining.accept_by_address(email, at=timezone.now())
        return User.objects.filter(email__iexact=email).first()


def whose(sociallogin) -> User | None:
    """The sign-in here that it would have opened."""
    if sociallogin.is_existing:
        return sociallogin.user
    email = address_vouched_for(sociallogin)
    return User.objects.filter(email__iexact=email).first() if email else None


def id_token_of(sociallogin) -> dict:
    return (sociallogin.account.extra_data or {}).get("id_token") or {}


def is_answer(claims: dict, sociallogin) -> bool:
    """The number is the one that was sent, and what the provider says beside its token is of the same person."""
    sent = sociallogin.state.get("nonce")
    beside = sociallogin.account.extra_data.get("userinfo") or claims
    is_ours = bool(sent) and constant_time_compare(str(claims.get("nonce")), sent)
    return is_ours and beside.get("sub") == claims.get("sub")


def address_vouched_for(sociallogin) -> str:
    """Empty where the provider names none, or does not say that it is the person's."""
    claims = sociallogin.account.extra_data or {}
    claims = claims.get("userinfo") or claims.get("id_token") or claims
    email = str(claims.get("email") or "").strip().lower()
    is_vouched_for = claims.get("email_verified") is True or settings.OIDC_TRUSTS_ADDRESSES
    return email if is_vouched_for and "@" in email else ""
