"""Saying what became of a promise. A row of its own, appended after whatever was decided of anything in the area.

Whoever decides names the number of the last row about this promise that they saw: if another came in between, nothing is
written. What others decide of other promises meanwhile is no conflict.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q

from board.models import Succession
from board.succession import Promise
from board.vocabulary import Fate
from common.dates import in_words, london_day
from common.text import text_problem, tidy
from kpis.appending import SAME_WITHIN, Conflict, append, latest_of, number_of
from people.models import User
from strategies.models import Area

NEEDS_LATER = (Fate.CARRIED_ON, Fate.NOT_THE_SAME)
NEEDS_REASON = (Fate.DROPPED,)
SAME = (
    "earlier_objective_id", "earlier_action_id", "later_objective_id", "later_action_id", "fate", "reason", "decided_by",
    "decided_on",
)  # fmt: skip
TRIES = 5


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided of a promise; `later` only where a later record carries it on, or is not the same."""

    fate: str
    later: Promise | None = None
    reason: str = ""
    decided_by: str = ""
    decided_on: date | None = None


def decide(area: Area, promise: Promise, decided: Decided, *, by: User, at: datetime, seen_number: int) -> Succession:
    """Write what became of a promise, or raise `ValidationError` by field, or `Conflict` with the row that came in between."""
    _refuse_incomplete(decided, on=london_day(at))
    row = _row(area, promise, decided, by=by, at=at)
    for _ in range(TRIES):
        last = number_of(latest_of(Succession.objects.filter(area=area)))
        about = latest_of(Succession.objects.filter(_about(promise), area=area))
        if _is_sent_twice(about, row, by, at):
            return about
        if number_of(about) != seen_number:
            raise Conflict(about)
        try:
            return append(row, Succession.objects.filter(area=area), by=by, at=at, seen_number=last, same=SAME)
        except Conflict:
            continue  # somebody decided of another promise, or of this one: the next turn says which
    raise Conflict(about)


def _about(promise: Promise) -> Q:
    field = "earlier_objective" if promise.kind == "objectives" else "earlier_action"
    return Q(**{f"{field}__in": promise.ids})


def _is_sent_twice(latest: Succession | None, row: Succession, by: User, at: datetime) -> bool:
    if latest is None or latest.recorded_by_id != by.pk:
        return False
    is_just_now = timedelta(0) <= at - latest.recorded_at <= SAME_WITHIN
    return is_just_now and all(getattr(latest, name) == getattr(row, name) for name in SAME)


def _row(area: Area, promise: Promise, decided: Decided, *, by: User, at: datetime) -> Succession:
    later = decided.later if decided.fate in NEEDS_LATER else None
    return Succession(
        area=area,
        fate=decided.fate,
        reason=tidy(decided.reason),
        decided_by=decided.decided_by.strip() or str(by),
        decided_on=decided.decided_on or london_day(at),
        is_illustrative=promise.is_illustrative or bool(later and later.is_illustrative),
        **_side("earlier", promise),
        **(_side("later", later) if later else {}),
    )


def _side(name: str, promise: Promise) -> dict[str, int]:
    return {f"{name}_{'objective' if promise.kind == 'objectives' else 'action'}_id": promise.id}


def _refuse_incomplete(decided: Decided, *, on: date) -> None:
    messages = {}
    if decided.fate not in Fate.values:
        raise ValidationError({"fate": "Choose what became of it."})
    if decided.fate in NEEDS_LATER and decided.later is None:
        messages["later"] = "Choose the objective or action of the later plan."
    if decided.fate in NEEDS_REASON and not decided.reason.strip():
        messages["reason"] = "Say why it was dropped."
    for name, label, limit in (("reason", "Why", 2_000), ("decided_by", "Who decided", 160)):
        problem = text_problem(tidy(getattr(decided, name)), name=label, limit=limit)
        if problem:
            messages[name] = problem
    if decided.decided_on and decided.decided_on > on:
        messages["decided_on"] = f"Decided on: {in_words(decided.decided_on)} has not come yet."
    if messages:
        raise ValidationError(messages)
