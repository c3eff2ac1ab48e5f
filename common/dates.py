"""Days and moments.

A day means a day in Europe/London; moments are stored in UTC. `as_at` a day means up to its very end.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
MONTHS = "January February March April May June July August September October November December".split()


def end_of_day(day: date) -> datetime:
    """The last moment of `day` in London: everything recorded on that day counts."""
    return datetime.combine(day, time.max, tzinfo=LONDON)


def start_of_day(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=LONDON)


def noon(day: date) -> datetime:
    """The moment given to what a document of that day stated."""
    return datetime.combine(day, time(12), tzinfo=LONDON)


def london_day(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


def in_words(day: date | None) -> str:
    """31 October 2019, as everywhere in the product; nothing for no date."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if day else ""


def time_in_words(moment: datetime) -> str:
    """14:05, as clocks in London show."""
    return f"{moment.astimezone(LONDON):%H:%M}"


def moment_in_words(moment: datetime) -> str:
    """31 October 2019, 14:05; the day alone where the moment is its end."""
    day = london_day(moment)
    return in_words(day) if moment >= end_of_day(day) else f"{in_words(day)}, {time_in_words(moment)}"


def month_in_words(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def last_day_of_month(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's last day where it has no such day."""
    total = day.year * 12 + day.month - 1 - months
    first = date(total // 12, total % 12 + 1, 1)
    return min(first.replace(day=1) + timedelta(days=day.day - 1), last_day_of_month(first))


def month_ends(last: date, count: int) -> list[date]:
    """`count` days in order: the ends of the months before `last`'s, then `last` itself."""
    return [last_day_of_month(months_before(last.replace(day=1), back)) for back in range(count - 1, 0, -1)] + [last]
