"""How a reporting round stands at a moment: who has updated, who is late, what awaits checking, whom to look after.

Asked for is a report on every action that was live while the round ran (its start reached, and not complete, on hold or
stopped), or on which something was reported into it. A report belongs to the round that was open when it was said, or
that it was accepted into. Late is an action without a report once the round's last day has passed or it was closed; a
report that comes after the closing stays late. What is said between two rounds can be accepted into either.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db.models import Q

from board.reviewing import Check, is_late, last_checks_of
from common.dates import end_of_day, in_words, london_day
from common.words import plural
from kpis.models import Kpi
from people.models import Lead
from strategies.models import Area, ReportingRound, Strategy
from strategies.working_days import working_days_between
from workstrands.models import Action, ProgressUpdate
from workstrands.saying import who_said
from workstrands.standing import Standing, calendar_from, standings
from workstrands.status import Status


@dataclass(frozen=True, slots=True)
class RoundAction:
    """An action of the round. None is asked for of what was complete or put aside before, whatever awaits checking."""

    plan: Strategy
    standing: Standing
    is_asked: bool
    has_reported: bool  # in the round, or into it
    is_late: bool  # nothing came in time
    check: Check | None  # of its last report, where that was said between the rounds before and after this one
    said_outside: str = ""  # of that report: "before" the round was opened, or "after" it was closed

    @property
    def is_missing(self) -> bool:
        """Asked for, and nothing came."""
        return self.is_asked and not self.has_reported

    @property
    def is_plain(self) -> bool:
        """Its report says that all is well or has not begun: what else it says can be folded away."""
        return self.check is not None and self.check.update.status in (Status.ON_TRACK, Status.NOT_STARTED)

    @property
    def is_waiting(self) -> bool:
        return self.check is not None and self.check.is_waiting

    @property
    def is_returned(self) -> bool:
        return self.check is not None and self.check.is_returned

    @property
    def who_said(self) -> str:
        return who_said(self.check.update) if self.check else ""


@dataclass
class LeadRow:
    """What one lead, or nobody, was asked for."""

    lead: Lead | None
    actions: list[RoundAction] = field(default_factory=list)
    concerns: list[str] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return sum(action.is_asked for action in self.actions)

    @property
    def reported(self) -> int:
        return sum(action.has_reported for action in self.actions)

    @property
    def late(self) -> int:
        return sum(action.is_late for action in self.actions)

    @property
    def to_come(self) -> int:
        return sum(action.is_asked and not action.has_reported and not action.is_late for action in self.actions)

    @property
    def waiting(self) -> int:
        return sum(action.is_waiting for action in self.actions)

    @property
    def returned(self) -> int:
        return sum(action.is_returned for action in self.actions)

    @property
    def missing(self) -> list[RoundAction]:
        return [action for action in self.actions if action.is_missing]


@dataclass
class RoundStanding:
    """Everything the page of a round says."""

    round: ReportingRound
    moment: datetime
    rounds: list[ReportingRound]  # of the area, those opened by the moment, the latest first
    actions: list[RoundAction]
    leads: dict[int, Lead]
    idle: list[Lead]

    @property
    def stage(self) -> str:
        if self.round.is_open(self.moment):
            return "open"
        return "closed" if self.opened_on else "planned"

    @property
    def opened_on(self) -> date | None:
        opened = self.round.opened_at
        return london_day(opened) if opened and opened <= self.moment else None

    @property
    def closed_on(self) -> date | None:
        closed = self.round.closed_at
        return london_day(closed) if closed and closed <= self.moment else None

    @property
    def stage_sentence(self) -> str:
        """Open since 1 September 2026; closes on 30 September 2026, 3 working days left."""
        today, last = london_day(self.moment), self.round.closes_on
        if self.stage == "closed":
            return f"Was open from {in_words(self.opened_on)} to {in_words(self.closed_on)}."
        if self.stage == "planned":
            return f"Not opened yet. Planned from {in_words(self.round.opens_on)} to {in_words(last)}."
        opened = f"Open since {in_words(self.opened_on)}"
        if today > last:
            passed = plural(working_days_between(last, today), "working day")
            return f"{opened}. Its last day, {in_words(last)}, passed {passed} ago, and it has not been closed."
        left = working_days_between(today, last)
        when = f"{plural(left, 'working day')} left after today" if left else "today is the last day"
        return f"{opened}. It closes on {in_words(last)}: {when}."

    @cached_property
    def waiting(self) -> list[RoundAction]:
        """The longest waiting first."""
        found = [action for action in self.actions if action.is_waiting]
        return sorted(found, key=lambda action: action.check.update.recorded_at)

    @cached_property
    def returned(self) -> list[RoundAction]:
        return [action for action in self.actions if action.is_returned]

    @cached_property
    def missing(self) -> list[RoundAction]:
        """Without a report: late, or still to come; the leads' actions beside each other."""
        found = [action for action in self.actions if action.is_missing]
        return sorted(found, key=lambda action: (action.standing.lead or "￿", action.standing.position))

    @cached_property
    def asked(self) -> int:
        return sum(action.is_asked for action in self.actions)

    @cached_property
    def reported(self) -> int:
        return sum(action.has_reported for action in self.actions)

    @cached_property
    def late(self) -> int:
        return sum(action.is_late for action in self.actions)

    @cached_property
    def lead_rows(self) -> list[LeadRow]:
        """Those who owe most come first; nobody comes last."""
        rows: dict[int | None, LeadRow] = {}
        for action in self.actions:
            lead = action.standing.lead_id
            rows.setdefault(lead, LeadRow(self.leads.get(lead))).actions.append(action)
        for row in rows.values():
            row.concerns = self.concerns(row.lead)
        return sorted(
            rows.values(),
            key=lambda row: (row.lead is None, -row.late, -row.to_come, row.lead.name if row.lead else ""),
        )

    @property
    def leads_missing(self) -> list[LeadRow]:
        """Those of whom a report is still awaited, or never came."""
        return [row for row in self.lead_rows if row.missing]

    @property
    def leads_done(self) -> list[LeadRow]:
        return [row for row in self.lead_rows if not row.missing]

    @property
    def is_ripe(self) -> bool:
        """Open, and nothing is lost by closing it: its last day has come, or everybody has reported."""
        is_last_day = london_day(self.moment) >= self.round.closes_on
        return self.stage == "open" and (is_last_day or not self.missing)

    def concerns(self, lead: Lead | None) -> list[str]:
        """Why a lead may never answer by themselves."""
        if lead is None:
            return ["Nobody is named"]
        if lead.left_on and lead.left_on <= london_day(self.moment):
            return [f"Left on {in_words(lead.left_on)}"]
        if lead.user is None:
            return ["Has no sign-in"]
        return [] if lead.user.last_login else ["Never signed in"]

    @cached_property
    def to_look_after(self) -> list[tuple[str, list[str]]]:
        """(what is the matter, the leads in words) for those who hold actions, then those who hold nothing."""
        found = defaultdict(list)
        for row in self.lead_rows:
            for concern in row.concerns if row.lead else []:
                word, _, more = concern.partition(" on ")
                found[word].append(f"{row.lead.name} ({more})" if more else row.lead.name)
        groups = list(found.items())
        return groups + (
            [("Holds no action of a running plan and no KPI", [str(lead) for lead in self.idle])] if self.idle else []
        )


