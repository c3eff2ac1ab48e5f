"""What the pages share that keep an action: a form that writes, and what was changed meanwhile."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.views import View

from board import action_forms as forms
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.keeping import Overtaken
from workstrands.illustration import why_not_for
from workstrands.models import Action
from workstrands.upkeep.closing import why_closed
from workstrands.upkeep.places import Place, latest_placement
from workstrands.upkeep.seen import happened_since, seen_of


class KeepingView(InAreaMixin, View):
    """A page with one form that writes. A page names `template_name`, makes its `form`, says what it starts with
    (`initial`), and writes (`write`, which answers with a sentence)."""

    is_reading = False
    may = may_edit
    nav = "actions"

    def get(self, request, **kwargs):
        self.find()
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        return self.show(self.form(initial=self.initial()))

    def post(self, request, **kwargs):
        self.find()
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            said = self.write(form)
        except ValidationError as error:
            form.accuse(self.by_field(form, error))
            return self.show(form)
        except Overtaken:
            return self.show_overtaken(form)
        return self.done(said)

    def find(self) -> None:
        """What the address names, or 404."""

    def initial(self) -> dict:
        return {}

    def by_field(self, form, error: ValidationError) -> ValidationError:
        return error

    def done(self, said: str):
        forget_parked(self.request)
        messages.success(self.request, said)
        return redirect(self.after)

    @cached_property
    def chosen(self) -> forms.Chosen:
        return forms.chosen_for(self.strategy, by=self.request.user, on=self.when.today)

    def show(self, form, *, status: int = 200, **context):
        shown = {"form": form, "strategy": self.strategy, "back": self.back, "closed": self.closed, **self.beside(form)}
        return render(self.request, self.template_name, {**shown, **context}, status=status)

    def beside(self, form) -> dict:
        """What else the page shows."""
        return {}


class OfActionView(KeepingView):
    """Of one action. Its form carries what it had seen of it (`seen`); where somebody wrote meanwhile both are shown."""

    def find(self) -> None:
        found = Action.objects.select_related("area", "strategy", "partner")
        self.action = found.filter(area=self.area, key=self.kwargs["key"]).first()
        if self.action is None:
            raise Http404("No such action.")
        self.action.area = self.action.strategy.area = self.area
        self.strategy = self.action.strategy

    @property
    def back(self) -> str:
        return self.action.get_absolute_url()

    @property
    def after(self) -> str:
        return self.action.get_absolute_url()

    @cached_property
    def placed(self):
        return latest_placement(self.action)

    @property
    def closed(self) -> str:
        """Why nothing can be kept here, before anybody types."""
        lead = self.placed.lead if self.placed else None
        closed = why_closed(self.strategy, self.action.retired_on, self.when.today)
        return closed or why_not_for(self.request.user, lead)

    def written(self, form) -> dict:
        """Who writes, when, and what the page had seen."""
        return {"by": self.request.user, "at": self.when.now, "seen": form.cleaned_data["seen"]}

    def show_overtaken(self, form):
        """What was typed stays; sent again it answers to what was changed meanwhile."""
        changes = happened_since(self.action, form.cleaned_data["seen"])
        typed = self.request.POST.copy()
        self.find()
        typed["seen"] = str(seen_of(self.action))
        return self.show(self.form(typed).unjudged(), status=409, meanwhile=changes, is_overtaken=True)

    def show(self, form, **context):
        return super().show(form, action=self.action, place=Place.of(self.placed), placed=self.placed, **context)

    def seen_first(self) -> dict:
        return {"seen": str(seen_of(self.action))}
