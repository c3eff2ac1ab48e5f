"""What an area keeps: its plans (drafts too), each with its outline; its own words; and publishing a plan."""

from collections import Counter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views import View
from django.views.generic import TemplateView

from board.upkeep.forms import SeenForm
from board.upkeep.words import WordsForm, say_words, stands_of
from board.views.upkeep.finding import OfRecordMixin, WriteMixin
from people.roles import may_edit
from people.scoping import InAreaMixin
from priorities.models import Priority, SuccessMeasure
from strategies import keeping
from strategies.models import Strategy
from workstrands.models import Objective, WorkStrand
from workstrands.rearranging import standing_placements


class UpkeepView(InAreaMixin, TemplateView):
    """Where an officer begins: plans, people, inspections, words."""

    is_reading = False
    may = may_edit
    nav = "board"
    template_name = "board/upkeep.html"

    def get_context_data(self, **kwargs):
        plans = Strategy.objects.filter(area=self.area).order_by("-starts_on", "title")
        return super().get_context_data(plans=list(plans), **{**kwargs, "area": self.area})


class OutlineView(OfRecordMixin, TemplateView):
    """A plan from top to bottom, with what may be done to each part. Seven queries, however long it is."""

    of = "plan"
    is_reading = False
    may = may_edit
    template_name = "board/upkeep_outline.html"

    def get_context_data(self, **kwargs):
        plan = self.record
        objectives = list(
            Objective.objects.in_use()
            .filter(strategy=plan)
            .select_related("priority", "workstrand")
            .order_by("position", "pk")
        )
        actions = Counter(standing_placements(Q(action__strategy=plan)).values_list("objective", flat=True))
        priorities = list(
            Priority.objects.in_use().filter(strategy=plan).prefetch_related("sros").order_by("position", "pk")
        )
        strands = list(
            WorkStrand.objects.in_use().filter(strategy=plan).select_related("lead").order_by("position", "pk")
        )
        measures = Counter(
            SuccessMeasure.objects.in_use().filter(priority__strategy=plan).values_list("priority", flat=True)
        )
        for each in [*priorities, *strands, *objectives]:
            each.strategy = plan
        return super().get_context_data(
            plan=plan,
            priorities=rows_of(priorities, lambda each: measures[each.pk]),
            strands=rows_of(strands, lambda each: sum(objective.workstrand_id == each.pk for objective in objectives)),
            objectives=rows_of(objectives, lambda each: actions[each.pk]),
            retired=self.retired(plan),
            **{**kwargs, "area": self.area, "strategy": plan},
        )

    def retired(self, plan: Strategy) -> list:
        """What was retired and replaced by nothing: it could be taken back."""
        found = []
        for model in (Priority, WorkStrand, Objective):
            found += model.objects.filter(strategy=plan, retired_at__isnull=False, replaced_by=None).order_by(
                "position"
            )
        for each in found:
            each.strategy = plan
        return found


def rows_of(records: list, count) -> list[dict]:
    """Each with what stands before it, for "up" and "down", and the order in which they are shown."""
    seen = keeping.order_of(records)
    return [
        {
            "record": record,
            "count": count(record),
            "seen": seen,
            "up": (str(records[place - 2].pk) if place > 1 else "first") if place else "",
            "down": str(records[place + 1].pk) if place + 1 < len(records) else "",
        }
        for place, record in enumerate(records)
    ]


class PublishView(WriteMixin, View):
    """A draft is seen by officers alone; once published, by every member of the area."""

    of = "plan"
    template_name = "board/upkeep_publish.html"

    def form(self, *args, **kwargs):
        return SeenForm(*args, **kwargs)

    def write(self, form) -> HttpResponse:
        plan = self.record
        if plan.state == Strategy.State.PUBLISHED:
            raise ValidationError("This plan is published already.")
        published = {"state": Strategy.State.PUBLISHED}
        keeping.change(plan, published, by=self.request.user, at=self.when.now, seen=form.cleaned_data["seen"] or 0)
        messages.success(self.request, f"{plan} is published. Set it up next: leads, dates, targets.")
        return redirect("workstrands:set-up", self.area.slug, plan.slug)

    def more(self) -> dict:
        plan = self.record
        return {
            "priorities": Priority.objects.in_use().filter(strategy=plan).count(),
            "objectives": Objective.objects.in_use().filter(strategy=plan).count(),
            "actions": plan.actions.in_use().count(),
        }


class WordsView(WriteMixin, View):
    of = "words"
    template_name = "board/upkeep_words.html"

    def form(self, *args, **kwargs):
        return WordsForm(*args, **kwargs)

    def initial(self) -> dict:
        return {"seen": self.version, **stands_of(self.area)}

    @property
    def back(self) -> str:
        return reverse("board:upkeep", args=[self.area.slug])

    def write(self, form) -> HttpResponse:
        changed = say_words(
            self.record, form.words, by=self.request.user, at=self.when.now, seen=form.cleaned_data["seen"] or 0
        )
        messages.success(self.request, "The area’s words are changed." if changed else "Nothing was changed.")
        return redirect("board:words", self.area.slug)

    def more(self) -> dict:
        return {"history": self.kind.address(self.record, "history"), "back_words": "What the area keeps"}
