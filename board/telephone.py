"""What an officer enters for leads after a telephone round: the same report by the same rules, and checked as it is
entered, for the officer heard it.

A report is known from when it is entered. The day it was said is kept in the check beside it, and decides whether it
came late for a round that has been closed.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from board.reviewing import accept_update, needs_check
from common.dates import in_words, london_day
from people.models import User
from strategies.models import ReportingRound
from workstrands.models import Action, ProgressUpdate
from workstrands.reporting import report_progress


@transaction.atomic
def enter_report(
    action: Action,
    *,
    round: ReportingRound,
    said_on: date,
    by: User,
    at: datetime,
    seen_number: int,
    **said,
) -> ProgressUpdate:
    """`said` as `report_progress` takes it. Raises what that raises; a report sent twice is entered once."""
    if said_on > london_day(at):
        raise ValidationError({"said_on": f"Said on: {in_words(said_on)} is still to come."})
    if said_on < action.strategy.starts_on:
        raise ValidationError({"said_on": f"Said on: the plan starts on {in_words(action.strategy.starts_on)}."})
    update = report_progress(action, by=by, at=at, seen_number=seen_number, **said)
    if needs_check(update) and not update.reviews.exists():
        remark = f"Said on {in_words(said_on)}, entered by an officer."
        accept_update(update, round=round, by=by, at=at, seen_number=0, remark=remark, said_on=said_on)
    return update
