"""What the Board decides, and what carrying a decision out does.

A decision is a numbered row of its meeting; whoever records one names the number they saw. A decision about an action
has an effect, written in the same transaction: a later date is agreed or a proposed one refused, the action is put on
hold, stopped or taken up again. Accepting that an action is off track writes nothing on the action: it stays off track,
and says so with the reason. What is put on hold or accepted comes back by itself, from the day after its last day.

A decision is open until an outcome closes it. Where the record itself was all there was to do (nobody is named, no day
is given), it is closed with it.
"""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction

from board.models import Decision, DecisionOutcome, MeetingAction, MeetingActionOutcome
from board.models.decisions import ABOUT_AN_ACTION
from board.vocabulary import DecisionKind, Outcome
from common.dates import in_words, london_day
from common.text import text_problem, tidy
from kpis.appending import SAME_WITHIN, Conflict, append, latest_of, number_of
from kpis.models import Kpi
from people.models import Lead, User
from strategies.models import DatedRow, Meeting
from workstrands.illustration import refuse_real
from workstrands.models import Action, Deadline, ProgressUpdate
from workstrands.reporting import REPEATED, closed_because, leads_of, open_round, standing_of
from workstrands.status import SHOWN_WORDS, DeadlineState, Status

Kind = DecisionKind
COMES_BACK = (Kind.ACCEPT_RED, Kind.PUT_ON_HOLD)
ENDS_WHAT_STOOD = (Kind.ACCEPT_RED, Kind.PUT_ON_HOLD, Kind.STOP, Kind.RESUME)
DONE_AT_ONCE = (Kind.AGREE_DATE, Kind.REFUSE_DATE, Kind.STOP, Kind.RESUME)
NEEDS_A_REASON = (Kind.ACCEPT_RED, Kind.PUT_ON_HOLD, Kind.STOP)
SAID = (
    "kind", "text", "reason", "owner_id", "owner_text", "due_on", "action_id", "kpi_id", "agreed_on", "until",
)  # fmt: skip


class StopReason(models.TextChoices):
    """Why the Board stops an action; kept in words, in front of whatever else is said."""

    SUPERSEDED = "superseded", "Superseded"
    MERGED = "merged", "Merged into another action"
    EVERYDAY = "everyday", "Now everyday business"
    NOT_NEEDED = "not_needed", "No longer needed"


# Rules


def what_is_missing(
    kind: str,
    *,
    text: str,
    reason: str,
    has_action: bool,
    held_on: date,
    agreed_on: date | None = None,
    until: date | None = None,
    due_on: date | None = None,
) -> dict[str, str]:
    """What a decision must still say: the message by field. An empty answer means that it is complete."""
    missing = {}
    if not text.strip():
        missing["text"] = "Say what was decided."
    if kind in ABOUT_AN_ACTION and not has_action:
        missing["action"] = "Say which action it is about."
    if kind in NEEDS_A_REASON and not reason.strip():
        missing["reason"] = "Give the reason."
    if kind == Kind.AGREE_DATE and agreed_on is None:
        missing["agreed_on"] = "Give the date that was agreed."
    if kind in COMES_BACK and until is None:
        missing["until"] = "Say until when."
    elif kind in COMES_BACK and until <= held_on:
        missing["until"] = f"Give a day after the meeting of {in_words(held_on)}."
    if due_on and due_on < held_on:
        missing["due_on"] = f"Give the day of the meeting, {in_words(held_on)}, or a later one."
    return missing


def why_no_effect(kind: str, *, reported: str | None, assessed: str) -> str:
    """Why a decision cannot be carried out on an action that stands so, as a sentence; empty when it can."""
    if kind == Kind.ACCEPT_RED and Status.OFF_TRACK not in (reported, assessed):
        return f"Only what is off track is accepted as off track; this action is {SHOWN_WORDS[assessed].lower()}."
    if kind == Kind.RESUME and reported not in (Status.ON_HOLD, Status.STOPPED):
        return "This action is neither on hold nor stopped, so there is nothing to take up again."
    if kind == Kind.STOP and reported == Status.STOPPED:
        return "This action is stopped already."
    if kind == Kind.PUT_ON_HOLD and reported in (Status.STOPPED, Status.COMPLETE):
        return f"This action is {SHOWN_WORDS[reported].lower()}, so it cannot be put on hold."
    if kind == Kind.AGREE_DATE and reported in (Status.STOPPED, Status.COMPLETE):
        return f"This action is {SHOWN_WORDS[reported].lower()}, so no later date is needed."
    return ""


