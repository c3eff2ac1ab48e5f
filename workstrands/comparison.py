"""What changed between two moments: actions added, retired, completed, worse, better, first reported, dates moved.

Worse and better are said of the assessed status, on the scale off track, at risk, not started, on track, complete,
complete and embedded. From silence to a first report is neither, and so is going on hold, being stopped, or coming back
from there. Reaching complete is said as that, not as better. A date that is agreed for the first time has not moved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db import models

from common.dates import in_words
from common.words import plural
from workstrands.flags import SCALE
from workstrands.status import SHOWN_WORDS, SILENT, Status

COMPLETE_PLACE = SCALE[Status.COMPLETE.value]


class ChangeKind(models.TextChoices):
    ADDED = "added", "Added"
    RETIRED = "retired", "Retired"
    WORSE = "worse", "Worse"
    BETTER = "better", "Better"
    COMPLETED = "completed", "Completed"
    FIRST_REPORT = "first_report", "First report"
    ON_HOLD = "on_hold", "Put on hold"
    STOPPED = "stopped", "Stopped"
    RESUMED = "resumed", "Resumed"
    DATE_MOVED = "date_moved", "Date moved"
    DATE_AGREED = "date_agreed", "Date agreed"
    OVERDUE = "overdue", "Newly overdue"


class Stood(Protocol):
    """What a comparison needs of an action at one moment; anything with these will do."""

    key: Any
    assessed: str
    reported: str | None
    due_on: date | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """An action at one moment, where nothing richer is at hand."""

    key: Any
    assessed: str
    reported: str | None = None
    due_on: date | None = None
    is_overdue: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed of one action. `then` is none for an added action, `now` for a retired one.

    `why` is the reason that was given for a date that moved, where whoever compares has read it.
    """

    kind: ChangeKind
    then: Stood | None
    now: Stood | None
    why: str = ""

    @property
    def action(self) -> Stood:
        """The action as it is now, or as it last stood."""
        return self.now or self.then

    @property
    def key(self) -> Any:
        return self.action.key

    @property
    def days(self) -> int:
        """How far an agreed date moved: later is more than nought."""
        return (self.now.due_on - self.then.due_on).days if self.kind == ChangeKind.DATE_MOVED else 0

    @property
    def sentence(self) -> str:
        """The change in words and dates."""
        if self.kind in (ChangeKind.ADDED, ChangeKind.RETIRED):
            return f"{self.kind.label}."
        if self.kind == ChangeKind.DATE_AGREED:
            return f"Due {in_words(self.now.due_on)}; no date was agreed before."
        if self.kind == ChangeKind.DATE_MOVED:
            moved = f"{plural(abs(self.days), 'day')} {'later' if self.days > 0 else 'earlier'}"
            because = f" {self.why.rstrip('.')}." if self.why else ""
            return f"Due {in_words(self.now.due_on)}, was {in_words(self.then.due_on)}: {moved}.{because}"
        if self.kind == ChangeKind.OVERDUE:
            return f"Due {in_words(self.now.due_on)}, and not done."
        return f"{SHOWN_WORDS[self.now.assessed]}, was {SHOWN_WORDS[self.then.assessed]}."


def changes_between(then: Iterable[Stood], now: Iterable[Stood]) -> list[Change]:
    """Every change, in the order of the actions now, then those that are no longer here."""
    before = {stood.key: stood for stood in then}
    found = [change for stood in now for change in changes_of(before.pop(stood.key, None), stood)]
    return found + [Change(ChangeKind.RETIRED, stood, None) for stood in before.values()]


def changes_of(then: Stood | None, now: Stood | None) -> list[Change]:
    """What changed of one action: at most its status, its completion, its date, and whether that has passed."""
    if then is None or now is None:
        kind = ChangeKind.ADDED if now else ChangeKind.RETIRED
        return [Change(kind, then, now)] if then or now else []
    newly_overdue = [ChangeKind.OVERDUE] if now.is_overdue and not then.is_overdue else []
    kinds = [*status_changes(then.assessed, now.assessed), *_date_changes(then, now), *newly_overdue]
    return [Change(kind, then, now) for kind in kinds]


def status_changes(then: str, now: str) -> list[ChangeKind]:
    """What going from one shown letter to another is called. A first report may say complete: then both are said."""
    if then == now:
        return []
    completed = [ChangeKind.COMPLETED] if _is_completion(then, now) else []
    if then == SILENT:
        return [ChangeKind.FIRST_REPORT, *completed]
    if now in (Status.ON_HOLD, Status.STOPPED):
        return [ChangeKind.ON_HOLD if now == Status.ON_HOLD else ChangeKind.STOPPED]
    if completed:
        return completed
    if then not in SCALE:
        return [ChangeKind.RESUMED]
    if now not in SCALE:
        return []
    return [ChangeKind.BETTER if SCALE[now] > SCALE[then] else ChangeKind.WORSE]


def _is_completion(then: str, now: str) -> bool:
    return SCALE.get(now, -1) >= COMPLETE_PLACE > SCALE.get(then, -1)


def _date_changes(then: Stood, now: Stood) -> list[ChangeKind]:
    if now.due_on is None or now.due_on == then.due_on:
        return []
    return [ChangeKind.DATE_MOVED if then.due_on else ChangeKind.DATE_AGREED]
