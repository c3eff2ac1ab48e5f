"""Asking for a new password: the same is done for an address that somebody has as for one that nobody has.

Whether there is a letter to write is looked up by the same questions to the database; writing and sending it is left for
after the answer.
"""

from allauth.account.forms import ResetPasswordForm
from allauth.core.context import request_context

from people.posting import after_the_answer


class ForgottenPasswordForm(ResetPasswordForm):
    def save(self, request, **kwargs) -> str:
        after_the_answer(lambda: self.write(request, **kwargs))
        return self.cleaned_data["email"]

    def write(self, request, **kwargs) -> None:
        """The library asks whose request it is, also in a thread."""
        with request_context(request):
            super().save(request, **kwargs)
