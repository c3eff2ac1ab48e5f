"""The pages on which the Board's meetings are read."""

from functools import cached_property

from django.urls import NoReverseMatch, reverse
from django.views.generic import TemplateView

from board.forward import forward_plan
from board.meetings import attended_compare_address, meetings_of
from board.one_meeting import MeetingPage, meeting_page
from board.views.of_meeting import OfMeetingMixin
from board.views.remembering import RememberedMixin
from people.roles import may_edit
from people.scoping import InAreaMixin


def address_of(name: str, *args) -> str:
    """The address of a page, or nothing where the product has none of that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# Reading


class SinceAttendedMixin(RememberedMixin):
    """Leads whoever looks to what changed since the meeting that they last attended; kept apart for each such meeting."""

    @cached_property
    def attended(self) -> tuple[str, str]:
        """(address, words), empty where nobody noted them as there."""
        return attended_compare_address(self.request.user, self.area, self.when.day)

    def remembering_key(self) -> str:
        return f"{super().remembering_key()}:{self.attended[0]}"


class MeetingListView(SinceAttendedMixin, InAreaMixin, TemplateView):
    template_name = "board/meeting_list.html"
    nav = "meetings"

    def get_context_data(self, **kwargs):
        lines, day = meetings_of(self.area, self.when.moment), self.when.day
        going_ahead = [line for line in lines if not line.called_off]
        return super().get_context_data(
            **{
                **kwargs,
                "area": self.area,
                "to_come": [line for line in reversed(going_ahead) if line.meeting.held_on >= day],
                "held": [line for line in going_ahead if line.meeting.held_on < day],
                "called_off": [line for line in lines if line.called_off],
                "forward": forward_plan(self.area, day),
                "attended": self.attended,
                "plan_address": address_of("board:round-plan", self.area.slug),
                "may_edit": may_edit(self.membership) and not self.when.as_at,
            }
        )


class MeetingView(SinceAttendedMixin, OfMeetingMixin, TemplateView):
    template_name = "board/meeting_detail.html"

    def get_context_data(self, **kwargs):
        may_change = may_edit(self.membership) and not self.when.as_at
        page = meeting_page(self.meeting, self.when.moment)
        return super().get_context_data(
            **{
                **kwargs,
                "area": self.area,
                "meeting": self.meeting,
                "page": page,
                "attended": self.attended,
                "may_change": may_change,
                "may_edit": may_change and not page.called_off,
                **self.beside(page, may_change),
            }
        )

    def beside(self, page: MeetingPage, may_change: bool) -> dict[str, str]:
        """The addresses of what stands beside a meeting; those of officers are empty for everybody else."""
        may_plan = may_change and page.is_to_come
        named = [self.area.slug, self.meeting.held_on]
        return {
            "round_address": address_of("board:round", *named),
            "papers_address": address_of("board:meeting-papers", *named),
            "reminders_address": address_of("board:reminders", *named) if may_change else "",
            "move_address": address_of("board:meeting-move", *named) if may_plan and not page.called_off else "",
            "call_off_address": address_of("board:meeting-call-off", *named) if may_plan else "",
        }
