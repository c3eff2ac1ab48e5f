"""What `manage.py check --deploy` says of the sign-in: nothing that must be put right, but what somebody should know."""

from django.conf import settings
from django.core.checks import Info

from people import openid_strength

TAKEN_ON_TRUST = Info(
    "Whoever comes through the OpenID provider is taken to have had a second step there, and nothing looks whether they had.",
    hint="Set OIDC_REQUIRED_ACR, OIDC_REQUIRED_AMR or OIDC_REQUIRED_CONTEXT to what your provider says of a strong sign-in.",
    id="people.I001",
)


def strength_at_the_provider(app_configs, **kwargs):
    has_provider = any(app["APPS"] for app in settings.SOCIALACCOUNT_PROVIDERS.values())
    return [TAKEN_ON_TRUST] if has_provider and not openid_strength.is_required() else []
