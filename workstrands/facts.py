"""What the rules are told of an action and of the Board's calendar: plain values, as at one day."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple


class FigureFact(NamedTuple):
    """A figure of a KPI: exact, final, of a known period. `shown` is the figure in words."""

    period_start: date
    period_end: date
    period: str
    value: float
    shown: str


class KpiFacts(NamedTuple):
    """A KPI that an action should move. `trouble` says how it is behind or in concern; empty where it is neither.

    `gain_sign` is 1 where higher is better, -1 where lower is, 0 where neither is.
    """

    title: str
    code: str
    trouble: str
    gain_sign: int
    figures: tuple[FigureFact, ...] = ()

    def before_and_after(self, completed_on: date, effect_from: date) -> tuple[FigureFact, FigureFact] | None:
        """The last figure of a period that had ended by completion, and the latest of one that began after it and the
        day from which an effect was expected."""
        before = [figure for figure in self.figures if figure.period_end <= completed_on]
        after = [f for f in self.figures if f.period_start > completed_on and f.period_start >= effect_from]
        return (before[-1], after[-1]) if before and after and self.gain_sign else None

    def is_no_better(self, before: FigureFact, after: FigureFact) -> bool:
        return (after.value - before.value) * self.gain_sign <= 0


class ActionFacts(NamedTuple):
    """An action as it stood at the end of a day.

    `due_on` is the latest agreed date and `first_due_on` the first; `slips` counts how often a later agreed date
    replaced an earlier one. `status` is the letter reported, or none, and `said_on` the day it was last said.
    `completed_on` is the day of the first of the unbroken run of complete reports that lasts to now.
    """

    starts_on: date
    due_on: date | None = None
    first_due_on: date | None = None
    slips: int = 0
    is_critical: bool = False
    has_lead: bool = True
    lead_left_on: date | None = None
    partner: str = ""
    status: str | None = None
    said_on: date | None = None
    completed_on: date | None = None
    look_again_on: date | None = None
    escalate_to: str = ""
    ask: str = ""
    has_evidence: bool = False
    evidence_kinds: frozenset[str] = frozenset()
    impact: str = ""
    is_impact_confirmed: bool = False
    effect_expected_from: date | None = None
    kpis: tuple[KpiFacts, ...] = ()


@dataclass(frozen=True)
class Calendar:
    """The Board's reporting rounds, in order: the day each was opened, and the day it was closed or none.

    A round that opens or closes after the day asked about is not yet known on that day. Where none is known, the rules
    count days instead.
    """

    rounds: tuple[tuple[date, date | None], ...] = ()

    def current(self, on: date) -> date | None:
        """The day the open round was opened, or else the last closed one; none before the first round."""
        for opened_on, _ in reversed(self.rounds):
            if opened_on <= on:
                return opened_on
        return None

    def closed_after(self, day: date, on: date) -> int:
        """How many rounds were closed after `day`, up to and with `on`."""
        return max(0, bisect_right(self._closed, on) - bisect_right(self._closed, day))

    @cached_property
    def _closed(self) -> list[date]:
        """The days of closing in order: asked for every overdue action of a plan."""
        return sorted(closed_on for _, closed_on in self.rounds if closed_on)
