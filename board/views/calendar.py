"""Officers keep the Board's calendar: a meeting moves, is called off, or its round is opened again."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views import View

from board import keeping_calendar, planning_rounds
from board.calendar_forms import CallOffForm, MoveForm, NewDayForm
from board.keeping_calendar import CalendarMoved
from board.views.of_meeting import OfMeetingMixin
from board.views.rounds import OfRoundMixin
from common.dates import in_words
from people.parking import forget_parked, parked_form
from people.roles import may_edit


class OfOfficersMixin(OfMeetingMixin):
    is_reading = False
    may = may_edit

    def forget_meeting(self) -> None:
        """To read anew what somebody else has written meanwhile."""
        for name in ("meeting", "round"):
            self.__dict__.pop(name, None)


class MoveView(OfOfficersMixin, View):
    """The wanted day comes in the address (GET); the days around it are proposed, changed and sent (POST)."""

    template_name = "board/meeting_move.html"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.form(parked).unjudged(), is_parked=True)
        new_day = self.new_day()
        if self.refusal or (new_day.is_bound and not new_day.is_valid()):
            return self.show(None)
        wanted_on = new_day.cleaned_data["on"] if new_day.is_bound else self.meeting.held_on
        days, notes = keeping_calendar.proposed(self.meeting, wanted_on)
        return self.show(self.form(days=days), notes=notes)

    def post(self, request, **kwargs):
        form = self.form(request.POST)
        if self.refusal or not form.is_valid():
            return self.show(form)
        try:
            moved = keeping_calendar.move_meeting(
                self.meeting, form.settled, seen=form.cleaned_data["seen"], by=request.user, at=self.when.now
            )
        except ValidationError as error:
            form.accuse(error)
            return self.show(form)
        except CalendarMoved:
            return self.show_meanwhile(form)
        return self.done(moved)

    @property
    def refusal(self) -> str:
        by = self.request.user
        return keeping_calendar.why_not_by(by, self.meeting) or keeping_calendar.why_not_moved(
            self.meeting, self.when.now
        )

    @property
    def stands(self) -> keeping_calendar.Days:
        return keeping_calendar.days_of(self.meeting)

    def form(self, *args, **kwargs) -> MoveForm:
        return MoveForm(*args, stands=self.stands, names=keeping_calendar.movable(self.meeting), **kwargs)

    def new_day(self) -> NewDayForm:
        is_asked = any(name.startswith("on_") for name in self.request.GET)
        return NewDayForm(self.request.GET) if is_asked else NewDayForm()

    def show_meanwhile(self, form: MoveForm):
        """What was typed stays; sent again, it answers the days that stand now."""
        self.forget_meeting()
        form = self.form(self.request.POST)
        form.now_seen(self.stands)
        return self.show(form.unjudged(), is_meanwhile=True, status=409)

    def show(self, form: MoveForm | None, *, status: int = 200, **context):
        context = {
            "area": self.area,
            "meeting": self.meeting,
            "round": self.round,
            "is_open": bool(self.round and self.round.is_open(self.when.now)),
            "form": form,
            "new_day": self.new_day(),
            "refusal": self.refusal,
            "is_theirs": not keeping_calendar.why_not_by(self.request.user, self.meeting),
            "back": self.meeting_address,
            **context,
        }
        return render(self.request, self.template_name, context, status=status)

    def done(self, moved):
        forget_parked(self.request)
        day = in_words(moved.held_on)
        is_moved = moved.held_on != self.meeting.held_on
        said = f"The meeting is moved to {day}. Its old address leads here." if is_moved else "The new days are kept."
        messages.success(self.request, said)
        return redirect("board:round", self.area.slug, moved.held_on)


class CallOffView(OfOfficersMixin, View):
    template_name = "board/meeting_call_off.html"

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(CallOffForm(parked).unjudged(), is_parked=True)
        return self.show(CallOffForm())

    def post(self, request, **kwargs):
        form = CallOffForm() if "take_back" in request.POST else CallOffForm(request.POST)
        try:
            if "take_back" in request.POST:
                keeping_calendar.take_back(self.meeting, by=request.user, at=self.when.now)
                return self.done("The meeting goes ahead after all.")
            if not form.is_valid():
                return self.show(form)
            keeping_calendar.call_off(
                self.meeting, because=form.cleaned_data["because"], by=request.user, at=self.when.now
            )
        except ValidationError as error:
            self.forget_meeting()
            if form.is_bound:
                form.accuse(error)
            return self.show(form)  # which says why it cannot be taken back
        return self.done(f"The meeting of {in_words(self.meeting.held_on)} is called off.")

    def show(self, form: CallOffForm, **context):
        context = {
            "area": self.area,
            "meeting": self.meeting,
            "round": self.round,
            "is_round_open": bool(self.round and self.round.is_open(self.when.now)),
            "has_papers": self.meeting.packs.exists(),
            "form": form,
            "refusal": self.refusal,
            "back": self.meeting_address,
            **context,
        }
        return render(self.request, self.template_name, context)

    @property
    def refusal(self) -> str:
        not_theirs = keeping_calendar.why_not_by(self.request.user, self.meeting)
        if not_theirs or self.meeting.cancelled_at:
            return not_theirs
        return keeping_calendar.why_not_called_off(self.meeting, self.when.now)

    def done(self, said: str):
        forget_parked(self.request)
        messages.success(self.request, said)
        return redirect("board:round", self.area.slug, self.meeting.held_on)


class ReopenView(OfRoundMixin, View):
    """Takes a closing back. The page says what that does before anybody presses."""

    template_name = "board/round_reopen.html"

    def get(self, request, **kwargs):
        forget_parked(request)
        return self.show()

    def post(self, request, **kwargs):
        try:
            planning_rounds.reopen_round(self.round, by=request.user, at=self.when.now)
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
            return redirect(self.round_address)
        messages.success(request, "The round is open again, as if it had not been closed.")
        return redirect(self.round_address)

    def show(self):
        context = {
            "area": self.area,
            "meeting": self.meeting,
            "round": self.round,
            "refusal": planning_rounds.why_not_reopened(self.round, self.when.now),
            "is_past_its_day": self.round.closes_on < self.when.today,
            "back": self.round_address,
        }
        return render(self.request, self.template_name, context)
