"""The forward plan: what the Board means to look at in depth, and at which meeting. A line is a statement, with its history.

A form that changes one carries what it saw of it, so that two people who plan at once do not undo each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from board.models import ForwardItem
from board.recording import Overtaken, is_made_up
from common.dates import london_day
from common.text import text_problem, tidy
from people.models import Lead, User
from strategies.models import Area, Meeting
from workstrands.illustration import refuse_real
from workstrands.planning import save_statement


def forward_plan(area: Area, on: date) -> list[ForwardItem]:
    """What is to be looked at in depth and is not done on a day: in the order of the meetings, the undated last."""
    rows = area.forward_items.filter(Q(done_on__isnull=True) | Q(done_on__gt=on)).select_related("meeting", "lead")
    return sorted(rows, key=lambda item: (item.meeting is None, item.meeting and item.meeting.held_on, item.pk))


def seen_of(item: ForwardItem | None) -> str:
    """What a form carries of a line, to notice that somebody else changed it; nothing for none."""
    return f"{item.title}/{item.meeting_id or ''}/{item.lead_id or ''}/{item.done_on or ''}" if item else ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the forward plan: a further one where `item` is none."""

    title: str
    item: ForwardItem | None = None
    meeting: Meeting | None = None
    lead: Lead | None = None
    is_done: bool = False
    seen: str = ""


@transaction.atomic
def plan_forward(area: Area, lines: Iterable[Planned], *, by: User, at: datetime) -> int:
    """All the lines or none; returns how many were changed. What is done is so from the day on which that is said."""
    lines = list(lines)
    ids = [line.item.pk for line in lines if line.item]
    locked = area.forward_items.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    standing = {row.pk: row for row in locked.select_related("meeting", "lead")}
    return sum(_plan(area, line, standing, by=by, at=at) for line in lines)


def _plan(area: Area, line: Planned, standing: dict[int, ForwardItem], *, by: User, at: datetime) -> bool:
    title = tidy(line.title)
    problem = text_problem(title, name="What is looked at", limit=200) if title else "Say what is to be looked at."
    if problem:
        raise ValidationError(problem)
    for record in (line.meeting, line.lead):
        if record is not None and record.area_id != area.pk:
            raise ValidationError(f"{title}: choose a meeting and a lead of this area.")
    refuse_real(by, line.lead, what=title)
    row = standing.get(line.item.pk) if line.item else None
    done_on = ((row and row.done_on) or london_day(at)) if line.is_done else None
    wanted = {"title": title, "meeting": line.meeting, "lead": line.lead, "done_on": done_on}
    if row and all(getattr(row, name) == value for name, value in wanted.items()):
        return False
    if seen_of(row) != line.seen:
        raise Overtaken(title)
    row = row or ForwardItem(area=area)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.is_illustrative = row.is_illustrative or is_made_up(by, line.meeting, line.lead)
    save_statement(row, by)
    return True
