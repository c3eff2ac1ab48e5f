"""The audit log: who signed in, read the pages about people, took rows away as files, changed something or was refused, and when.

Entries are added and never edited. What is kept of an address is its path without whatever is secret in it; what
somebody typed is not kept, nor an email address that nobody here has. Where an entry belongs to no area (a sign-in), the
administrators of the areas that its person belongs to see it.

**Refused** is what a signed-in person tried that is not theirs: every 403; a 404 at an address of another area that there is;
and a 404 to something that was sent, for nobody mistypes the address of a form. A page that is not found in one's own area,
or an area that there is none of, is a mistyped or an old address and is not kept. A refusal at another area's address is seen
by the administrators there and by those of the person's own areas. Nobody can flood the log with them: of one person the
same address is kept once in ten minutes, and at most `MOST_REFUSALS` addresses, the last of which says that more are not
kept (a few more where several requests come at the very same moment). Of visitors only those are kept who came with a secret that
opens nothing: a program's token, a calendar's link, a sign-out that the organisation's own sign-in did not sign. The
secret is not; of one network address the same is kept once in ten minutes, and at most `MOST_REFUSALS` of an area and of
whoever the secret was made for.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from common.discreet_logs import UNPRINTABLE, without_secrets
from people.models import AuditEntry, Membership, User
from people.scoping import memberships_of
from strategies.models import Area

Kind = AuditEntry.Kind
MOST_CHARACTERS = AuditEntry._meta.get_field("address").max_length
SAID_BY_SIGNALS = ("account_login", "account_logout")
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
REFUSALS_WITHIN = timedelta(minutes=10)
MOST_REFUSALS = 30  # of one person within that time
TOO_WEAK = "The organisation's own sign-in did not say that it asked as strongly as is required here"
AND_MORE = "More refusals of the next ten minutes are not kept"


def note(
    kind: str,
    *,
    at: datetime,
    user: User | None = None,
    area: Area | None = None,
    what: str = "",
    request: HttpRequest | None = None,
    is_illustrative: bool = False,
) -> AuditEntry:
    """One entry more. What an illustrative sign-in did goes with the demonstration."""
    return AuditEntry.objects.create(
        at=at,
        kind=kind,
        user=user,
        area=area,
        what=what[:200],
        address=address_of(request) if request else "",
        ip_address=network_address(request) if request else None,
        is_illustrative=is_illustrative or bool(user and user.is_illustrative),
    )


def address_of(request: HttpRequest) -> str:
    """Its path without secrets; databases refuse some of the characters that cannot be printed."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", without_secrets(request.path))[:MOST_CHARACTERS]


def network_address(request: HttpRequest) -> str | None:
    """As the web server says it; behind a proxy that is trusted, the settings see to it that it is the visitor's."""
    return request.META.get("REMOTE_ADDR") or None


def entries_of(area: Area) -> QuerySet[AuditEntry]:
    """What an area's administrators may see: what was done in it, its members' coming and going, and what they were refused."""
    members = Membership.objects.filter(area=area).values("user")
    of_members = Q(user__in=members) & (Q(area__isnull=True) | Q(kind=Kind.REFUSED))
    return AuditEntry.objects.filter(Q(area=area) | of_members).select_related("user")


# What a request was


def kind_of(request: HttpRequest, response: HttpResponse) -> str | None:
    """None for what is not kept: pages that were read, and forms that came back with messages."""
    if response.status_code == 403 or (response.status_code == 404 and is_an_attempt(request)):
        return Kind.REFUSED
    if request.method not in SAFE:
        return Kind.CHANGE if response.status_code in (301, 302, 303) or is_file(response) else None
    if response.status_code != 200:
        return None
    if "_export" in request.GET or is_file(response):
        return Kind.EXPORT
    view = getattr(request.resolver_match and request.resolver_match.func, "view_class", None)
    return Kind.PEOPLE_READ if getattr(view, "tells_of_people", False) else None


def is_an_attempt(request: HttpRequest) -> bool:
    """Of an address that was not found: see above. What is no address of the product at all is none."""
    if request.resolver_match is None:
        return False
    return request.method not in SAFE or area_elsewhere(request) is not None


