"""Recording what a meeting decided, questioned and asked to be done."""

from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from board import minuting
from board.deciding import record_decision
from board.meeting_forms import ChallengeForm, Choices, DecisionForm, LogForm
from board.recording import why_not_yet
from board.views.of_meeting import OfMeetingMixin
from board.vocabulary import DecisionKind
from kpis.appending import Conflict, latest_of, number_of
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from workstrands.models import ProgressUpdate


def is_number(text: str) -> bool:
    """Whether it can be the number of a row."""
    return text.isascii() and text.isdigit() and len(text) < 7


class RecordingMixin(OfMeetingMixin):
    """Only officers, and only now."""

    is_reading = False
    may = may_edit


class FormView(View):
    """One form, its parking, its messages, and both texts where somebody else was quicker."""

    saved = ""

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
            self.write(form, by=request.user, at=self.when.now)
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except Conflict as conflict:
            return self.show_conflict(conflict.latest)
        forget_parked(request)
        messages.success(request, self.saved)
        return redirect(self.back_address)

    def show_conflict(self, latest) -> HttpResponse:
        """What was added in between, above what was typed; sent again, it is added after that."""
        typed = self.request.POST.copy()
        typed["seen_number"] = number_of(latest_of(self.rows))
        return self.show(self.form(typed).unjudged(), status=409, meanwhile=latest)

    @property
    def back_address(self) -> str:
        return self.meeting_address

    def initial(self) -> dict:
        return {"seen_number": number_of(latest_of(self.rows))}

    def show(self, form, *, status: int = 200, **context) -> HttpResponse:
        shown = {
            "form": form,
            "meeting": self.meeting,
            "back": self.back_address,
            "not_yet": why_not_yet(self.meeting, self.when.now),
        }
        return render(self.request, self.template_name, shown | self.also_shown(form) | context, status=status)

    def also_shown(self, form) -> dict:
        return {}


class ChoosingView(RecordingMixin, FormView):
    """A form with lists of the area's actions, KPIs and leads; an address may name the one that it is about."""

    def form(self, *args, **kwargs):
        return self.form_class(*args, choices=Choices(self.area, self.when.today), **kwargs)

    def initial(self) -> dict:
        asked = self.request.GET
        return {**super().initial(), "action": asked.get("action", ""), "kpi": asked.get("kpi", "")}


class DecisionAddView(ChoosingView):
    template_name = "board/meeting_decision.html"
    form_class = DecisionForm

    @property
    def rows(self):
        return self.meeting.decisions.all()

    def initial(self) -> dict:
        kind = self.request.GET.get("kind", "")
        return {
            **super().initial(),
            "kind": kind if kind in DecisionKind.values else DecisionKind.OTHER,
            "text": self.asked_text(),
        }

    def asked_text(self) -> str:
        """What the lead asks, to be turned into what was decided."""
        return self.ask.ask if self.ask else ""

    @cached_property
    def ask(self) -> ProgressUpdate | None:
        """The ask that the address names: by its action, and the number of the update that asks."""
        key, number = self.request.GET.get("action", ""), self.request.GET.get("asked", "")
        if not is_number(number) or "\x00" in key:
            return None
        said = ProgressUpdate.objects.filter(action__area=self.area, action__key=key, number=int(number))
        return said.exclude(ask="").select_related("action").first()

    def write(self, form: DecisionForm, *, by, at) -> None:
        decision = record_decision(self.meeting, by=by, at=at, **form.decided)
        done = f" It is carried out on action {decision.action.ref}." if decision.update or decision.deadline else ""
        self.saved = f"Decision {decision.number} is recorded.{done}"

    def also_shown(self, form) -> dict:
        return {"ask": self.ask}


class ChallengeAddView(ChoosingView):
    template_name = "board/meeting_challenge.html"
    form_class = ChallengeForm

    @property
    def rows(self):
        return self.meeting.challenges.all()

    def write(self, form: ChallengeForm, *, by, at) -> None:
        minuting.note_challenge(self.meeting, by=by, at=at, **form.chosen())
        self.saved = "The challenge is noted."


class LogAddView(ChoosingView):
    template_name = "board/meeting_log.html"
    form_class = LogForm

    @property
    def rows(self):
        return self.meeting.log.all()

    def write(self, form: LogForm, *, by, at) -> None:
        entry = minuting.add_to_log(self.meeting, by=by, at=at, **form.chosen())
        self.saved = f"Entry {entry.number} is in the action log."
