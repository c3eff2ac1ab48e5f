"""The page for families, without a sign-in; and the officers' page that writes, publishes and withdraws it."""

from functools import cached_property

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import http_date
from django.views import View

from board import public
from board.models import PublicPage
from board.public_forms import PublicPageForm
from kpis.appending import Conflict, number_of
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.models import Strategy

SECONDS_KEPT = 300  # how long anybody's browser or cache may show a page that was withdrawn meanwhile
MOST_VERSIONS = 50


def shown_of(content: dict) -> dict:
    """What the page's template takes of a content."""
    return {
        "intro": content["intro"],
        "parts": [(name, title, content[name]) for name, title in public.SECTIONS.items() if content[name]],
        "pairs_title": public.PAIRS_TITLE,
        "pairs": public.grouped_pairs(content[public.PAIRS]),
        "plan_title": content.get("plan", ""),
        "is_illustrative": content.get("is_illustrative", False),
    }


@method_decorator(login_not_required, name="dispatch")
class PublicView(View):
    """The same for everybody, and any cache may keep it: it asks nothing of the session. It takes no `as_at`: what was
    withdrawn stays withdrawn."""

    def get(self, request, area: str):
        page = public.standing_page(area)
        if page is None:
            raise Http404("No such page.")
        etag = f'"{page.pk}-{page.recorded_at.timestamp():.0f}"'
        response = get_conditional_response(request, etag=etag) or self.whole(page)
        response["ETag"], response["Last-Modified"] = etag, http_date(page.recorded_at.timestamp())
        patch_cache_control(response, public=True, max_age=SECONDS_KEPT)
        request.session.accessed = (
            False  # the middleware asked who looks; the page does not differ by it, so caches need not
        )
        return response

    def whole(self, page: PublicPage) -> HttpResponse:
        shown = {"page": page, "area": page.area, **shown_of(page.content)}
        return HttpResponse(render_to_string("board/public_page.html", shown))


class PublicEditView(InAreaMixin, View):
    """Write, look at, publish and withdraw. Nothing is kept until it is published."""

    is_reading = False
    may = may_edit
    nav = "board"
    template_name = "board/public_edit.html"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(PublicPageForm(parked).unjudged(), is_parked=True)
        return self.show(PublicPageForm(content=self.beginning, seen_number=number_of(self.latest)))

    def post(self, request, **kwargs):
        if request.POST.get("do") == "withdraw":
            return self.withdraw()
        form = PublicPageForm(request.POST)
        if request.POST.get("do") != "publish":
            return self.preview(form)
        if not form.is_valid():
            return self.show(form)
        return self.publish(form)

    def publish(self, form: PublicPageForm) -> HttpResponse:
        said = form.cleaned_data
        try:
            page = public.publish(
                self.area, self.plan, form.content, by=self.request.user, at=self.when.now,
                seen_number=said["seen_number"], is_checked=said["is_checked"],
                allows_illustration=not settings.IS_PRODUCTION,
            )  # fmt: skip
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict as conflict:
            return self.show_conflict(conflict.latest)
        forget_parked(self.request)
        messages.success(self.request, f"The page for families is published, as no. {page.number}.")
        return redirect("board:public-edit", self.area.slug)

    def preview(self, form: PublicPageForm) -> HttpResponse:
        """With every message that publishing would give."""
        if form.is_valid():
            for name, problem in public.content_problems(form.content).items():
                form.add_error(name, problem)
        return self.show(form, preview=shown_of(public.tidied(form.content)))

    def withdraw(self) -> HttpResponse:
        seen = self.request.POST.get("seen_number", "")
        seen_number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 8 else 0
        try:
            public.withdraw(self.area, by=self.request.user, at=self.when.now, seen_number=seen_number)
            messages.success(self.request, "The page for families is withdrawn: its address shows nothing now.")
        except ValidationError as error:
            messages.warning(self.request, error.messages[0])
        except Conflict:
            messages.warning(self.request, "Somebody else published or withdrew the page meanwhile. Look again.")
        return redirect("board:public-edit", self.area.slug)

    @cached_property
    def plan(self) -> Strategy | None:
        return Strategy.objects.current(self.area, self.when.today)

    @cached_property
    def versions(self) -> list[PublicPage]:
        return list(self.area.public_pages.select_related("recorded_by").order_by("-number")[:MOST_VERSIONS])

    @property
    def latest(self) -> PublicPage | None:
        return self.versions[0] if self.versions else None

    @property
    def beginning(self) -> dict:
        """A published version by its number, the latest one, or what the records propose (`?from=records`)."""
        asked = self.request.GET.get("from", "")
        written = [page for page in self.versions if not page.withdrawn]
        if asked.isascii() and asked.isdigit():
            written = [page for page in written if str(page.number) == asked]
            if not written:
                raise Http404("No such version.")
        if written and asked != "records":
            return written[0].content
        return public.proposal(self.area, self.plan, self.when.now).content

    def show_conflict(self, latest: PublicPage | None) -> HttpResponse:
        self.__dict__.pop("versions", None)
        typed = self.request.POST.copy()
        typed["seen_number"] = number_of(latest)
        return self.show(PublicPageForm(typed).unjudged(), status=409, meanwhile=latest)

    def show(self, form: PublicPageForm, *, status: int = 200, **context) -> HttpResponse:
        latest = self.latest
        shown = {
            "form": form, "versions": self.versions, "latest": latest, "is_published": bool(latest and not latest.withdrawn),
            "rests_on_illustration": public.proposal(self.area, self.plan, self.when.now).is_illustrative,
            "is_production": settings.IS_PRODUCTION, **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown, status=status)
