"""What can be ticked on a page that links records: its words, its plan, and whether it is linked already."""

from dataclasses import dataclass

from kpis.models import Kpi
from strategies.models import Strategy
from workstrands.models import Action, Objective

Record = Objective | Action | Kpi


@dataclass(frozen=True, slots=True)
class Option:
    """A record that is linked, or could be. `address` names it in forms: `action:a-1`."""

    address: str
    record: Record
    ref: str
    text: str
    plan: Strategy | None  # none for a KPI
    is_linked: bool

    @property
    def is_action(self) -> bool:
        return isinstance(self.record, Action)

    @property
    def kind(self) -> str:
        return "KPI" if self.plan is None else "Action" if self.is_action else "Objective"

    def matches(self, words: str) -> bool:
        """Whether every one of the words stands in its reference or its text."""
        text = f"{self.ref} {self.text}".lower()
        return all(word in text for word in words.lower().split())


def of_objective(one: Objective) -> Option:
    return Option(f"objective:{one.strategy.slug}/{one.key}", one, one.ref, one.text, one.strategy, one.is_linked)


def of_action(one: Action) -> Option:
    return Option(f"action:{one.key}", one, one.ref, one.title, one.strategy, one.is_linked)


def of_kpi(one: Kpi) -> Option:
    return Option(f"kpi:{one.indicator.code}", one, "", one.indicator.title, None, one.is_linked)