def is_put_off(standing, decision) -> bool:
    """Whether an action is on hold, or off track and accepted so, by a decision, whatever its last day.

    `standing` has `reported` and `assessed`; `decision` has `kind` and `until`, or is none.
    """
    if decision is None or decision.kind not in COMES_BACK:
        return False
    if decision.kind == Kind.PUT_ON_HOLD:
        return standing.reported == Status.ON_HOLD
    return Status.OFF_TRACK in (standing.reported, standing.assessed)


def has_come_back(standing, decision, on: date) -> bool:
    """Whether what was put on hold, or accepted as off track, is the Board's again on a day."""
    return is_put_off(standing, decision) and on > decision.until


def put_off_words(kind: str, until: date | None, *, on: date) -> str:
    """On hold until 31 March 2026, which has passed; Accepted by the Board until 31 March 2027; else nothing."""
    if kind not in COMES_BACK or until is None:
        return ""
    what = "On hold" if kind == Kind.PUT_ON_HOLD else "Accepted by the Board"
    return f"{what} until {in_words(until)}" + (", which has passed" if until < on else "")


def is_open(outcome: str | None) -> bool:
    """Whether a decision, or an entry of the action log, with this last outcome is still to be done."""
    return outcome in (None, "", Outcome.REOPENED)


def outcomes_after(outcome: str | None) -> list[Outcome]:
    """What may become of it next."""
    return [Outcome.DONE, Outcome.DROPPED] if is_open(outcome) else [Outcome.REOPENED]


# Writing


@transaction.atomic
def record_decision(
    meeting: Meeting,
    *,
    kind: str,
    text: str,
    by: User,
    at: datetime,
    seen_number: int | None = None,
    reason: str = "",
    owner: Lead | None = None,
    owner_text: str = "",
    due_on: date | None = None,
    action: Action | None = None,
    kpi: Kpi | None = None,
    agreed_on: date | None = None,
    until: date | None = None,
) -> Decision:
    """The decision with all that it does, or nothing; `ValidationError` by field, or `Conflict`.

    The same decision sent twice is recorded, and carried out, once.
    """
    decision = Decision(
        meeting=meeting, kind=kind, text=tidy(text), reason=tidy(reason), owner=owner, owner_text=tidy(owner_text),
        due_on=due_on, action=action, kpi=kpi, agreed_on=agreed_on, until=until,
        is_illustrative=is_made_up(by, meeting, owner, action, kpi),
    )  # fmt: skip
    _refuse_incomplete(decision, by=by, at=at)
    siblings = meeting.decisions.all()
    latest = latest_of(siblings)
    if seen_number is not None and _is_sent_twice(latest, decision, by=by, at=at):
        return latest
    if seen_number is not None and number_of(latest) != seen_number:
        raise Conflict(latest)
    if decision.kind in ABOUT_AN_ACTION:
        carry_out(decision, by=by, at=at)
    append(decision, siblings, by=by, at=at, seen_number=seen_number, same=SAID)
    if decision.kind in DONE_AT_ONCE and not owner and not decision.owner_text and not due_on:
        close_decision(decision, outcome=Outcome.DONE, text="Carried out when it was recorded.", by=by, at=at)
    return decision


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


def close_decision(
    decision: Decision, *, outcome: str, by: User, at: datetime, text: str = "", seen_number: int | None = None
) -> DecisionOutcome:
    """What became of a decision. `seen_number` is that of the outcome last seen, 0 for none."""
    row = DecisionOutcome(decision=decision, outcome=outcome, text=tidy(text), is_illustrative=is_made_up(by, decision))
    return _append_outcome(row, decision.outcomes.all(), by=by, at=at, seen_number=seen_number)


