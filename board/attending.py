"""Who came to a meeting. A line is a statement, with its history.

A form that changes one carries what it saw of it, so that two people who note the same person do not undo each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from board.models import Attendance
from board.recording import Overtaken, elsewhere, is_made_up, why_not_yet
from common.dates import london_day
from common.text import text_problem, tidy
from people.models import Partner, User
from strategies.models import Meeting
from workstrands.planning import save_statement

PRESENT, APOLOGIES, ABSENT = "present", "apologies", "absent"
PRESENCE = [(PRESENT, "There"), (APOLOGIES, "Sent apologies"), (ABSENT, "Not there")]


@dataclass(frozen=True, slots=True)
class Came:
    """One line of the attendance: `was` is the name under which it stood, `seen` what was seen of it."""

    name: str
    presence: str
    partner: Partner | None = None
    user: User | None = None
    was: str = ""
    seen: str = ""


def presence_of(row: Attendance) -> str:
    return PRESENT if row.is_present else APOLOGIES if row.apologies else ABSENT


def seen_of(row: Attendance | None) -> str:
    """What a form carries of a line, to notice that somebody else changed it; nothing for none."""
    return f"{row.name}/{presence_of(row)}/{row.partner_id or ''}" if row else ""


@transaction.atomic
def note_attendance(meeting: Meeting, lines: Iterable[Came], *, by: User, at: datetime) -> int:
    """All the lines or none; returns how many were changed. Lines that are not named stay as they are."""
    locked = meeting.attendances.order_by("pk").select_for_update(of=("self",)).select_related("partner", "user")
    standing = {row.name: row for row in locked}
    return sum(_note(meeting, line, standing, by=by, at=at) for line in lines)


def _note(meeting: Meeting, line: Came, standing: dict[str, Attendance], *, by: User, at: datetime) -> bool:
    _refuse_line(meeting, line, at=at)
    row = standing.get(line.was) or standing.get(line.name)
    wanted = {
        "name": tidy(line.name), "partner": line.partner, "user": line.user or (row and row.user),
        "is_present": line.presence == PRESENT, "apologies": line.presence == APOLOGIES,
    }  # fmt: skip
    if row and all(getattr(row, name) == value for name, value in wanted.items()):
        return False
    if seen_of(row) != line.seen:
        raise Overtaken(line.name)
    row = row or Attendance(meeting=meeting)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.is_illustrative = row.is_illustrative or is_made_up(by, meeting, line.partner, row.user)
    try:
        with transaction.atomic():
            save_statement(row, by)
    except IntegrityError:
        raise Overtaken(line.name) from None
    standing.pop(line.was, None)
    standing[row.name] = row
    return True


def _refuse_line(meeting: Meeting, line: Came, *, at: datetime) -> None:
    name = tidy(line.name)
    if not name:
        raise ValidationError("Give a name or post to each line that says who came.")
    if line.presence not in dict(PRESENCE):
        raise ValidationError(f"{name}: choose whether they were there.")
    if meeting.is_called_off(at):
        raise ValidationError(why_not_yet(meeting, at))
    if line.presence != APOLOGIES and london_day(at) < meeting.held_on:
        raise ValidationError(f"{name}: the meeting is to come, so only apologies can be noted.")
    problem = text_problem(name, name="The name or post", limit=120)
    if problem or elsewhere(meeting, partner=line.partner):
        raise ValidationError(problem or f"{name}: choose a partner of this area.")
