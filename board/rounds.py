"""A year of meetings and of the reporting rounds before them, worked out from a rhythm: plain days, nothing is written.

Meetings keep the weekday of the first: six-weekly ones by counting 42 days; monthly, quarterly and termly ones as the
same weekday of a month (the second Wednesday; a fifth one is the last). Termly means one in each school term: four
months on, and July in place of August. A meeting that would fall on a weekend or a bank holiday moves to the next
working day. Papers are due so many working days before it; the round opens and closes so many working days before the
papers, and never before the working day after the round before has closed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from django.db import models

from common.dates import in_words, last_day_of_month
from strategies.working_days import (
    why_no_working_day,
    working_day_from,
    working_days_after,
    working_days_before,
    working_days_between,
)

MOST_MEETINGS = 14  # a year, monthly, and one at each end
WEEK = timedelta(days=7)
AUGUST = 8
EMPTY: Mapping = MappingProxyType({})


class Rhythm(models.TextChoices):
    MONTHLY = "monthly", "Every month"
    SIX_WEEKLY = "six_weekly", "Every six weeks"
    QUARTERLY = "quarterly", "Every three months"
    TERMLY = "termly", "Once in each school term"


MONTHS_BETWEEN = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.TERMLY: 4}
A_YEAR_OF = {Rhythm.MONTHLY: 12, Rhythm.SIX_WEEKLY: 9, Rhythm.QUARTERLY: 4, Rhythm.TERMLY: 3}


@dataclass(frozen=True, slots=True)
class Spacing:
    """Working days: papers before the meeting; the round's closing and opening before the papers."""

    papers: int = 5
    closes: int = 2
    opens: int = 20


@dataclass(frozen=True, slots=True)
class Planned:
    """A meeting and its round, as proposed or as an officer settled them. `notes` say what was moved, and why."""

    held_on: date
    papers_due_on: date
    opens_on: date
    closes_on: date
    notes: tuple[str, ...] = ()

    @property
    def days(self) -> tuple[date, date, date, date]:
        return self.held_on, self.papers_due_on, self.opens_on, self.closes_on

    @property
    def spacing(self) -> Spacing:
        """The distances that it keeps, for when it moves."""
        return Spacing(
            papers=working_days_between(self.papers_due_on, self.held_on),
            closes=working_days_between(self.closes_on, self.papers_due_on),
            opens=working_days_between(self.opens_on, self.papers_due_on),
        )


def year_of(
    rhythm: str, *, first_on: date, count: int, spacing: Spacing, after: date | None = None, papers: Mapping = EMPTY
) -> list[Planned]:
    """`after` is the day the last round before closes; `papers` the days already set, by meeting."""
    planned: list[Planned] = []
    for wanted_on in wanted_days(rhythm, first_on=first_on, count=count):
        planned.append(around(wanted_on, spacing, after=planned[-1].closes_on if planned else after, papers=papers))
    return planned


def wanted_days(rhythm: str, *, first_on: date, count: int) -> list[date]:
    """The days that the rhythm asks for, before weekends and holidays are looked at."""
    if rhythm == Rhythm.SIX_WEEKLY:
        return [first_on + 6 * WEEK * number for number in range(count)]
    months = [first_on.year * 12 + first_on.month - 1 + MONTHS_BETWEEN[Rhythm(rhythm)] * n for n in range(count)]
    if rhythm == Rhythm.TERMLY:
        months = months[:1] + [month - (month % 12 + 1 == AUGUST) for month in months[1:]]
    return [first_on, *(same_weekday(first_on, month // 12, month % 12 + 1) for month in months[1:])]


def same_weekday(day: date, year: int, month: int) -> date:
    """The second Wednesday of another month for a second Wednesday; the last for a fifth."""
    first = date(year, month, 1)
    found = first + timedelta(days=(day.weekday() - first.weekday()) % 7) + WEEK * ((day.day - 1) // 7)
    return found if found <= last_day_of_month(first) else found - WEEK


def around(wanted_on: date, spacing: Spacing, *, after: date | None, papers: Mapping = EMPTY) -> Planned:
    """The days around a meeting. `after` is the day the round before closes."""
    held_on = working_day_from(wanted_on)
    papers_due_on = papers.get(held_on) or working_days_before(held_on, spacing.papers)
    closes_on = working_days_before(papers_due_on, spacing.closes)
    opens_on = working_days_before(papers_due_on, spacing.opens)
    notes = []
    if held_on != wanted_on:
        notes.append(f"Moved from {in_words(wanted_on)}, {why_no_working_day(wanted_on)}.")
    if after and opens_on <= after < closes_on:
        opens_on = working_days_after(after, 1)
        notes.append("Opens after the round before has closed.")
    return Planned(held_on, papers_due_on, opens_on, closes_on, tuple(notes))


# What an officer settled


def problems_in(rows: list[Planned], *, standing: Iterable[Planned], today: date) -> dict[int, dict[str, str]]:
    """The messages by row and field; empty where the whole plan can be kept. `standing` are the rounds there are."""
    problems = {}
    before = list(standing)
    for number, row in enumerate(rows):
        found = own_problems(row, today=today) or problems_beside(row, before)
        before.append(row)
        if found:
            problems[number] = found
    return problems


def own_problems(row: Planned, *, today: date) -> dict[str, str]:
    """What is wrong with the days of one meeting among themselves."""
    return problems_of_meeting(row.held_on, row.papers_due_on, today=today) | problems_of_round(row)


def problems_of_meeting(held_on: date, papers_due_on: date, *, today: date) -> dict[str, str]:
    problems = {}
    for field, says, day in (
        ("held_on", "The meeting is held", held_on),
        ("papers_due_on", "Papers are due", papers_due_on),
    ):
        reason = why_no_working_day(day)
        if reason:
            problems[field] = f"{says} on a working day: {in_words(day)} is {reason}. Choose another day."
    if held_on <= today:
        problems["held_on"] = f"Plan a day to come: {in_words(held_on)} has passed or is today."
    if papers_due_on > held_on:
        problems["papers_due_on"] = f"Papers are due on or before the meeting, {in_words(held_on)}."
    return problems


def problems_of_round(row: Planned) -> dict[str, str]:
    problems = {}
    if row.closes_on > row.papers_due_on:
        problems["closes_on"] = f"The round closes on or before the day papers are due, {in_words(row.papers_due_on)}."
    if row.opens_on >= row.closes_on:
        problems["opens_on"] = f"The round opens before it closes, {in_words(row.closes_on)}."
    return problems


def problems_beside(row: Planned, others: list[Planned]) -> dict[str, str]:
    """Two meetings on one day, or rounds that would be open at once; the very same plan again is neither."""
    for other in others:
        if other.days == row.days:
            return {}
        if other.held_on == row.held_on:
            return {"held_on": f"There is a round for the meeting of {in_words(row.held_on)} already."}
    for other in others:
        if row.opens_on <= other.closes_on and other.opens_on <= row.closes_on:
            return {
                "opens_on": f"The round for the meeting of {in_words(other.held_on)} runs from "
                f"{in_words(other.opens_on)} to {in_words(other.closes_on)}. One round is open at a time."
            }
    return {}
