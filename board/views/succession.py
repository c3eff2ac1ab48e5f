"""The thread of promises from one plan to the next: read as at any day, and accounted for by officers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from board.exporting import header_lines
from board.models import Succession
from board.succession import (
    FATE_WORDS,
    KINDS,
    NOBODY,
    Link,
    Promise,
    Traced,
    candidates_of,
    links_of,
    propose,
    trace,
    traced_back,
)
from board.succession_forms import PROPOSED, FateForm, PlansForm
from board.succession_keeping import decide
from board.views.mixins import published_strategy
from board.vocabulary import Fate
from common.export import as_csv, as_xlsx, export_format, file_response
from kpis.appending import Conflict
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.models import Strategy

PER_PAGE = 40
PRESSES = [(Fate.CARRIED_ON, "Accept"), (Fate.NOT_THE_SAME, "Reject")]
RETURNED = ("earlier", "later", "fate", "page")  # what leads back to the same rows of the list


@dataclass(frozen=True, slots=True)
class Counted:
    """One count of the summary, with the address of its rows."""

    words: str
    count: int
    address: str


def plans_of(area) -> list[Strategy]:
    plans = list(
        Strategy.objects.published().filter(area=area).select_related("continues").order_by("-starts_on", "pk")
    )
    for plan in plans:
        plan.area = area
    return plans


def usual_pair(plans: list[Strategy], asked: dict, on) -> tuple[Strategy | None, Strategy | None]:
    """The earlier and the later plan where the address does not name both: the one that is current and what it continues."""
    by_slug = {plan.slug: plan for plan in plans}
    earlier, later = by_slug.get(asked.get("earlier", "")), by_slug.get(asked.get("later", ""))
    following = [plan for plan in plans if plan.continues_id]
    if later is None and earlier is not None:
        heirs = [plan for plan in following if plan.continues_id == earlier.pk]
        later = next(iter(heirs or [plan for plan in plans if plan.starts_on > earlier.starts_on]), None)
    elif later is None:
        current = Strategy.current_of(plans, on)
        later = current if current in following else next(iter(following or plans), None)
    if earlier is None and later is not None:
        before = [plan for plan in plans if plan.pk == later.continues_id]
        before += [plan for plan in plans if plan.starts_on < later.starts_on]
        earlier = next(iter(before), None)
    return earlier, later


class SuccessionView(InAreaMixin, TemplateView):
    template_name = "board/succession.html"
    nav = "board"

    def get(self, request, *args, **kwargs):
        fmt = export_format(request)
        if fmt and self.form.is_valid() and self.has_pair:
            return self.export(fmt)
        return super().get(request, *args, **kwargs)

    @cached_property
    def plans(self) -> list[Strategy]:
        return plans_of(self.area)

    @cached_property
    def form(self) -> PlansForm:
        pair = usual_pair(self.plans, self.request.GET, self.when.day)
        return PlansForm(self.request.GET, plans=self.plans, pair=pair)

    @property
    def has_pair(self) -> bool:
        return self.form.is_valid() and bool(self.form.earlier_plan and self.form.later_plan)

    @cached_property
    def traced(self) -> list[Traced]:
        """Proposals are made for what nobody has accounted for. They belong to the present: they are no record."""
        traced = trace(self.form.earlier_plan, self.when.moment)
        if not self.when.as_at:
            propose([one for one in traced if one.fate == NOBODY], self.candidates, area=self.area)
        return traced

    @cached_property
    def candidates(self) -> list[Promise]:
        return candidates_of(self.form.later_plan, self.when.moment)

    @cached_property
    def shown(self) -> list[Traced]:
        return self.form.kept(self.traced)

    @property
    def address(self) -> str:
        return reverse("board:succession", args=[self.area.slug])

    def narrowed(self, **more) -> str:
        asked = {"earlier": self.form.earlier_plan.slug, "later": self.form.later_plan.slug, **more}
        if self.when.as_at:
            asked["as_at"] = str(self.when.as_at)
        return f"{self.address}?{urlencode(asked)}#thread"

    def get_context_data(self, **kwargs):
        context = {
            "area": self.area,
            "form": self.form,
            "address": self.address,
            "has_pair": self.has_pair,
            "plans": self.plans,
        }
        if self.has_pair:
            context |= self.thread()
        return super().get_context_data(**{**kwargs, **context})

    def thread(self) -> dict:
        page = self.page()
        back = [pair for pair in traced_back(self.traced, self.candidates) if pair[1]]
        return {
            "earlier": self.form.earlier_plan, "later": self.form.later_plan, "page_obj": page, "rows": self.rows(page),
            "total": len(self.traced), "found": len(self.shown), "counts": self.counts(), "narrowing": self.form.in_words(),
            "carrying": back, "later_total": len(self.candidates),
            "unaccounted": sum(one.fate == NOBODY for one in self.traced), "clear": self.narrowed(),
            "may_edit": may_edit(self.membership) and not self.when.as_at, "presses": PRESSES,
            "back": urlencode({name: self.request.GET[name] for name in RETURNED if self.request.GET.get(name)}),
        }  # fmt: skip

    def page(self) -> Page:
        """A page that there is none of shows the nearest."""
        return Paginator(self.shown, PER_PAGE).get_page(self.request.GET.get("page", "1"))

    def rows(self, page) -> list[tuple[Traced, list[Link]]]:
        return [(one, links_of(one.stands, self.area.slug)) for one in page]

    def counts(self) -> list[Counted]:
        found = Counter(one.fate for one in self.traced)
        counted = [Counted(FATE_WORDS[fate], found[fate], self.narrowed(fate=fate)) for fate in FATE_WORDS]
        proposed = sum(bool(one.proposed) for one in self.traced)
        return counted + [Counted("With a proposal", proposed, self.narrowed(fate=PROPOSED))] * (not self.when.as_at)

    def export(self, fmt: str) -> HttpResponse:
        earlier, later = self.form.earlier_plan, self.form.later_plan
        header = header_lines(
            self, f"What became of its promises in {later.title}", self.form.in_words(), strategy=earlier
        )
        rows = [EXPORTED, *(row for one in self.shown for row in exported(one))]
        name = f"{self.area.slug}-{earlier.slug}-succession-{self.when.day}"
        return file_response((as_csv if fmt == "csv" else as_xlsx)(header, rows), fmt=fmt, name=name)


EXPORTED = [
    "Ref", "Promise", "Kind", "Part of", "What became of it", "Later plan", "Later ref", "Later wording", "Later kind", "Why",
    "Decided by", "Decided on", "Recorded at", "Recorded by", "Proposed ref", "Proposed wording", "Alike, in a hundred",
    "Proposed because",
]  # fmt: skip


def exported(one: Traced) -> Iterator[list]:
    """A row for each later record that carries it on; one where there is none."""
    own = [one.promise.ref, one.promise.text, one.promise.noun, one.promise.place, one.fate_words]
    best = one.proposed[0] if one.proposed else None
    proposed = [best.promise.ref, best.promise.text, best.proposal.score, best.proposal.reason] if best else [None] * 4
    links = {link.row.pk: link for link in links_of(one.stands, "")}
    for row in one.stands.rows or [None]:
        yield [*own, *_decided(row, links), *proposed]


def _decided(row: Succession | None, links: dict[int, Link]) -> list:
    if row is None:
        return [None] * 9
    link = links.get(row.pk)
    later = [link.record.strategy.title, link.record.ref, link.text, link.noun.lower()] if link else [None] * 4
    return [*later, row.reason, row.decided_by, row.decided_on, row.recorded_at, str(row.recorded_by or "")]


class FateView(InAreaMixin, View):
    """One promise of an earlier plan: what stands of it, what is proposed, and a form. A press sends the form filled."""

    is_reading = False
    may = may_edit
    nav = "board"
    template_name = "board/succession_promise.html"

    def find(self) -> None:
        """The promise among those of its plan, whatever became of the records it replaced; 404 for another."""
        if self.kwargs["kind"] not in KINDS:
            raise Http404("No such promise.")
        self.earlier = published_strategy(self.area, self.kwargs["strategy"])
        self.later = self.later_plan()
        self.traced = next((one for one in trace(self.earlier, self.when.now) if one.promise.value == self.value), None)
        if self.traced is None:
            raise Http404("No such promise.")
        self.candidates = candidates_of(self.later, self.when.now)
        propose([self.traced], self.candidates, area=self.area)

    @property
    def value(self) -> str:
        return f"{self.kwargs['kind']}/{self.kwargs['key']}"

    def later_plan(self) -> Strategy:
        plans = plans_of(self.area)
        asked = {"earlier": self.earlier.slug, "later": self.request.GET.get("later", "")}
        later = usual_pair(plans, asked, self.when.day)[1]
        if later is None or later.starts_on <= self.earlier.starts_on:
            raise Http404("No plan followed this one.")
        return later

    def get(self, request, **kwargs):
        self.find()
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        return self.show(self.form(initial={"seen_number": self.traced.seen_number}))

    def post(self, request, **kwargs):
        self.find()
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            row = decide(
                self.area, self.traced.promise, form.decided, by=request.user, at=self.when.now,
                seen_number=form.cleaned_data["seen_number"] or 0,
            )  # fmt: skip
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict as conflict:
            return self.show_conflict(conflict.latest)
        forget_parked(request)
        messages.success(request, said_of(self.traced.promise, row, form.decided.later))
        return redirect(f"{self.list_address}#{anchor_of(self.traced.promise)}")

    def form(self, *args, **kwargs) -> FateForm:
        return FateForm(*args, candidates=self.candidates, **kwargs)

    @property
    def list_address(self) -> str:
        """The list as it was looked at."""
        asked = {name: self.request.GET[name][:80] for name in RETURNED if self.request.GET.get(name)}
        asked |= {"earlier": self.earlier.slug, "later": self.later.slug}
        return f"{reverse('board:succession', args=[self.area.slug])}?{urlencode(asked)}"

    def show_conflict(self, latest: Succession | None) -> HttpResponse:
        """What stands now is on the page; sent again, the form answers to it."""
        self.find()
        typed = self.request.POST.copy()
        typed["seen_number"] = str(latest.number if latest else 0)
        return self.show(self.form(typed).unjudged(), meanwhile=latest, status=409)

    def show(
        self, form: FateForm, *, status: int = 200, meanwhile: Succession | None = None, **context
    ) -> HttpResponse:
        shown = {
            "form": form, "area": self.area, "earlier": self.earlier, "later": self.later, "one": self.traced,
            "links": links_of(self.traced.stands, self.area.slug), "back": self.list_address, "presses": PRESSES,
            "list_query": self.list_address.partition("?")[2], "meanwhile": meanwhile, **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown, status=status)


def anchor_of(promise: Promise) -> str:
    return f"{promise.kind}-{promise.key}"


def said_of(promise: Promise, row: Succession, later: Promise | None) -> str:
    """What was just decided, for the message at the top of the page."""
    if row.fate == Fate.CARRIED_ON:
        return f"{promise.ref} is carried on in {later.noun} {later.ref}."
    if row.fate == Fate.NOT_THE_SAME:
        return f"{promise.ref} and {later.noun} {later.ref} are not the same promise. It is not proposed again."
    return f"{promise.ref}: {FATE_WORDS[row.fate].lower()}."
