"""What the Board decides.

A decision is a numbered row of its meeting; whoever records one names the number they saw. A decision about an action
has an effect (`board.carrying_out`), written in the same transaction. Where the record itself was all there was to do
(nobody is named, no day is given), it is closed with it.
"""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from board.carrying_out import carry_out
from board.closing import close_decision
from board.decision_rules import DONE_AT_ONCE, Kind, what_is_missing
from board.models import Decision
from board.models.decisions import ABOUT_AN_ACTION
from board.recording import elsewhere, is_made_up, refuse, who_problem, why_not_yet
from board.vocabulary import Outcome
from common.text import text_problem, tidy
from kpis.appending import SAME_WITHIN, Conflict, append, latest_of, number_of
from kpis.models import Kpi
from people.models import Lead, User
from strategies.models import DatedRow, Meeting
from workstrands.illustration import refuse_real
from workstrands.models import Action

SAID = (
    "kind", "text", "reason", "owner_id", "owner_text", "due_on", "action_id", "kpi_id", "agreed_on", "until",
)  # fmt: skip


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
