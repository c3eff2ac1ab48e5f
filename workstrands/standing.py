"""How each action of a plan stands at a moment: the one way to read, for the present and for any past day.

Four queries whatever the number of actions, updates and dates: the actions with the ids of the rows that stood, those
placements, those updates with the kinds of evidence, the agreed dates. Where actions should move KPIs, those figures are
read too (`kpis.reading`). Everything after that is rules.
"""

from collections import defaultdict
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from django.db.models import Case, DateTimeField, Exists, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from common.dates import end_of_day, london_day
from kpis.figure import KpiFigure
from strategies.models import ReportingRound, Strategy
from workstrands.backing import counted_by
from workstrands.facts import ActionFacts, Calendar
from workstrands.flags import Assessment, Flag, FlagCode, assess, effect_sentence, is_fresh, is_live
from workstrands.models import Action, Deadline, Evidence, ImpactConfirmation, Placement, ProgressUpdate
from workstrands.moving import kpis_by_action, moved_figures
from workstrands.status import DeadlineState, EvidenceKind, Status


class Said(NamedTuple):
    """The report that stood. `said_at` is the moment it was recorded."""

    id: int
    number: int
    status: str
    kind: str
    said_at: datetime
    said_on: date
    cause: str
    escalate_to: str
    ask: str
    needed_by: date | None
    impact: str
    is_confirmed: bool
    status_since: datetime | None  # of Complete and Off track: when the unbroken run began
    look_again_on: date | None = None  # of On hold and Stopped
    evidence_kinds: frozenset[str] = frozenset()  # of Complete: over all of the action's updates


class Standing(NamedTuple):
    """An action as it stood: where it hangs, who leads it, what was said, what dates and data say."""

    id: int
    key: str
    ref: str
    title: str
    position: int
    starts_on: date
    is_critical: bool
    partner: str
    priority_id: int | None
    priority_ref: str
    workstrand_id: int | None
    workstrand_slug: str
    objective_id: int | None
    lead_id: int | None
    lead: str
    due_on: date | None
    first_due_on: date | None
    said: Said | None
    is_live: bool
    is_fresh: bool
    assessment: Assessment
    assessed: str  # of the assessment, and so are the flags: every count of a page asks for both of every action
    flags: tuple[Flag, ...]
    effect: str = ""  # what may be read from the KPIs it should move

    @property
    def reported(self) -> str | None:
        return self.said.status if self.said else None

    @property
    def shown_reported(self) -> str:
        return self.assessment.reported_shown

    @property
    def is_overdue(self) -> bool:
        return any(flag.code == FlagCode.OVERDUE for flag in self.flags)


def calendar_of(area, moment: datetime) -> Calendar:
    """The rounds that had been opened by the moment, in order."""
    rounds = (
        ReportingRound.objects.filter(meeting__area=area, opened_at__lte=moment)
        .order_by("opened_at")
        .values_list("opened_at", "closed_at")
    )
    return calendar_from(rounds, moment)


def calendar_from(rounds, moment: datetime) -> Calendar:
    return Calendar(
        rounds=tuple(
            (london_day(opened), london_day(closed) if closed and closed <= moment else None)
            for opened, closed in rounds
        )
    )


def assessed_moment(strategy: Strategy, moment: datetime) -> datetime:
    """A plan past its end is assessed as at its end."""
    return min(moment, end_of_day(strategy.ends_on))


def standings(
    strategy: Strategy,
    moment: datetime,
    *,
    calendar: Calendar | None = None,
    actions=None,
    moved: list[KpiFigure] | None = None,
) -> list[Standing]:
    """Every action of `strategy` (or those of the queryset `actions`) as it stood at `moment`, in the plan's order.

    `moved` are the figures that the plan's actions should move, where they have been read already.
    """
    moment = assessed_moment(strategy, moment)
    on = london_day(moment)
    calendar = calendar if calendar is not None else calendar_of(strategy.area, moment)
    chosen = (Action.objects.filter(strategy=strategy) if actions is None else actions).existing(moment).as_at(moment)
    rows = list(
        chosen.order_by("position", "pk").values_list(
            "id", "key", "ref", "title", "position", "starts_on", "is_critical", "partner__name",
            "effect_expected_from", "update_id", "placement_id",
        )
    )  # fmt: skip
    said = _said((row[9] for row in rows), moment)
    placed = _placed(row[10] for row in rows)
    dates = _agreed_dates(strategy, moment, actions=actions)
    kpis = kpis_by_action(moved_figures(strategy, moment) if moved is None else moved)
    return [_standing(row, strategy, on, calendar, said, placed, dates, kpis) for row in rows]


def _standing(row, strategy, on, calendar, said, placed, dates, kpis) -> Standing:
    pk, key, ref, title, position, starts_on, is_critical, partner, effect_from, update_id, placement_id = row
    report = said[update_id] if update_id else None
    place = placed.get(placement_id, _NOWHERE)
    due_on, first_due_on, slips = dates.get(pk, (None, None, 0))
    starts_on = starts_on or strategy.starts_on
    lead_id, lead, left_on, lead_partner = place[5:9]
    facts = ActionFacts(
        starts_on=starts_on,
        due_on=due_on,
        first_due_on=first_due_on,
        slips=slips,
        is_critical=is_critical,
        has_lead=lead_id is not None,
        lead_left_on=left_on,
        partner=partner or "",
        status=report.status if report else None,
        said_on=report.said_on if report else None,
        completed_on=london_day(report.status_since) if report and report.status == Status.COMPLETE else None,
        look_again_on=report.look_again_on if report else None,
        escalate_to=report.escalate_to if report else "",
        ask=report.ask if report else "",
        has_evidence=bool(report and report.evidence_kinds),
        evidence_kinds=report.evidence_kinds if report else _NO_KINDS,
        impact=report.impact if report else "",
        is_impact_confirmed=bool(report and report.is_confirmed),
        effect_expected_from=effect_from,
        kpis=kpis.get(pk, ()),
    )
    judged = assess(facts, calendar, on, strategy.baselined_on)
    return Standing(
        pk, key, ref, title, position, starts_on, is_critical, partner or lead_partner or "",
        place[1], place[2], place[3], place[4], place[0], lead_id, lead or "", due_on, first_due_on, report,
        is_live(facts, on), is_fresh(facts.said_on, calendar, on), judged, judged.assessed, judged.flags,
        effect_sentence(facts, on) if facts.kpis else "",
    )  # fmt: skip


