"""Order, and from one place to another: put after, move, merge, split. All of it without a script."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views import View

from board.upkeep.forms import MergeForm, MoveForm, OrderForm, SplitForm
from board.views.upkeep.finding import WriteMixin
from priorities.models import Priority
from strategies import keeping
from strategies.own_words import strand_word
from workstrands import rearranging

MERGING = {
    "priority": rearranging.merge_priorities,
    "strand": rearranging.merge_strands,
    "objective": rearranging.merge_objectives,
}


class OrderView(WriteMixin, View):
    """First, or after one of its neighbours; up and down are the same with one press."""

    only_in_use = True
    template_name = "board/upkeep_order.html"

    @cached_property
    def neighbours(self) -> list:
        return list(self.kind.neighbours(self.record).order_by("position", "pk"))

    def form(self, *args, **kwargs):
        return OrderForm(*args, others=[each for each in self.neighbours if each.pk != self.record.pk], **kwargs)

    def initial(self) -> dict:
        before = self.before()
        return {"seen": keeping.order_of(self.neighbours), "after": str(before.pk) if before else "first"}

    def before(self, steps: int = 1):
        """What stands before it, or further up."""
        place = self.neighbours.index(self.record) if self.record in self.neighbours else 0
        return self.neighbours[place - steps] if place >= steps else None

    def write(self, form) -> HttpResponse:
        moved = keeping.put_after(
            self.record, form.chosen, among=self.kind.neighbours(self.record), by=self.request.user, at=self.when.now,
            seen=form.cleaned_data["seen"],
        )  # fmt: skip
        messages.success(self.request, f"Put in its place: {self.record}." if moved else "It stands there already.")
        return redirect(self.address_after())

    def address_after(self) -> str:
        if self.request.POST.get("to") == "outline" and getattr(self, "strategy", None):
            return f"{self.kind.home(self)}#{self.kind.name}-{self.record.pk}" if self.of != "measure" else self.back
        return self.back

    def show_overtaken(self, overtaken) -> HttpResponse:
        self.__dict__.pop("neighbours", None)
        return super().show_overtaken(overtaken)

    def more(self) -> dict:
        return {"neighbours": self.neighbours}


class MergeView(WriteMixin, View):
    only_in_use = True
    changes_counts = True
    template_name = "board/upkeep_merge.html"

    def form(self, *args, **kwargs):
        others = self.kind.neighbours(self.record).exclude(pk=self.record.pk).order_by("position", "pk")
        return MergeForm(*args, others=others, **kwargs)

    def write(self, form) -> HttpResponse:
        into = form.chosen
        seen = form.cleaned_data["seen"] or 0
        MERGING[self.of](self.record, into, by=self.request.user, at=self.when.now, seen=seen)
        messages.success(self.request, f"Merged: {self.record} into {into}. Its address leads there from now on.")
        return redirect(self.kind.page(into))

    def more(self) -> dict:
        objectives, actions = rearranging.objectives_below(self.record), rearranging.actions_below(self.record)
        return {"objectives": len(objectives), "actions": len(actions), "strand_word": strand_word()}


class MoveView(WriteMixin, View):
    """An objective under another priority, another work strand, or both."""

    only_in_use = True
    changes_counts = True
    template_name = "board/upkeep_move.html"

    def form(self, *args, **kwargs):
        places = self.kind.places(self.strategy)
        return MoveForm(*args, priorities=places["priority"], strands=places["workstrand"], **kwargs)

    def initial(self) -> dict:
        stands = {name: str(getattr(self.record, f"{name}_id") or "") for name in ("priority", "workstrand")}
        return {"seen": self.version, **stands}

    def write(self, form) -> HttpResponse:
        said = form.cleaned_data
        moved = rearranging.move_objective(
            self.record, **form.where, ref=said["ref"], by=self.request.user, at=self.when.now, seen=said["seen"] or 0
        )
        messages.success(self.request, f"Moved: it is objective {moved.ref} now, and its earlier address leads here.")
        return redirect(moved.get_absolute_url())

    def more(self) -> dict:
        return {"actions": len(rearranging.actions_below(self.record)), "free_ref": rearranging.free_ref(self.record)}


class MeasureMoveView(WriteMixin, View):
    """A measure of success under another priority."""

    only_in_use = True
    changes_counts = True
    template_name = "board/upkeep_move_measure.html"

    def form(self, *args, **kwargs):
        others = Priority.objects.in_use().filter(strategy=self.strategy).exclude(pk=self.record.priority_id)
        form = MergeForm(*args, others=others.order_by("position", "pk"), **kwargs)
        form.fields["into"].label = "Which priority does it go to?"
        form.fields["into"].error_messages["required"] = "Choose the priority."
        return form

    def write(self, form) -> HttpResponse:
        seen = form.cleaned_data["seen"] or 0
        given = {"by": self.request.user, "at": self.when.now, "seen": seen}
        moved = rearranging.move_measure(self.record, form.chosen, **given)
        messages.success(self.request, f"Moved: it is measure {moved.ref} of this priority now.")
        return redirect(form.chosen.get_absolute_url())


class SplitView(WriteMixin, View):
    only_in_use = True
    changes_counts = True
    template_name = "board/upkeep_split.html"

    def form(self, *args, **kwargs):
        return SplitForm(*args, actions=rearranging.actions_below(self.record), **kwargs)

    def write(self, form) -> HttpResponse:
        said = form.cleaned_data
        made = rearranging.split_objective(
            self.record, text=said["text"], ref=said["ref"], action_ids=form.action_ids, by=self.request.user,
            at=self.when.now, seen=said["seen"] or 0,
        )  # fmt: skip
        messages.success(
            self.request, f"Split: objective {made.ref} is new, with {len(form.action_ids)} of the actions."
        )
        return redirect(made.get_absolute_url())

    def more(self) -> dict:
        return {"free_ref": rearranging.free_ref(self.record)}
