"""A new action, and what one says."""

from functools import cached_property

from django.urls import reverse

from board import action_forms as forms
from board.views.action_upkeep.keeping import KeepingView, OfActionView
from board.views.mixins import InStrategyMixin
from workstrands.upkeep import editing
from workstrands.upkeep.closing import why_closed
from workstrands.upkeep.places import Place, next_ref


class ActionAddView(InStrategyMixin, KeepingView):
    """`?objective=`, `?priority=` or `?strand=` says what it hangs on from the start."""

    template_name = "board/action_add.html"

    def form(self, *args, **kwargs):
        return forms.ActionAddForm(*args, chosen=self.chosen, **kwargs)

    def initial(self) -> dict:
        value, place = self.asked_place()
        ref = next_ref(place, self.strategy) if place else ""
        begun = self.strategy.starts_on <= self.when.today
        return {
            "place": value, "strand": self.request.GET.get("strand", "") if place and place.priority else "", "ref": ref,
            "proposed_ref": ref, "starts_on": self.when.today if begun else None,
        }  # fmt: skip

    def asked_place(self) -> tuple[str, Place | None]:
        for name, known in (("objective", self.chosen.objectives), ("priority", self.chosen.priorities),
                            ("strand", self.chosen.strands)):  # fmt: skip
            asked = self.request.GET.get(name, "")
            if asked in known:
                value = f"{name}:{asked}"
                return value, self.chosen.place(value)
        return "", None

    def write(self, form) -> str:
        said = form.values
        self.made = editing.add_action(
            self.strategy, place=form.place, ref=form.given_ref, lead=self.chosen.leads.get(form.cleaned_data["lead"]),
            due_on=form.cleaned_data["due_on"], links={"supporting_leads": form.supporting_leads},
            by=self.request.user, at=self.when.now, **said,
        )  # fmt: skip
        return f"Action {self.made.ref} is in the plan."

    @property
    def back(self) -> str:
        return reverse("board:actions", args=[self.area.slug, self.strategy.slug])

    @property
    def after(self) -> str:
        return self.made.get_absolute_url()

    @property
    def closed(self) -> str:
        return why_closed(self.strategy, None, self.when.today)


class ActionEditView(OfActionView):
    template_name = "board/action_edit.html"

    def form(self, *args, **kwargs):
        return forms.ActionEditForm(
            *args, chosen=self.chosen, supporting=self.supporting, partner=self.action.partner,
            milestones=self.milestones, serves=self.serves, **kwargs,
        )  # fmt: skip

    @cached_property
    def milestones(self) -> list:
        return list(self.action.milestones.in_use().order_by("position", "pk"))

    @cached_property
    def supporting(self) -> list:
        return list(self.action.supporting_leads.order_by("name"))

    @cached_property
    def serves(self) -> list:
        found = self.action.also_serves.select_related("priority", "workstrand")
        return list(found.order_by("position", "pk"))

    def initial(self) -> dict:
        action = self.action
        return {
            **self.seen_first(), "title": action.title, "ref": action.ref, "partner": str(action.partner_id or ""),
            "supporting": [str(lead.pk) for lead in self.supporting],
            "also_serves": [one.key for one in self.serves], "starts_on": action.starts_on,
            "is_critical": action.is_critical, "intended_impact": action.intended_impact,
        }  # fmt: skip

    def write(self, form) -> str:
        said = form.cleaned_data
        changed = editing.edit_action(
            self.action, {**form.values, "ref": said["ref"]}, supporting=form.supporting_leads,
            also_serves=form.objectives, steps=form.steps, knows_the_past=said["knows_the_past"], **self.written(form),
        )  # fmt: skip
        return f"Action {self.action.ref} is changed." if changed else "Nothing was changed."
