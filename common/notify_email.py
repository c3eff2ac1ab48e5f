"""Sends through GOV.UK Notify (https://docs.notifications.service.gov.uk/rest-api.html).

Notify sends templates: make one there with the subject `((subject))` and the body `((body))` and name it in
`NOTIFY_TEMPLATE_ID`. It takes the plain text of a letter, and one recipient at a time; copies are letters of their own.
"""

import base64
import hashlib
import hmac
import json
import re
import time
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.base import BaseEmailBackend

SECONDS = 20
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KEY = re.compile(rf"(?:.*-)?(?P<service>{UUID})-(?P<secret>{UUID})", re.IGNORECASE)


class FollowsNobody(HTTPRedirectHandler):
    """A letter and the key's token go to the address of the settings, and nowhere that somebody's answer names."""

    def redirect_request(self, *args):
        return None


opener = build_opener(FollowsNobody())


class NotifyError(Exception):
    """Notify refused a letter, or was not reached. The text says which, without the key."""


def token(service: str, secret: str, *, now: float) -> str:
    """The JSON Web Token that Notify wants with each request: it is good for 30 seconds."""
    header = _packed({"typ": "JWT", "alg": "HS256"})
    claims = _packed({"iss": service, "iat": int(now)})
    signature = hmac.new(secret.encode(), f"{header}.{claims}".encode(), hashlib.sha256).digest()
    return f"{header}.{claims}.{_base64url(signature)}"


def _packed(content: dict) -> str:
    return _base64url(json.dumps(content, separators=(",", ":")).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class EmailBackend(BaseEmailBackend):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        key = KEY.fullmatch(settings.NOTIFY_API_KEY)
        if key is None or not settings.NOTIFY_TEMPLATE_ID:
            raise ImproperlyConfigured(
                "GOV.UK Notify needs NOTIFY_API_KEY, as Notify shows it, and NOTIFY_TEMPLATE_ID."
            )
        self.service, self.secret = key["service"], key["secret"]

    def send_messages(self, email_messages) -> int:
        return sum(self._send(message) for message in email_messages)

    def _send(self, message) -> bool:
        """Whether the letter went to everybody. A failure is raised, or passed over in silence where that was asked."""
        try:
            for address in message.recipients():
                self._post(address, message)
        except NotifyError:
            if not self.fail_silently:
                raise
            return False
        return bool(message.recipients())

    def _post(self, address: str, message) -> None:
        content = {
            "email_address": address,
            "template_id": settings.NOTIFY_TEMPLATE_ID,
            "personalisation": {"subject": message.subject, "body": message.body},
        }
        request = Request(
            f"{settings.NOTIFY_ADDRESS}/v2/notifications/email",
            data=json.dumps(content).encode(),
            headers={
                "Authorization": f"Bearer {token(self.service, self.secret, now=time.time())}",
                "Content-Type": "application/json",
            },
            method="POST",
        )
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                answer.read()
        except HTTPError as error:
            raise NotifyError(f"GOV.UK Notify refused the letter ({error.code}): {_reasons(error)}") from None
        except (URLError, OSError) as error:
            raise NotifyError(f"GOV.UK Notify was not reached: {getattr(error, 'reason', error)}") from None


def _reasons(error: HTTPError) -> str:
    """The messages of Notify's answer; it answers with JSON, what stands between may not."""
    try:
        return "; ".join(each["message"] for each in json.loads(error.read())["errors"])
    except (ValueError, KeyError, TypeError, OSError):
        return str(error.reason)
