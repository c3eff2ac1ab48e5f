"""The addresses of the API. Rows and description are opened by a token; the page that explains them by signing in."""

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView, View

from board.api.answering import answer, etag_of, is_unchanged, not_modified
from board.api.asking import Asked, when_of
from board.api.openapi import description
from board.api.parameters import SHARED, check_all
from board.api.problems import Problem, bad_request, not_found, problem_response, unauthorised, unencrypted
from board.api.resources import RESOURCES, Resource
from board.api.throttle import REQUESTS_A_MINUTE, refuse_too_many
from people import auditing
from people.access_tokens import Holder, find_ended, find_holder, note_use
from people.models import AccessToken
from people.scoping import InAreaMixin, memberships_of
from strategies import own_words
from strategies.models import Area

METHODS = "GET, HEAD, OPTIONS"


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class ApiView(View):
    """Answers every address below `/<area>/api/v1/` in JSON, whatever goes wrong."""

    def dispatch(self, request, *args, **kwargs):
        try:
            response = self.answered(request, **kwargs)
        except Problem as problem:
            response = problem_response(problem)
        patch_vary_headers(response, ["Accept", "Authorization"])
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def answered(self, request: HttpRequest, *, area: str, **kwargs) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            raise unencrypted()
        if request.method == "OPTIONS":
            return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": METHODS})
        if request.method not in ("GET", "HEAD"):
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "The API is read-only: use GET.", Allow=METHODS)
        return self.get(request, area, **kwargs)

    def get(self, request: HttpRequest, area: str, *, rest: str) -> HttpResponse:
        now = timezone.now()
        holder = holder_of(request, area)
        refuse_too_many(holder.token.pk, now)
        own_words.use(holder.area.words)
        self.note_use(request, holder, now)  # before the number of the data is read: writing it moves that
        resource = find_resource(rest)
        check_all(request.GET, resource.parameters)
        asked = Asked(request, holder, when_of(request, now))
        etag = etag_of(asked)
        response = not_modified() if is_unchanged(request, etag) else answer(resource, asked)
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"
        return response

    def note_use(self, request: HttpRequest, holder: Holder, now) -> None:
        if note_use(holder.token, at=now):
            of = {"user": holder.token.user, "area": holder.area}
            auditing.note(auditing.Kind.EXPORT, at=now, what=f"API: {holder.token.name}", request=request, **of)


def holder_of(request: HttpRequest, area: str) -> Holder:
    """Whose token it is. 404 for one of another area, whether or not there is such an area."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip() if scheme.lower() == "bearer" else ""
    holder = find_holder(secret)
    if holder is None:
        if secret:
            note_refused(request, area, find_ended(secret), "which opens nothing any more")
        raise unauthorised()
    if holder.area.slug != area:
        note_refused(request, area, holder.token, "of another area")
        raise not_found()
    return holder


def note_refused(request: HttpRequest, area: str, token: AccessToken | None, why: str) -> None:
    """In the log of the area that was asked for, under the name of the token where it has one."""
    place = Area.objects.filter(slug=area, kind=Area.Kind.LOCAL_AREA).first()
    what = f"API: {token.name}, {why}" if token else "API: a token that is none"
    of = {"user": token and token.user, "area": place, "what": what}
    auditing.note_refused_visitor(request, at=timezone.now(), **of)


def find_resource(rest: str) -> Resource:
    resource = RESOURCES.get(rest.removesuffix("/"))
    if resource is None:
        raise not_found(f"There is nothing at this address. There are: {', '.join(RESOURCES)}.")
    return resource


class DescriptionView(ApiView):
    """OpenAPI. It holds no rows, so that it opens to those who are signed in too: the page leads there."""

    def get(self, request: HttpRequest, area: str) -> HttpResponse:
        if request.GET:
            raise bad_request("The description takes no parameters.")
        place = self.own_area(request, area) or holder_of(request, area).area
        address = request.build_absolute_uri(reverse("board:api-docs", args=[area])).rstrip("/")
        response = JsonResponse(description(place, address), json_dumps_params={"ensure_ascii": False})
        response["Cache-Control"] = "private, no-cache"
        return response

    def own_area(self, request: HttpRequest, area: str) -> Area | None:
        if not request.user.is_authenticated or "Authorization" in request.headers:
            return None
        found = next((one.area for one in memberships_of(request.user) if one.area.slug == area), None)
        if found is None:
            raise not_found()
        return found


class DocsView(InAreaMixin, TemplateView):
    """For people: what there is, and how Power BI and Excel read it."""

    template_name = "board/access_tokens_docs.html"
    nav = "people"

    def get_context_data(self, **kwargs):
        base = self.request.build_absolute_uri(reverse("board:api-docs", args=[self.area.slug]))
        return super().get_context_data(
            **{**kwargs, "area": self.area},
            base=base,
            site=self.request.build_absolute_uri("/").rstrip("/"),
            description=f"{base}openapi.json",
            resources=RESOURCES.values(),
            shared=SHARED,
            requests_a_minute=REQUESTS_A_MINUTE,
        )
