"""The Board's meetings: their pages, and recording what a meeting did."""

from datetime import date
from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date
from django.views import View
from django.views.generic import TemplateView

from board import deciding, minuting
from board.meeting_forms import (
    CameForm,
    ChallengeForm,
    Choices,
    DecisionForm,
    LogForm,
    OutcomeForm,
    People,
    PlannedForm,
    attendance_lines,
    planned_lines,
)
from board.meetings import forward_plan, meeting_page, meetings_of
from board.models import Decision, MeetingAction
from board.views.remembering import RememberedMixin
from board.vocabulary import DecisionKind, Outcome
from common.words import plural
from kpis.appending import Conflict, latest_of, number_of
from people.models import Lead
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.models import Area, Meeting
from workstrands.models import ProgressUpdate

MOST_LINES = 300


def meeting_on(area: Area, day: str) -> Meeting:
    """The meeting of an area on a day; anything else answers 404."""
    try:
        held_on = parse_date(day)
    except ValueError:
        held_on = None
    found = held_on and Meeting.objects.filter(area=area, held_on=held_on).select_related("reporting_round").first()
    if not found:
        raise Http404("No such meeting.")
    found.area = area
    return found


def address_of(name: str, *args) -> str:
    """The address of a page, or nothing where the product has none of that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def is_number(text: str) -> bool:
    """Whether it can be the number of a row."""
    return text.isascii() and text.isdigit() and len(text) < 7


class _FindMeeting:
    def dispatch(self, request, *args, **kwargs):
        self.meeting = meeting_on(self.area, kwargs["day"])
        return super().dispatch(request, *args, **kwargs)

    @property
    def meeting_address(self) -> str:
        return reverse("board:meeting", args=[self.area.slug, self.meeting.held_on])


class OfMeetingMixin(InAreaMixin, _FindMeeting):
    """Gives a view the `meeting` of the area, after `InAreaMixin` has found `area`, `membership` and `when`."""

    nav = "meetings"


# Reading


class MeetingListView(RememberedMixin, InAreaMixin, TemplateView):
    template_name = "board/meeting_list.html"
    nav = "meetings"

    def get_context_data(self, **kwargs):
        lines = meetings_of(self.area, self.when.moment)
        return super().get_context_data(
            **{
                **kwargs,
                "area": self.area,
                "to_come": [line for line in reversed(lines) if line.meeting.held_on >= self.when.day],
                "held": [line for line in lines if line.meeting.held_on < self.when.day],
                "forward": forward_plan(self.area, self.when.day),
                "plan_address": address_of("board:round-plan", self.area.slug),
                "may_edit": may_edit(self.membership) and not self.when.as_at,
            }
        )


class MeetingView(RememberedMixin, OfMeetingMixin, TemplateView):
    template_name = "board/meeting_detail.html"

    def get_context_data(self, **kwargs):
        named = [self.area.slug, self.meeting.held_on]
        return super().get_context_data(
            **{
                **kwargs,
                "area": self.area,
                "meeting": self.meeting,
                "page": meeting_page(self.meeting, self.when.moment),
                "round_address": address_of("board:round", *named),
                "papers_address": address_of("board:meeting-papers", *named),
                "may_edit": may_edit(self.membership) and not self.when.as_at,
            }
        )


# Writing


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
            "not_yet": deciding.why_not_yet(self.meeting, self.when.now),
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
        decision = deciding.record_decision(self.meeting, by=by, at=at, **form.decided)
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
        offered = deciding.outcomes_after(latest and latest.outcome)
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
        return deciding.close_decision(self.record, **said)


class LogCloseView(CloseView):
    thing = "Entry"

    @property
    def numbered(self):
        return self.meeting.log.select_related("owner")

    def close(self, **said):
        return deciding.close_log_entry(self.record, **said)


# Lines: who came, and what comes later


class LinesView(View):
    """A form of many lines, saved all or none. What somebody else changed in the meantime is shown, and can be sent again."""

    def get(self, request, **kwargs):
        parked = parked_form(request)
        if parked is not None:
            return self.show(self.sent(parked), is_parked=True)
        return self.show([self.line(at, initial=initial) for at, initial in enumerate(self.lines())])

    def post(self, request, **kwargs):
        forms = self.sent(request.POST)
        summary = [each for form in forms if not form.is_valid() for each in form.summary]
        if summary:
            return self.show(forms, summary=summary)
        try:
            changed = self.write([said for form in forms if (said := self.said(form))])
        except ValidationError as error:
            return self.show(forms, summary=[("", message) for message in error.messages])
        except minuting.Overtaken as overtaken:
            return self.show(self.seen_anew(request.POST), status=409, overtaken=overtaken.name)
        forget_parked(request)
        messages.success(request, f"{plural(changed, 'line')} saved." if changed else "Nothing was changed.")
        return redirect(self.back_address)

    def sent(self, fields) -> list:
        """The lines that a form was sent with; at least one, at most so many as anybody needs."""
        asked = fields.get("lines", "")
        count = int(asked) if is_number(asked) else 1
        return [self.line(at, fields) for at in range(max(1, min(count, MOST_LINES)))]

    def show(self, forms, *, status: int = 200, **context) -> HttpResponse:
        shown = {"lines": forms, "back": self.back_address, "area": self.area}
        return render(self.request, self.template_name, shown | self.also_shown() | context, status=status)

    def also_shown(self) -> dict:
        return {}


class AttendanceView(RecordingMixin, LinesView):
    template_name = "board/meeting_attendance.html"

    @cached_property
    def people(self) -> People:
        return People.of(self.meeting)

    @property
    def back_address(self) -> str:
        return self.meeting_address

    def lines(self) -> list[dict]:
        return attendance_lines(self.meeting, self.people)

    def line(self, at: int, *args, **kwargs) -> CameForm:
        return CameForm(*args, prefix=f"line-{at}", people=self.people, **kwargs)

    def said(self, form: CameForm):
        return form.came

    def write(self, lines) -> int:
        return minuting.note_attendance(self.meeting, lines, by=self.request.user, at=self.when.now)

    def seen_anew(self, sent) -> list[CameForm]:
        """The same lines, answering to what stands now."""
        typed = sent.copy()
        standing = {row.name: row for row in self.meeting.attendances.order_by("pk")}
        for form in self.sent(sent):
            row = standing.get(form["was"].value()) or standing.get(form["name"].value())
            if row:
                typed[form.add_prefix("was")], typed[form.add_prefix("seen")] = row.name, minuting.seen_of(row)
        return self.sent(typed)

    def also_shown(self) -> dict:
        return {"meeting": self.meeting, "is_to_come": self.meeting.held_on > self.when.today}


class ForwardView(InAreaMixin, LinesView):
    template_name = "board/meeting_forward.html"
    nav = "meetings"
    is_reading = False
    may = may_edit

    @property
    def back_address(self) -> str:
        return f"{reverse('board:meetings', args=[self.area.slug])}#forward"

    def lines(self) -> list[dict]:
        return planned_lines(forward_plan(self.area, date.max))

    @cached_property
    def offered(self) -> dict:
        """What the lists hold: meetings to come and leads in post, and those that are named already."""
        items = {item.pk: item for item in self.area.forward_items.select_related("meeting", "lead")}
        coming = list(Meeting.objects.filter(area=self.area, held_on__gte=self.when.today))
        leads = list(Lead.objects.filter(area=self.area).in_post(self.when.today))
        named = {item.meeting for item in items.values() if item.meeting}.difference(coming)
        leads += {item.lead for item in items.values() if item.lead}.difference(leads)
        return {
            "meetings": {str(each.pk): each for each in sorted([*coming, *named], key=lambda meeting: meeting.held_on)},
            "leads": {str(lead.pk): lead for lead in sorted(leads, key=str)},
            "items": items,
        }

    def line(self, at: int, *args, **kwargs) -> PlannedForm:
        return PlannedForm(*args, prefix=f"line-{at}", **self.offered, **kwargs)

    def said(self, form: PlannedForm):
        return form.planned

    def write(self, lines) -> int:
        return minuting.plan_forward(self.area, lines, by=self.request.user, at=self.when.now)

    def seen_anew(self, sent) -> list[PlannedForm]:
        del self.offered
        typed, standing = sent.copy(), {str(pk): item for pk, item in self.offered["items"].items()}
        for form in self.sent(sent):
            item = standing.get(form["item"].value())
            if item:
                typed[form.add_prefix("seen")] = minuting.seen_of(item)
        return self.sent(typed)
