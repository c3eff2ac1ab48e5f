"""How people come in: nobody signs themselves up."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings


class ClosedAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not right.",
        "too_many_login_attempts": "Too many attempts with a wrong password. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right, or no longer. Give the one that the app shows now.",
        "cannot_delete_authenticator": "You cannot take the second step off.",
    }

    def generate_authenticator_name(self, user, type) -> str:
        return "My key"

    def encrypt(self, text: str) -> str:
        """What an app's codes are made from is kept under the installation's secret."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"second factor:" + settings.SECRET_KEY.encode()).digest()))
