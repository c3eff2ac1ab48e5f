"""What is promised of a KPI, from where its limits are calculated anew, and what its owner says: all of them dated rows.

A promise that changes is a further row; the earlier one stays as what was promised then.
"""

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from common.text import text_problem, tidy
from kpis.appending import append
from kpis.models import Commentary, Kpi, Measurement, Rebase, Target
from kpis.vocabulary import MeasurementState, Polarity, TargetKind
from people.models import User


@transaction.atomic
def promise(
    kpi: Kpi,
    *,
    kind: str,
    period_start: date,
    by: User | None,
    at: datetime,
    period_end: date | None = None,
    value: Decimal | None = None,
    as_written: str = "",
    period_label: str = "",
    seen_number: int | None = None,
) -> Target:
    """A milestone for a period, or a target that holds from a day until the next; as a number, in words, or both."""
    target = Target(
        kpi=kpi, kind=kind, period_start=period_start, period_end=period_end, value=value, as_written=tidy(as_written),
        period_label=period_label, number=0, recorded_at=at, recorded_by=by,
        is_illustrative=kpi.is_illustrative,
    )  # fmt: skip
    target.clean_fields(exclude=["kpi", "recorded_by", "number"])
    _refuse(_what_no_promise_can_be(target))
    said = ("kind", "period_start", "period_end", "value", "as_written")
    return append(target, kpi.targets.all(), by=by, at=at, seen_number=seen_number, same=said)


def _what_no_promise_can_be(target: Target) -> dict[str, str | None]:
    is_milestone = target.kind == TargetKind.MILESTONE
    problems = {"as_written": text_problem(target.as_written, name="The promise in words", limit=120)}
    if target.kpi.indicator.polarity == Polarity.CONTEXTUAL:
        problems["value"] = "This figure is context: neither more nor less of it is better, so it has no target."
    elif target.value is None and not target.as_written:
        problems["value"] = "Give a value, or the promise in words."
    if is_milestone and target.period_end is None:
        problems["period_end"] = "A milestone needs the end of its period."
    elif target.period_end and target.period_end < target.period_start:
        problems["period_end"] = "A period ends on or after the day it starts."
    return problems


@transaction.atomic
def rebase(
    kpi: Kpi, *, from_period: date, reason: str, by: User, at: datetime, seen_number: int | None = None
) -> Rebase:
    """From the period that starts on a day, limits are calculated anew. The period must be one with a figure."""
    row = Rebase(
        kpi=kpi,
        from_period=from_period,
        reason=tidy(reason),
        number=0,
        recorded_at=at,
        recorded_by=by,
        is_illustrative=kpi.is_illustrative,
    )
    has_figure = Measurement.objects.filter(
        indicator=kpi.indicator_id, area=kpi.area_id, breakdown="", period_start=from_period, recorded_at__lte=at
    ).exclude(state=MeasurementState.FORECAST)
    problems = {"reason": text_problem(row.reason, name="The reason", limit=250)}
    if not row.reason:
        problems["reason"] = "Say why the limits are calculated anew."
    if not has_figure.exists():
        problems["from_period"] = "Choose a period that has a figure."
    _refuse(problems)
    return append(row, kpi.rebases.all(), by=by, at=at, seen_number=seen_number, same=("from_period", "reason"))


@transaction.atomic
def comment(
    kpi: Kpi, *, period_end: date, text: str, by: User | None, at: datetime, seen_number: int | None = None
) -> Commentary:
    """What the owner, or an officer, says of the figure whose period ends on a day."""
    row = Commentary(
        kpi=kpi,
        period_end=period_end,
        text=tidy(text),
        number=0,
        recorded_at=at,
        recorded_by=by,
        is_illustrative=kpi.is_illustrative,
    )
    _refuse({"text": text_problem(row.text, name="The commentary") if row.text else "Say what explains the figure."})
    return append(row, kpi.commentaries.all(), by=by, at=at, seen_number=seen_number, same=("period_end", "text"))


def _refuse(problems: dict[str, str | None]) -> None:
    problems = {field: problem for field, problem in problems.items() if problem}
    if problems:
        raise ValidationError(problems)
