"""What the rules are told of an action and of the Board's calendar: plain values, as at one day."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ActionFacts:
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
    escalate_to: str = ""
    ask: str = ""
    has_evidence: bool = False
    evidence_kinds: frozenset[str] = frozenset()
    impact: str = ""
    is_impact_confirmed: bool = False
    effect_expected_from: date | None = None
    kpi_ratings: tuple = ()


@dataclass(frozen=True, slots=True)
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
        return sum(1 for _, closed_on in self.rounds if closed_on and day < closed_on <= on)
