"""Writing a figure down. A second figure for the same period is a restatement: a further row, with its reason."""

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from kpis.models import Indicator, Measurement
from kpis.vocabulary import MeasurementState
from people.models import User
from strategies.models import Area


@transaction.atomic
def record_measurement(
    indicator: Indicator,
    area: Area,
    *,
    period_start: date,
    period_end: date,
    by: User | None,
    at: datetime,
    value: Decimal | None = None,
    missing: str = "",
    as_written: str = "",
    qualifier: str = "",
    period_label: str = "",
    breakdown: str = "",
    state: str = MeasurementState.FINAL,
    reason: str = "",
) -> Measurement:
    """The next row for this indicator, area, breakdown, period and state; `ValidationError` by field if it cannot stand."""
    same = {
        "indicator": indicator, "area": area, "breakdown": breakdown, "period_start": period_start,
        "period_end": period_end, "state": state,
    }  # fmt: skip
    row = Measurement(
        **same, number=0, recorded_at=at, recorded_by=by, value=value, missing=missing,
        as_written=as_written, qualifier=qualifier, period_label=period_label, reason=reason,
        raw="" if value is None else str(value), is_illustrative=bool(by and by.is_illustrative),
    )  # fmt: skip
    _refuse_what_cannot_stand(row)
    latest = Measurement.objects.filter(**same).order_by("-number").values_list("number", flat=True).first()
    row.number = (latest or 0) + 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError(
            "Somebody else has just entered a figure for this period. Look at it, then send again."
        ) from None
    return row


def _refuse_what_cannot_stand(row: Measurement) -> None:
    """What the database would refuse too, said by the field that it is about."""
    row.clean_fields(exclude=["indicator", "area", "recorded_by", "number", "raw"])
    problems = {}
    if row.period_end < row.period_start:
        problems["period_end"] = "A period ends on or after the day it starts."
    if row.value is None and not row.missing and not row.as_written:
        problems["value"] = "Give a value, or say why there is none."
    if row.value is not None and row.missing:
        problems["missing"] = "A figure is either there or missing, not both."
    if problems:
        raise ValidationError(problems)
