"""Letters that tell people of changes to their own sign-in, so that they hear of one that was not theirs.

No secret stands in them and nothing that somebody typed: what was changed, when, and what to do if it was not you.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from common.dates import moment_in_words
from common.words import plural
from people.models import User
from people.posting import after_the_answer

TAKEN_OFF = "Your second step was taken off by an administrator of your area, and your sessions were ended"
SESSIONS_ENDED = "An administrator of your area ended your sessions in all browsers"
TOKEN_MADE = "A token was made with which a program can read what you may see"
SOMETHING = "The way you sign in was changed"

# What django-allauth tells of, by the name that it gives to each letter.
OF_ALLAUTH = {
    "account/email/password_changed": "Your password was changed",
    "account/email/password_set": "A password was set for your sign-in",
    "account/email/password_reset": "A new password was chosen by the link of a letter",
    "mfa/email/totp_activated": "An app that shows codes was added as your second step",
    "mfa/email/totp_deactivated": "The app that shows codes was taken off your sign-in",
    "mfa/email/recovery_codes_generated": "New recovery codes were made, and the old ones open nothing any more",
    "mfa/email/webauthn_added": "A passkey was added to your sign-in",
    "mfa/email/webauthn_removed": "A passkey was taken off your sign-in",
    "socialaccount/email/account_connected": "Your organisation’s own sign-in now opens the SEND tracker for you",
}


def tell(user: User, what: str, *, at: datetime) -> None:
    """`what` is a sentence without its full stop."""
    if not user.is_active:
        return
    context = {"user": user, "what": what, "when": moment_in_words(at), "site": settings.SITE_ADDRESS}
    text = render_to_string("account/email/notice.txt", context)
    after_the_answer(EmailMessage(f"SEND tracker: {what[0].lower()}{what[1:]}", text, to=[user.email]).send)


def tell_of_recovery_code(sender, user, authenticator: Authenticator, **kwargs) -> None:
    """For the signal of a second step that was used; apps and passkeys are used each day."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        return
    left = len(Authenticator.objects.get(pk=authenticator.pk).wrap().get_unused_codes())
    tell(user, f"A recovery code was used, and you have {plural(left, 'code')} left", at=timezone.now())
