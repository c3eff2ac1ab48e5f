"""What people see while the database is away, or the disk is full: a plain page with status 503, and what they typed in a
form to send again (`sent_forms.py`).

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
READ_ONLY = "25006"  # PostgreSQL's code: a server that follows another, until it takes over


def is_away(problem: BaseException | None) -> bool:
    if getattr(getattr(problem, "__cause__", None), "pgcode", None) == READ_ONLY:
        return True
    return isinstance(problem, OperationalError | InterfaceError) and not str(problem).startswith(NO_SUCH_TABLE)


def is_full(problem: BaseException | None) -> bool:
    return isinstance(problem, OSError) and problem.errno in NO_ROOM


def server_error_or_away(request: HttpRequest) -> HttpResponse:
    """For `handler500`, which Django calls while the exception is being handled."""
    problem = sys.exc_info()[1]
    if is_away(problem) or is_full(problem):
        return answer(request, is_full=is_full(problem))
    return server_error(request)


def answer(request: HttpRequest, *, is_full: bool = False) -> HttpResponse:
    why = "There is no room left on the server's disk." if is_full else "The database did not answer."
    sent = what_was_sent(request) if request.method == "POST" else None
    if API in request.path or not request.accepts("text/html"):
        response = HttpResponse(f"{why} Nothing was saved. Try again shortly.\n", "text/plain", 503)
    else:
        response = HttpResponse(render_to_string("503.html", {"sent": sent, "why": why}), status=503)
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
