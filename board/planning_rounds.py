"""Writing the Board's calendar: a year of meetings and rounds at once, and the opening and closing of a round.

Opening and closing are done by hand, whatever was planned. One round of an area is open at a time. Closing freezes
nothing: what is said later can still be accepted into the round, and is marked late. The round of a meeting that was
called off is never opened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from board.rounds import Planned, Spacing, problems_in, year_of
from common.dates import in_words, london_day
from people.models import User
from strategies.models import Area, Meeting, ReportingRound
from workstrands.planning import save_statement

MEANWHILE = "Somebody else planned a meeting on one of these days meanwhile. Nothing was saved: look at the days again."


class PlanRefused(Exception):
    """Nothing was written. `problems` are the messages by the row's place in the plan and by field."""

    def __init__(self, problems: dict[int, dict[str, str]]):
        super().__init__("The plan cannot be kept as it is.")
        self.problems = problems


def plan_year(area: Area, rows: Iterable[Planned], *, by: User, at: datetime) -> list[ReportingRound]:
    """Every meeting with its round, or nothing: `PlanRefused`. A meeting that stands is kept; a round is added to it
    where it has none. The same plan sent twice is written once."""
    rows = list(rows)
    try:
        with transaction.atomic():
            alone(area)
            standing = {meeting.held_on: meeting for meeting in meetings_of(area)}
            problems = problems_in(rows, standing=rounds_planned(standing.values()), today=london_day(at))
            problems = _papers_moved(rows, standing) | problems | _called_off(rows, standing)
            if problems:
                raise PlanRefused(problems)
            return [_written(area, row, standing.get(row.held_on), by=by) for row in rows]
    except IntegrityError:
        raise ValidationError(MEANWHILE) from None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rhythm would add, the meetings on its days that have a round already and are kept, and those called off."""

    rows: list[Planned]
    kept: list[Meeting]
    called_off: list[Meeting]


def proposal(area: Area, rhythm: str, *, first_on: date, count: int, spacing: Spacing) -> Proposal:
    """On a day whose meeting was called off nothing is proposed: that is taken back, or another day chosen."""
    meetings = {meeting.held_on: meeting for meeting in meetings_of(area)}
    before = [found.closes_on for day, meeting in meetings.items() if day < first_on and (found := round_of(meeting))]
    papers = {day: meeting.papers_due_on for day, meeting in meetings.items() if meeting.papers_due_on}
    rows = year_of(
        rhythm, first_on=first_on, count=count, spacing=spacing, after=max(before, default=None), papers=papers
    )
    on_these = [meetings[row.held_on] for row in rows if row.held_on in meetings]
    off = [meeting for meeting in on_these if meeting.cancelled_at]
    kept = [meeting for meeting in on_these if not meeting.cancelled_at and round_of(meeting)]
    settled = {meeting.held_on for meeting in [*off, *kept]}
    return Proposal([row for row in rows if row.held_on not in settled], kept, off)


def open_round(reporting_round: ReportingRound, *, by: User, at: datetime) -> ReportingRound:
    with transaction.atomic():
        found = _locked(reporting_round)
        refusal = why_not_opened(found, at)
        if refusal:
            raise ValidationError(refusal)
        found.opened_at = at
        save_statement(found, by)
    return found


def close_round(reporting_round: ReportingRound, *, by: User, at: datetime) -> ReportingRound:
    with transaction.atomic():
        found = _locked(reporting_round)
        refusal = why_not_closed(found, at)
        if refusal:
            raise ValidationError(refusal)
        found.closed_at = at
        save_statement(found, by)
    return found


def reopen_round(reporting_round: ReportingRound, *, by: User, at: datetime) -> ReportingRound:
    """Takes a closing back. What was accepted stays; looked at afterwards, the round was open all along."""
    with transaction.atomic():
        found = _locked(reporting_round)
        refusal = why_not_reopened(found, at)
        if refusal:
            raise ValidationError(refusal)
        found.closed_at = None
        found._history_date = at
        save_statement(found, by)
    return found


def why_not_opened(reporting_round: ReportingRound, at: datetime) -> str:
    """Why a round cannot be opened at a moment, as a sentence; empty when it can."""
    held_on = reporting_round.meeting.held_on
    if reporting_round.opened_at:
        return f"This round was opened on {in_words(london_day(reporting_round.opened_at))} already."
    if reporting_round.meeting.cancelled_at:
        return "The meeting of this round was called off, so the round is not opened."
    if held_on < london_day(at):
        return f"The meeting of this round was held on {in_words(held_on)}. Open the round of a meeting to come."
    other = another_open(reporting_round)
    if other:
        return f"The round for the meeting of {in_words(other.meeting.held_on)} is open. Close it first."
    return ""


def why_not_closed(reporting_round: ReportingRound, at: datetime) -> str:
    if reporting_round.closed_at:
        return f"This round was closed on {in_words(london_day(reporting_round.closed_at))} already."
    return "" if reporting_round.is_open(at) else "This round has not been opened, so it cannot be closed."


def why_not_reopened(reporting_round: ReportingRound, at: datetime) -> str:
    """Why the closing of a round cannot be taken back at a moment, as a sentence; empty when it can."""
    meeting = reporting_round.meeting
    if not (reporting_round.closed_at and reporting_round.closed_at <= at):
        return "This round is not closed."
    if meeting.cancelled_at:
        return "The meeting of this round was called off, so the round stays closed."
    if was_held(meeting, at):
        return f"The meeting of {in_words(meeting.held_on)} was held, so its round stays closed."
    if meeting.packs.exists():
        return "Papers are frozen for the meeting of this round, with what was reported in it. So it stays closed."
    later = _opened_after(reporting_round)
    if later:
        return (
            f"The round for the meeting of {in_words(later.meeting.held_on)} was opened after it. So it stays closed."
        )
    return ""


def was_held(meeting: Meeting, at: datetime) -> bool:
    """Its day has passed, or has come and something is recorded of it."""
    today = london_day(at)
    return meeting.held_on < today or (meeting.held_on == today and is_recorded(meeting))


def is_recorded(meeting: Meeting) -> bool:
    """Whether anything of the meeting itself is recorded: who was there, a decision, a challenge, its log."""
    there = meeting.attendances.filter(is_present=True)
    return any(rows.exists() for rows in (there, meeting.decisions, meeting.challenges, meeting.log))


def another_open(reporting_round: ReportingRound) -> ReportingRound | None:
    """A round of the same area that was opened and not closed."""
    others = ReportingRound.objects.filter(meeting__area=reporting_round.meeting.area_id, closed_at=None)
    return others.exclude(opened_at=None).exclude(pk=reporting_round.pk).select_related("meeting").first()


def _opened_after(reporting_round: ReportingRound) -> ReportingRound | None:
    of_area = ReportingRound.objects.filter(meeting__area=reporting_round.meeting.area_id)
    later = of_area.filter(opened_at__gt=reporting_round.opened_at).exclude(pk=reporting_round.pk)
    return later.select_related("meeting").order_by("opened_at").first()


def meetings_of(area: Area) -> list[Meeting]:
    """The meetings of an area in order, each with its round if it has one."""
    return list(Meeting.objects.filter(area=area).select_related("reporting_round").order_by("held_on"))


def round_of(meeting: Meeting) -> ReportingRound | None:
    return getattr(meeting, "reporting_round", None)


def alone(area: Area) -> None:
    """Whoever else plans, opens or closes in this area waits until this is written."""
    Area.objects.select_for_update().filter(pk=area.pk).first()


def _locked(reporting_round: ReportingRound) -> ReportingRound:
    alone(reporting_round.meeting.area)
    return ReportingRound.objects.select_related("meeting").get(pk=reporting_round.pk)


def rounds_planned(meetings: Iterable[Meeting]) -> list[Planned]:
    """The rounds that stand; one that was closed is in nobody's way after that day, one that never opens on none."""
    rounds = [(meeting, round_of(meeting)) for meeting in meetings]
    return [
        Planned(
            meeting.held_on,
            meeting.papers_due_on or meeting.held_on,
            found.opens_on,
            min(found.closes_on, london_day(found.closed_at)) if found.closed_at else found.closes_on,
        )
        for meeting, found in rounds
        if found and not (meeting.cancelled_at and found.opened_at is None)
    ]


