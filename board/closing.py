"""What became of a decision, or of an entry of a meeting's action log: numbered rows, each closing it or opening it again."""

from datetime import datetime

from board.decision_rules import outcomes_after
from board.models import Decision, DecisionOutcome, MeetingAction, MeetingActionOutcome
from board.recording import is_made_up, refuse
from board.vocabulary import Outcome
from common.text import text_problem, tidy
from kpis.appending import append, latest_of, number_of
from people.models import User


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
