"""What one person answers for, in all their areas: oldest update first."""

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from common.dates import in_words, london_day
from kpis.models import Kpi, Measurement
from kpis.rating import show_value
from people.models import Membership
from people.roles import may_edit
from people.scoping import memberships_of
from strategies.models import Strategy
from workstrands.reporting import actions_of, closed_because, may_repeat, repeats_running
from workstrands.standing import Standing, standings
from workstrands.status import SHOWN_WORDS


@dataclass(frozen=True, slots=True)
class MyAction:
    """One row: the action as it stands, and what its lead can do about it."""

    strategy: Strategy
    standing: Standing
    closed: str
    can_repeat: bool

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
    repeats = repeats_running((standing.id for _, standing in found), now)
    rows = [_row(plan, standing, repeats[standing.id], today) for plan, standing in found]
    return sorted(rows, key=lambda row: (not row.can_update, row.said_on or date.min, row.standing.due_on or date.max))


def _row(plan: Strategy, standing: Standing, repeats: int, today: date) -> MyAction:
    closed = closed_because(plan, None, today)
    same = not closed and may_repeat(standing.reported, repeats=repeats, due_on=standing.due_on, on=today)
    return MyAction(plan, standing, closed=closed, can_repeat=same)


@dataclass(frozen=True, slots=True)
class MyKpi:
    kpi: Kpi
    latest: Measurement | None

    @property
    def figure(self) -> str:
        if self.latest is None:
            return "None yet"
        indicator, latest = self.kpi.indicator, self.latest
        if latest.missing:
            return latest.get_missing_display()
        return show_value(latest.value, indicator.unit, indicator.decimals, latest.qualifier, latest.as_written)

    @property
    def period(self) -> str:
        return (self.latest.period_label or in_words(self.latest.period_end)) if self.latest else ""


def my_kpis(user, areas, now) -> list[MyKpi]:
    """The KPIs a person owns, each with the last figure known; two queries."""
    figures = Measurement.objects.known_by(now).filter(
        indicator=OuterRef("indicator"), area=OuterRef("area"), breakdown="", period_end__lte=london_day(now)
    )
    latest = Subquery(figures.order_by("-period_end", "-number").values("pk")[:1])
    owned = (
        Kpi.objects.filter(owner__user=user, area__in=areas).select_related("indicator", "area").annotate(latest=latest)
    )
    found = Measurement.objects.in_bulk([kpi.latest for kpi in owned if kpi.latest])
    return [MyKpi(kpi, found.get(kpi.latest)) for kpi in owned]


class MyView(View):
    """No area in its address: it gathers all of them."""

    def get(self, request):
        now = timezone.now()
        request.nav = "my"
        request.memberships = memberships = memberships_of(request.user)
        areas = [membership.area for membership in memberships]
        return render(
            request,
            "board/my.html",
            {
                "actions": my_actions(request.user, areas, now),
                "kpis": my_kpis(request.user, areas, now),
                "memberships": memberships,
                "has_several_areas": len(areas) > 1,
                "next_steps": next_steps(memberships),
                "today": london_day(now),
            },
        )


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
