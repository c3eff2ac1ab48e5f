"""What is minuted of a meeting beside its decisions: what was questioned, and its own action log.

Both are numbered rows, written once, kept apart from the plan's actions.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from board.models import Challenge, MeetingAction
from board.recording import elsewhere, is_made_up, refuse, who_problem, why_not_yet
from common.dates import in_words
from common.text import text_problem, tidy
from kpis.appending import append
from kpis.models import Kpi
from people.models import Lead, User
from strategies.models import Meeting
from workstrands.illustration import refuse_real
from workstrands.models import Action


@transaction.atomic
def note_challenge(
    meeting: Meeting,
    *,
    text: str,
    by: User,
    at: datetime,
    answer: str = "",
    raised_by: str = "",
    action: Action | None = None,
    kpi: Kpi | None = None,
    seen_number: int | None = None,
) -> Challenge:
    """What a member questioned, and what was answered."""
    row = Challenge(
        meeting=meeting, text=tidy(text), answer=tidy(answer), raised_by=tidy(raised_by), action=action, kpi=kpi,
        is_illustrative=is_made_up(by, meeting, action, kpi),
    )  # fmt: skip
    _refuse_early(meeting, at)
    refuse(
        {
            "text": text_problem(row.text, name="What was questioned") if row.text else "Say what was questioned.",
            "answer": text_problem(row.answer, name="What was answered"),
            "raised_by": text_problem(row.raised_by, name="By whom", limit=120),
            **elsewhere(meeting, action=action, kpi=kpi),
        }
    )
    said = ("text", "answer", "raised_by", "action_id", "kpi_id")
    return append(row, meeting.challenges.all(), by=by, at=at, seen_number=seen_number, same=said)


@transaction.atomic
def add_to_log(
    meeting: Meeting,
    *,
    text: str,
    by: User,
    at: datetime,
    owner: Lead | None = None,
    owner_text: str = "",
    due_on: date | None = None,
    seen_number: int | None = None,
) -> MeetingAction:
    """Something that the meeting itself asked to be done, kept apart from the plan's actions."""
    row = MeetingAction(
        meeting=meeting, text=tidy(text), owner=owner, owner_text=tidy(owner_text), due_on=due_on,
        is_illustrative=is_made_up(by, meeting, owner),
    )  # fmt: skip
    _refuse_early(meeting, at)
    refuse_real(by, owner, what="This entry")
    early = f"Give the day of the meeting, {in_words(meeting.held_on)}, or a later one."
    refuse(
        {
            "text": text_problem(row.text, name="What is to be done") if row.text else "Say what is to be done.",
            "owner_text": who_problem(owner, row.owner_text),
            "due_on": early if due_on and due_on < meeting.held_on else None,
            **elsewhere(meeting, owner=owner),
        }
    )
    said = ("text", "owner_id", "owner_text", "due_on")
    return append(row, meeting.log.all(), by=by, at=at, seen_number=seen_number, same=said)


def _refuse_early(meeting: Meeting, at: datetime) -> None:
    if why_not_yet(meeting, at):
        raise ValidationError(why_not_yet(meeting, at))