def area_elsewhere(request: HttpRequest) -> Area | None:
    """The area that an address names and that whoever asks does not belong to."""
    match = request.resolver_match
    slug = match.kwargs.get("area", "") if match and getattr(match.func, "login_required", True) else ""
    if not slug or "\x00" in slug or not request.user.is_authenticated:
        return None
    if slug in {membership.area.slug for membership in memberships_of(request.user)}:
        return None
    return Area.objects.filter(slug=slug, kind=Area.Kind.LOCAL_AREA).first()


def is_file(response: HttpResponse) -> bool:
    return response.headers.get("Content-Disposition", "").startswith("attachment")


class AuditMiddleware:
    """Stands after authentication; notes what a signed-in person did, or was refused, once it is done."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        kind = kind_of(request, response)
        if kind and request.user.is_authenticated:
            self.note(request, kind)
        return response

    def note(self, request, kind: str) -> None:
        what = request.resolver_match.view_name if request.resolver_match else ""
        view = getattr(request, "in_area", None)
        if kind == Kind.REFUSED:
            note_refusal(request, at=timezone.now(), area=view.area if view else area_elsewhere(request), what=what)
        elif what not in SAID_BY_SIGNALS:
            note(kind, at=timezone.now(), user=request.user, area=view and view.area, what=what, request=request)


def note_refusal(request: HttpRequest, *, at: datetime, area: Area | None, what: str) -> None:
    """Unless the same was refused just now, or too much was. Only rows are read and added: no more is granted."""
    before = AuditEntry.objects.filter(user=request.user, kind=Kind.REFUSED, at__gt=at - REFUSALS_WITHIN)
    known = list(before.values_list("address", flat=True)[:MOST_REFUSALS])
    if address_of(request) in known or len(known) >= MOST_REFUSALS:
        return
    is_last = len(known) == MOST_REFUSALS - 1
    note(Kind.REFUSED, at=at, user=request.user, area=area, what=AND_MORE if is_last else what, request=request)


def note_refused_visitor(
    request: HttpRequest, *, at: datetime, what: str, user: User | None = None, area: Area | None = None
) -> None:
    """Of a secret that opens nothing; `user` is whose it is, where it was one."""
    _note_within_bounds(Kind.REFUSED, request, at=at, what=what, user=user, area=area)


def note_weak_sign_in(request: HttpRequest, *, at: datetime, user: User | None) -> None:
    _note_within_bounds(Kind.SIGN_IN_REFUSED, request, at=at, what=TOO_WEAK, user=user, area=None)


def _note_within_bounds(kind: str, request: HttpRequest, *, at: datetime, what: str, user, area) -> None:
    """By network address and not by path, which whoever asks makes up."""
    before = AuditEntry.objects.filter(kind=kind, user=user, area=area, at__gt=at - REFUSALS_WITHIN)
    known = list(before.values_list("what", "ip_address")[:MOST_REFUSALS])
    if (what[:200], network_address(request)) in known or len(known) >= MOST_REFUSALS:
        return
    is_last = len(known) == MOST_REFUSALS - 1
    note(kind, at=at, user=user, area=area, what=AND_MORE if is_last else what, request=request)


# Coming and going, and what changes a sign-in before anybody is signed in: called by signals of Django, axes and allauth


def signed_in(sender, request, user, **kwargs):
    note(Kind.SIGN_IN, at=timezone.now(), user=user, request=request)


def signed_out(sender, request, user, **kwargs):
    if user is not None:
        note(Kind.SIGN_OUT, at=timezone.now(), user=user, request=request)


def refused(sender, credentials, request=None, **kwargs):
    note(Kind.SIGN_IN_REFUSED, at=timezone.now(), user=_whose(credentials), request=request)


def locked_out(sender, request, username, **kwargs):
    note(Kind.LOCKED_OUT, at=timezone.now(), user=_whose({"email": username}), request=request)


def password_chosen_anew(sender, request, user, **kwargs):
    note(Kind.ACCOUNT, at=timezone.now(), user=user, what="A password chosen by the link of a letter", request=request)


def tied_to_a_provider(sender, request, sociallogin, **kwargs):
    what = "Tied to the organisation's own sign-in"
    note(Kind.ACCOUNT, at=timezone.now(), user=sociallogin.user, what=what, request=request)


def _whose(credentials: dict) -> User | None:
    """The person whose address was typed; an address that nobody here has is not kept."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    return User.objects.filter(email__iexact=typed).first() if typed and "\x00" not in typed else None
