"""What is noted of each request, and nothing of who made it: its name, how it ended, and how long it took.

A request has an id: the proxy's (X-Request-ID) where that is plain, otherwise a new one. It stands in every log line of the
request, and goes back with the answer, so that somebody who reports a problem can name it.
"""

import logging
import re
import time
from secrets import token_hex

from send_tracker import metrics
from send_tracker.json_logs import request_id

log = logging.getLogger(__name__)

PLAIN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
NO_ROUTE = "none"  # no address of ours; or a file of the pages


def id_for(given: str) -> str:
    return given if PLAIN_ID.fullmatch(given) else token_hex(16)


class ObservingMiddleware:
    """Stands before everything but what finds the visitor's address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        token = request_id.set(id_for(request.headers.get("X-Request-ID", "")))
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            self.note(request, response.status_code, time.perf_counter() - started)
            return response
        finally:
            request_id.reset(token)

    def note(self, request, status: int, seconds: float) -> None:
        method = request.method if request.method in METHODS else "other"
        match = request.resolver_match
        route = (match and match.view_name) or NO_ROUTE
        metrics.count(route=route, method=method, status=status, seconds=seconds)
        about = {"method": method, "route": route, "status": status, "milliseconds": round(seconds * 1000)}
        log.info("%s %s %s", method, route, status, extra=about)
