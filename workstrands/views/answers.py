"""Saying what of the area's plans answers an inspection finding."""

from functools import cached_property

from django.http import Http404
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views import View

from common.words import plural
from people.roles import may_edit
from people.scoping import InAreaMixin
from priorities.models import Finding
from workstrands.answering import answer_finding, answers_of, mark_critical
from workstrands.forms import AnswersForm
from workstrands.options import Option
from workstrands.templatetags.findings import finding_anchor
from workstrands.views.picking import PickMixin


class AnswersView(PickMixin, InAreaMixin, View):
    template_name = "workstrands/answers.html"
    form_class = AnswersForm
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

    def found_options(self) -> list[Option]:
        return answers_of(self.area, self.finding, by=self.request.user)

    def initial(self) -> dict:
        linked = self.linked
        critical = [address for address in linked if self.is_critical(address)]
        return {"answers": linked, "was": linked, "critical": critical, "was_critical": critical}

    def write(self, form: AnswersForm) -> str:
        changed = self.changed(form.cleaned_data)
        return f"Finding {self.finding.ref}: {plural(changed, 'change')} saved." if changed else "Nothing was changed."

    def changed(self, said: dict) -> int:
        """How many links and marks were changed. A mark is only for what stays linked."""
        ticked, was = set(said["answers"]), set(said["was"])
        critical, was_critical = set(said["critical"]) & ticked, set(said["was_critical"]) & ticked
        if said["new_are_critical"]:
            critical |= ticked - was
        by = {"by": self.request.user, "at": self.when.now}
        changed = answer_finding(self.finding, add=self.records(ticked - was), remove=self.records(was - ticked), **by)
        changed += mark_critical(self.actions(critical - was_critical), is_critical=True, **by)
        return changed + mark_critical(self.actions(was_critical - critical), is_critical=False, **by)

    def actions(self, addresses: set[str]) -> list:
        return [one.record for address, one in self.options.items() if address in addresses and one.is_action]

    def is_critical(self, address: str) -> bool:
        one = self.options.get(address)
        return bool(one and one.is_action and one.record.is_critical)

    @property
    def back_address(self) -> str:
        return f"{reverse('board:inspection', args=[self.area.slug])}#{finding_anchor(self.finding)}"

    def also_shown(self, form: AnswersForm) -> dict:
        return {
            "finding": self.finding,
            "critical": form["critical"].value() or [],
            "was_critical": form["was_critical"].value() or [],
        }
