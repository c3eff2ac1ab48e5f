"""What is noted of a meeting beside its decisions: who came, what was questioned, its own action log, what comes later.

Challenge and log are numbered rows, written once. Who came and the forward plan are statements, with their history; a
form that changes one carries what it saw of it, so that two people who note the same thing do not undo each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from board.deciding import elsewhere, is_made_up, refuse, who_problem, why_not_yet
from board.models import Attendance, Challenge, ForwardItem, MeetingAction
from common.dates import in_words, london_day
from common.text import text_problem, tidy
from kpis.appending import append
from kpis.models import Kpi
from people.models import Lead, Partner, User
from strategies.models import Area, Meeting
from workstrands.illustration import refuse_real
from workstrands.models import Action
from workstrands.planning import save_statement


class Overtaken(Exception):
    """Somebody else changed it in the meantime. `name` says of what or whom it was."""

    def __init__(self, name: str):
        super().__init__(f"{name} was changed in the meantime.")
        self.name = name


# Challenge, and the meeting's own action log


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


# Who came

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


def seen_of(row: Attendance | ForwardItem | None) -> str:
    """What a form carries of a statement, to notice that somebody else changed it; nothing for none."""
    if row is None:
        return ""
    if isinstance(row, Attendance):
        return f"{row.name}/{presence_of(row)}/{row.partner_id or ''}"
    return f"{row.title}/{row.meeting_id or ''}/{row.lead_id or ''}/{row.done_on or ''}"


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
    if line.presence != APOLOGIES and london_day(at) < meeting.held_on:
        raise ValidationError(f"{name}: the meeting is to come, so only apologies can be noted.")
    problem = text_problem(name, name="The name or post", limit=120)
    if problem or elsewhere(meeting, partner=line.partner):
        raise ValidationError(problem or f"{name}: choose a partner of this area.")


# What is to be looked at in depth


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
