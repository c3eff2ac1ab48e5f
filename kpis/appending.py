"""The next dated row of a KPI. Whoever writes names the number they saw: if another row came in between, nothing is written."""

from datetime import datetime, timedelta

from django.db import IntegrityError, models, transaction

from people.models import User
from strategies.models import DatedRow

SAME_WITHIN = timedelta(minutes=10)  # the same row sent twice: a double press, or a page sent again


class Conflict(Exception):
    """Somebody else wrote in the meantime. `latest` is the row that stands now."""

    def __init__(self, latest: DatedRow | None):
        super().__init__("Something was entered here in the meantime.")
        self.latest = latest


def latest_of(siblings: models.QuerySet) -> DatedRow | None:
    return siblings.select_related("recorded_by").order_by("-number").first()


def number_of(row: DatedRow | None) -> int:
    """The number a form carries to say what it saw; 0 where there is none."""
    return row.number if row else 0


def append(
    row: DatedRow,
    siblings: models.QuerySet,
    *,
    by: User | None,
    at: datetime,
    seen_number: int | None,
    same: tuple[str, ...],
) -> DatedRow:
    """Write `row` after its siblings, or raise `Conflict`; without a seen number, after whatever stands.

    A row of something illustrative is illustrative whoever writes it: it goes when that goes. `same` names the fields by
    which a row sent twice is known: it is written once.
    """
    latest = latest_of(siblings)
    if seen_number is not None and _is_sent_twice(latest, row, by=by, at=at, same=same):
        return latest
    if seen_number is not None and seen_number != number_of(latest):
        raise Conflict(latest)
    row.number = number_of(latest) + 1
    row.recorded_at, row.recorded_by = at, by
    row.is_illustrative = row.is_illustrative or bool(by and by.is_illustrative)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        stands = latest_of(siblings)
        if number_of(stands) == number_of(latest) and seen_number is not None:
            raise  # nobody came in between: the database refuses the row itself
        raise Conflict(stands) from None
    return row


def _is_sent_twice(latest: DatedRow | None, row: DatedRow, *, by, at: datetime, same: tuple[str, ...]) -> bool:
    if latest is None or by is None or latest.recorded_by_id != by.pk:
        return False
    is_just_now = timedelta(0) <= at - latest.recorded_at <= SAME_WITHIN
    return is_just_now and all(getattr(latest, name) == getattr(row, name) for name in same)
