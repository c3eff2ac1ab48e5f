"""What somebody was typing when the session ran out.

The posted fields are parked in the visitor's new, still anonymous session. After sign-in the page at that address shows
its form filled with them; nobody sees them who may not open that page, and nothing is ever sent by itself. Bounds: one
form a session, for an hour, of at most `MOST_CHARACTERS`.
"""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, QueryDict
from django.shortcuts import resolve_url
from django.utils import timezone

SLOT = "parked_form"
SECONDS_KEPT = 60 * 60
MOST_CHARACTERS = 500_000
NEVER_KEPT = ("csrfmiddlewaretoken", "password")


class ParkFormMiddleware:
    """Stands after authentication and the CSRF check, and before the sign-in is asked for.

    The CSRF cookie outlives the session, so the form of an expired session still passes that check.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST" or request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        park(request)
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL))


def park(request: HttpRequest) -> None:
    fields = {name: request.POST.getlist(name) for name in request.POST if not name.startswith(NEVER_KEPT)}
    characters = sum(len(name) + sum(map(len, values)) for name, values in fields.items())
    if fields and characters <= MOST_CHARACTERS:
        request.session[SLOT] = {
            "path": request.get_full_path(),
            "at": timezone.now().timestamp(),
            "fields": fields,
        }


def parked_form(request: HttpRequest) -> QueryDict | None:
    """The fields parked for this very address; ask only once it is clear that the person may open it."""
    parked = request.session.get(SLOT)
    if not parked or parked["path"] != request.get_full_path():
        return None
    if timezone.now().timestamp() - parked["at"] > SECONDS_KEPT:
        forget_parked(request)
        return None
    fields = QueryDict(mutable=True)
    for name, values in parked["fields"].items():
        fields.setlist(name, values)
    return fields


def forget_parked(request: HttpRequest) -> None:
    """Once the form has been sent."""
    request.session.pop(SLOT, None)
