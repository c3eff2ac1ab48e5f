"""How people come in: nobody signs themselves up."""

from allauth.account.adapter import DefaultAccountAdapter


class ClosedAccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not right.",
        "too_many_login_attempts": "Too many attempts with a wrong password. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request) -> bool:
        return False
