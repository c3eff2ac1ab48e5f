"""Saying what of the area's plans answers an inspection finding."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views import View

from common.words import plural
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from priorities.models import Finding
from workstrands.answering import Answer, answer_finding, answers_of, mark_critical
from workstrands.forms import AnswersForm
from workstrands.templatetags.findings import finding_anchor

SIGNS = 100  # of what is looked for


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be ticked of one plan, or of the KPIs."""

    title: str
    is_open: bool
    answers: list[Answer]


class AnswersView(InAreaMixin, View):
    """What is ticked stands first; below it everything else, or what the words looked for find."""

    template_name = "workstrands/answers.html"
    is_reading = False
    may = may_edit
    nav = "inspection"

    @cached_property
    def finding(self) -> Finding:
        try:
            day = parse_date(self.kwargs["day"])
        except ValueError:
            day = None
        of_area = Finding.objects.filter(inspection__area=self.area).select_related("inspection", "parent")
        found = of_area.filter(inspection__inspected_to=day, ref=self.kwargs["ref"]).order_by("pk").first()
        if day is None or found is None:
            raise Http404("No such finding.")
        return found

    @cached_property
    def answers(self) -> dict[str, Answer]:
        return {one.address: one for one in answers_of(self.area, self.finding, by=self.request.user)}

    def get(self, request, **kwargs):
        linked = [address for address, one in self.answers.items() if one.is_linked]
        critical = [address for address in linked if self.is_critical(address)]
        parked = parked_form(request)
        if parked is not None:
            return self.show(AnswersForm(parked, addresses=self.answers).unjudged(), is_parked=True)
        initial = {"answers": linked, "was": linked, "critical": critical, "was_critical": critical,
                   "q": request.GET.get("q", "")}  # fmt: skip
        return self.show(AnswersForm(initial=initial, addresses=self.answers))

    def post(self, request, **kwargs):
        self.finding  # noqa: B018 - another area's finding is refused before anything is read
        form = AnswersForm(request.POST, addresses=self.answers)
        if "find" in request.POST:
            return self.show(form.unjudged())
        if form.is_valid():
            try:
                return self.done(self.write(form.cleaned_data))
            except ValidationError as error:
                form.accuse(error)
        return self.show(form)

    def write(self, said: dict) -> int:
        """How many links and marks were changed. A mark is only for what stays linked."""
        ticked, was = set(said["answers"]), set(said["was"])
        critical, was_critical = set(said["critical"]) & ticked, set(said["was_critical"]) & ticked
        if said["new_are_critical"]:
            critical |= ticked - was
        by = {"by": self.request.user, "at": self.when.now}
        changed = answer_finding(self.finding, add=self.records(ticked - was), remove=self.records(was - ticked), **by)
        changed += mark_critical(self.actions(critical - was_critical), is_critical=True, **by)
        return changed + mark_critical(self.actions(was_critical - critical), is_critical=False, **by)

    def records(self, addresses: set[str]) -> list:
        return [one.record for address, one in self.answers.items() if address in addresses]

    def actions(self, addresses: set[str]) -> list:
        return [one.record for address, one in self.answers.items() if address in addresses and one.is_action]

    def is_critical(self, address: str) -> bool:
        one = self.answers.get(address)
        return bool(one and one.is_action and one.record.is_critical)

    def done(self, changed: int):
        forget_parked(self.request)
        said = f"Finding {self.finding.ref}: {plural(changed, 'change')} saved." if changed else "Nothing was changed."
        messages.success(self.request, said)
        return redirect(self.back_address)

    @property
    def back_address(self) -> str:
        return f"{reverse('board:inspection', args=[self.area.slug])}#{finding_anchor(self.finding)}"

    def show(self, form: AnswersForm, **context):
        ticked, words = form.ticked, (form["q"].value() or "")[:SIGNS].strip()
        left = [one for address, one in self.answers.items() if address not in ticked]
        found = [one for one in left if one.matches(words)]
        return render(
            self.request,
            self.template_name,
            {
                "form": form,
                "finding": self.finding,
                "back": self.back_address,
                "chosen": [one for address, one in self.answers.items() if address in ticked],
                "was": form["was"].value() or [],
                "critical": form["critical"].value() or [],
                "was_critical": form["was_critical"].value() or [],
                "offered": self.grouped(found, is_sought=bool(words)),
                "words": words,
                "found": len(found),
                **context,
            },
        )

    def grouped(self, answers: list[Answer], *, is_sought: bool) -> list[Offered]:
        """By plan, the newest first, then the KPIs; open where the plan runs, or where something is looked for."""
        groups: dict = {}
        for one in answers:
            groups.setdefault(one.plan, []).append(one)
        plans = sorted((plan for plan in groups if plan), key=lambda plan: plan.starts_on, reverse=True)
        offered = [
            Offered(plan.title, is_sought or not plan.has_ended(self.when.today), groups[plan]) for plan in plans
        ]
        return offered + ([Offered("KPIs", True, groups[None])] if None in groups else [])
