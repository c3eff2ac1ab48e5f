"""What people see while the database is away or takes no changes, or the disk is full: a plain page with status 503 that says
why, and what they typed in a form to send again (`sent_forms.py`).

Stands in for Django's answer to anything unforeseen (`handler500`), since a middleware meets a lost database as often as a
view does, and Django makes an answer of it there.
"""

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from send_tracker.sent_forms import what_was_sent

API = "/api/v1/"
RETRY_SECONDS = 10
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_SUCH_TABLE = "no such "  # SQLite says so as if it were away; waiting does not help
# By PostgreSQL's codes.
WHY = {
    "25006": "The database takes no changes at the moment.",  # it follows another, until it takes over
    "57014": "The database took too long to answer.",  # it gave the statement up (statement_timeout)
}
NO_ANSWER = "The database did not answer."
DISK_FULL = "There is no room left on the server's disk."


def why_away(problem: BaseException | None) -> str:
    """In a sentence; empty where it is a fault of another kind."""
    if is_full(problem):
        return DISK_FULL
    if said := WHY.get(getattr(getattr(problem, "__cause__", None), "pgcode", None)):
        return said
    is_lost = isinstance(problem, OperationalError | InterfaceError) and not str(problem).startswith(NO_SUCH_TABLE)
    return NO_ANSWER if is_lost else ""


def is_full(problem: BaseException | None) -> bool:
    return isinstance(problem, OSError) and problem.errno in NO_ROOM


def server_error_or_away(request: HttpRequest) -> HttpResponse:
    """For `handler500`, which Django calls while the exception is being handled."""
    why = why_away(sys.exc_info()[1])
    return answer(request, why) if why else server_error(request)


def answer(request: HttpRequest, why: str) -> HttpResponse:
    sent = what_was_sent(request) if request.method == "POST" else None
    if API in request.path or not request.accepts("text/html"):
        response = HttpResponse(f"{why} Nothing was saved. Try again shortly.\n", "text/plain", 503)
    else:
        response = HttpResponse(render_to_string("503.html", {"sent": sent, "why": why}), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
