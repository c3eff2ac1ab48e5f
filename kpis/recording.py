"""Writing a figure down. A second figure for the same period is a restatement: a further row, with its reason.

The people who enter figures name the number they saw for the period; without one (`seen_number=None`, as commands and
imports do, which compare for themselves) the figure follows whatever stands.
"""

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from common.text import text_problem, tidy
from kpis.appending import Conflict, append, latest_of, number_of
from kpis.models import Commentary, FigureImport, Indicator, Kpi, Measurement
from kpis.promising import comment
from kpis.vocabulary import MeasurementState
from people.models import User
from strategies.changes import in_area
from strategies.models import Area

SAID = ("value", "missing", "as_written", "qualifier", "numerator", "denominator", "reason")
TEXTS = {"as_written": ("The figure in words", 120), "reason": ("The reason", 250), "period_label": ("The period", 60)}


@transaction.atomic
def record_measurement(
    indicator: Indicator,
    area: Area,
    *,
    period_start: date,
    period_end: date,
    by: User | None,
    at: datetime,
    seen_number: int | None = None,
    value: Decimal | None = None,
    missing: str = "",
    as_written: str = "",
    raw: str = "",
    qualifier: str = "",
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
    period_label: str = "",
    breakdown: str = "",
    state: str = MeasurementState.FINAL,
    reason: str = "",
    figure_import: FigureImport | None = None,
    source_locator: str = "",
) -> Measurement:
    """The next row for this indicator, area, breakdown, period and state; of a file, with the file and its place there.

    `ValidationError` by field if it cannot stand; `Conflict` where another figure for the period came in meanwhile.
    """
    same = {
        "indicator": indicator, "area": area, "breakdown": breakdown, "period_start": period_start,
        "period_end": period_end, "state": state,
    }  # fmt: skip
    row = Measurement(
        **same, number=0, recorded_at=at, recorded_by=by, value=value, missing=missing, as_written=as_written,
        qualifier=qualifier, period_label=period_label, reason=tidy(reason), numerator=numerator, denominator=denominator,
        is_illustrative=indicator.is_illustrative, figure_import=figure_import, source_locator=source_locator,
        raw=(raw or ("" if value is None else str(value)))[:120],
    )  # fmt: skip
    _refuse_what_cannot_stand(row)
    siblings = Measurement.objects.filter(**same)
    if seen_number:
        _refuse_an_empty_restatement(row, latest_of(siblings), seen_number)
    try:
        return append(row, siblings, by=by, at=at, seen_number=seen_number, same=SAID)
    except Conflict:
        if seen_number is not None:
            raise
        raise ValidationError(
            "Somebody else has just entered a figure for this period. Look at it, then send again."
        ) from None


@transaction.atomic
def enter_figure(
    kpi: Kpi, *, by: User, at: datetime, commentary: str = "", **figure
) -> tuple[Measurement, Commentary | None]:
    """A figure typed by hand with what its owner says of it: both, or nothing.

    It stands in no publication, so no other area is compared with it, and no other area's pages are made anew.
    """
    with in_area(kpi.area_id, also=("kpis_measurement",)):
        row = record_measurement(kpi.indicator, kpi.area, by=by, at=at, **figure)
    if not tidy(commentary):
        return row, None
    seen_number = number_of(latest_of(kpi.commentaries.all()))  # sent twice, it is written once
    return row, comment(kpi, period_end=row.period_end, text=commentary, by=by, at=at, seen_number=seen_number)


def _refuse_an_empty_restatement(row: Measurement, stands: Measurement | None, seen_number: int) -> None:
    """One without a reason, or one that says what stands already."""
    if not row.reason:
        raise ValidationError({"reason": "Say why the figure is restated."})
    figure = [name for name in SAID if name != "reason"]
    if stands and stands.number == seen_number and all(getattr(stands, name) == getattr(row, name) for name in figure):
        raise ValidationError({"value": "This is the figure that stands already: nothing would change."})


def _refuse_what_cannot_stand(row: Measurement) -> None:
    """What the database would refuse too, said by the field that it is about."""
    row.clean_fields(exclude=["indicator", "area", "recorded_by", "number", "raw"])
    problems = {}
    for field, (name, limit) in TEXTS.items():
        problem = text_problem(getattr(row, field), name=name, limit=limit)
        if problem:
            problems[field] = problem
    if row.period_end < row.period_start:
        problems["period_end"] = "A period ends on or after the day it starts."
    if row.value is None and not row.missing and not row.as_written:
        problems["value"] = "Give a value, or say why there is none."
    if row.value is not None and row.missing:
        problems["missing"] = "A figure is either there or missing, not both."
    if row.numerator is not None and row.numerator < 0:
        problems["numerator"] = "A count is nought or more."
    if row.denominator is not None and row.denominator <= 0:
        problems["denominator"] = "What is counted of is one or more."
    if problems:
        raise ValidationError(problems)
