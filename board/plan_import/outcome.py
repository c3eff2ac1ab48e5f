"""What bringing a file in would do, as one object: the rehearsal tells it, the confirmation writes it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from board.plan_import.drafts import Draft, Problem, Said
from board.plan_import.lines import shortened
from kpis.models import Kpi
from people.models import Lead, Partner
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.models import Action, Objective, WorkStrand
from workstrands.status import Status

# What is counted, as one and as many; in the order in which it is told.
KINDS = {
    "priority": ("priority", "priorities"), "strand": ("work strand", "work strands"), "objective": ("objective", "objectives"),
    "measure": ("measure of success", "measures of success"), "action": ("action", "actions"), "deadline": ("due date", "due dates"),
    "milestone": ("milestone", "milestones"), "update": ("report", "reports"),
    "evidence": ("piece of evidence", "pieces of evidence"), "lead": ("lead", "leads"), "partner": ("body", "bodies"),
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """The plan that the file goes into: one that exists, or a new one."""

    strategy: Strategy | None
    title: str
    kind: str
    starts_on: date
    ends_on: date

    @classmethod
    def existing(cls, strategy: Strategy) -> "Target":
        return cls(strategy, strategy.title, strategy.kind, strategy.starts_on, strategy.ends_on)


@dataclass(frozen=True)
class Wishes:
    """What the officer chose: for words that nobody fits, for statuses, and whether reports come in too."""

    people: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    joint: dict[str, str] = field(default_factory=dict)  # wordings with separators: several leads, or one
    with_updates: bool = False
    is_same_file: bool = False  # brought in before: what was changed since by hand stays


@dataclass
class Person:
    """A lead as the file names it: one who exists, or one who is made once for all rows that name them."""

    key: str
    text: str
    lead: Lead | None = None
    email: str = ""
    is_new: bool = False
    place: str = ""


@dataclass
class Body:
    key: str
    text: str
    partner: Partner | None = None
    is_new: bool = False
    place: str = ""
    sector: str = Partner.Sector.OTHER.value


@dataclass
class Holder:
    """A priority, strand or objective, as it stands or as it would be made."""

    kind: str
    ref: str
    text: str
    said: Said | None
    record: Priority | WorkStrand | Objective | None = None
    is_ref_ours: bool = False
    is_title_ours: bool = False
    priority: "Holder | None" = None
    strand: "Holder | None" = None


@dataclass
class Due:
    day: date
    as_written: str
    applies_to: str
    is_likely: bool
    place: str
    note: str = ""


@dataclass
class Step:
    text: Said
    due_on: date | None


@dataclass
class Intended:
    """One action: `record` where it exists. What is none or empty stays as it stands."""

    draft: Draft
    record: Action | None = None
    ref: str = ""
    is_ref_ours: bool = False
    document_refs: list[str] = field(default_factory=list)
    objective: Holder | None = None
    priority: Holder | None = None
    strand: Holder | None = None
    leads: list[Person] = field(default_factory=list)
    is_joint: bool = False
    partner: Body | None = None
    dues: list[Due] = field(default_factory=list)
    how_often: Said | None = None  # words in place of a due date: ongoing, termly
    starts_on: date | None = None
    impact: str = ""
    kpis: list[Kpi] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    status: Status | None = None
    status_place: str = ""
    status_colour: str = ""  # of the cell that it is read from, where that holds no text
    narrative: str = ""
    evidence: list[str] = field(default_factory=list)
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    left_because: str = ""
    reported_before: str = ""

    @property
    def is_new(self) -> bool:
        return self.record is None

    @property
    def reports(self) -> bool:
        return self.status is not None and not self.left_because


@dataclass
class Measure:
    ref: str
    said: Said
    priority: Holder
    text: str


@dataclass
class Outcome:
    """Everything that would be done, in the order in which it is written."""

    target: Target
    holders: list[Holder] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    actions: list[Intended] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    questions: list = field(default_factory=list)

    def not_understood(self, intended: Intended, said: Said, column: str, reason: str, to_do: str) -> None:
        draft = intended.draft
        self.problems.append(Problem(draft.sheet, said.place, column, shortened(said.text), reason, to_do, draft.row))

    @property
    def added(self) -> Counter:
        counts = Counter(holder.kind for holder in self.holders if holder.record is None)
        counts["measure"] += len(self.measures)
        counts["action"] += sum(1 for each in self.actions if each.is_new)
        counts["deadline"] += sum(len(each.dues) for each in self.actions if each.is_new)
        counts["milestone"] += sum(len(each.steps) for each in self.actions)
        counts["update"] += sum(1 for each in self.actions if each.reports)
        counts["evidence"] += sum(len(each.evidence) for each in self.actions if each.reports)
        counts["lead"] += sum(1 for person in self.people.values() if person.is_new)
        counts["partner"] += sum(1 for body in self.bodies.values() if body.is_new)
        return +counts

    @property
    def changed(self) -> list[Intended]:
        return [each for each in self.actions if each.changes]

    @property
    def left(self) -> list[Intended]:
        return [
            each
            for each in self.actions
            if not each.is_new and not each.changes and not each.reports and not each.steps
        ]

    @property
    def writes(self) -> int:
        return sum(self.added.values()) + len(self.changed)
