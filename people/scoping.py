"""Every page below `/<area>/` starts here: which area, who is asking, as at which moment.

Another area's pages answer 404, never 403: nobody learns what is there.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Subquery
from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_date

from common.dates import end_of_day, london_day
from people.models import Membership, User
from strategies.models import DataVersion


@dataclass(frozen=True, slots=True)
class When:
    """The moment a page is read at. `as_at` is the past day asked for, None for the present."""

    now: datetime
    as_at: date | None = None

    @property
    def today(self) -> date:
        return london_day(self.now)

    @property
    def day(self) -> date:
        return self.as_at or self.today

    @property
    def moment(self) -> datetime:
        return end_of_day(self.as_at) if self.as_at else self.now


def past_day(text: str, today: date, *, name: str) -> date | None:
    """The day that `?as_at=` or `?compare=` asks for; None for none or today; 404 for nonsense or a day to come."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or day.year < 1990:
        raise Http404(f"{name} takes a day written like 2026-03-31.")
    if day > today:
        raise Http404(f"{name} takes a day that has passed.")
    return None if day == today else day


def memberships_of(user: User) -> list[Membership]:
    """Where a person belongs, each with whether anything illustrative is present, and the number of the data."""
    return list(
        user.memberships.select_related("area")
        .annotate(
            has_illustration=Exists(User.objects.filter(is_illustrative=True)),
            data_version=Subquery(DataVersion.objects.values("number")[:1]),
        )
        .order_by("area__name")
    )


class InAreaMixin:
    """Gives a view `area`, `membership` and `when`, and the frame what it needs; refuses everybody else with 404.

    A view that changes something sets `is_reading = False` (the past cannot be edited) and names a predicate of
    `people.roles` in `may`, where the membership alone decides.
    """

    is_reading = True
    may = None
    nav = ""

    def dispatch(self, request, *args, **kwargs):
        if any("\x00" in part for part in kwargs.values()):
            raise Http404("No such address.")  # PostgreSQL refuses to be asked for it
        self.memberships = memberships_of(request.user)
        self.membership = next((m for m in self.memberships if m.area.slug == kwargs["area"]), None)
        if self.membership is None:
            raise Http404("No such area.")
        self.area = self.membership.area
        self.when = self.read_when(request)
        request.in_area = self
        if self.may is not None and not type(self).may(self.membership):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def read_when(self, request) -> When:
        now = timezone.now()
        as_at = past_day(request.GET.get("as_at", ""), london_day(now), name="as_at")
        if as_at and not self.is_reading:
            raise Http404("The past cannot be changed.")
        return When(now=now, as_at=as_at)
