"""What a plan holds already, read once, by the words and references that a file may name it with."""

from collections import defaultdict
from datetime import datetime

from board.plan_import.entries import Draft
from board.plan_import.grids import normal
from people.models import Lead
from priorities.models import Priority, SuccessMeasure
from strategies.models import Strategy
from workstrands.models import Action, Objective, ProgressUpdate, WorkStrand
from workstrands.planning import with_needs


class Held:
    """What a plan holds already: seven queries, whatever its size. None of a new plan."""

    def __init__(self, strategy: Strategy | None, at: datetime):
        self.refs: dict[str, set[str]] = defaultdict(set)
        self.by_text: dict[str, list[Action]] = defaultdict(list)
        self.by_ref: dict[str, Action] = {}
        self.leads: dict[int, int | None] = {}
        self.updates: dict[int, ProgressUpdate] = {}
        self.measure_refs: dict[int, set[str]] = defaultdict(set)
        self.taken: set[int] = set()
        self.priorities: list[Priority] = []
        self.strands: list[WorkStrand] = []
        self.objectives: list[Objective] = []
        self.measures: dict[int, list[SuccessMeasure]] = defaultdict(list)
        self.steps: dict[int, set[str]] = defaultdict(set)
        self.names: dict[int, str] = {}
        if strategy is not None:
            self.read(strategy, at)

    def read(self, strategy: Strategy, at: datetime) -> None:
        self.priorities = list(Priority.objects.filter(strategy=strategy))
        self.strands = list(WorkStrand.objects.filter(strategy=strategy))
        self.objectives = list(Objective.objects.filter(strategy=strategy))
        for kind, records in (("priority", self.priorities), ("objective", self.objectives)):
            self.refs[kind] = {record.ref.casefold() for record in records}
        for measure in SuccessMeasure.objects.filter(priority__strategy=strategy):
            self.measures[measure.priority_id].append(measure)
        actions = Action.objects.filter(strategy=strategy)
        standing = {action.pk: action for action in with_needs(actions, at)}
        for action in actions.prefetch_related("milestones").order_by("position", "pk"):
            self.know(standing.get(action.pk, action), action)
        self.names = dict(Lead.objects.filter(pk__in=filter(None, self.leads.values())).values_list("pk", "name"))
        for update in ProgressUpdate.objects.filter(action__strategy=strategy).order_by("action", "number"):
            self.updates[update.action_id] = update

    def know(self, action: Action, plain: Action) -> None:
        if not hasattr(action, "standing_lead"):  # retired, or of a plan that has not begun
            placed = plain.placements.order_by("-number").first()
            dated = plain.deadlines.filter(state="agreed").order_by("-number").first()
            action.standing_lead, action.standing_due_on = placed and placed.lead_id, dated and dated.due_on
        self.refs["action"].add(action.ref.casefold())
        if not action.is_ref_ours:
            self.by_ref[action.ref.casefold()] = action
        for words in {normal(action.title), normal(action.source_text)} - {""}:
            self.by_text[words].append(action)
        self.leads[action.pk] = action.standing_lead
        self.steps[action.pk] = {normal(step.text)[:200] for step in plain.milestones.all()}

    def name_of(self, lead: int | None) -> str:
        return self.names.get(lead, "")

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
        among = {"priority": self.priorities, "strand": self.strands, "objective": self.objectives}[kind]
        if kind == "objective":
            among = [each for each in among if _hangs(each, priority, strand)]
        wanted = {normal(text), normal(whole)}
        for each in sorted(among, key=lambda record: record.retired_at is not None):
            shown = each.title if kind == "priority" else each.name if kind == "strand" else each.text
            if wanted & ({normal(shown), normal(each.source_text)} - {""}):
                return each
        return None

    def steps_of(self, action: Action | None) -> set[str]:
        return self.steps[action.pk] if action else set()

    def measures_of(self, priority: Priority | None) -> set[str]:
        return {normal(measure.text) for measure in self.measures.get(priority.pk, [])} if priority else set()

    def measure_refs_of(self, priority: Priority | None) -> set[str]:
        return {measure.ref.casefold() for measure in self.measures.get(priority.pk, [])} if priority else set()


def _hangs(objective: Objective, priority, strand) -> bool:
    return objective.priority_id == (priority and priority.pk) and objective.workstrand_id == (strand and strand.pk)
