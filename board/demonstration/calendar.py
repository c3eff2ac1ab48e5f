"""The days a demonstration plays on: its window, the Board's meetings and the rounds before them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from common.dates import LONDON, last_day_of_month, months_before

WINDOW_MONTHS = 18
WEDNESDAY = 2
WEEKS_BETWEEN_MEETINGS = 12


@dataclass(frozen=True)
class Window:
    """From the later of 18 months before the last day and the plan's date; the last day is today, or the ended plan's last.

    `first_on` is the first day on which anything is written down, after the document that holds the plan was there.
    """

    starts_on: date
    first_on: date
    last_on: date
    plan_ends_on: date
    is_running: bool


def window(*, starts_on: date, ends_on: date, published_on: date | None, today: date) -> Window | None:
    """None for a plan that has not started, or of which nothing could be reported as yet."""
    is_running = today <= ends_on
    last_on = today if is_running else ends_on
    start = max(months_before(last_on, WINDOW_MONTHS), starts_on)
    first_on = max(start, (published_on or starts_on) + timedelta(days=1))
    return Window(start, first_on, last_on, ends_on, is_running) if first_on < last_on else None


@dataclass(frozen=True)
class Round:
    held_on: date
    opens_on: date
    closes_on: date
    is_closed: bool

    @property
    def papers_due_on(self) -> date:
        return self.held_on - timedelta(days=7)

    @property
    def opened_at(self) -> datetime:
        return datetime.combine(self.opens_on, time(9), tzinfo=LONDON)

    @property
    def closed_at(self) -> datetime | None:
        return datetime.combine(self.closes_on, time(17), tzinfo=LONDON) if self.is_closed else None


def _round(held_on: date, *, is_closed: bool) -> Round:
    return Round(held_on, held_on - timedelta(days=35), held_on - timedelta(days=9), is_closed)


def wednesday_from(day: date) -> date:
    return day + timedelta(days=(WEDNESDAY - day.weekday()) % 7)


def rounds(window: Window | None, *, today: date) -> list[Round]:
    """Two past meetings within the window, and the next one, whose round is open."""
    following = wednesday_from(today + timedelta(days=12))
    between = timedelta(weeks=WEEKS_BETWEEN_MEETINGS)
    if window is None:
        return [_round(following, is_closed=False)]
    last = following - between if window.is_running else wednesday_from(window.last_on - timedelta(days=20))
    past = [_round(day, is_closed=True) for day in (last - between, last)]
    return [each for each in past if each.opens_on > window.starts_on] + [_round(following, is_closed=False)]


def month_end_near(day: date) -> date:
    """The last day of the month before, where that is nearer."""
    ahead, behind = last_day_of_month(day), day.replace(day=1) - timedelta(days=1)
    return ahead if ahead - day <= day - behind else behind


def months_within(starts_on: date, last_on: date) -> list[tuple[date, date]]:
    """(first day, last day) of each whole month."""
    found, first = [], starts_on if starts_on.day == 1 else last_day_of_month(starts_on) + timedelta(days=1)
    while last_day_of_month(first) <= last_on:
        found.append((first, last_day_of_month(first)))
        first = last_day_of_month(first) + timedelta(days=1)
    return found
