"""Setting a plan up: who answers for each action, by when, what each KPI is to reach, and from when all that counts.

Leads, dates and targets are dated rows: each change is a further row. Until a plan is baselined nothing in it is
flagged.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from common.dates import in_words, london_day
from kpis.models import Kpi, Target
from kpis.vocabulary import Polarity, TargetKind, Unit
from people.models import Lead, Partner, User
from strategies.models import Strategy
from workstrands.illustration import refuse_real
from workstrands.models import Action, Deadline, Placement
from workstrands.status import DeadlineState

# What is still needed


@dataclass(frozen=True, slots=True)
class SetUpCounts:
    """How many actions and KPIs of a plan lack what the flags and ratings stand on."""

    actions: int
    actions_without_lead: int
    actions_without_date: int
    kpis: int
    kpis_without_target: int
    kpis_without_owner: int

    @property
    def is_complete(self) -> bool:
        return not (self.actions_without_lead or self.actions_without_date or self.kpis_without_target)

    @property
    def sentence(self) -> str:
        """57 actions need a lead, 57 a date, 9 KPIs a target."""
        parts = needs([("action", "a lead", self.actions_without_lead), ("action", "a date", self.actions_without_date),
                       ("KPI", "a target", self.kpis_without_target)])  # fmt: skip
        return parts or "Every action has a lead and a date, and every KPI a target."


def needs(lacking: Iterable[tuple[str, str, int]]) -> str:
    """Each noun is said once and the verb once: "1 action needs a lead, 57 a date, 9 KPIs a target."."""
    parts, noun_before = [], ""
    for noun, thing, count in lacking:
        if not count:
            continue
        words = f"{count:,}"
        if noun != noun_before:
            words += f" {noun}{'' if count == 1 else 's'}"
        if not parts:
            words += " needs" if count == 1 else " need"
        parts.append(f"{words} {thing}")
        noun_before = noun
    return f"{', '.join(parts)}." if parts else ""


def with_needs(actions, moment: datetime):
    """Each action with its `standing_lead`, `placed_no`, `standing_due_on` and `dated_no` as at a moment."""
    placed = Placement.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")
    dated = Deadline.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")
    agreed = dated.filter(state=DeadlineState.AGREED)
    return actions.existing(moment).annotate(
        standing_lead=Subquery(placed.values("lead")[:1]),
        placed_no=Coalesce(Subquery(placed.values("number")[:1]), 0),
        standing_due_on=Subquery(agreed.values("due_on")[:1]),
        dated_no=Coalesce(Subquery(dated.values("number")[:1]), 0),
    )


def kpis_of(area, moment: datetime):
    """The KPIs of an area that can have a target, each with its last target; `target_no` is 0 for none."""
    promised = Target.objects.filter(kpi=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")
    standing = promised.filter(kind=TargetKind.STANDING)
    return (
        Kpi.objects.existing(moment)
        .filter(area=area)
        .exclude(indicator__polarity=Polarity.CONTEXTUAL)
        .exclude(indicator__unit=Unit.TEXT)
        .annotate(
            has_target=Exists(promised),
            target_no=Coalesce(Subquery(promised.values("number")[:1]), 0),
            target_value=Subquery(standing.values("value")[:1]),
            target_from=Subquery(standing.values("period_start")[:1]),
        )
    )


def setup_counts(strategy: Strategy, moment: datetime) -> SetUpCounts:
    """Two queries, whatever the size of the plan."""
    actions = with_needs(Action.objects.filter(strategy=strategy), moment).aggregate(
        actions=Count("pk"),
        actions_without_lead=Count("pk", filter=Q(standing_lead__isnull=True)),
        actions_without_date=Count("pk", filter=Q(standing_due_on__isnull=True)),
    )
    kpis = kpis_of(strategy.area_id, moment).aggregate(
        kpis=Count("pk"),
        kpis_without_target=Count("pk", filter=Q(has_target=False)),
        kpis_without_owner=Count("pk", filter=Q(owner__isnull=True)),
    )
    return SetUpCounts(**actions, **kpis)


# Writing


def name_lead(area, *, name: str, role: str = "", partner: Partner | None = None, by: User) -> Lead:
    """A person or post that answers for work, and has no sign-in as yet."""
    lead = Lead(area=area, name=name, role=role, partner=partner, is_illustrative=by.is_illustrative)
    lead.full_clean(exclude=["area", "partner"])
    save_statement(lead, by)
    return lead


@transaction.atomic
def place_action(
    action: Action,
    *,
    by: User | None,
    at: datetime,
    lead: Lead | None = None,
    objective=None,
    priority=None,
    workstrand=None,
) -> Placement:
    """A hand-over to `lead`, a move to elsewhere in the plan, or both. What is not named stays as it stands."""
    before = action.placements.order_by("-number").first()
    refuse_real(by, before and before.lead, lead, what=f"Action {action.ref}")
    moves = any((objective, priority, workstrand))
    placement = Placement(
        action=action,
        number=before.number + 1 if before else 1,
        lead=lead or (before and before.lead),
        objective=objective if moves or not before else before.objective,
        priority=priority if moves or not before else before.priority,
        workstrand=workstrand if moves or not before else before.workstrand,
        **_recorded(by, at),
    )
    placement.full_clean(exclude=["action", "recorded_by"])
    placement.save()
    return placement


@transaction.atomic
def set_deadline(
    action: Action,
    *,
    due_on: date,
    by: User | None,
    at: datetime,
    state: str = DeadlineState.AGREED,
    applies_to: str = "",
    as_written: str = "",
    reason: str = "",
) -> Deadline:
    """A date for an action: the first, or a later one beside it. Only agreed dates count."""
    starts_on = action.starts_on or action.strategy.starts_on
    if due_on < starts_on:
        raise ValidationError({"due_on": f"An action is due on or after the day it starts, {in_words(starts_on)}."})
    deadline = Deadline(
        action=action,
        number=_next_number(action.deadlines),
        due_on=due_on,
        state=state,
        applies_to=applies_to,
        as_written=as_written,
        reason=reason,
        **_recorded(by, at),
    )
    deadline.full_clean(exclude=["action", "recorded_by"])
    deadline.save()
    return deadline


@transaction.atomic
def set_target(kpi: Kpi, *, value: Decimal, period_start: date, by: User | None, at: datetime) -> Target:
    """A standing target: it holds from a day until the next."""
    target = Target(
        kpi=kpi, number=_next_number(kpi.targets), kind=TargetKind.STANDING, period_start=period_start, value=value,
        **_recorded(by, at),
    )  # fmt: skip
    target.full_clean(exclude=["kpi", "recorded_by"])
    target.save()
    return target


@dataclass(slots=True)
class ActionNeeds:
    """What one row of the set-up page says of an action; none leaves things as they are."""

    action: Action
    lead: Lead | None = None
    partner: Partner | None = None
    due_on: date | None = None
    starts_on: date | None = None


@dataclass(slots=True)
class KpiNeeds:
    """What one row of the set-up page says of a KPI; none leaves things as they are."""

    kpi: Kpi
    owner: Lead | None = None
    tolerance: Decimal | None = None
    target: Decimal | None = None
    target_from: date | None = None


@transaction.atomic
def set_up_actions(rows: Iterable[ActionNeeds], *, by: User, at: datetime) -> int:
    """All the rows or none; returns how many actions were changed. A start moves before a date is held against it."""
    changed = 0
    for row in rows:
        stated = _stated(row.action, partner=row.partner, starts_on=row.starts_on, by=by)
        if row.lead:
            place_action(row.action, lead=row.lead, by=by, at=at)
        if row.due_on:
            set_deadline(row.action, due_on=row.due_on, by=by, at=at)
        changed += bool(stated or row.lead or row.due_on)
    return changed


@transaction.atomic
def set_up_kpis(rows: Iterable[KpiNeeds], *, by: User, at: datetime) -> int:
    """All the rows or none; returns how many KPIs were changed."""
    changed = 0
    for row in rows:
        if row.owner:
            refuse_real(by, row.kpi.owner, row.owner, what=str(row.kpi))
        stated = _stated(row.kpi, owner=row.owner, tolerance=row.tolerance, by=by)
        if row.target is not None:
            set_target(row.kpi, value=row.target, period_start=row.target_from, by=by, at=at)
        changed += bool(stated or row.target is not None)
    return changed


def why_no_baseline(strategy: Strategy, on: date, *, today: date) -> str:
    """Why a plan cannot be baselined as from a day, as a sentence; empty when it can."""
    if on < strategy.starts_on:
        return f"Choose a day on or after {in_words(strategy.starts_on)}, when the plan starts."
    if on > strategy.ends_on:
        return f"Choose a day up to {in_words(strategy.ends_on)}, when the plan ends."
    if on > today:
        return "Choose today or a day that has passed."
    return ""


def baseline(strategy: Strategy, *, on: date, by: User, at: datetime) -> Strategy:
    """From `on` the plan is held to its leads and dates: flags start. Its history keeps any day set before."""
    refusal = why_no_baseline(strategy, on, today=london_day(at))
    if refusal:
        raise ValidationError({"baselined_on": refusal})
    strategy.baselined_on = on
    strategy.is_baseline_illustrative = by.is_illustrative
    save_statement(strategy, by)
    return strategy


def _recorded(by: User | None, at: datetime) -> dict:
    return {"recorded_at": at, "recorded_by": by, "is_illustrative": bool(by and by.is_illustrative)}


def _next_number(rows) -> int:
    return (rows.order_by("-number").values_list("number", flat=True).first() or 0) + 1


def _stated(record, *, by: User, **values) -> list[str]:
    """Edit a statement in place; returns the names of what changed."""
    changed = [name for name, value in values.items() if value is not None and getattr(record, name) != value]
    for name in changed:
        setattr(record, name, values[name])
    if changed:
        record.full_clean(validate_unique=False)
        save_statement(record, by)
    return changed


def save_statement(record, by: User) -> None:
    """With whoever did it in its history, whether or not there is a request."""
    record._history_user = by
    record.save()
