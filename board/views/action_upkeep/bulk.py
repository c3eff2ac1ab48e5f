"""Many chosen actions changed at once."""

from functools import cached_property
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from board import action_forms as forms
from board.views.actions import ChosenActionsMixin
from common.text import unkeepable_in
from common.words import plural
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from workstrands.status import DeadlineState
from workstrands.upkeep import bulk
from workstrands.upkeep.closing import why_closed
from workstrands.upkeep.seen import Seen, happened_since


class BulkView(ChosenActionsMixin, View):
    """The rows chosen in the action table: what should be done, what each would become, then all of them or none.

    `?key=` names each row; `?back=` is where the table stood, and `?all=` chooses every row that it held.
    """

    is_reading = False
    may = may_edit
    nav = "actions"
    template_name = "board/action_bulk.html"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), keys=self.keys(parked), is_parked=True)
        keys = self.all_keys if "all" in request.GET else self.keys(request.GET)
        self.too_many = len(keys) > bulk.MOST_ROWS or len(set(request.GET.getlist("key"))) > bulk.MOST_ROWS
        return self.show(self.form(initial={"state": DeadlineState.PROPOSED}), keys=keys[: bulk.MOST_ROWS])

    def post(self, request, **kwargs):
        form, keys = self.form(request.POST), self.keys(request.POST)
        self.too_many = len(set(request.POST.getlist("key"))) > bulk.MOST_ROWS
        if not form.is_valid() or not keys or self.too_many:
            return self.show(form, keys=keys)
        deed = self.deed(form)
        try:
            bulk.refuse_deed(deed, self.strategy, by=request.user)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form, keys=keys)
        return self.confirm(form, deed, keys) if "confirm" in request.POST else self.show(form, keys=keys, deed=deed)

    def confirm(self, form, deed: bulk.Deed, keys: list[str]):
        said = {"by": self.request.user, "at": self.when.now}
        try:
            changed = bulk.carry_out(self.strategy, self.seen(keys), deed, **said)
        except bulk.RowsOvertaken:
            return self.show(form, keys=keys, deed=deed, is_overtaken=True, status=409)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form, keys=keys, deed=deed)
        forget_parked(self.request)
        messages.success(self.request, f"{plural(changed, 'action')} changed." if changed else "Nothing was changed.")
        return redirect(self.back)

    def seen(self, keys: list[str]) -> dict[str, Seen]:
        return {key: Seen.read(self.request.POST.get(f"seen-{key}", "")) for key in keys}

    def keys(self, sent) -> list[str]:
        """The ticked rows, each once."""
        found = dict.fromkeys(key for key in sent.getlist("key") if key and len(key) <= 80 and not unkeepable_in(key))
        return list(found)[: bulk.MOST_ROWS]

    @cached_property
    def asked(self) -> QueryDict:
        """What the table was asked for that these rows were chosen in."""
        return QueryDict(urlsplit(self.back).query)

    @property
    def all_keys(self) -> list[str]:
        """Of every row that passes the filters of the table, on whichever of its pages."""
        return [standing.key for standing in self.rows]

    def form(self, *args, **kwargs):
        return forms.BulkForm(*args, chosen=self.chosen, **kwargs)

    @cached_property
    def chosen(self) -> forms.Chosen:
        return forms.chosen_for(self.strategy, by=self.request.user, on=self.when.today, with_kpis=True)

    def deed(self, form) -> bulk.Deed:
        said, chosen = form.cleaned_data, self.chosen
        return bulk.Deed(
            kind=said["kind"], lead=chosen.lead(said["lead"]), partner=chosen.partners.get(said["partner"]),
            place=form.place, due_on=said["due_on"], state=said["state"] or DeadlineState.PROPOSED,
            reason=said["reason"], is_critical=said["is_critical"] == "1", kpi=chosen.kpis.get(said["kpi"]),
        )  # fmt: skip

    @cached_property
    def table_address(self) -> str:
        return reverse("board:actions", args=[self.area.slug, self.strategy.slug])

    @property
    def back(self) -> str:
        """The table as it was filtered, or all of it."""
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        asked = sent.get("back", "")
        fits = asked.startswith(self.table_address) and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
        return asked if fits and not unkeepable_in(asked) else self.table_address

    def show(self, form, *, keys: list[str], deed: bulk.Deed | None = None, is_overtaken=False, status=200, **context):
        rows = bulk.chosen_rows(self.strategy, keys)
        if deed is not None:
            bulk.foresee(rows, deed, by=self.request.user, at=self.when.now)
        if is_overtaken:
            self.say_what_changed(rows)
        shown = {
            "form": form, "strategy": self.strategy, "rows": rows, "deed": deed, "back": self.back, "most": bulk.MOST_ROWS,
            "words": deed.words if deed else "",
            "closed": why_closed(self.strategy, None, self.when.today), "is_overtaken": is_overtaken,
            "problems": sum(1 for row in rows if row.problem), "changing": sum(1 for row in rows if row.becomes),
            "too_many": getattr(self, "too_many", False), "is_sent": self.request.method == "POST",
        }  # fmt: skip
        return render(self.request, self.template_name, {**shown, **context}, status=status)

    def say_what_changed(self, rows: list[bulk.Row]) -> None:
        for row in rows:
            seen = self.seen([row.action.key])[row.action.key]
            if seen != row.seen:
                row.changes = happened_since(row.action, seen)
