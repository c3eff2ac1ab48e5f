"""An officer confirms that the impact of a complete action is sustained."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views import View

from common.dates import in_words, london_day
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from workstrands import reporting
from workstrands.forms import ConfirmImpactForm
from workstrands.models import Evidence
from workstrands.views.updates import OfActionMixin


class ConfirmImpactView(OfActionMixin, View):
    template_name = "workstrands/confirm_impact.html"
    may = may_edit

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(ConfirmImpactForm(parked).unjudged(), is_parked=True)
        seen_number = reporting.number_of(reporting.latest_confirmation(self.action))
        return self.show(ConfirmImpactForm(initial={"seen_number": seen_number}))

    def post(self, request, **kwargs):
        action, form = self.action, ConfirmImpactForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            reporting.confirm_impact(action, by=request.user, at=self.when.now, **form.cleaned_data)
        except reporting.Conflict as conflict:
            return self.done(confirmed_meanwhile(conflict.latest))
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        return self.done(f"The impact of action {action.ref} is confirmed as sustained.")

    def done(self, said: str):
        forget_parked(self.request)
        messages.success(self.request, said)
        return redirect("board:action", self.area.slug, self.action.key)

    def show(self, form: ConfirmImpactForm, **context):
        action = self.action
        evidence = (
            Evidence.objects.filter(update__action=action).select_related("update").order_by("-update__number", "pk")
        )
        return render(
            self.request,
            self.template_name,
            {
                "form": form,
                "action": action,
                "refusal": reporting.why_no_confirmation(action, self.when.now),
                "latest": reporting.latest_update(action),
                "evidence": evidence,
                **context,
            },
        )


def confirmed_meanwhile(latest) -> str:
    """The page was sent twice, or somebody else was quicker."""
    if latest is None:
        return "Nothing was confirmed: the page did not say what it answers. Open it again."
    who = f"by {latest.recorded_by} " if latest.recorded_by else ""
    return f"The impact was confirmed {who}on {in_words(london_day(latest.recorded_at))}."
