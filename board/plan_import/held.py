"""What a plan holds already, read once, by the words and references that a file may name it with."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import cached_property

from django.db.models import OuterRef, Subquery

from board.plan_import.drafts import Draft
from board.plan_import.grids import normal
from board.plan_import.refs import Refs
from priorities.models import Priority, SuccessMeasure
from strategies.models import Strategy
from workstrands.models import Action, Deadline, Objective, Placement, ProgressUpdate, WorkStrand
from workstrands.status import DeadlineState


class Held:
    """What a plan holds already: seven queries, whatever its size. None of a new plan."""

    def __init__(self, strategy: Strategy | None, at: datetime):
        self.refs: dict[str, Refs] = defaultdict(Refs)
        self.by_text: dict[str, list[Action]] = defaultdict(list)
        self.by_ref: dict[str, Action] = {}
        self.leads: dict[int, int | None] = {}
        self.updates: dict[int, ProgressUpdate] = {}
        self.measure_refs: dict[int, Refs] = {}
        self.taken: set[int] = set()
        self.priorities: list[Priority] = []
        self.strands: list[WorkStrand] = []
        self.objectives: list[Objective] = []
        self.measures: dict[int, list[SuccessMeasure]] = defaultdict(list)
        self.steps: dict[int, set[str]] = defaultdict(set)
        self.names: dict[int | None, str | None] = {}
        if strategy is not None:
            self.read(strategy, at)

    def read(self, strategy: Strategy, at: datetime) -> None:
        self.priorities = list(Priority.objects.filter(strategy=strategy))
        self.strands = list(WorkStrand.objects.filter(strategy=strategy))
        self.objectives = list(Objective.objects.filter(strategy=strategy))
        for kind, records in (("priority", self.priorities), ("objective", self.objectives)):
            self.refs[kind] = Refs(record.ref.casefold() for record in records)
        for measure in SuccessMeasure.objects.filter(priority__strategy=strategy):
            self.measures[measure.priority_id].append(measure)
        for action in self.actions_of(strategy, at):
            self.know(action)
        self.updates = {update.action_id: update for update in latest_updates(strategy)}

    def actions_of(self, strategy: Strategy, at: datetime):
        """Also those that are retired, or of a plan that has not begun; each with its last lead and last agreed day."""
        of_action = {"action": OuterRef("pk"), "recorded_at__lte": at}
        placed = Placement.objects.filter(**of_action).order_by("-number")
        agreed = Deadline.objects.filter(**of_action, state=DeadlineState.AGREED).order_by("-number")
        return (
            Action.objects.filter(strategy=strategy)
            .annotate(
                standing_lead=Subquery(placed.values("lead")[:1]),
                standing_lead_name=Subquery(placed.values("lead__name")[:1]),
                standing_due_on=Subquery(agreed.values("due_on")[:1]),
            )
            .prefetch_related("milestones")
            .order_by("position", "pk")
        )

    def know(self, action: Action) -> None:
        self.refs["action"].add(action.ref.casefold())
        if not action.is_ref_ours:
            self.by_ref[action.ref.casefold()] = action
        for words in {normal(action.title), normal(action.source_text)} - {""}:
            self.by_text[words].append(action)
        self.leads[action.pk] = action.standing_lead
        self.names[action.standing_lead] = action.standing_lead_name
        self.steps[action.pk] = {normal(step.text)[:200] for step in action.milestones.all()}

    def name_of(self, lead: int | None) -> str:
        return self.names.get(lead) or ""

    def take(self, draft: Draft, ref: str) -> Action | None:
        """The action that a draft means, each but once: of the same words first those with the same reference."""
        words = normal(draft.action.text)
        same = [action for action in self.by_text.get(words, []) if action.pk not in self.taken]
        same.sort(key=lambda action: action.ref.casefold() != ref.casefold())
        by_ref = self.by_ref.get(ref.casefold()) if ref else None
        found = same[0] if same else by_ref if by_ref and by_ref.pk not in self.taken else None
        if found:
            self.taken.add(found.pk)
        return found

    def holder(self, kind: str, ref: str, text: str, whole: str, priority, strand):
        """By its words here, or as they were found; one in use before one that is retired."""
        above = (priority and priority.pk, strand and strand.pk) if kind == "objective" else ()
        called = self.holders_called[kind]
        found = {
            place: each for words in {normal(text), normal(whole)} for place, each in called.get((words, *above), [])
        }
        return found[min(found)] if found else None

    @cached_property
    def holders_called(self) -> dict[str, dict[tuple, list[tuple]]]:
        """Each by its words and what it hangs on, with its place: looked up, since a file may name thousands."""
        of_kinds = {
            "priority": (self.priorities, lambda each: each.title, lambda each: ()),
            "strand": (self.strands, lambda each: each.name, lambda each: ()),
            "objective": (self.objectives, lambda each: each.text, lambda each: (each.priority_id, each.workstrand_id)),
        }
        return {kind: _by_words(*how) for kind, how in of_kinds.items()}

    def steps_of(self, action: Action | None) -> set[str]:
        return self.steps[action.pk] if action else set()

    def measures_of(self, priority: Priority | None) -> set[str]:
        return {normal(measure.text) for measure in self.measures.get(priority.pk, [])} if priority else set()

    def measure_refs_of(self, holder) -> Refs:
        """Of a priority of the file, with those of its record."""
        if id(holder) not in self.measure_refs:
            there = self.measures.get(holder.record.pk, []) if holder.record else []
            self.measure_refs[id(holder)] = Refs(measure.ref.casefold() for measure in there)
        return self.measure_refs[id(holder)]


def latest_updates(strategy: Strategy):
    """The last report of each action."""
    last = ProgressUpdate.objects.filter(action=OuterRef("action")).order_by("-number")
    return ProgressUpdate.objects.filter(action__strategy=strategy, pk=Subquery(last.values("pk")[:1]))


def _by_words(records: list, shown: Callable, above: Callable) -> dict[tuple, list[tuple]]:
    found: dict[tuple, list[tuple]] = defaultdict(list)
    for place, each in enumerate(sorted(records, key=lambda record: record.retired_at is not None)):
        for words in {normal(shown(each)), normal(each.source_text)} - {""}:
            found[words, *above(each)].append((place, each))
    return found
