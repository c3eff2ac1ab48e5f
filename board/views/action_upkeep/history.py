"""What was changed of an action, and the last change undone."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse

from board import action_forms as forms
from board.views.action_upkeep.keeping import KeepingView, OfActionView
from common.text import unkeepable_in
from people.roles import may_edit
from workstrands.models import Action
from workstrands.upkeep import retiring, undoing


class ActionHistoryView(OfActionView):
    """Who changed what of it, when, what it said before and says now. Officers undo the last change from here."""

    template_name = "board/action_history.html"
    is_reading = True
    may = None
    http_method_names = ("get", "head")

    def get(self, request, **kwargs):
        self.find()
        return self.show(self.form(initial=self.seen_first()))

    def form(self, *args, **kwargs):
        return forms.UndoForm(*args, **kwargs)

    @property
    def merged(self):
        return Action.objects.filter(replaced_by=self.action).order_by("position", "pk")

    def beside(self, form) -> dict:
        lines = [line for line in undoing.lines_of(self.action) if line.change.at <= self.when.moment]
        may_undo = not self.when.as_at and may_edit(self.membership) and not self.closed
        return {
            "lines": lines,
            "last": undoing.undoable(lines) if may_undo else None,
            "merged": list(self.merged) if may_undo else [],
            "closed": self.closed if not self.when.as_at and may_edit(self.membership) else "",
        }


class ActionUndoView(ActionHistoryView):
    """One press on the page of its history: the last change undone, or a merged action taken out again."""

    is_reading = False
    may = may_edit
    http_method_names = ("get", "head", "post")

    def get(self, request, **kwargs):
        self.find()
        return redirect(self.after)

    def post(self, request, **kwargs):
        if "apart" in request.POST:
            return self.post_apart()
        return KeepingView.post(self, request, **kwargs)

    def post_apart(self):
        self.find()
        key = self.request.POST["apart"]
        one = None if unkeepable_in(key) else self.merged.filter(key=key).first()
        if one is None:
            return self.done("It was taken out already.")
        one.area, one.strategy = self.area, self.strategy
        try:
            retiring.take_apart(one, by=self.request.user, at=self.when.now)
        except ValidationError as error:
            messages.error(self.request, " ".join(error.messages))
            return redirect(self.after)
        return self.done(f"Action {one.ref} is in the plan again. Look at what was carried over.")

    def write(self, form) -> str:
        undone = undoing.undo(self.action, **self.written(form))
        said = " ".join(undone.change.sentences) or undone.change.reason
        return f"Undone: {said}" if said else "The last change is undone."

    @property
    def after(self) -> str:
        return reverse("board:action-history", args=[self.area.slug, self.action.key])
