"""What officers say of an action's impact: what it should change, and, once it is complete, that it is sustained."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views import View

from common.dates import in_words, london_day
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from workstrands import reporting
from workstrands.backing import counted_by
from workstrands.forms import ConfirmImpactForm, ImpactForm
from workstrands.illustration import why_not_for
from workstrands.impact import Conflict, kpis_to_move, say_impact, why_no_aim
from workstrands.models import Evidence
from workstrands.options import Option
from workstrands.views.picking import PickMixin
from workstrands.views.updates import OfActionMixin


class ImpactView(PickMixin, OfActionMixin, View):
    template_name = "workstrands/impact.html"
    form_class = ImpactForm
    may = may_edit

    def found_options(self) -> list[Option]:
        return kpis_to_move(self.action, by=self.request.user)

    def initial(self) -> dict:
        action, linked = self.action, self.linked
        impact, day = action.intended_impact, action.effect_expected_from
        return {
            "kpis": linked, "was": linked, "intended_impact": impact, "was_impact": impact,
            "effect_expected_from": day, "was_from": day,
        }  # fmt: skip

    def post(self, request, **kwargs):
        try:
            return super().post(request, **kwargs)
        except Conflict as conflict:
            return self.show_conflict(conflict.stands)

    def write(self, form: ImpactForm) -> str:
        said = form.cleaned_data
        is_changed = say_impact(
            self.action,
            kpis=self.records(said["kpis"]),
            intended_impact=said["intended_impact"],
            effect_expected_from=said["effect_expected_from"],
            by=self.request.user,
            at=self.when.now,
            seen=form.seen(kpi.pk for kpi in self.records(said["was"])),
        )
        return f"What action {self.action.ref} should change is saved." if is_changed else "Nothing was changed."

    def show_conflict(self, stands):
        """Both side by side; sent again, the form answers to what was said in between."""
        typed = self.request.POST.copy()
        typed["was_impact"], typed["was_from"] = stands.intended_impact, stands.effect_expected_from or ""
        typed.setlist("was", self.linked)
        typed.setlist("kpis", self.ticked_by_both(self.request.POST))
        return self.show(self.form(typed).unjudged(), stands=stands, status=409)

    def ticked_by_both(self, sent) -> list[str]:
        ticked, was, linked = (set(found) for found in (sent.getlist("kpis"), sent.getlist("was"), self.linked))
        return sorted((linked | (ticked - was)) - (was - ticked))

    @property
    def back_address(self) -> str:
        return self.action.get_absolute_url()

    def also_shown(self, form: ImpactForm) -> dict:
        return {"action": self.action, "refusal": self.refusal()}

    def refusal(self) -> str:
        """Why nothing can be said here, before anybody types."""
        return why_no_aim(self.action) or why_not_for(self.request.user, *self.leads[:1])


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
            Evidence.objects.filter(counted_by(self.when.now), update__action=action)
            .select_related("update")
            .order_by("-update__number", "pk")
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
