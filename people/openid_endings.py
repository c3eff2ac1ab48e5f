"""A session here ends when the session at the OpenID provider that it began with ends.

Two ways, of which a provider has one or the other. **From behind** (OpenID Connect Back-Channel Logout 1.0): the provider's server
sends a signed token. **In a frame** (Front-Channel Logout 1.0, all that Microsoft Entra ID has): its sign-out page asks for an
address here. That request carries no cookie of ours, and needs none: it names the provider's own number of the session,
which nobody but the provider, this server and that browser know, and ends nothing else.

Which session of the provider a session here began with is kept in its row of sessions (`UserSession.data`). Signing out here does
not sign anybody out there: the other systems of a council or the NHS that the same session opens are not ours to close.
"""

import logging

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from people import auditing
from people.openid_tokens import NOT_READ, read_sign_out

log = logging.getLogger(__name__)

KEPT_AS = "openid"  # in the session and in its row
MOST_BYTES = 16 * 1024
LONGEST_NUMBER = 255
ENDED_THERE = "The session at the organisation's own sign-in ended"
NOT_VALID = "A sign-out by the organisation's own sign-in, not valid"


# Which session began where: called by signals of allauth


def came_in(sender, request, user, sociallogin=None, **kwargs):
    if sociallogin is None:
        return
    claims = (sociallogin.account.extra_data or {}).get("id_token") or {}
    request.session[KEPT_AS] = {"sub": str(claims.get("sub", "")), "sid": str(claims.get("sid", ""))}
    keep(sender, request)


def keep(sender, request, **kwargs):
    """Anew after a change of password too, when the session gets another number and row."""
    if began := request.session.get(KEPT_AS):
        UserSession.objects.filter(session_key=request.session.session_key).update(data={KEPT_AS: began})


def began_with(*, sub: str = "", sid: str = "") -> QuerySet[UserSession]:
    """Of a person all their sessions, or the one that is named; those whose number the provider never told are ended as well."""
    of_person = Q(data__openid__sub=sub) if sub else Q()
    of_session = Q(data__openid__sid=sid) if sid else Q()
    if sub and sid:
        of_session |= Q(data__openid__sid="")
    return UserSession.objects.filter(of_person & of_session).select_related("user")


def end(found: QuerySet[UserSession], request: HttpRequest) -> None:
    for session in found:
        session.end()
        about = {"user": session.user, "what": ENDED_THERE, "request": request}
        auditing.note(auditing.Kind.SIGN_OUT, at=timezone.now(), **about)


# Pages


def provider_of(request: HttpRequest, provider_id: str):
    try:
        return get_adapter(request).get_provider(request, provider=provider_id)
    except SocialApp.DoesNotExist:
        raise Http404("There is no such provider.") from None


@login_not_required
@csrf_exempt
@never_cache
@require_POST
def from_behind(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Anybody may send anything here: what counts is the provider's signature."""
    provider = provider_of(request, provider_id)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        claims = read_sign_out(request.POST.get("logout_token", ""), provider)
    except NOT_READ as problem:
        log.warning("A sign-out at the OpenID provider was not taken: %s", type(problem).__name__)
        auditing.note_refused_visitor(request, at=timezone.now(), what=NOT_VALID)
        return JsonResponse({"error": "invalid_request"}, status=400)
    end(began_with(sub=claims.get("sub", ""), sid=claims.get("sid", "")), request)
    return HttpResponse(status=200)


@login_not_required
@never_cache
@require_safe
def in_a_frame(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Nothing is shown: the policy of content lets no frame show it, and the request has come by then.

    Entra ID does not say who asks, against the standard; with one provider a session's number is enough.
    """
    issuer = provider_of(request, provider_id).app.settings["server_url"]
    sid = request.GET.get("sid", "")
    if request.GET.get("iss", issuer) != issuer or not 0 < len(sid) <= LONGEST_NUMBER or "\x00" in sid:
        return HttpResponse(
            "Say which session ended (sid), and who asks (iss).\n", status=400, content_type="text/plain"
        )
    if request.method == "GET":
        end(began_with(sid=sid), request)
    return HttpResponse(status=204)