def close_log_entry(
    entry: MeetingAction, *, outcome: str, by: User, at: datetime, text: str = "", seen_number: int | None = None
) -> MeetingActionOutcome:
    """What became of an entry of a meeting's own action log."""
    row = MeetingActionOutcome(
        meeting_action=entry, outcome=outcome, text=tidy(text), is_illustrative=is_made_up(by, entry)
    )
    return _append_outcome(row, entry.outcomes.all(), by=by, at=at, seen_number=seen_number)


def is_made_up(by: User | None, *records) -> bool:
    """What hangs on something illustrative goes when that goes, whoever writes it."""
    return any(each is not None and each.is_illustrative for each in (by, *records))


def refuse(problems: dict[str, str | None]) -> None:
    """`ValidationError` with every message at once, by field; nothing where there is none."""
    problems = {field: problem for field, problem in problems.items() if problem}
    if problems:
        raise ValidationError(problems)


def why_not_yet(meeting: Meeting, at: datetime) -> str:
    """Why nothing can be recorded of a meeting, as a sentence; empty from the day on which it is held."""
    if london_day(at) >= meeting.held_on:
        return ""
    return f"This meeting is held on {in_words(meeting.held_on)}. From that day on, what it did can be recorded."


def elsewhere(meeting: Meeting, **records) -> dict[str, str]:
    """The message by field for records of another area."""
    return {
        name: "Choose one of this area."
        for name, record in records.items()
        if record is not None and record.area_id != meeting.area_id
    }


def who_problem(owner: Lead | None, owner_text: str) -> str | None:
    if owner and owner_text:
        return "Choose a lead or write who it is, not both."
    return text_problem(owner_text, name="Who does it", limit=120)


def _refuse_incomplete(decision: Decision, *, by: User, at: datetime) -> None:
    meeting = decision.meeting
    if decision.kind not in Kind.values:
        raise ValidationError({"kind": "Choose what kind of decision it is."})
    if why_not_yet(meeting, at):
        raise ValidationError(why_not_yet(meeting, at))
    refuse_real(by, decision.owner, what="This decision")
    missing = what_is_missing(
        decision.kind, text=decision.text, reason=decision.reason, has_action=decision.action is not None,
        held_on=meeting.held_on, agreed_on=decision.agreed_on, until=decision.until, due_on=decision.due_on,
    )  # fmt: skip
    written = {
        "text": text_problem(decision.text, name="What was decided"),
        "reason": text_problem(decision.reason, name="The reason"),
        "owner_text": who_problem(decision.owner, decision.owner_text),
    }
    named = elsewhere(meeting, owner=decision.owner, action=decision.action, kpi=decision.kpi)
    refuse({**written, **named, **missing})


def _is_sent_twice(latest: DatedRow | None, decision: Decision, *, by: User, at: datetime) -> bool:
    """Asked before anything is carried out: what was done already cannot be done again, and need not be."""
    if latest is None or latest.recorded_by_id != by.pk or not timedelta(0) <= at - latest.recorded_at <= SAME_WITHIN:
        return False
    return all(getattr(latest, name) == getattr(decision, name) for name in SAID)


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


def _append_outcome(row, siblings, *, by: User, at: datetime, seen_number: int | None):
    latest = latest_of(siblings)
    problems = {"text": text_problem(row.text, name="What became of it", limit=500)}
    if row.outcome == Outcome.DROPPED and not row.text:
        problems["text"] = "Say why it is dropped."
    if row.outcome not in Outcome.values:
        problems["outcome"] = "Choose what became of it."
    elif seen_number in (None, number_of(latest)) and row.outcome not in outcomes_after(latest and latest.outcome):
        problems["outcome"] = "It is open already." if row.outcome == Outcome.REOPENED else "It is closed already."
    refuse(problems)
    return append(row, siblings, by=by, at=at, seen_number=seen_number, same=("outcome", "text"))
