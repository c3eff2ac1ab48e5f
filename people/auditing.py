"""The audit log: who signed in, read the pages about people, took rows away as files, or changed something, and when.

Entries are added and never edited. What is kept of an address is its path without whatever is secret in it; what
somebody typed is not kept, nor an e-mail address that nobody here has. Where an entry belongs to no area (a sign-in), the
administrators of the areas that its person belongs to see it.
"""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from common.discreet_logs import without_secrets
from people.models import AuditEntry, Membership, User
from strategies.models import Area

Kind = AuditEntry.Kind
MOST_CHARACTERS = AuditEntry._meta.get_field("address").max_length
SAID_BY_SIGNALS = ("account_login", "account_logout")
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def note(
    kind: str,
    *,
    at: datetime,
    user: User | None = None,
    area: Area | None = None,
    what: str = "",
    request: HttpRequest | None = None,
) -> AuditEntry:
    """One entry more. What an illustrative sign-in did goes with the demonstration."""
    return AuditEntry.objects.create(
        at=at,
        kind=kind,
        user=user,
        area=area,
        what=what[:200],
        address=without_secrets(request.path)[:MOST_CHARACTERS] if request else "",
        ip_address=network_address(request) if request else None,
        is_illustrative=bool(user and user.is_illustrative),
    )


def network_address(request: HttpRequest) -> str | None:
    """As the web server says it; behind a proxy that is trusted, the settings see to it that it is the visitor's."""
    return request.META.get("REMOTE_ADDR") or None


def entries_of(area: Area) -> QuerySet[AuditEntry]:
    """What an area's administrators may see: what was done in it, and its members' coming and going."""
    members = Membership.objects.filter(area=area).values("user")
    return AuditEntry.objects.filter(Q(area=area) | Q(area__isnull=True, user__in=members)).select_related("user")


# What a request was


def kind_of(request: HttpRequest, response: HttpResponse) -> str | None:
    """None for what is not kept: pages that were read, forms that came back with messages, and what was refused."""
    if request.method not in SAFE:
        return Kind.CHANGE if response.status_code in (301, 302, 303) or is_file(response) else None
    if response.status_code != 200:
        return None
    if "_export" in request.GET or is_file(response):
        return Kind.EXPORT
    view = getattr(request.resolver_match and request.resolver_match.func, "view_class", None)
    return Kind.PEOPLE_READ if getattr(view, "tells_of_people", False) else None


def is_file(response: HttpResponse) -> bool:
    return response.headers.get("Content-Disposition", "").startswith("attachment")


class AuditMiddleware:
    """Stands after authentication; notes what a signed-in person did once it is done."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        kind = kind_of(request, response)
        what = request.resolver_match.view_name if request.resolver_match else ""
        if kind and what not in SAID_BY_SIGNALS and request.user.is_authenticated:
            view = getattr(request, "in_area", None)
            note(kind, at=timezone.now(), user=request.user, area=view and view.area, what=what, request=request)
        return response


# Coming and going: called by the signals of Django and django-axes


def signed_in(sender, request, user, **kwargs):
    note(Kind.SIGN_IN, at=timezone.now(), user=user, request=request)


def signed_out(sender, request, user, **kwargs):
    if user is not None:
        note(Kind.SIGN_OUT, at=timezone.now(), user=user, request=request)


def refused(sender, credentials, request=None, **kwargs):
    note(Kind.SIGN_IN_REFUSED, at=timezone.now(), user=_whose(credentials), request=request)


def locked_out(sender, request, username, **kwargs):
    note(Kind.LOCKED_OUT, at=timezone.now(), user=_whose({"email": username}), request=request)


def _whose(credentials: dict) -> User | None:
    """The person whose address was typed; an address that nobody here has is not kept."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    return User.objects.filter(email__iexact=typed).first() if typed and "\x00" not in typed else None
