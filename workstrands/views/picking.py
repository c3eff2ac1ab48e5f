"""Pages on which some of many records are ticked: what is ticked stands first, below it everything else, or what is found."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.functional import cached_property

from people.parking import forget_parked, parked_form
from strategies.models import Strategy
from workstrands.forms import PickForm
from workstrands.options import Option

SIGNS = 100  # of what is looked for
HEADLINE, OTHER = "Headline KPIs", "Other KPIs"
MOST_OPEN = 20  # of the other KPIs


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be ticked of one plan, or of the KPIs."""

    title: str
    is_open: bool
    options: list[Option]


class PickMixin:
    """A view names `template_name`, `form_class` and `back_address`, reads its `found_options` and what stands (`initial`),
    and writes what was said (`write`, which answers with a sentence). Stands before the mixin that finds the area.
    """

    is_reading = False

    @cached_property
    def options(self) -> dict[str, Option]:
        return {one.address: one for one in self.found_options()}

    def form(self, *args, **kwargs) -> PickForm:
        return self.form_class(*args, addresses=self.options, **kwargs)

    @property
    def linked(self) -> list[str]:
        return [address for address, one in self.options.items() if one.is_linked]

    def records(self, addresses) -> list:
        return [one.record for address, one in self.options.items() if address in addresses]

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        return self.show(self.form(initial={"q": request.GET.get("q", ""), **self.initial()}))

    def post(self, request, **kwargs):
        form = self.form(request.POST)
        if "find" in request.POST:
            return self.show(form.unjudged())
        if form.is_valid():
            try:
                return self.done(self.write(form))
            except ValidationError as error:
                form.accuse(error)
        return self.show(form)

    def done(self, said: str):
        forget_parked(self.request)
        messages.success(self.request, said)
        return redirect(self.back_address)

    def show(self, form: PickForm, *, status: int = 200, **context):
        ticked, words = form.ticked, (form["q"].value() or "")[:SIGNS].strip()
        left = [one for address, one in self.options.items() if address not in ticked]
        found = [one for one in left if one.matches(words)]
        context = {
            "form": form,
            "back": self.back_address,
            "chosen": [one for address, one in self.options.items() if address in ticked],
            "was": form["was"].value() or [],
            "offered": self.grouped(found, is_sought=bool(words)),
            "words": words,
            "found": len(found),
            **self.also_shown(form),
            **context,
        }
        return render(self.request, self.template_name, context, status=status)

    def also_shown(self, form: PickForm) -> dict:
        return {}

    def grouped(self, options: list[Option], *, is_sought: bool) -> list[Offered]:
        """By plan, the newest first, then the KPIs; open where the plan runs, or where something is looked for."""
        groups: dict = {}
        for one in options:
            groups.setdefault(one.plan or headline_word(one), []).append(one)
        plans = sorted(
            (plan for plan in groups if isinstance(plan, Strategy)), key=lambda plan: plan.starts_on, reverse=True
        )
        of_plans = [(plan.title, not plan.has_ended(self.when.today), groups[plan]) for plan in plans]
        of_kpis = [(word, word == HEADLINE or len(groups[word]) <= MOST_OPEN, groups[word])
                   for word in (HEADLINE, OTHER) if word in groups]  # fmt: skip
        return [Offered(title, is_open or is_sought, found) for title, is_open, found in of_plans + of_kpis]


def headline_word(one: Option) -> str:
    """KPIs are many: those of the Board page are listed first."""
    return HEADLINE if one.record.is_headline else OTHER
