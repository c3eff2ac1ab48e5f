"""Saying how an action is going: the form, and the one press that says nothing has changed."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from common.dates import in_words, london_day
from people.parking import forget_parked, parked_form
from people.roles import may_edit, may_update
from people.scoping import InAreaMixin
from workstrands import reporting
from workstrands.evidence import report_with_files
from workstrands.forms import UpdateForm
from workstrands.illustration import why_not_for
from workstrands.models import Action
from workstrands.status import SHOWN_WORDS


class OfActionMixin(InAreaMixin):
    """Gives a view the `action`, to those who may report on it: its leads, and the officers of its area."""

    is_reading = False
    nav = "actions"

    @cached_property
    def action(self) -> Action:
        action = (
            Action.objects.select_related("area", "strategy", "partner")
            .filter(area=self.area, key=self.kwargs["key"])
            .first()
        )
        if action is None:
            raise Http404("No such action.")
        action.strategy.area = self.area
        self.leads = reporting.leads_of(action, self.when.moment)
        if not may_update(self.membership, lead_users={lead.user_id for lead in self.leads}):
            raise PermissionDenied
        return action


class UpdateView(OfActionMixin, View):
    template_name = "workstrands/action_update.html"

    def get(self, request, **kwargs):
        latest = reporting.latest_update(self.action)
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), latest, is_parked=True)
        initial = {"seen_number": reporting.number_of(latest), "impact": latest.impact if latest else ""}
        return self.show(self.form(initial=initial), latest)

    def post(self, request, **kwargs):
        form = self.form(request.POST, request.FILES)
        try:
            if not form.is_valid():
                form.refuse_incomplete(self.action, on=self.when.today)
                return self.show(form, reporting.latest_update(self.action))
            seen_number = form.cleaned_data["seen_number"]
            update = report_with_files(
                self.action, files=form.evidence_files, by=request.user, at=self.when.now, seen_number=seen_number,
                **form.report,
            )  # fmt: skip
        except ValidationError as error:
            form.accuse(error)
            return self.show(form, reporting.latest_update(self.action))
        except reporting.Conflict as conflict:
            return self.show_conflict(conflict.latest)
        return self.done(update)

    def form(self, *args, **kwargs) -> UpdateForm:
        action = self.action
        leads = self.leads if may_edit(self.membership) and action else []
        if self.request.user.is_illustrative:
            leads = [lead for lead in leads if lead.is_illustrative]
        return UpdateForm(*args, leads=leads, takes_files=True, **kwargs)

    def show(self, form, latest, *, status=200, **context):
        now, closed = self.when.moment, self.closed()
        return render(
            self.request,
            self.template_name,
            {
                "form": form,
                "action": self.action,
                "leads": self.leads,
                "latest": latest,
                "standing": reporting.standing_of(self.action, now),
                "can_repeat": latest is not None and not closed and reporting.can_repeat(self.action, now),
                "closed": closed,
                **context,
            },
            status=status,
        )

    def closed(self) -> str:
        """Why nothing can be reported here, said before anybody types."""
        closed = reporting.closed_because(
            self.action.strategy, self.action.retired_on, self.when.today
        ) or reporting.put_aside_because(reporting.latest_update(self.action), self.when.today)
        return closed or why_not_for(self.request.user, *self.leads[:1])

    def show_conflict(self, latest):
        """Both texts side by side; sent again, the form answers to the report that came in between."""
        typed = self.request.POST.copy()
        typed["seen_number"] = reporting.number_of(latest)
        form = self.form(typed, self.request.FILES).unjudged()
        return self.show(form, latest, is_conflict=True, status=409)

    def done(self, update):
        forget_parked(self.request)
        whose = f" on behalf of {update.on_behalf_of}" if update.on_behalf_of else ""
        messages.success(
            self.request, f"Action {self.action.ref} is reported as {SHOWN_WORDS[update.status].lower()}{whose}."
        )
        return redirect("board:action", self.area.slug, self.action.key)


class NoChangeView(OfActionMixin, View):
    """One press; where it is not enough, the form says why."""

    def get(self, request, **kwargs):
        """Whoever signs in anew after a press lands here; nothing is sent by itself."""
        return redirect("workstrands:update", self.area.slug, self.action.key)

    def post(self, request, **kwargs):
        try:
            seen_number = int(request.POST.get("seen_number", ""))
        except ValueError:
            seen_number = -1
        try:
            update = reporting.repeat_status(self.action, by=request.user, at=self.when.now, seen_number=seen_number)
        except reporting.Conflict as conflict:
            messages.warning(request, self.moved_on(conflict.latest))
            return redirect(self.update_address)
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
            return redirect(self.update_address)
        messages.success(
            request, f"Action {self.action.ref}: nothing has changed, still {SHOWN_WORDS[update.status].lower()}."
        )
        return redirect(self.back_address)

    @staticmethod
    def moved_on(latest) -> str:
        if latest is None:
            return "Nothing has been reported yet. Say how the action is going."
        day = in_words(london_day(latest.recorded_at))
        return f"There is a newer report, of {day}. Read it, then say how the action is going."

    @property
    def update_address(self) -> str:
        return reverse("workstrands:update", args=[self.area.slug, self.action.key])

    @property
    def back_address(self) -> str:
        """Where the press was made: the page it came from names itself in `next`, by its path."""
        back = self.request.POST.get("next", "")
        is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(
            back, {self.request.get_host()}, require_https=self.request.is_secure()
        )
        return back if is_ours else self.action.get_absolute_url()
