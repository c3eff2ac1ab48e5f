"""How people come in: nobody signs themselves up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.utils import timezone

from people import encrypting, notices


class ClosedAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not right.",
        "incorrect_password": "That password is not right.",
        "too_many_login_attempts": "Too many attempts with a wrong password. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def send_password_reset_mail(self, user, email, context) -> None:
        days = settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60)
        super().send_password_reset_mail(user, email, {**context, "days": days})

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """In our own words; the library's letters name the browser, which whoever sends a request makes up."""
        notices.tell(user, notices.OF_ALLAUTH.get(template_prefix, notices.SOMETHING), at=timezone.now())


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code or key is not right, or no longer. Give the code that the app shows now, or use a key that is"
        " set up here.",
        "cannot_delete_authenticator": "You cannot take the second step off.",
    }

    def generate_authenticator_name(self, user, type) -> str:
        return "My key"

    def encrypt(self, text: str) -> str:
        """What an app's codes are made from is kept under the installation's secret."""
        return encrypting.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encrypting.decrypt(encrypted_text)