def _called_off(rows: list[Planned], standing: dict[date, Meeting]) -> dict[int, dict[str, str]]:
    return {
        number: {
            "held_on": f"The meeting of {in_words(row.held_on)} was called off. Take that back, or choose another day."
        }
        for number, row in enumerate(rows)
        if row.held_on in standing and standing[row.held_on].cancelled_at
    }


def _papers_moved(rows: list[Planned], standing: dict[date, Meeting]) -> dict[int, dict[str, str]]:
    """A meeting that stands is kept with the day its papers are due."""
    problems = {}
    for number, row in enumerate(rows):
        meeting = standing.get(row.held_on)
        if meeting and not round_of(meeting) and meeting.papers_due_on not in (None, row.papers_due_on):
            day = in_words(meeting.papers_due_on)
            problems[number] = {"papers_due_on": f"This meeting stands, with papers due on {day}. Keep that day."}
    return problems


def _written(area: Area, row: Planned, meeting: Meeting | None, *, by: User) -> ReportingRound:
    found = round_of(meeting) if meeting else None
    if found:
        return found  # the same plan again: anything else was refused before
    if meeting is None:
        meeting = Meeting(area=area, held_on=row.held_on, is_illustrative=by.is_illustrative)
    if meeting.papers_due_on is None:
        meeting.papers_due_on = row.papers_due_on
        meeting.full_clean(exclude=["area"], validate_unique=False)
        save_statement(meeting, by)
    found = ReportingRound(
        meeting=meeting, opens_on=row.opens_on, closes_on=row.closes_on,
        is_illustrative=by.is_illustrative or meeting.is_illustrative,
    )  # fmt: skip
    found.full_clean(exclude=["meeting"])
    save_statement(found, by)
    return found
