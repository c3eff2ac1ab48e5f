"""What one person answers for, in all their areas: what was returned, then the oldest update, and the figure longest overdue."""

from dataclasses import dataclass
from datetime import date

from django.shortcuts import render
from django.utils import timezone
from django.views import View

from board.meetings import attended_compare_address
from board.reviewing import Check, returned_of
from common.dates import london_day
from common.words import plural
from kpis.figure import KpiFigure
from kpis.models import Kpi
from kpis.periods import due_on
from kpis.reading import kpi_figures
from kpis.series import KpiSeries, serieses_of
from people.models import Membership
from people.roles import may_edit
from people.scoping import memberships_of
from strategies.models import Area, Strategy
from workstrands.reporting import actions_of, closed_because, may_repeat, put_aside_because, repeats_running
from workstrands.standing import Standing, standings
from workstrands.status import SHOWN_WORDS


@dataclass(frozen=True, slots=True)
class MyAction:
    """One row: the action as it stands, and what its lead can do about it."""

    strategy: Strategy
    standing: Standing
    closed: str
    can_repeat: bool
    returned: Check | None = None  # the last report, where an officer returned it

    @property
    def can_update(self) -> bool:
        return not self.closed

    @property
    def area(self):
        return self.strategy.area

    @property
    def seen_number(self) -> int:
        return self.standing.said.number if self.standing.said else 0

    @property
    def said_on(self) -> date | None:
        return self.standing.said.said_on if self.standing.said else None

    @property
    def reported_word(self) -> str:
        return SHOWN_WORDS[self.standing.shown_reported]

    @property
    def assessed_word(self) -> str:
        return SHOWN_WORDS[self.standing.assessed]


def my_actions(user, areas, now) -> list[MyAction]:
    """What a person leads or supports in these areas, the longest silent first.

    Queries grow with plans, not with actions.
    """
    today = london_day(now)
    mine = actions_of(user, now).filter(area__in=areas)
    plans = Strategy.objects.filter(area__in=areas, pk__in=mine.order_by().values("strategy")).select_related("area")
    found = [(plan, standing) for plan in plans for standing in standings(plan, now, actions=mine)]
    ids = [standing.id for _, standing in found]
    repeats, returned = repeats_running(ids, now), returned_of(ids, now)
    rows = [_row(plan, standing, repeats[standing.id], returned.get(standing.id), today) for plan, standing in found]
    return sorted(rows, key=_returned_first_then_the_longest_silent)


def _returned_first_then_the_longest_silent(row: MyAction) -> tuple:
    return (
        not row.can_update, row.returned is None, row.said_on or date.min, row.standing.due_on or date.max,
    )  # fmt: skip


def _row(plan: Strategy, standing: Standing, repeats: int, returned: Check | None, today: date) -> MyAction:
    closed = closed_because(plan, None, today) or put_aside_because(standing.said, today)
    same = not closed and may_repeat(standing.reported, repeats=repeats, due_on=standing.due_on, on=today)
    return MyAction(plan, standing, closed=closed, can_repeat=same, returned=returned)


@dataclass(frozen=True, slots=True)
class MyKpi:
    """One row: a KPI as it stands, and when its next figure is due."""

    area: Area
    figure: KpiFigure
    due_on: date | None
    due_in_words: str
    days_over: int

    @property
    def overdue_words(self) -> str:
        return f"Overdue {plural(self.days_over, 'day')}" if self.days_over > 0 else ""


def my_kpis(user, areas, now) -> list[MyKpi]:
    """The KPIs a person owns, the most overdue first; queries grow with areas, not with KPIs or figures."""
    owned = Kpi.objects.in_use().filter(owner__user=user)
    kpis = list(owned.filter(area__in=areas).select_related("indicator"))
    series, today = serieses_of(kpis), london_day(now)
    with_some = {kpi.area_id for kpi in kpis}
    figures = {f.id: f for area in areas if area.pk in with_some for f in kpi_figures(area, now, kpis=owned)}
    by_id = {area.pk: area for area in areas}
    rows = [_kpi_row(by_id[kpi.area_id], figures[kpi.pk], series[kpi.pk], today) for kpi in kpis]
    return sorted(rows, key=lambda row: (row.due_on or date.max, row.figure.title))


def _kpi_row(area: Area, figure: KpiFigure, series: KpiSeries, today: date) -> MyKpi:
    """A figure whose next release is to come is not overdue before."""
    release_on, period = figure.next_release_on, series.next_due(today)
    due = release_on if release_on and release_on >= today else period and due_on(figure.frequency, period.end)
    return MyKpi(area, figure, due, series.due_in_words(today), (today - due).days if due else 0)


class MyView(View):
    """No area in its address: it gathers all of them."""

    def get(self, request):
        now = timezone.now()
        request.nav = "my"
        request.memberships = memberships = memberships_of(request.user)
        areas = [membership.area for membership in memberships]
        actions = my_actions(request.user, areas, now)
        led = {row.area.pk for row in actions if row.can_update}
        return render(
            request,
            "board/my.html",
            {
                "actions": actions,
                "workbook_areas": [area for area in areas if area.pk in led],
                "kpis": my_kpis(request.user, areas, now),
                "memberships": memberships,
                "has_several_areas": len(areas) > 1,
                "next_steps": next_steps(memberships),
                "edited_areas": [membership.area for membership in memberships if may_edit(membership)],
                "today": london_day(now),
                "attended": last_meetings(request.user, areas, london_day(now)),
            },
        )


def last_meetings(user, areas: list[Area], on: date) -> list[tuple[str, str]]:
    """(address, words) of what changed since the meeting that a person last attended, in each area where they did."""
    found = [attended_compare_address(user, area, on) for area in areas]
    return [(address, words) for address, words in found if address]


def next_steps(memberships: list[Membership]) -> list[tuple[str, str, str]]:
    """(address, link, sentence before it) for each area: where to go from an empty page."""
    return [_next_step(membership) for membership in memberships]


def _next_step(membership: Membership) -> tuple[str, str, str]:
    area = membership.area
    if may_edit(membership):
        return f"/{area.slug}/actions/", f"All actions of {area}", "As an officer you can report on any of them:"
    if membership.role == Membership.Role.ADMINISTRATOR:
        return f"/{area.slug}/people/", f"People of {area}", "See who answers for what:"
    if membership.role == Membership.Role.LEAD:
        sentence = "No action or KPI names you as yet. An officer of the area can put you down as its lead. Meanwhile:"
        return area.get_absolute_url(), f"The board page of {area}", sentence
    return area.get_absolute_url(), f"The board page of {area}", "You read here what the leads report:"
