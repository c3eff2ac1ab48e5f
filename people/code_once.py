"""A code of an app opens once. It is valid in its own half minute and in those beside it (`MFA_TOTP_TOLERANCE`); the library
remembers for half a minute alone that it was used, so somebody who looked over a shoulder could use it after that.
"""

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.core.cache import cache

PERIOD = 30  # seconds that a code is shown for


class OnceMixin:
    def clean_code(self) -> str:
        code = super().clean_code()
        lasts = PERIOD * (2 * settings.MFA_TOTP_TOLERANCE + 1)
        if not cache.add(f"code:{self.user.pk}:{normalize_user_code(code)}", True, lasts):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondStepForm(OnceMixin, AuthenticateForm):
    pass


class SecondStepAgainForm(OnceMixin, ReauthenticateForm):
    """Before something of one's sign-in is changed."""
