"""What families say of a priority or an action, and what a priority's owner says of it: read, and said."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views import View
from django.views.generic import TemplateView

from board import voices
from board.views.mixins import InStrategyMixin
from board.voice_forms import FamilyViewForm, OwnersViewForm
from kpis.appending import Conflict, latest_of, number_of
from people.parking import forget_parked, parked_form
from people.roles import may_assess, may_speak_for_families
from people.scoping import InAreaMixin
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.illustration import why_not_for
from workstrands.models import Action

PER_PAGE = 50


class FamiliesView(InStrategyMixin, TemplateView):
    """Everything families said of a plan, the latest first; and where to say more."""

    template_name = "board/voices.html"
    nav = "board"

    def get_context_data(self, **kwargs):
        of_plan = Q(priority__strategy=self.strategy) | Q(action__strategy=self.strategy)
        found = voices.views_known(self.area, self.when.moment).filter(of_plan).select_related("priority", "action")
        may_speak = may_speak_for_families(self.membership) and not self.when.as_at
        return super().get_context_data(
            **kwargs,
            page_obj=Paginator(found, PER_PAGE).get_page(self.request.GET.get("page")),
            priorities=list(self.strategy.priorities.order_by("position", "pk")) if may_speak else [],
            may_speak=may_speak,
        )


class SayView(InAreaMixin, View):
    """Say what families feel of the thing that `about` finds."""

    is_reading = False
    may = may_speak_for_families
    nav = "board"
    template_name = "board/voice_form.html"

    def get(self, request, **kwargs):
        about, parked = self.about, parked_form(request)
        if parked is not None:
            form = FamilyViewForm(parked, asks_names=self.question(parked) != "")
            return self.show(form.unjudged(), is_parked=True)
        forum = about.strategy.area.partners.filter(sector="parent_carer_forum").order_by("pk").first()
        return self.show(FamilyViewForm(initial={"said_on": self.when.today, "body": forum.name if forum else ""}))

    def post(self, request, **kwargs):
        about = self.about
        form = FamilyViewForm(request.POST, asks_names=self.question(request.POST) != "")
        if not form.is_valid():
            return self.show(form)
        try:
            voices.say_for_families(about, by=request.user, at=self.when.now, **form.cleaned_data)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        forget_parked(request)
        messages.success(request, "What families say is kept.")
        return redirect(about.get_absolute_url())

    def question(self, sent) -> str:
        return voices.question_about(self.area, sent.get("words", ""), sent.get("coproduced", ""))

    def show(self, form, **context) -> HttpResponse:
        voice = voices.family_voice_of(self.area, self.when.now, self.about)
        return render(self.request, self.template_name, {"form": form, "about": self.about, "voice": voice, **context})


class SayOfActionView(SayView):
    @cached_property
    def about(self) -> Action:
        published = {"area": self.area, "strategy__state": Strategy.State.PUBLISHED}
        found = (
            Action.objects.select_related("strategy__area", "area").filter(key=self.kwargs["key"], **published).first()
        )
        if found is None:
            raise Http404("No such action.")
        return found


class OfPriorityMixin(InStrategyMixin):
    @cached_property
    def about(self) -> Priority:
        found = Priority.objects.filter(strategy=self.strategy, ref=self.kwargs["ref"]).first()
        if found is None:
            raise Http404("No such priority.")
        found.strategy = self.strategy
        return found


class SayOfPriorityView(OfPriorityMixin, SayView):
    pass


class OwnersViewView(OfPriorityMixin, View):
    """A senior responsible owner's own view of a priority; an officer may enter it on their behalf."""

    is_reading = False
    nav = "board"
    template_name = "board/voice_owner.html"

    def dispatch_allowed(self) -> Priority:
        """The priority, to those who may; before anything is shown, parked or read."""
        users = voices.sro_users(self.about, self.when.today)
        if not may_assess(self.membership, sro_users=users):
            raise PermissionDenied
        return self.about

    def get(self, request, **kwargs):
        priority = self.dispatch_allowed()
        parked = parked_form(request)
        if parked is not None:
            return self.show(OwnersViewForm(parked).unjudged(), is_parked=True)
        return self.show(OwnersViewForm(initial={"seen_number": number_of(latest_of(priority.assessments.all()))}))

    def post(self, request, **kwargs):
        priority, form = self.dispatch_allowed(), OwnersViewForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            voices.assess_priority(priority, by=request.user, at=self.when.now, **form.cleaned_data)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict as conflict:
            typed = request.POST.copy()
            typed["seen_number"] = number_of(conflict.latest)
            return self.show(OwnersViewForm(typed).unjudged(), status=409, meanwhile=conflict.latest)
        forget_parked(request)
        messages.success(request, f"The owner’s view of priority {priority.ref} is kept.")
        return redirect(priority.get_absolute_url())

    def show(self, form, *, status: int = 200, **context) -> HttpResponse:
        priority, now = self.about, self.when.now
        sros = list(priority.sros.all())
        shown = {
            "form": form, "priority": priority, "strategy": self.strategy, "sros": sros,
            "view_of_owners": voices.owners_views_of([priority.pk], now)[priority.pk],
            "round": voices.round_for(self.area, now), "closed": why_not_for(self.request.user, *sros), **context,
        }  # fmt: skip
        return render(self.request, self.template_name, shown, status=status)
