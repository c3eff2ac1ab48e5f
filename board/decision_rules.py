"""The rules of the Board's decisions, over plain values: what each must say, what it can do, when it comes back.

What is put on hold, or accepted as off track, comes back by itself, from the day after its last day. A decision is open
until an outcome closes it.
"""

from datetime import date

from django.db import models

from board.models.decisions import ABOUT_AN_ACTION
from board.vocabulary import DecisionKind, Outcome
from common.dates import in_words
from workstrands.status import SHOWN_WORDS, Status

Kind = DecisionKind
COMES_BACK = (Kind.ACCEPT_RED, Kind.PUT_ON_HOLD)
ENDS_WHAT_STOOD = (Kind.ACCEPT_RED, Kind.PUT_ON_HOLD, Kind.STOP, Kind.RESUME)
DONE_AT_ONCE = (Kind.AGREE_DATE, Kind.REFUSE_DATE, Kind.STOP, Kind.RESUME)
NEEDS_A_REASON = (Kind.ACCEPT_RED, Kind.PUT_ON_HOLD, Kind.STOP)


class StopReason(models.TextChoices):
    """Why the Board stops an action; kept in words, in front of whatever else is said."""

    SUPERSEDED = "superseded", "Superseded"
    MERGED = "merged", "Merged into another action"
    EVERYDAY = "everyday", "Now everyday business"
    NOT_NEEDED = "not_needed", "No longer needed"


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
