"""Pages of many lines, saved all or none: who came to a meeting, and what the Board looks at later."""

from datetime import date
from functools import cached_property

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from board import attending, forward
from board.attending import note_attendance
from board.forward import forward_plan, plan_forward
from board.meeting_forms import CameForm, People, PlannedForm, attendance_lines, planned_lines
from board.recording import Overtaken, why_not_yet
from board.views.meeting_records import RecordingMixin, is_number
from common.words import plural
from people.models import Lead
from people.parking import forget_parked, parked_form
from people.roles import may_edit
from people.scoping import InAreaMixin
from strategies.models import Meeting

MOST_LINES = 300


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
        except Overtaken as overtaken:
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
        return note_attendance(self.meeting, lines, by=self.request.user, at=self.when.now)

    def seen_anew(self, sent) -> list[CameForm]:
        """The same lines, answering to what stands now."""
        typed = sent.copy()
        standing = {row.name: row for row in self.meeting.attendances.order_by("pk")}
        for form in self.sent(sent):
            row = standing.get(form["was"].value()) or standing.get(form["name"].value())
            if row:
                typed[form.add_prefix("was")], typed[form.add_prefix("seen")] = row.name, attending.seen_of(row)
        return self.sent(typed)

    def also_shown(self) -> dict:
        meeting, now = self.meeting, self.when.now
        off = why_not_yet(meeting, now) if meeting.is_called_off(now) else ""
        return {"meeting": meeting, "is_to_come": meeting.held_on > self.when.today, "not_yet": off}


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
        coming = list(Meeting.objects.going_ahead(self.when.now).filter(area=self.area, held_on__gte=self.when.today))
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
        return plan_forward(self.area, lines, by=self.request.user, at=self.when.now)

    def seen_anew(self, sent) -> list[PlannedForm]:
        del self.offered
        typed, standing = sent.copy(), {str(pk): item for pk, item in self.offered["items"].items()}
        for form in self.sent(sent):
            item = standing.get(form["item"].value())
            if item:
                typed[form.add_prefix("seen")] = forward.seen_of(item)
        return self.sent(typed)
