"""The exceptions: the actions a Board should look at first, worst first, each with its reason and how long it has stood."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from board.heard import FamiliesSay, Heard, LeadAnswers
from board.wording import within
from common.dates import london_day
from workstrands.facts import Calendar
from workstrands.flags import Flag
from workstrands.standing import Standing

# What makes an action an exception, before it is sorted: off track, overdue, silent, contradicted or back from hold.
EXCEPTIONAL_FLAGS = frozenset({"overdue", "silent", "contradicted", "came_back"})
_WORST_FIRST = {"R": 0, "?": 1, "A": 2}


@dataclass(frozen=True, slots=True)
class ExceptionalAction:
    standing: Standing
    flag: Flag | None  # the worst flag; None where only the lead's own report makes it one
    rounds: int  # closed rounds over which it has stood
    answer: LeadAnswers | None = None  # to that flag
    families_say: FamiliesSay | None = None

    @property
    def short(self) -> str:
        return self.flag.short if self.flag else f"Reported {within('R')}"

    @property
    def reason(self) -> str:
        if self.flag:
            return self.flag.sentence
        return f"The lead reports it as {within('R')}."


def is_exceptional(standing: Standing) -> bool:
    return standing.assessed == "R" or any(flag.code in EXCEPTIONAL_FLAGS for flag in standing.flags)


def exceptional_actions(
    standings: list[Standing], calendar: Calendar, on: date, *, limit: int
) -> tuple[list[ExceptionalAction], int]:
    """The worst `limit` of them, and how many there are in all."""
    found = [standing for standing in standings if is_exceptional(standing)]
    found.sort(key=lambda s: _badness(s, on))
    shown = found[:limit]
    return [_exceptional(s, calendar, on) for s in shown], len(found)


def with_answers(found: list[ExceptionalAction], said: Heard) -> list[ExceptionalAction]:
    """Each with what its lead answers to the flag, and what families say of it."""
    return [
        replace(
            each,
            answer=said.answers.get((each.standing.id, each.flag.code)) if each.flag else None,
            families_say=said.families_of_action.get(each.standing.id),
        )
        for each in found
    ]


def _badness(standing: Standing, on: date) -> tuple:
    """Off track first, then silence, then the rest; critical before others; the longest overdue first."""
    overdue = (on - standing.due_on).days if standing.due_on else 0
    return (_WORST_FIRST.get(standing.assessed, 3), not standing.is_critical, -overdue, standing.position)


def _exceptional(standing: Standing, calendar: Calendar, on: date) -> ExceptionalAction:
    flag = next((f for f in standing.flags if f.code in EXCEPTIONAL_FLAGS), None) or next(iter(standing.flags), None)
    starts = [london_day(standing.said.status_since)] if standing.reported == "R" else []
    if flag is not None and flag.code == "overdue" and standing.due_on:
        starts.append(standing.due_on + timedelta(days=1))
    elif flag is not None and flag.code == "silent":
        starts.append(standing.starts_on)
    since = min(starts, default=None)
    return ExceptionalAction(standing, flag, calendar.closed_after(since, on) if since else 0)
