"""Writing a figure down. A second figure for the same period is a restatement: a further row, with its reason."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

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
    latest = Measurement.objects.filter(**same).order_by("-number").values_list("number", flat=True).first()
    row = Measurement(
        **same, number=(latest or 0) + 1, recorded_at=at, recorded_by=by, value=value, missing=missing,
        as_written=as_written, qualifier=qualifier, period_label=period_label, reason=reason,
        raw="" if value is None else str(value), is_illustrative=bool(by and by.is_illustrative),
    )  # fmt: skip
    row.full_clean(exclude=["indicator", "area", "recorded_by"], validate_unique=False)
    row.save()
    return row