_NO_KINDS: frozenset[str] = frozenset()
_COMPLETE = Status.COMPLETE.value
_NOWHERE = (None, None, "", None, "", None, "", None, "")


def _said(update_ids, moment: datetime) -> dict[int, Said]:
    """The reports of the given ids, each with when the unbroken run of its status began where that is asked for."""
    before = ProgressUpdate.objects.filter(action=OuterRef("action"), number__lt=OuterRef("number")).exclude(
        status=OuterRef("status")
    )
    last_other = Coalesce(
        Subquery(before.order_by("-number").values("number")[:1]), Value(0), output_field=IntegerField()
    )
    run = ProgressUpdate.objects.filter(action=OuterRef("action"), number__gt=OuterRef("last_other")).order_by("number")
    has_run = Q(status__in=[Status.COMPLETE, Status.OFF_TRACK])
    evidence = Evidence.objects.filter(counted_by(moment), update__action=OuterRef("action"))
    confirmed = ImpactConfirmation.objects.filter(action=OuterRef("action"), recorded_at__lte=moment)
    rows = (
        ProgressUpdate.objects.order_by()
        .annotate(
            last_other=Case(When(has_run, then=last_other), default=Value(0), output_field=IntegerField()),
            backing=Case(When(status=_COMPLETE, then=_bits(confirmed, evidence)), default=Value(0)),
        )
        .annotate(
            since=Case(When(has_run, then=Subquery(run.values("recorded_at")[:1])), output_field=DateTimeField())
        )
        .filter(pk__in=[pk for pk in update_ids if pk])  # last: a long list is carried along by every further step
        .values_list(
            "id", "number", "status", "kind", "recorded_at", "cause", "escalate_to", "ask", "needed_by", "impact",
            "since", "look_again_on", "backing",
        )
    )  # fmt: skip
    return {
        pk: Said(
            pk, number, status, kind, at, london_day(at), cause, escalate, ask, by, impact, bool(bits & _CONFIRMED), since,
            look_again, _kinds_of(bits),
        )
        for pk, number, status, kind, at, cause, escalate, ask, by, impact, since, look_again, bits in rows
    }  # fmt: skip


_CONFIRMED = 1
_BITS = {kind: 2 << place for place, kind in enumerate(EvidenceKind.values)}


def _bits(confirmed, evidence):
    """One number for what backs a complete action: a column of its own for each kind would cost a conversion a row."""
    found = Case(When(Exists(confirmed), then=Value(_CONFIRMED)), default=Value(0))
    for kind, bit in _BITS.items():
        found = found + Case(When(Exists(evidence.filter(kind=kind)), then=Value(bit)), default=Value(0))
    return found


@lru_cache(maxsize=128)
def _kinds_of(bits: int) -> frozenset[str]:
    return frozenset(kind for kind, bit in _BITS.items() if bits & bit)


def _placed(placement_ids) -> dict[int, tuple]:
    """(objective, priority, its ref, strand, its slug, lead, name, left on, partner's name) by placement."""
    rows = (
        Placement.objects.order_by()
        .annotate(
            a_priority=Coalesce("priority", "objective__priority"),
            a_ref=Coalesce("priority__ref", "objective__priority__ref"),
            a_strand=Coalesce("workstrand", "objective__workstrand"),
            a_slug=Coalesce("workstrand__slug", "objective__workstrand__slug"),
        )
        .filter(pk__in=[pk for pk in placement_ids if pk])
        .values_list(
            "id", "objective", "a_priority", "a_ref", "a_strand", "a_slug", "lead", "lead__name", "lead__left_on",
            "lead__partner__name",
        )
    )  # fmt: skip
    return {row[0]: row[1:] for row in rows}


def _agreed_dates(strategy, moment, *, actions) -> dict[int, tuple[date, date, int]]:
    """(agreed date, first agreed date, slips) by action. Parallel dates count as one chain each, the worst chain counts."""
    rows = Deadline.objects.filter(action__strategy=strategy, recorded_at__lte=moment, state=DeadlineState.AGREED)
    if actions is not None:
        rows = rows.filter(action__in=actions.order_by().values("pk"))
    chains: dict[int, dict[str, list[date]]] = defaultdict(dict)
    for action, applies_to, due_on in rows.order_by("action", "number").values_list("action", "applies_to", "due_on"):
        of_action = chains[action]
        if applies_to not in of_action:
            of_action[applies_to] = list(of_action.get("", []))[-1:] if applies_to else []
        of_action[applies_to].append(due_on)
    return {action: _dates_of(list(of_action.values())) for action, of_action in chains.items()}


def _dates_of(chains: list[list[date]]) -> tuple[date, date, int]:
    if len(chains) == 1 and len(chains[0]) == 1:
        return chains[0][0], chains[0][0], 0
    slips = max(sum(later > earlier for earlier, later in pairwise(chain)) for chain in chains)
    ends = [chain[-1] for chain in chains[1:]] or [chains[0][-1]]
    return max(ends), chains[0][0], slips
