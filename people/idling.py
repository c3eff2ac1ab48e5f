"""A session that nobody used for a while ends, and so does one that has lasted long enough, used or not.

What was being typed is parked by `people.parking` and comes back after sign-in. By the machine's own clock, not the one that
pages are read at; a clock that was set back ends no session. The session is written at most once a minute.
"""

import time
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout

SLOT = "last_used"
BEGAN = "began"
NOTED_EVERY_SECONDS = 60
ENDED = "ended_unused"  # in the visitor's new session: the sign-in page says why
ENDED_OF_AGE = "ended_of_age"


class IdleMiddleware:
    """Stands after authentication and before forms are parked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if SESSION_KEY in request.session:
            self.end_or_note(request, time.time())
        return self.get_response(request)

    def end_or_note(self, request, now: float) -> None:
        last, began = request.session.get(SLOT, now), request.session.get(BEGAN)
        if now - last > settings.SESSION_IDLE_MINUTES * 60:
            end(request, ENDED, settings.SESSION_IDLE_MINUTES)
        elif began is not None and now - began > settings.SESSION_LONGEST_HOURS * 3600:
            end(request, ENDED_OF_AGE, settings.SESSION_LONGEST_HOURS)
        else:
            if began is None or began > now:
                request.session[BEGAN] = now
            if now - last >= NOTED_EVERY_SECONDS or last > now:
                request.session[SLOT] = now


def end(request, why: str, length: int) -> None:
    logout(request)
    request.session[why] = length


def begin(sender, request, user, **kwargs) -> None:
    """For the signal of a sign-in."""
    request.session[SLOT] = request.session[BEGAN] = time.time()


def ends_at(request) -> datetime:
    """When the session of a signed-in person ends at the latest."""
    return datetime.fromtimestamp(request.session[BEGAN] + settings.SESSION_LONGEST_HOURS * 3600, UTC)
