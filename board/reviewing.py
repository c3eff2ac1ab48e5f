"""What stands beside a report: an officer's check, and a lead's answer to a flag. Never edits of it.

A report counts from the moment it is said. Until an officer has checked it, it is "not yet checked": accepted into a
round, or returned to its lead with a remark, which the lead's next report answers. Only an action's last report can be
checked; one that was followed by another without a check is left as it is. What a document stated and what the Board
itself put on hold or stopped needs no check. Late is what was said after the round had been closed, and stays late.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import F, OuterRef, Subquery

from board.models import FlagReply, UpdateReview
from board.vocabulary import ReviewVerdict
from common.dates import in_words, london_day
from common.text import text_problem, tidy
from kpis.appending import append, latest_of, number_of
from people.models import User
from strategies.models import ReportingRound
from workstrands.backing import known_by, without_given_again
from workstrands.flags import FlagCode
from workstrands.illustration import refuse_real
from workstrands.models import Action, Evidence, ProgressUpdate
from workstrands.reporting import leads_of
from workstrands.status import Status

NEEDS_NO_CHECK = (Status.ON_HOLD, Status.STOPPED)
MOST_REMARK = 2_000


@dataclass(frozen=True, slots=True)
class Check:
    """How far a report has been checked. `review` is the check that stands; `answers` the return that it follows."""

    update: ProgressUpdate
    review: UpdateReview | None
    answers: UpdateReview | None
    is_last: bool
    needs_check: bool

    @property
    def is_waiting(self) -> bool:
        """An officer is asked to check it."""
        return self.review is None and self.is_last and self.needs_check

    @property
    def is_returned(self) -> bool:
        """The lead is asked to look at it again; not once a further report has answered."""
        return self.is_last and self.review is not None and self.review.verdict == ReviewVerdict.RETURNED

    @property
    def is_accepted(self) -> bool:
        return self.review is not None and self.review.verdict == ReviewVerdict.ACCEPTED

    @property
    def seen_number(self) -> int:
        return number_of(self.review)


# Rules


def needs_check(update: ProgressUpdate) -> bool:
    is_stated = update.is_imported or (update.source_id is not None and update.author_id is None)
    return not is_stated and update.status not in NEEDS_NO_CHECK


def is_late(reporting_round: ReportingRound | None, said_at: datetime, said_on: date | None = None) -> bool:
    """Whether something was said after a round had been closed. `said_on` is the day it was said by telephone."""
    if reporting_round is None or reporting_round.closed_at is None:
        return False
    if said_on is not None:
        return said_on > london_day(reporting_round.closed_at)
    return said_at >= reporting_round.closed_at


# Reading


def reviews_of(update_ids: Iterable[int], moment: datetime) -> dict[int, list[UpdateReview]]:
    """The reviews of each report as known at a moment, the newest first; one query."""
    rows = UpdateReview.objects.known_by(moment).filter(update__in=list(update_ids))
    found = defaultdict(list)
    for review in rows.select_related("recorded_by", "round__meeting").order_by("update", "-number"):
        found[review.update_id].append(review)
    return found


def checks_of(updates: Iterable[ProgressUpdate], moment: datetime) -> dict[int, Check]:
    """How far each of these reports was checked, by its id: give all that an action has. One query."""
    updates = list(updates)
    reviews = reviews_of((update.pk for update in updates), moment)
    last: dict[int, int] = {}
    by_number = {(update.action_id, update.number): update for update in updates}
    for update in updates:
        last[update.action_id] = max(update.number, last.get(update.action_id, 0))
    return {
        update.pk: _check(update, by_number.get((update.action_id, update.number - 1)), last, reviews)
        for update in updates
    }


def last_checks_of(action_ids: Iterable[int], moment: datetime) -> dict[int, Check]:
    """How far the last report of each action was checked, by action; two queries."""
    known = ProgressUpdate.objects.filter(action=OuterRef("action"), recorded_at__lte=moment).order_by("-number")
    rows = (
        ProgressUpdate.objects.filter(action__in=list(action_ids), recorded_at__lte=moment)
        .annotate(last_number=Subquery(known.values("number")[:1]))
        .filter(number__gte=F("last_number") - 1)
        .select_related("author", "on_behalf_of")
    )
    return {check.update.action_id: check for check in checks_of(rows, moment).values() if check.is_last}


def evidence_behind(updates: Iterable[ProgressUpdate], moment: datetime) -> dict[int, list[Evidence]]:
    """What backs each report, by its id, its own first; "complete" may rest on what was given before it. One query."""
    updates = list(updates)
    rows = Evidence.objects.filter(known_by(moment), update__action__in={update.action_id for update in updates})
    given = defaultdict(list)
    rows = rows.select_related("update", "withheld_by").order_by("-update__number", "pk")
    for piece in without_given_again(rows):
        given[piece.update.action_id].append(piece)
    return {update.pk: [piece for piece in given[update.action_id] if _backs(piece, update)] for update in updates}


def _backs(piece: Evidence, update: ProgressUpdate) -> bool:
    rests_on_earlier = update.status == Status.COMPLETE and piece.update.number < update.number
    return piece.update_id == update.pk or rests_on_earlier


def returned_of(action_ids: Iterable[int], moment: datetime) -> dict[int, Check]:
    """The actions whose last report was returned to its lead and waits for an answer."""
    checks = last_checks_of(action_ids, moment)
    return {action: check for action, check in checks.items() if check.is_returned}


def flag_replies_of(action_ids: Iterable[int], moment: datetime) -> dict[int, dict[str, list[FlagReply]]]:
    """What leads answered to flags: by action and code of the flag, the newest first; one query."""
    rows = FlagReply.objects.known_by(moment).filter(action__in=list(action_ids)).select_related("recorded_by")
    found: dict[int, dict[str, list[FlagReply]]] = defaultdict(lambda: defaultdict(list))
    for reply in rows.order_by("action", "-number"):
        found[reply.action_id][reply.flag].append(reply)
    return {action: dict(replies) for action, replies in found.items()}


def _check(update: ProgressUpdate, before: ProgressUpdate | None, last: dict[int, int], reviews) -> Check:
    review = next(iter(reviews.get(update.pk, [])), None)
    said_before = next(iter(reviews.get(before.pk, [])), None) if before else None
    is_answer = said_before is not None and said_before.verdict == ReviewVerdict.RETURNED
    return Check(
        update=update,
        review=review,
        answers=said_before if is_answer else None,
        is_last=update.number == last[update.action_id],
        needs_check=needs_check(update),
    )


# Writing


def accept_update(
    update: ProgressUpdate,
    *,
    round: ReportingRound | None,
    by: User,
    at: datetime,
    seen_number: int,
    remark: str = "",
    said_on: date | None = None,
) -> UpdateReview:
    """Checked, and into which round; raises `ValidationError`, or `kpis.appending.Conflict` where it was checked
    meanwhile."""
    late = is_late(round, update.recorded_at, said_on)
    review = UpdateReview(update=update, verdict=ReviewVerdict.ACCEPTED, round=round, is_late=late, remark=tidy(remark))
    return _reviewed(review, by=by, at=at, seen_number=seen_number)


def return_update(
    update: ProgressUpdate, *, remark: str, round: ReportingRound | None, by: User, at: datetime, seen_number: int
) -> UpdateReview:
    """Back to its lead, who is told what to look at again. It goes on counting until the next report."""
    if not remark.strip():
        raise ValidationError({"remark": "Say what the lead should look at again."})
    review = UpdateReview(update=update, verdict=ReviewVerdict.RETURNED, round=round, remark=tidy(remark))
    return _reviewed(review, by=by, at=at, seen_number=seen_number)


def reply_to_flag(action: Action, flag: str, *, text: str, by: User, at: datetime, seen_number: int) -> FlagReply:
    """A lead's answer, or an officer's for them. `seen_number` is that of the last answer on the action, 0 for none."""
    problem = text_problem(text, name="Your answer")
    if not text.strip():
        problem = "Write the answer that is printed under the flag."
    if problem:
        raise ValidationError({"text": problem})
    if by.is_illustrative:
        refuse_real(by, *leads_of(action, at)[:1], what=f"Action {action.ref}")
    reply = FlagReply(action=action, flag=FlagCode(flag), text=tidy(text))
    return append(
        reply, FlagReply.objects.filter(action=action), by=by, at=at, seen_number=seen_number, same=("flag", "text")
    )


def _reviewed(review: UpdateReview, *, by: User, at: datetime, seen_number: int) -> UpdateReview:
    update, remark_problem = review.update, text_problem(review.remark, name="The remark", limit=MOST_REMARK)
    if remark_problem:
        raise ValidationError({"remark": remark_problem})
    _refuse_round(review.round, update, at)
    if by.is_illustrative and not update.is_illustrative:
        raise ValidationError("An illustrative sign-in checks illustrative reports only.", code="real")
    if not needs_check(update):
        raise ValidationError("This was stated by a document or decided by the Board: it needs no check.")
    latest = latest_of(ProgressUpdate.objects.filter(action=update.action_id))
    if latest.pk != update.pk:
        day = in_words(london_day(latest.recorded_at))
        raise ValidationError(f"There is a newer report, of {day}. Read it, then check that one.")
    # What hangs on something illustrative goes when that goes.
    review.is_illustrative = update.is_illustrative or bool(review.round and review.round.is_illustrative)
    siblings = UpdateReview.objects.filter(update=update)
    return append(
        review, siblings, by=by, at=at, seen_number=seen_number, same=("verdict", "round_id", "is_late", "remark")
    )


def _refuse_round(reporting_round: ReportingRound | None, update: ProgressUpdate, at: datetime) -> None:
    if reporting_round is None:
        return
    is_known = reporting_round.opened_at is not None and reporting_round.opened_at <= at
    if reporting_round.meeting.area_id != update.area_id or not is_known:
        raise ValidationError({"round": "Choose a round of this area that has been opened."})