def round_standing(reporting_round: ReportingRound, area: Area, moment: datetime) -> RoundStanding:
    """The queries grow with the plans that run, not with actions, leads or reports."""
    rounds = rounds_by(area, moment)
    until = min(moment, reporting_round.closed_at or moment)
    stood = _stood(area, until, rounds)
    into = _reported_into(reporting_round, moment)
    checks = _checks_within(stood, reporting_round, rounds, moment)
    in_time, is_over = into - _late_into(checks, reporting_round), _is_over(reporting_round, moment)
    actions = [
        RoundAction(
            plan=plan,
            standing=standing,
            is_asked=standing.is_live or standing.id in into,
            has_reported=standing.id in into,
            is_late=is_over and standing.id not in in_time and (standing.is_live or standing.id in into),
            check=checks.get(standing.id),
            said_outside=_outside(reporting_round, checks.get(standing.id)),
        )
        for plan, standing in stood
        if standing.is_live or standing.id in into or standing.id in checks
    ]
    leads = {lead.pk: lead for lead in Lead.objects.filter(area=area).select_related("partner", "user")}
    return RoundStanding(
        round=reporting_round,
        moment=moment,
        rounds=rounds[::-1],
        actions=actions,
        leads=leads,
        idle=_idle(leads, stood, london_day(until)),
    )


