"""Every page below `/<area>/` starts here: which area, who is asking, as at which moment.

Another area's pages answer 404, never 403: nobody learns what is there.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Exists
from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from common.dates import end_of_day, in_words, london_day, time_in_words
from people.models import Membership, User
from strategies import changes, own_words
from strategies.models import DataVersion


@dataclass(frozen=True, slots=True)
class Past:
    """What an address asks to see: a day up to its end, or (`exactly`) a moment of it, as papers made on the day do.

    As text it is how addresses write it: 2026-03-31, or 2026-03-31T13:05:09Z.
    """

    moment: datetime
    exactly: bool = False

    def __str__(self) -> str:
        return address_of_moment(self.moment) if self.exactly else str(self.day)

    @property
    def day(self) -> date:
        return london_day(self.moment)

    @property
    def in_words(self) -> str:
        return f"{in_words(self.day)}, {time_in_words(self.moment)}" if self.exactly else in_words(self.day)


def address_of_moment(moment: datetime) -> str:
    """How an address names a moment; a day where the moment is the end of one."""
    day = london_day(moment)
    return str(day) if moment == end_of_day(day) else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class When:
    """The moment a page is read at. `as_at` is the past that is asked for, None for the present."""

    now: datetime
    as_at: Past | None = None

    @property
    def today(self) -> date:
        return london_day(self.now)

    @property
    def day(self) -> date:
        return self.as_at.day if self.as_at else self.today

    @property
    def moment(self) -> datetime:
        return self.as_at.moment if self.as_at else self.now


def past_day(text: str, today: date, *, name: str) -> date | None:
    """The day that `?as_at=` or `?compare=` asks for; None for none or today; 404 for nonsense or a day to come."""
    if not text:
        return None
    day = _parsed(parse_date, text)
    if day is None or day.year < 1990:
        raise Http404(f"{name} takes a day written like 2026-03-31.")
    if day > today:
        raise Http404(f"{name} takes a day that has passed.")
    return None if day == today else day


def past(text: str, now: datetime, *, name: str) -> Past | None:
    """The same of a day or a moment: 2026-03-31, or 2026-03-31T13:05:09Z as papers write it."""
    if "T" not in text:
        day = past_day(text, london_day(now), name=name)
        return Past(end_of_day(day)) if day else None
    moment = _parsed(parse_datetime, text)
    if moment is None or moment.tzinfo is None or not 1990 <= moment.year < 9999:
        raise Http404(f"{name} takes a day written like 2026-03-31, or a moment like 2026-03-31T13:05:09Z.")
    if moment > now:
        raise Http404(f"{name} takes a moment that has passed.")
    return Past(moment, exactly=True)


def _parsed(parse, text: str):
    """None for what is not written like a day or moment, and for 31 February."""
    try:
        return parse(text)
    except ValueError:
        return None


def memberships_of(user: User) -> list[Membership]:
    """Where a person belongs, each with whether anything illustrative is present, and the number of the data of the area."""
    read = getattr(user, "memberships_read", None)  # where signing in has read them already
    return list(with_their_standing(user.memberships)) if read is None else read


def with_their_standing(memberships):
    return (
        memberships.select_related("area")
        .annotate(
            has_illustration=Exists(User.objects.filter(is_illustrative=True)),
            data_version=DataVersion.beside("area"),
        )
        .order_by("area__name")
    )


class InAreaMixin:
    """Gives a view `area`, `membership` and `when`, and the frame what it needs; refuses everybody else with 404.

    A view that changes something sets `is_reading = False` (the past cannot be edited) and names a predicate of
    `people.roles` in `may`, where the membership alone decides. What it writes counts as written in this area
    (`strategies.changes`): it looks each record up there.
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
        own_words.use(self.area.words)
        self.when = self.read_when(request)
        request.in_area = self
        if self.may is not None and not type(self).may(self.membership):
            raise PermissionDenied
        with changes.in_area(self.area.pk):
            return super().dispatch(request, *args, **kwargs)

    def read_when(self, request) -> When:
        now = timezone.now()
        as_at = past(request.GET.get("as_at", ""), now, name="as_at")
        if as_at and not self.is_reading:
            raise Http404("The past cannot be changed.")
        return When(now=now, as_at=as_at)
