"""Moving an action, handing it over, and its dates."""

from functools import cached_property

from django.core.exceptions import PermissionDenied

from board import action_forms as forms
from board.views.action_upkeep.keeping import OfActionView
from common.dates import in_words
from people.roles import may_edit, may_update
from workstrands import reporting
from workstrands.models import Action
from workstrands.status import DeadlineState
from workstrands.upkeep import parting, placing
from workstrands.upkeep.places import Place, beside, hanging


class ActionMoveView(OfActionView):
    """Under another part of the plan, to another lead, or elsewhere in the order."""

    template_name = "board/action_move.html"

    def form(self, *args, **kwargs):
        return forms.ActionMoveForm(*args, chosen=self.chosen, beside=self.neighbours, **kwargs)

    @cached_property
    def neighbours(self) -> list[Action]:
        """Those that hang on the same, in order."""
        rows = beside(Place.of(self.placed), hanging(self.strategy))
        ids = [row.pk for row in rows if row.pk != self.action.pk]
        return list(Action.objects.filter(pk__in=ids).order_by("position", "pk"))

    def initial(self) -> dict:
        return self.seen_first()

    def write(self, form) -> str:
        said = form.cleaned_data
        after = placing.FIRST if said["after"] == "first" else form.beside.get(said["after"])
        changed = placing.move_action(
            self.action, place=form.place, lead=self.chosen.lead(said["lead"]), after=after, **self.written(form)
        )
        if changed and said["lead"] == placing.NOBODY:
            return f"Nobody leads action {self.action.ref} now. {self.flagged_or_not}"
        return f"Action {self.action.ref} is moved." if changed else "Nothing was changed."

    @property
    def flagged_or_not(self) -> str:
        partner = self.action.partner
        return f"{partner} owns it." if partner else "It is flagged as unowned until somebody is named."


class ProposeDateView(OfActionView):
    """Another date: a lead proposes it, and the Board agrees it by a decision. An officer may record one as agreed."""

    template_name = "board/action_propose_date.html"
    may = None

    def find(self) -> None:
        super().find()
        leads = reporting.leads_of(self.action, self.when.moment)
        if not may_update(self.membership, lead_users={lead.user_id for lead in leads}):
            raise PermissionDenied

    @cached_property
    def agreed(self) -> list:
        return parting.agreed_dates(self.action)

    def form(self, *args, **kwargs):
        parts = [row.applies_to for row in self.agreed]
        return forms.DateForm(*args, parts=parts, may_agree=may_edit(self.membership), **kwargs)

    def initial(self) -> dict:
        return {**self.seen_first(), "state": DeadlineState.PROPOSED}

    @property
    def closed(self) -> str:
        latest = reporting.latest_update(self.action)
        return super().closed or placing.why_no_date(latest.status if latest else None)

    def write(self, form) -> str:
        row = placing.give_date(self.action, **form.said, **self.written(form))
        if row.state == DeadlineState.AGREED:
            return f"Action {self.action.ref} is due on {in_words(row.due_on)}."
        return f"{in_words(row.due_on)} is proposed. It counts once the Board agrees it."

    def beside(self, form) -> dict:
        return {"agreed": self.agreed, "proposed": placing.proposed_of(self.action)}
