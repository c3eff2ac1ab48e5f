"""What everything recorded of a meeting keeps to: not too early, of one area, and illustrative where anything of it is."""

from datetime import datetime

from django.core.exceptions import ValidationError

from common.dates import in_words, london_day
from common.text import text_problem
from people.models import Lead, User
from strategies.models import Meeting


class Overtaken(Exception):
    """Somebody else changed it in the meantime. `name` says of what or whom it was."""

    def __init__(self, name: str):
        super().__init__(f"{name} was changed in the meantime.")
        self.name = name


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
    if meeting.is_called_off(at):
        return f"This meeting was called off: {meeting.cancelled_because.rstrip('.')}. Nothing can be recorded of it."
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
