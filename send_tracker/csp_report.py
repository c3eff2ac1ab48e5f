"""What a browser reports that the content security policy refused: one line in the log, without anything of anybody.

Kept are the directive, the origin of what was refused and the name of the page's address; never an address itself, which may
hold a secret, and no sample of the content. Anybody may send anything here, so it is bounded in size and in lines a minute.
"""

import json
import logging
import re
import time
from collections.abc import Iterator
from threading import Lock
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

log = logging.getLogger(__name__)

MOST_BYTES = 8 * 1024
MOST_OF_ONE = 10  # reports sent together
LINES_A_MINUTE = 20  # of one process
TYPES = ("application/csp-report", "application/reports+json", "application/json")
DIRECTIVE = re.compile(r"[a-z-]{3,40}")
ORIGIN = re.compile(r"(?:[a-z][a-z0-9+-]{1,20}://)?[a-z0-9.:\[\]-]{1,100}")
WORDS = ("inline", "eval", "self", "data", "blob", "wasm-eval", "trusted-types-policy", "trusted-types-sink")


class Budget:
    """So many lines a minute; what is beyond is counted and told with the next line that is let through."""

    def __init__(self, most: int):
        self.most, self.lock = most, Lock()
        self.minute = self.used = self.withheld = 0

    def take(self, *, now: float) -> int | None:
        """How many were withheld before this one; None where this one is withheld too."""
        with self.lock:
            if int(now // 60) != self.minute:
                self.minute, self.used = int(now // 60), 0
            if self.used >= self.most:
                self.withheld += 1
                return None
            self.used += 1
            withheld, self.withheld = self.withheld, 0
            return withheld


budget = Budget(LINES_A_MINUTE)


@login_not_required
@csrf_exempt
@never_cache
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    if request.content_type not in TYPES:
        return HttpResponse(status=415)
    try:
        reports = list(reports_in(json.loads(request.body)))
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    for report in reports[:MOST_OF_ONE]:
        withheld = budget.take(now=time.monotonic())
        if withheld is not None:
            also = f" ({withheld} more reports were not written)" if withheld else ""
            log.warning("Content policy: %s%s", told(report), also)
    return HttpResponse(status=204)


def reports_in(content: object) -> Iterator[dict]:
    """Both ways in which browsers report: one by `report-uri`, or a list of them by `report-to`."""
    if isinstance(content, dict) and isinstance(content.get("csp-report"), dict):
        yield content["csp-report"]
    for each in content if isinstance(content, list) else []:
        if isinstance(each, dict) and each.get("type") == "csp-violation" and isinstance(each.get("body"), dict):
            yield each["body"]


def told(report: dict) -> str:
    """A line of what was refused and where."""
    directive = _either(report, "effective-directive", "effectiveDirective", "violated-directive").split(" ")[0]
    refused = origin_of(_either(report, "blocked-uri", "blockedURL"))
    page = page_of(_either(report, "document-uri", "documentURL"))
    return f"{directive if DIRECTIVE.fullmatch(directive) else 'unknown'} refused {refused} on {page}"


def _either(report: dict, *names: str) -> str:
    return next((value for name in names if isinstance(value := report.get(name), str) and value), "")


def origin_of(address: str) -> str:
    """Scheme and host, or the word that stands for what has none."""
    if address in WORDS:
        return address
    try:
        parts = urlsplit(address.lower())
        origin = f"{parts.scheme}://{parts.hostname}" if parts.hostname else parts.scheme
    except ValueError:
        return "unknown"
    return origin if ORIGIN.fullmatch(origin) else "unknown"


def page_of(address: str) -> str:
    """The name of the address, as in `urls.py`."""
    try:
        return resolve(urlsplit(address).path).view_name
    except (ValueError, Resolver404):
        return "unknown"
