"""What the pages of upkeep share: which record, within which area and plan, and what is shown when somebody was faster."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property

from board.upkeep.dependents import name_of
from board.upkeep.kinds import KINDS, Kind
from common.dates import in_words
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies import keeping
from strategies.models import Strategy


class _Find:
    """After the area: the plan (officers see drafts too) and the record, before anything is shown, parked or read."""

    def dispatch(self, request, *args, **kwargs):
        if self.kind.is_of_plan and "strategy" in kwargs:
            self.strategy = self.plan(kwargs["strategy"])
        self.record = self.kind.fresh(self) if self.is_new else self.kind.find(self)
        return super().dispatch(request, *args, **kwargs)

    def plan(self, slug: str) -> Strategy:
        plans = Strategy.objects.all() if may_edit(self.membership) else Strategy.objects.published()
        found = plans.filter(area=self.area, slug=slug).first()
        if found is None:
            raise Http404("No such plan.")
        found.area = self.area
        return found


class OfRecordMixin(InAreaMixin, _Find):
    """Gives a view `kind` and `record` (and `strategy` below a plan). `of` names the kind."""

    of = ""
    is_new = False

    @property
    def kind(self) -> Kind:
        return KINDS[self.of]

    @property
    def nav(self) -> str:
        return self.kind.nav

    @property
    def back(self) -> str:
        return self.kind.home(self) if self.is_new else self.kind.page(self.record)


class WriteMixin(OfRecordMixin):
    """For officers. A form that somebody was faster than comes back as it was typed, with what changed meanwhile (409)."""

    is_reading = False
    may = may_edit
    template_name = ""
    only_in_use = False
    changes_counts = False  # moves, adds or takes away what a plan counts

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        return self.show(self.form(initial=self.initial()))

    def post(self, request, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            self.refuse_closed()
            address = self.write(form)
        except ValidationError as error:
            self.record = self.kind.find(self) if self.record.pk else self.record
            form.accuse(error)
            return self.show(form)
        except keeping.Overtaken as overtaken:
            self.record = self.kind.find(self)
            return self.show_overtaken(overtaken)
        forget_parked(request)
        return address

    def form(self, *args, **kwargs):
        raise NotImplementedError

    def initial(self) -> dict:
        return {"seen": self.version}

    def write(self, form) -> HttpResponse:
        raise NotImplementedError

    @cached_property
    def version(self) -> int:
        return keeping.version_of(self.record) if self.record.pk else 0

    def show_overtaken(self, overtaken) -> HttpResponse:
        self.__dict__.pop("version", None)
        typed = self.request.POST.copy()
        for name, value in self.initial().items():
            if name.startswith("seen"):
                typed[name] = str(value)
        form = self.form(typed).unjudged()
        status = 409 if self.request.POST.get("seen") else 200  # a form that did not say what it saw was not ours
        return self.show(form, status=status, is_overtaken=True, meanwhile=overtaken.changes)

    def show(self, form, *, status: int = 200, **context) -> HttpResponse:
        shown = {
            "form": form, "record": self.record, "name": name_of(self.record) if self.record.pk else "",
            "noun": self.kind.noun, "area": self.area, "back": self.back,
            "back_words": "Cancel" if self.is_new else self.kind.page_words(self.record),
            "strategy": getattr(self, "strategy", None), "closed": self.closed(), **self.more(), **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown, status=status)

    def more(self) -> dict:
        return {}

    def closed(self) -> str:
        """Why it cannot be done, as a sentence; empty where it can."""
        if self.only_in_use and getattr(self.record, "retired_at", None):
            return "This was retired. Take that back before you change it."
        plan = getattr(self, "strategy", None)
        if self.changes_counts and plan is not None and plan.has_ended(self.when.today):
            return (
                f"This plan ended on {in_words(plan.ends_on)} and is shown as at its end: nothing is added to it, moved or "
                "retired any more. Its wording can still be corrected."
            )
        try:
            self.kind.refuse(self.record, by=self.request.user)
        except ValidationError as error:
            return error.messages[0]
        return ""

    def refuse_closed(self) -> None:
        closed = self.closed()
        if closed:
            raise ValidationError(closed)
