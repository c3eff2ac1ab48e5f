"""Setting a plan up: what it still needs, filled in by the page, and from when it is held to it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.views import View

from common.dates import in_words
from common.text import unkeepable_in
from common.words import plural
from people.models import Lead, Partner
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.models import Strategy
from workstrands import planning
from workstrands.forms import NEW_LEADS, ActionRowForm, BaselineForm, Choices, KpiRowForm, NewLeadForm
from workstrands.models import Action

ROWS = 25
PARTS = ("actions", "kpis", "baseline")
ROW_FORMS = {"actions": ActionRowForm, "kpis": KpiRowForm}
WRITES = {"actions": planning.set_up_actions, "kpis": planning.set_up_kpis}


class Bulk:
    """The rows of one part on a page, and the leads that can be named above them."""

    def __init__(self, part: str, records, choices: Choices, *, data=None):
        self.part = part
        self.choices = choices
        self.refusals: list[str] = []
        self.new_leads = [NewLeadForm(data, number=number, kind=part) for number in range(1, NEW_LEADS + 1)]
        named = {f"new{form.number}" for form in self.new_leads if form.is_named}
        self.rows = [ROW_FORMS[part](data, record=record, choices=choices, new_leads=named) for record in records]

    @property
    def has_new_leads(self) -> bool:
        return any(form.is_named or form.errors for form in self.new_leads)

    @property
    def forms(self) -> list:
        return [*self.new_leads, *self.rows]

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms)

    def unjudged(self) -> "Bulk":
        for form in self.forms:
            form.unjudged()
        return self

    @property
    def summary(self) -> list[tuple[str, str]]:
        return [*(("", refusal) for refusal in self.refusals), *(line for form in self.forms for line in form.summary)]

    def write(self, area, *, by, at) -> int:
        """All the rows and the new leads, or nothing; how many rows changed something."""
        with transaction.atomic():
            named = {f"new{form.number}": form.name_lead(area, by=by) for form in self.new_leads if form.is_named}
            leads = {**self.choices.leads, **named}
            return WRITES[self.part]([needs for row in self.rows if (needs := row.needs(leads))], by=by, at=at)


class SetUpView(InAreaMixin, View):
    """Three parts, one at a time: `?part=actions`, `kpis` or `baseline`. `?all=1` lists what needs nothing too."""

    template_name = "workstrands/set_up.html"
    is_reading = False
    may = may_edit
    nav = "board"

    def get(self, request, **kwargs):
        self.find()
        parked = parked_form(request)
        if parked is None:
            return self.show()
        if self.part == "baseline":
            return self.show(baseline=BaselineForm(parked).unjudged(), is_parked=True)
        return self.show(bulk=self.posted(parked).unjudged(), is_parked=True)

    def post(self, request, **kwargs):
        self.find()
        return self.post_baseline() if self.part == "baseline" else self.post_rows()

    def find(self) -> None:
        self.strategy = Strategy.objects.published().filter(area=self.area, slug=self.kwargs["strategy"]).first()
        if self.strategy is None:
            raise Http404("No such plan.")
        self.strategy.area = self.area
        self.part = self.request.GET.get("part", PARTS[0])
        if self.part not in PARTS:
            raise Http404("Setting up has three parts: actions, kpis and baseline.")
        self.lists_all = self.request.GET.get("all") == "1"

    @cached_property
    def choices(self) -> Choices:
        """To an illustrative sign-in, illustrative leads and partners alone: nothing made up falls to a real one."""
        leads = Lead.objects.in_post(self.when.today).filter(area=self.area)
        partners = Partner.objects.filter(area=self.area, successor=None)
        is_illustrative = self.request.user.is_illustrative
        if is_illustrative:
            leads, partners = leads.filter(is_illustrative=True), partners.filter(is_illustrative=True)
        others = Lead.objects.filter(area=self.area).exclude(pk__in=leads.values("pk"))
        other_partners = Partner.objects.filter(area=self.area).exclude(pk__in=partners.values("pk"))
        return Choices(
            leads={str(lead.pk): lead for lead in leads},
            partners={str(partner.pk): partner for partner in partners},
            others={str(lead.pk): named_still(lead, self.when.today) for lead in others},
            other_partners={str(partner.pk): partner.name for partner in other_partners},
            real=frozenset(str(lead.pk) for lead in others if is_illustrative and not lead.is_illustrative),
        )

    # What a plan holds

    def records(self):
        """Every record that this part can fill in, with how it stands."""
        if self.part == "kpis":
            return planning.kpis_of(self.area, self.when.now).select_related("indicator")
        plan = Action.objects.filter(strategy=self.strategy).select_related("strategy")
        return planning.with_needs(plan, self.when.now).order_by("position", "pk")

    def lacking(self):
        if self.part == "kpis":
            return self.records().filter(Q(has_target=False) | Q(owner=None))
        return self.records().filter(Q(standing_lead=None) | Q(standing_due_on=None))

    def page(self):
        found = self.records() if self.lists_all else self.lacking()
        return Paginator(found, ROWS).get_page(self.request.GET.get("page"))

    def posted(self, data) -> Bulk:
        """The rows that were sent, in the plan's order, whether or not they still need anything."""
        name = "indicator__code" if self.part == "kpis" else "key"
        keys = [key for key in data.getlist("row")[:ROWS] if not unkeepable_in(key)]
        return Bulk(self.part, self.records().filter(**{f"{name}__in": keys}), self.choices, data=data)

    # What is done with it

    def post_rows(self):
        bulk = self.posted(self.request.POST)
        if not bulk.is_valid():
            return self.show(bulk=bulk)
        try:
            changed = bulk.write(self.area, by=self.request.user, at=self.when.now)
        except ValidationError as error:
            bulk.refusals = error.messages
            return self.show(bulk=bulk)
        noun = "action" if self.part == "actions" else "KPI"
        return self.done(f"{plural(changed, noun)} set up." if changed else "Nothing was changed.")

    def post_baseline(self):
        form = BaselineForm(self.request.POST)
        if form.is_valid():
            try:
                on = form.cleaned_data["baselined_on"]
                planning.baseline(self.strategy, on=on, by=self.request.user, at=self.when.now)
                return self.done(f"This plan is held to its leads and dates from {in_words(on)}.")
            except ValidationError as error:
                form.accuse(error)
                self.strategy.refresh_from_db()
        return self.show(baseline=form)

    def done(self, said: str):
        forget_parked(self.request)
        messages.success(self.request, said)
        return redirect(self.request.get_full_path())

    def show(self, *, bulk: Bulk | None = None, baseline: BaselineForm | None = None, is_parked: bool = False):
        page = self.page() if bulk is None and self.part != "baseline" else None
        if page is not None:
            bulk = Bulk(self.part, page.object_list, self.choices)
        if self.part == "baseline":
            baseline = baseline or BaselineForm(
                initial={"baselined_on": self.strategy.baselined_on or self.strategy.starts_on}
            )
        counts = planning.setup_counts(self.strategy, self.when.now)
        return render(
            self.request,
            self.template_name,
            {
                "strategy": self.strategy,
                "part": self.part,
                "tasks": tasks(counts, self.strategy),
                "lists_all": self.lists_all,
                "page": page,
                "bulk": bulk,
                "baseline": baseline,
                "counts": counts,
                "summary": (bulk or baseline).summary if bulk or baseline else [],
                "is_parked": is_parked,
                "today": self.when.today,
            },
        )


@dataclass(frozen=True, slots=True)
class Task:
    part: str
    title: str
    status: str


def named_still(lead: Lead, on: date) -> str:
    return f"{lead}, who has left" if lead.left_on and lead.left_on <= on else str(lead)


def tasks(counts: planning.SetUpCounts, strategy: Strategy) -> list[Task]:
    """The three parts, each with what is left to do in it."""
    actions = planning.needs(
        [("action", "a lead", counts.actions_without_lead), ("action", "a date", counts.actions_without_date)]
    )
    kpis = planning.needs(
        [("KPI", "a target", counts.kpis_without_target), ("KPI", "an owner", counts.kpis_without_owner)]
    )
    since = strategy.baselined_on
    return [
        Task("actions", "Leads, partners and dates of the actions", actions or "Done"),
        Task("kpis", "Owners, targets and tolerances of the KPIs", kpis or "Done"),
        Task("baseline", "Baseline the plan", f"From {in_words(since)}" if since else "To do"),
    ]