def rounds_by(area: Area, moment: datetime) -> list[ReportingRound]:
    """The rounds of an area that had been opened by a moment, in order."""
    opened = ReportingRound.objects.filter(meeting__area=area, opened_at__lte=moment)
    return list(opened.select_related("meeting").order_by("opened_at"))


def running_plans(area: Area, on: date) -> list[Strategy]:
    """The published plans that leads report on, on a day."""
    plans = list(
        Strategy.objects.published().filter(area=area, starts_on__lte=on, ends_on__gte=on).order_by("starts_on", "pk")
    )
    for plan in plans:
        plan.area = area
    return plans


def _stood(area: Area, moment: datetime, rounds: list[ReportingRound]) -> list[tuple[Strategy, Standing]]:
    opened = [(found.opened_at, found.closed_at) for found in rounds if found.opened_at <= moment]
    calendar = calendar_from(opened, moment)
    plans = running_plans(area, london_day(moment))
    return [(plan, standing) for plan in plans for standing in standings(plan, moment, calendar=calendar)]


def _is_over(reporting_round: ReportingRound, moment: datetime) -> bool:
    closed = reporting_round.closed_at
    if reporting_round.opened_at is None or reporting_round.opened_at > moment:
        return False
    return bool(closed and closed <= moment) or moment > end_of_day(reporting_round.closes_on)


def _reported_into(reporting_round: ReportingRound, moment: datetime) -> set[int]:
    """The actions on which something was said in the round, or accepted into it."""
    known = ProgressUpdate.objects.filter(area=reporting_round.meeting.area_id, recorded_at__lte=moment)
    accepted = Q(reviews__round=reporting_round, reviews__verdict="accepted", reviews__recorded_at__lte=moment)
    return set(known.filter(Q(round=reporting_round) | accepted).order_by().values_list("action", flat=True))


def _checks_within(stood, reporting_round: ReportingRound, rounds: list[ReportingRound], moment) -> dict[int, Check]:
    """The last report of each action, where it was said after the round before closed and before the next one opened."""
    if reporting_round not in rounds and any(found.is_open(moment) for found in rounds):
        return {}  # what is said now belongs to the round that is open
    since = max((r.closed_at for r in rounds if r.closed_at and r.opened_at < _opened(reporting_round)), default=None)
    until = min((r.opened_at for r in rounds if r.opened_at > _opened(reporting_round)), default=None)
    checks = last_checks_of((standing.id for _, standing in stood), moment)
    return {
        action: check
        for action, check in checks.items()
        if not (since and check.update.recorded_at < since)
        and not (until and reporting_round.opened_at and check.update.recorded_at >= until)
    }


def _outside(reporting_round: ReportingRound, check: Check | None) -> str:
    if check is None or reporting_round.opened_at is None:
        return ""
    said_at = check.update.recorded_at
    if said_at < reporting_round.opened_at:
        return "before"
    return "after" if is_late(reporting_round, said_at) else ""


def _opened(reporting_round: ReportingRound) -> datetime:
    """A round that was not opened stands after all those that were."""
    return reporting_round.opened_at or end_of_day(date(2100, 12, 31))


def _late_into(checks: dict[int, Check], reporting_round: ReportingRound) -> set[int]:
    """The actions whose last report was accepted into the round, late."""
    return {
        action
        for action, check in checks.items()
        if check.is_accepted and check.review.is_late and check.review.round_id == reporting_round.pk
    }


def _idle(leads: dict[int, Lead], stood: Iterable[tuple[Strategy, Standing]], on: date) -> list[Lead]:
    """The leads in post who hold nothing: no action of a running plan, as lead or supporting, and no KPI."""
    stood = list(stood)
    led = Counter(standing.lead_id for _, standing in stood)
    supporting = defaultdict(set)
    links = Action.supporting_leads.through.objects.filter(action__in=[standing.id for _, standing in stood])
    for lead, action in links.values_list("lead", "action"):
        supporting[lead].add(action)
    owners = set(Kpi.objects.in_use().filter(owner__in=leads).values_list("owner", flat=True))
    return [
        lead
        for lead in leads.values()
        if not (lead.left_on and lead.left_on <= on)
        and not led[lead.pk]
        and lead.pk not in supporting
        and lead.pk not in owners
    ]
