"""Adding, changing and retiring a record; its history, and undoing the last change of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views import View
from django.views.generic import TemplateView

from board.upkeep.dependents import dependents_of, name_of
from board.upkeep.forms import RetireForm, SeenForm
from board.views.upkeep.finding import OfRecordMixin, WriteMixin
from people.roles import may_edit
from priorities.models import Priority
from strategies import keeping
from workstrands import rearranging
from workstrands.models import Objective, WorkStrand

PARTS = (Priority, WorkStrand, Objective)


class AddView(WriteMixin, View):
    is_new = True
    changes_counts = True
    template_name = "board/upkeep_form.html"

    def form(self, *args, **kwargs):
        return self.kind.form_for(self.record, self, *args, **kwargs)

    def initial(self) -> dict:
        return self.kind.initial(self.record, self)

    def write(self, form) -> HttpResponse:
        by, at = self.request.user, self.when.now
        try:
            record = self.kind.add(self.record, form.values, form.links, by=by, at=at)
        except ValidationError:
            self.record = self.kind.fresh(self)
            raise
        messages.success(self.request, f"Added: {record}.")
        return redirect(self.kind.page(record))


class EditView(WriteMixin, View):
    only_in_use = True
    template_name = "board/upkeep_form.html"

    def form(self, *args, **kwargs):
        return self.kind.form_for(self.record, self, *args, **kwargs)

    def initial(self) -> dict:
        return self.kind.initial(self.record, self) | {"seen": self.version}

    def write(self, form) -> HttpResponse:
        seen = form.cleaned_data["seen"] or 0
        changed = self.kind.change(
            self.record, form.values, form.links, by=self.request.user, at=self.when.now, seen=seen
        )
        messages.success(self.request, f"Changed: {self.record}." if changed else "Nothing was changed.")
        return redirect(self.kind.page(self.record))

    def more(self) -> dict:
        kind = self.kind
        return {"history": kind.address(self.record, "history"), "note": kind.note, "heading": kind.heading}


class RetireView(WriteMixin, View):
    """Says first what depends on it. Of what was retired already: take that back."""

    changes_counts = True
    template_name = "board/upkeep_retire.html"

    def form(self, *args, **kwargs):
        return RetireForm(*args, **kwargs)

    def initial(self) -> dict:
        return {"seen": self.version, "seen_below": self.below()}

    def below(self) -> str:
        return rearranging.digest_below(self.record) if isinstance(self.record, PARTS) else ""

    def post(self, request, **kwargs):
        return self.take_back() if request.POST.get("take_back") else super().post(request, **kwargs)

    def write(self, form) -> HttpResponse:
        said = form.cleaned_data
        given = {"because": said["because"], "by": self.request.user, "at": self.when.now, "seen": said["seen"] or 0}
        if isinstance(self.record, PARTS):
            rearranging.retire_part(self.record, below=said["below"], seen_below=said["seen_below"], **given)
        else:
            keeping.retire(self.record, **given)
        messages.success(
            self.request, f"The {self.kind.noun} is retired. Past views still show it, and it can be taken back."
        )
        return redirect(self.kind.page(self.record))

    def take_back(self) -> HttpResponse:
        form = SeenForm(self.request.POST)
        seen = form.cleaned_data.get("seen") if form.is_valid() else None
        try:
            self.refuse_closed()
            rearranging.take_back_part(self.record, by=self.request.user, at=self.when.now, seen=seen or 0)
        except ValidationError as error:
            messages.warning(self.request, error.messages[0])
            return redirect(self.kind.address(self.record, "retire"))
        except keeping.Overtaken as overtaken:
            self.record = self.kind.find(self)
            return self.show_overtaken(overtaken)
        messages.success(self.request, f"The {self.kind.noun} is in use again.")
        return redirect(self.kind.page(self.record))

    def more(self) -> dict:
        record = self.record
        if record.retired_at:
            return {"is_retired": True, "replaced_by": record.replaced_by}
        depends = dependents_of(record)
        return {"depends": depends, "asks_below": any(each.goes_along for each in depends)}


class HistoryView(OfRecordMixin, TemplateView):
    """Who changed what, and when: readable by every member."""

    template_name = "board/upkeep_history.html"

    def get_context_data(self, **kwargs):
        changes = keeping.changes_of(self.record, until=self.when.moment)
        may_undo = may_edit(self.membership) and not self.when.as_at and len(changes) > 1
        return super().get_context_data(
            record=self.record, name=name_of(self.record), noun=self.kind.noun, changes=changes, back=self.back,
            back_words=self.kind.page_words(self.record),
            undo=self.kind.address(self.record, "undo") if may_undo else "",
            **{**kwargs, "area": self.area, "strategy": getattr(self, "strategy", None)},
        )  # fmt: skip


class UndoView(WriteMixin, View):
    template_name = "board/upkeep_undo.html"

    def form(self, *args, **kwargs):
        return SeenForm(*args, **kwargs)

    def write(self, form) -> HttpResponse:
        keeping.undo(self.record, by=self.request.user, at=self.when.now, seen=form.cleaned_data["seen"] or 0)
        messages.success(self.request, f"The last change of {self.record} is undone.")
        return redirect(self.kind.address(self.record, "history"))

    @property
    def back(self) -> str:
        return self.kind.address(self.record, "history")

    def more(self) -> dict:
        changes = keeping.changes_of(self.record, most=2)
        return {"back_words": "History", "last": changes[0] if len(changes) > 1 else None}

    def closed(self) -> str:
        if getattr(self.record, "replaced_by_id", None):
            return "This was moved or merged. Move what hangs on it back instead."
        return super().closed()
