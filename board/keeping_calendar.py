"""Keeping the Board's calendar: a planned meeting moves with its days, or is called off, or that is taken back.

A meeting moves until it was held, and while no papers are frozen for it: they name its day. Of its round those days move
that have not come about: both before it opens, the closing day while it is open, none once it was closed. A meeting can
be called off until something of it is recorded. Its round then never opens; one that is open is closed first, so that
nobody reports for a meeting that is not held. Sign-ins of the demonstration leave real meetings where they are.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from board.planning_rounds import alone, is_recorded, meetings_of, round_of, rounds_planned, was_held
from board.rounds import Planned, Spacing, around, problems_beside, problems_of_meeting, problems_of_round
from common.dates import in_words, london_day
from common.text import text_problem, tidy
from people.models import User
from strategies.models import Meeting, ReportingRound
from strategies.working_days import working_days_before
from workstrands.planning import save_statement

MOST_REASON = 1000


class CalendarMoved(Exception):
    """Somebody else changed these days meanwhile. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a meeting, and those of its round where it has one."""

    held_on: date
    papers_due_on: date | None
    opens_on: date | None = None
    closes_on: date | None = None

    def __str__(self) -> str:
        """What a form carries to say which days it saw."""
        return "/".join(str(day or "") for day in (self.held_on, self.papers_due_on, self.opens_on, self.closes_on))


def days_of(meeting: Meeting) -> Days:
    found = round_of(meeting)
    if found is None:
        return Days(meeting.held_on, meeting.papers_due_on)
    return Days(meeting.held_on, meeting.papers_due_on, found.opens_on, found.closes_on)


def movable(meeting: Meeting) -> tuple[str, ...]:
    """The days that have not come about, by their names in `Days`."""
    found = round_of(meeting)
    own = ("held_on", "papers_due_on")
    if found is None or found.closed_at:
        return own
    return (*own, "closes_on") if found.opened_at else (*own, "opens_on", "closes_on")


def proposed(meeting: Meeting, wanted_on: date) -> tuple[Days, tuple[str, ...]]:
    """The days around another day, with what was moved and why: the distances that the meeting keeps stay.

    The usual ones where it keeps none. On its own day, its own days.
    """
    stands = days_of(meeting)
    if wanted_on == meeting.held_on:
        due_on = stands.papers_due_on or working_days_before(meeting.held_on, Spacing().papers)
        return replace(stands, papers_due_on=due_on), ()
    found = round_of(meeting)
    before = [other.closes_on for other in _others_planned(meeting) if other.held_on < wanted_on]
    spacing = _planned(stands).spacing if found and stands.papers_due_on else _spacing_of_papers(stands)
    planned = around(wanted_on, spacing, after=max(before, default=None))
    names = movable(meeting)
    notes = planned.notes if "opens_on" in names else planned.notes[: planned.held_on != wanted_on]
    return replace(stands, **{name: getattr(planned, name) for name in names}), notes


def why_not_moved(meeting: Meeting, at: datetime) -> str:
    """Why a meeting cannot be moved at a moment, as a sentence; empty when it can."""
    if meeting.cancelled_at:
        return (
            f"This meeting was called off on {in_words(london_day(meeting.cancelled_at))}. Take that back to move it."
        )
    if was_held(meeting, at):
        return "This meeting was held. A meeting that was held stays on its day."
    if meeting.packs.exists():
        return "Papers are frozen for this meeting, and name its day. Call it off instead, and plan another."
    return ""


def why_not_by(by: User, meeting: Meeting) -> str:
    """Why a sign-in of the demonstration does not change the days of a meeting, as a sentence; empty when it does."""
    if meeting.is_illustrative or not by.is_illustrative:
        return ""
    return (
        f"The meeting of {in_words(meeting.held_on)} is a real one. An illustrative sign-in moves and calls off "
        "illustrative meetings only."
    )


def problems_of_move(meeting: Meeting, days: Days, *, at: datetime) -> dict[str, str]:
    """The messages by the name of the day; empty where the meeting can move to these days."""
    problems = problems_of_meeting(days.held_on, days.papers_due_on, today=london_day(at))
    if days.held_on == meeting.held_on:
        problems.pop("held_on", None)
    if "closes_on" in movable(meeting):
        problems |= _problems_of_its_round(meeting, days, at)
    return problems | _day_taken(meeting, days.held_on)


def move_meeting(meeting: Meeting, days: Days, *, seen: str, by: User, at: datetime) -> Meeting:
    """`seen` are the days that stood when they were settled. Raises `ValidationError` by day, or `CalendarMoved`.

    The same move sent twice is written once.
    """
    try:
        with transaction.atomic():
            found = _locked(meeting)
            if days_of(found) == days:
                return found
            if str(days_of(found)) != seen:
                raise CalendarMoved
            _refuse(why_not_by(by, found) or why_not_moved(found, at) or problems_of_move(found, days, at=at))
            _write(found, days, by=by, at=at)
    except IntegrityError:
        raise ValidationError({"held_on": "Somebody else planned a meeting on this day meanwhile."}) from None
    return found


def why_not_called_off(meeting: Meeting, at: datetime) -> str:
    if meeting.cancelled_at:
        return f"This meeting was called off on {in_words(london_day(meeting.cancelled_at))} already."
    if is_recorded(meeting):
        return "Something is recorded of this meeting: it was held."
    found = round_of(meeting)
    if found and found.is_open(at):
        return (
            "The round of this meeting is open: leads are reporting for it. Close the round first, or move the meeting."
        )
    return ""


def call_off(meeting: Meeting, *, because: str, by: User, at: datetime) -> Meeting:
    """The same press sent twice is written once."""
    with transaction.atomic():
        found = _locked(meeting)
        if found.cancelled_at and found.cancelled_because == tidy(because):
            return found
        _refuse(why_not_by(by, found) or why_not_called_off(found, at))
        problem = text_problem(because, name="Why", limit=MOST_REASON)
        if problem or not because.strip():
            raise ValidationError({"because": problem or "Say why the meeting is called off."})
        found.cancelled_at, found.cancelled_because = at, tidy(because)
        _keep(found, by=by, at=at)
    return found


def take_back(meeting: Meeting, *, by: User, at: datetime) -> Meeting:
    """The meeting goes ahead after all; that it was called off stays in its history."""
    with transaction.atomic():
        found = _locked(meeting)
        if found.cancelled_at:
            _refuse(why_not_by(by, found))
            found.cancelled_at, found.cancelled_because = None, ""
            _keep(found, by=by, at=at)
    return found


def _locked(meeting: Meeting) -> Meeting:
    alone(meeting.area)
    return Meeting.objects.select_related("area", "reporting_round").get(pk=meeting.pk)


def _refuse(problems: str | dict[str, str]) -> None:
    if problems:
        raise ValidationError(problems)


def _write(meeting: Meeting, days: Days, *, by: User, at: datetime) -> None:
    meeting.held_on, meeting.papers_due_on = days.held_on, days.papers_due_on
    meeting.full_clean(exclude=["area"])
    _keep(meeting, by=by, at=at)
    found = round_of(meeting)
    if found and (found.opens_on, found.closes_on) != (days.opens_on, days.closes_on):
        found.opens_on, found.closes_on = days.opens_on, days.closes_on
        found.full_clean(exclude=["meeting"])
        _keep(found, by=by, at=at)


def _keep(record: Meeting | ReportingRound, *, by: User, at: datetime) -> None:
    record._history_date = at
    save_statement(record, by)


def _planned(days: Days) -> Planned:
    return Planned(days.held_on, days.papers_due_on, days.opens_on, days.closes_on)


def _spacing_of_papers(days: Days) -> Spacing:
    usual = Spacing()
    if days.papers_due_on is None:
        return usual
    alike = Planned(days.held_on, days.papers_due_on, days.papers_due_on, days.papers_due_on)
    return replace(usual, papers=alike.spacing.papers)


def _others_planned(meeting: Meeting) -> list[Planned]:
    return rounds_planned(other for other in meetings_of(meeting.area) if other.pk != meeting.pk)


def _day_taken(meeting: Meeting, day: date) -> dict[str, str]:
    other = Meeting.objects.filter(area=meeting.area_id, held_on=day).exclude(pk=meeting.pk).first()
    if other is None:
        return {}
    what = "A meeting that was called off" if other.cancelled_at else "Another meeting"
    return {"held_on": f"{what} stands on {in_words(day)}. Choose another day."}


def _problems_of_its_round(meeting: Meeting, days: Days, at: datetime) -> dict[str, str]:
    found, today = round_of(meeting), london_day(at)
    row = _planned(days)
    problems = problems_of_round(row) or problems_beside(row, _others_planned(meeting))
    if found.opened_at is None:
        return problems
    if days.closes_on <= days.opens_on:
        return {"closes_on": f"The round closes after the day it was planned to open, {in_words(days.opens_on)}."}
    if days.closes_on < today and days.closes_on != found.closes_on:
        return {"closes_on": f"Give today or a day to come: {in_words(days.closes_on)} has passed."}
    # Its opening has come about: whatever is wrong with the days is answered with the closing day.
    return {"closes_on" if name == "opens_on" else name: message for name, message in problems.items()}
