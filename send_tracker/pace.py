"""How often one person may write: so many times a minute, whichever process answers, and no more until the minute is over.

Counted are the entries of the audit log (`people/auditing.py`), which has one for everything that a signed-in person changed or
took away as a file, and which all processes share: so nothing more is written for it, and one question is asked for each form.
Forms that come back with messages write nothing and are not counted. Several requests at one moment are each counted without
the others: the bound can be passed by what one person has under way, no more. Whoever is refused keeps what they typed.

The links of letters open forms without a sign-in and are not counted here; the web server bounds those by where they come from.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from people.models import AuditEntry, User
from send_tracker.sent_forms import what_was_sent

MINUTE = timedelta(minutes=1)
COUNTED = (AuditEntry.Kind.CHANGE, AuditEntry.Kind.EXPORT, AuditEntry.Kind.ACCOUNT, AuditEntry.Kind.MEMBERSHIP)
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
ALWAYS_OPEN = ("account_logout",)


def wait_for(user: User, now: datetime) -> int:
    """For how many seconds nothing more is taken; 0 where something is. The newest entries are read by an index."""
    lately = AuditEntry.objects.filter(user=user, kind__in=COUNTED, at__gt=now - MINUTE, at__lte=now)
    found = list(lately.order_by("-at").values_list("at", flat=True)[: settings.WRITES_A_MINUTE])
    return 0 if len(found) < settings.WRITES_A_MINUTE else max(1, round((found[-1] + MINUTE - now).total_seconds()))


class PaceMiddleware:
    """Stands after authentication and the CSRF check, before whatever reads a form."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        is_counted = request.method not in SAFE and getattr(view, "login_required", True)
        if not is_counted or request.resolver_match.view_name in ALWAYS_OPEN or not request.user.is_authenticated:
            return None
        seconds = wait_for(request.user, timezone.now())
        return refusal(request, seconds) if seconds else None


def refusal(request: HttpRequest, seconds: int) -> HttpResponse:
    sent = what_was_sent(request)
    page = render_to_string("429.html", {"sent": sent, "most": settings.WRITES_A_MINUTE, "seconds": seconds})
    return HttpResponse(page, status=429, headers={"Retry-After": str(seconds), "Cache-Control": "no-store"})
