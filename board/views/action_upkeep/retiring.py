"""Retiring an action or one of its milestones, and taking that back."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse

from board import action_forms as forms
from board.action_dependents import dependents_of
from board.views.action_upkeep.keeping import OfActionView
from workstrands.illustration import why_not_for
from workstrands.models import Milestone
from workstrands.upkeep import retiring, steps
from workstrands.upkeep.closing import why_closed


class ActionRetireView(OfActionView):
    """Says what depends on it first. Of a retired one: takes that back."""

    template_name = "board/action_retire.html"

    def form(self, *args, **kwargs):
        if self.action.retired_at:
            return forms.UndoForm(*args, **kwargs)
        return forms.RetireForm(*args, **kwargs)

    def initial(self) -> dict:
        return self.seen_first()

    @property
    def closed(self) -> str:
        if self.action.retired_at:
            lead = self.placed.lead if self.placed else None
            return why_closed(self.strategy, None, self.when.today) or why_not_for(self.request.user, lead)
        return super().closed

    def write(self, form) -> str:
        if self.action.retired_at:
            retiring.take_back(self.action, **self.written(form))
            return f"Action {self.action.ref} is in the plan again."
        retiring.retire_action(self.action, because=form.cleaned_data["because"], **self.written(form))
        return f"Action {self.action.ref} is retired."

    def beside(self, form) -> dict:
        return {"dependents": [] if self.action.retired_at else dependents_of(self.action, self.when.now)}


class MilestoneRetireView(OfActionView):
    """The milestones of an action: one retired with a reason, or one that was retired taken back (`again`)."""

    template_name = "board/action_milestones.html"

    def form(self, *args, **kwargs):
        return forms.MilestoneRetireForm(
            *args, milestones=[one for one in self.milestones if not one.retired_at], **kwargs
        )

    @cached_property
    def milestones(self) -> list[Milestone]:
        return list(self.action.milestones.order_by("position", "pk"))

    @property
    def retired(self) -> list[Milestone]:
        return [one for one in self.milestones if one.retired_at]

    def find(self) -> None:
        super().find()
        self.__dict__.pop("milestones", None)

    def initial(self) -> dict:
        return {**self.seen_first(), "which": self.request.GET.get("which", "")}

    def post(self, request, **kwargs):
        return self.post_again() if "again" in request.POST else super().post(request, **kwargs)

    def write(self, form) -> str:
        milestone = self.of_action(form.milestone)
        steps.retire_step(milestone, because=form.cleaned_data["because"], **self.written(form))
        return f"Milestone “{milestone}” is retired."

    def post_again(self):
        """One press: sent twice, or after somebody else did it, there is nothing left to take back."""
        self.find()
        asked = next((one for one in self.retired if str(one.pk) == self.request.POST["again"]), None)
        if asked is None:
            return self.done("It was taken back already.")
        try:
            steps.take_back_step(self.of_action(asked), by=self.request.user, at=self.when.now, seen=None)
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
            return redirect(self.after)
        return self.done(f"Milestone “{asked}” belongs to the action again.")

    def of_action(self, milestone: Milestone) -> Milestone:
        milestone.action = self.action
        return milestone

    @property
    def after(self) -> str:
        return reverse("board:action-milestones", args=[self.area.slug, self.action.key])

    def beside(self, form) -> dict:
        return {"retired": self.retired}
