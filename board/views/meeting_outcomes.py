"""Saying what became of a decision, or of an entry of a meeting's action log."""

from functools import cached_property

from django.http import Http404
from django.urls import reverse
from django.utils.dateparse import parse_date

from board.closing import close_decision, close_log_entry
from board.decision_rules import outcomes_after
from board.meeting_forms import OutcomeForm
from board.models import Decision, MeetingAction
from board.views.meeting_records import FormView, RecordingMixin, is_number
from board.vocabulary import Outcome
from kpis.appending import latest_of, number_of
from strategies.models import Meeting


class CloseView(RecordingMixin, FormView):
    """What became of a decision, or of an entry of the log; `?for=` names the meeting that one came from."""

    template_name = "board/meeting_close.html"
    thing = ""

    @cached_property
    def record(self) -> Decision | MeetingAction:
        number = self.kwargs["number"]
        found = self.numbered.filter(number=int(number)).first() if is_number(number) else None
        if found is None:
            raise Http404("No such row of this meeting.")
        return found

    @property
    def rows(self):
        return self.record.outcomes.all()

    @property
    def back_address(self) -> str:
        try:
            day = parse_date(self.request.GET.get("for", ""))
        except ValueError:
            day = None
        if day and Meeting.objects.filter(area=self.area, held_on=day).exists():
            return reverse("board:meeting", args=[self.area.slug, day])
        return self.meeting_address

    def form(self, *args, **kwargs) -> OutcomeForm:
        latest = latest_of(self.rows)
        offered = outcomes_after(latest and latest.outcome)
        return OutcomeForm(*args, offered=offered, **kwargs)

    def post(self, request, **kwargs):
        """What was answered may not be offered any more: somebody else was quicker."""
        latest = latest_of(self.rows)
        form = self.form(request.POST)
        is_overtaken = not form.is_valid() and form.has_error("outcome", "invalid_choice")
        if is_overtaken and number_of(latest) != (form.cleaned_data.get("seen_number") or 0):
            return self.show_conflict(latest)
        return super().post(request, **kwargs)

    def write(self, form: OutcomeForm, *, by, at) -> None:
        row = self.close(by=by, at=at, **form.cleaned_data)
        self.saved = f"{self.thing} {self.record.number}: {Outcome(row.outcome).label.lower()}."

    def also_shown(self, form) -> dict:
        outcomes = self.rows.select_related("recorded_by").order_by("-number")
        return {"record": self.record, "outcomes": outcomes, "thing": self.thing, "not_yet": ""}


class DecisionCloseView(CloseView):
    thing = "Decision"

    @property
    def numbered(self):
        return self.meeting.decisions.select_related("owner", "action", "kpi__indicator")

    def close(self, **said):
        return close_decision(self.record, **said)


class LogCloseView(CloseView):
    thing = "Entry"

    @property
    def numbered(self):
        return self.meeting.log.select_related("owner")

    def close(self, **said):
        return close_log_entry(self.record, **said)
