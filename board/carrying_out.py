"""What carrying a decision out does to its action: the update or the date that it makes, and the end of what stood.

A later date is agreed or a proposed one refused, the action is put on hold, stopped or taken up again. Accepting that an
action is off track writes nothing on the action: it stays off track, and says so with the reason.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError

from board.closing import close_decision
from board.decision_rules import COMES_BACK, ENDS_WHAT_STOOD, Kind, is_open, why_no_effect
from board.models import Decision
from board.vocabulary import Outcome
from common.dates import in_words, london_day
from kpis.appending import append
from people.models import User
from workstrands.illustration import refuse_real
from workstrands.models import Action, Deadline, ProgressUpdate
from workstrands.reporting import REPEATED, closed_because, leads_of, open_round, standing_of
from workstrands.status import DeadlineState, Status


def carry_out(decision: Decision, *, by: User, at: datetime) -> None:
    """What the decision does to its action: the update or the date that it makes, and the end of what stood before.

    Part of `record_decision`: the decision is not saved yet, and names what was made.
    """
    action = decision.action
    if by.is_illustrative:
        refuse_real(by, *leads_of(action, at)[:1], what=f"Action {action.ref}")
    standing = standing_of(action, at)
    refusal = closed_because(action.strategy, action.retired_on, london_day(at)) or (
        "On this day the action did not exist." if standing is None else ""
    )
    refusal = refusal or why_no_effect(decision.kind, reported=standing.reported, assessed=standing.assessed)
    if refusal:
        raise ValidationError({"action": refusal})
    if decision.kind in (Kind.AGREE_DATE, Kind.REFUSE_DATE):
        decision.deadline = _append_date(decision, by=by, at=at)
    elif decision.kind != Kind.ACCEPT_RED:
        decision.update = _append_update(decision, by=by, at=at)
    if decision.kind in ENDS_WHAT_STOOD:
        _end_what_stood(decision, by=by, at=at)


def decided_words(decision: Decision) -> str:
    """A decision named as an authority: Decision of the Board of 18 March 2026: …"""
    return f"Decision of the Board of {in_words(decision.meeting.held_on)}: {decision.text}"


def _append_update(decision: Decision, *, by: User, at: datetime) -> ProgressUpdate:
    said = _taken_up_again(decision.action) if decision.kind == Kind.RESUME else {
        "status": Status.ON_HOLD if decision.kind == Kind.PUT_ON_HOLD else Status.STOPPED,
        "narrative": decision.reason,
        "look_again_on": decision.until,
    }  # fmt: skip
    action = decision.action
    row = ProgressUpdate(
        action=action, area_id=action.area_id, author=by, round=open_round(action.area_id, at),
        authority=decided_words(decision), is_illustrative=decision.is_illustrative, **said,
    )  # fmt: skip
    return append(row, action.updates.all(), by=by, at=at, seen_number=None, same=())


def _taken_up_again(action: Action) -> dict:
    """What was said before the Board put the action aside: it holds again until its lead reports."""
    put_aside = (Status.ON_HOLD, Status.STOPPED)
    before = action.updates.exclude(status__in=put_aside).order_by("-number").first()
    if before is None:
        return {"status": Status.NOT_STARTED, "narrative": "Taken up again. Nothing had been reported before."}
    names = [name for name in REPEATED if name not in ("narrative", "authority", "look_again_on")]
    since = in_words(london_day(before.recorded_at))
    return {
        **{name: getattr(before, name) for name in names},
        "narrative": f"Taken up again. What was reported on {since} holds until its lead reports anew.",
    }


def _append_date(decision: Decision, *, by: User, at: datetime) -> Deadline:
    action, reason = decision.action, decided_words(decision)
    proposed = proposed_date(action)
    if decision.kind == Kind.REFUSE_DATE:
        if proposed is None:
            raise ValidationError({"action": "No proposed date waits for an answer on this action."})
        due_on, state = proposed.due_on, DeadlineState.REFUSED
    else:
        due_on, state = decision.agreed_on, DeadlineState.AGREED
    applies_to = proposed.applies_to if proposed else ""
    if state == DeadlineState.AGREED:
        _refuse_no_later(action, due_on, applies_to)
    row = Deadline(
        action=action, due_on=due_on, state=state, applies_to=applies_to, is_illustrative=decision.is_illustrative,
        reason=reason if len(reason) <= 400 else f"{reason[:399]}…",
    )  # fmt: skip
    return append(row, action.deadlines.all(), by=by, at=at, seen_number=None, same=())


def proposed_date(action: Action) -> Deadline | None:
    """The date that waits for the Board's answer: one proposed since the last was agreed or refused."""
    last = action.deadlines.order_by("-number").first()
    return last if last and last.state == DeadlineState.PROPOSED else None


def _refuse_no_later(action: Action, due_on: date, applies_to: str) -> None:
    agreed = action.deadlines.filter(state=DeadlineState.AGREED, applies_to=applies_to).order_by("-number").first()
    if agreed and due_on <= agreed.due_on:
        raise ValidationError({"agreed_on": f"It is due on {in_words(agreed.due_on)}: give a later date."})
    starts_on = action.starts_on or action.strategy.starts_on
    if due_on < starts_on:
        raise ValidationError({"agreed_on": f"An action is due on or after the day it starts, {in_words(starts_on)}."})


def _end_what_stood(decision: Decision, *, by: User, at: datetime) -> None:
    """An earlier hold or acceptance of the action is answered by this decision."""
    stood = Decision.objects.filter(action=decision.action, kind__in=COMES_BACK).prefetch_related("outcomes")
    for earlier in stood:
        outcomes = list(earlier.outcomes.all())
        if is_open(outcomes[-1].outcome if outcomes else None):
            said = f"Decided anew by the Board of {in_words(decision.meeting.held_on)}."
            close_decision(earlier, outcome=Outcome.DONE, text=said, by=by, at=at)
