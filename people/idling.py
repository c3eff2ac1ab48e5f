"""A session that nobody used for a while ends. What was being typed is parked by `people.parking` and comes back after sign-in.

By the machine's own clock, not the one that pages are read at. The session is written at most once a minute.
"""

import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout

SLOT = "last_used"
NOTED_EVERY_SECONDS = 60
ENDED = "ended_unused"  # in the visitor's new session: the sign-in page says why


class IdleMiddleware:
    """Stands after authentication and before forms are parked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if SESSION_KEY in request.session:
            self.end_or_note(request, time.time())
        return self.get_response(request)

    def end_or_note(self, request, now: float) -> None:
        last = request.session.get(SLOT, now)
        if now - last > settings.SESSION_IDLE_MINUTES * 60:
            logout(request)
            request.session[ENDED] = settings.SESSION_IDLE_MINUTES
        elif now - last >= NOTED_EVERY_SECONDS or last > now:
            request.session[SLOT] = now


def begin(sender, request, user, **kwargs) -> None:
    """For the signal of a sign-in."""
    request.session[SLOT] = time.time()
