"""What of an area's plans answers an inspection finding: its objectives, actions and KPIs.

Who linked what, and when, is in the history of the record that was linked.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from kpis.models import Kpi
from people.models import User
from priorities.models import Finding
from strategies.models import Area, Strategy
from workstrands.models import Action, Objective
from workstrands.options import Option, Record, of_action, of_kpi, of_objective

LONGEST_REASON = 100


# Reading


def answers_of(area: Area, finding: Finding, *, by: User) -> list[Option]:
    """Everything of an area that may be linked to a finding, each with whether it is; three queries.

    Links to KPIs leave no list in their history, so that those of illustrative sign-ins are to illustrative KPIs alone.
    """
    published = Q(strategy__area=area, strategy__state=Strategy.State.PUBLISHED)
    plans = ("-strategy__starts_on", "strategy", "position", "pk")
    objectives = (
        _linked(Objective.objects.in_use().filter(published), finding).select_related("strategy").order_by(*plans)
    )
    actions = _linked(Action.objects.filter(published, area=area), finding).select_related("strategy").order_by(*plans)
    kpis = _linked(Kpi.objects.in_use().filter(area=area), finding).select_related("indicator")
    if by.is_illustrative:
        kpis = kpis.filter(is_illustrative=True)
    return [
        *(of_objective(one) for one in objectives),
        *(of_action(one) for one in actions if one.is_linked or one.retired_on is None),
        *(of_kpi(one) for one in kpis),
    ]


def made_up_links(area: Area, model: type[Objective] | type[Action]) -> set[tuple[int, int]]:
    """(finding, record) of each link to an area's findings that an illustrative sign-in made; one query.

    The first line of history that holds a link says who made it.
    """
    name = model._meta.model_name
    held = model.history.model.findings.filter(finding=OuterRef("finding"), **{name: OuterRef(name)})
    made_by = held.order_by("history_id").values("history__history_user__is_illustrative")[:1]
    links = model.findings.through.objects.filter(finding__inspection__area=area)
    made_up = links.annotate(is_made_up=Subquery(made_by)).filter(is_made_up=True)
    return set(made_up.values_list("finding_id", f"{name}_id"))


def _linked(records, finding: Finding):
    links = records.model.findings.through.objects.filter(
        **{f"{records.model._meta.model_name}_id": OuterRef("pk"), "finding": finding}
    )
    return records.annotate(is_linked=Exists(links))


# Writing


@transaction.atomic
def answer_finding(
    finding: Finding, *, add: Iterable[Record] = (), remove: Iterable[Record] = (), by: User, at: datetime
) -> int:
    """Link what answers a finding, and part what does not; how many links were changed. Two people's changes add up."""
    changed = 0
    for record in add:
        if not record.findings.filter(pk=finding.pk).exists():
            _sign(record, finding, f"Answers finding {finding}", by=by, at=at)
            record.findings.add(finding)
            changed += _keep_history(record)
    for record in remove:
        if record.findings.filter(pk=finding.pk).exists():
            _sign(record, finding, f"No longer answers finding {finding}", by=by, at=at)
            record.findings.remove(finding)
            changed += _keep_history(record)
    return changed


@transaction.atomic
def mark_critical(actions: Iterable[Action], *, is_critical: bool, by: User, at: datetime) -> int:
    """Said by an officer, never silently: a critical action counts as off track as soon as it is overdue."""
    changed = 0
    for action in actions:
        if action.is_critical != is_critical:
            action.is_critical = is_critical
            action._history_user, action._history_date = by, at
            action._change_reason = "Marked as critical" if is_critical else "No longer marked as critical"
            action.save(update_fields=["is_critical"])
            changed += 1
    return changed


def _sign(record: Record, finding: Finding, reason: str, *, by: User, at: datetime) -> None:
    if _area_of(record) != finding.inspection.area_id:
        raise ValidationError("A finding is answered by what its own area plans.")
    if by.is_illustrative and isinstance(record, Kpi) and not record.is_illustrative:
        raise ValidationError("An illustrative sign-in links illustrative KPIs only.")
    record._history_user, record._history_date, record._change_reason = by, at, reason[:LONGEST_REASON]


def _area_of(record: Record) -> int:
    return record.strategy.area_id if isinstance(record, Objective) else record.area_id


def _keep_history(record: Record) -> bool:
    """Objectives and actions keep their links in their history; a KPI keeps that it was changed, and why."""
    if isinstance(record, Kpi):
        record.save()
    return True
