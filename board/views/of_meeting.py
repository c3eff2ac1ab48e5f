"""What the pages below a meeting's day share."""

from datetime import date

from django.http import Http404
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property

from board.planning_rounds import round_of
from people.scoping import InAreaMixin
from strategies.models import Area, Meeting, ReportingRound


def meeting_on(area: Area, day: str) -> Meeting:
    """The meeting of an area on a day, with its round; anything else answers 404."""
    try:
        held_on: date | None = parse_date(day)
    except ValueError:
        held_on = None
    found = held_on and Meeting.objects.filter(area=area, held_on=held_on).select_related("reporting_round").first()
    if not found:
        raise Http404("No such meeting.")
    found.area = area
    return found


class _FindMeeting:
    def dispatch(self, request, *args, **kwargs):
        self.meeting  # noqa: B018  (404 before a view does anything)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def meeting(self) -> Meeting:
        return meeting_on(self.area, self.kwargs["day"])


class OfMeetingMixin(InAreaMixin, _FindMeeting):
    """Gives a view the `meeting` of the day in its address, and its `round`, or None where none is planned.

    After `InAreaMixin` has found `area`, `membership` and `when`, and refused the rest.
    """

    nav = "meetings"

    @cached_property
    def round(self) -> ReportingRound | None:
        found = round_of(self.meeting)
        if found:
            found.meeting = self.meeting
        return found

    @property
    def meeting_address(self) -> str:
        return reverse("board:meeting", args=[self.area.slug, self.meeting.held_on])

    @property
    def round_address(self) -> str:
        return reverse("board:round", args=[self.area.slug, self.meeting.held_on])
