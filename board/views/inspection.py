"""What inspectors found, and what of the area's plans answers each finding."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch
from django.views.generic import TemplateView

from common.dates import in_words
from common.words import count_words, plural
from kpis.models import Kpi
from people.roles import may_edit
from people.scoping import InAreaMixin
from priorities.models import Finding, Inspection
from strategies.models import Strategy
from workstrands.answering import made_up_links
from workstrands.models import Action, Objective
from workstrands.standing import Standing, standings
from workstrands.status import SHOWN_WORDS

KINDS = [Finding.Kind.AREA_FOR_IMPROVEMENT, Finding.Kind.NEEDS_TO_DO_BETTER, Finding.Kind.STRENGTH]
HEADINGS = {
    Finding.Kind.AREA_FOR_IMPROVEMENT: "Areas for improvement",
    Finding.Kind.NEEDS_TO_DO_BETTER: "What the area needs to do better",
    Finding.Kind.STRENGTH: "What the area does well",
}


@dataclass
class AnsweringAction:
    """An action as it stands, and the title of its plan."""

    standing: Standing
    plan: str

    @property
    def reported_word(self) -> str:
        return SHOWN_WORDS[self.standing.shown_reported]


@dataclass(frozen=True)
class MadeUp:
    """What an illustrative sign-in linked to a finding: the ids of objectives and of actions."""

    objectives: frozenset[int] = frozenset()
    actions: frozenset[int] = frozenset()


@dataclass
class Answered:
    """A finding, its parts, and what answers it."""

    finding: Finding
    objectives: list[Objective] = field(default_factory=list)
    actions: list[AnsweringAction] = field(default_factory=list)
    kpis: list[Kpi] = field(default_factory=list)
    parts: list["Answered"] = field(default_factory=list)
    made_up: "MadeUp" = field(default_factory=lambda: MadeUp())

    @property
    def is_answered_itself(self) -> bool:
        return bool(self.objectives or self.actions or self.kpis)

    @property
    def is_answered(self) -> bool:
        """A finding in parts is answered when it is answered as a whole, or when each of its parts is."""
        return self.is_answered_itself or (bool(self.parts) and all(part.is_answered for part in self.parts))

    @property
    def asks(self) -> bool:
        return self.finding.kind != Finding.Kind.STRENGTH

    @property
    def inspected_to(self) -> str:
        """The day by which its inspection is addressed: 2024-09-27."""
        return self.finding.inspection.inspected_to.isoformat()


@dataclass
class Group:
    kind: str
    heading: str
    findings: list[Answered]

    @property
    def asks(self) -> bool:
        return self.kind != Finding.Kind.STRENGTH


@dataclass
class InspectionShown:
    inspection: Inspection
    days: str
    next_due: str
    groups: list[Group]

    @property
    def asking(self) -> list[Answered]:
        return [answered for group in self.groups if group.asks for answered in group.findings]

    @property
    def unanswered(self) -> int:
        return sum(not answered.is_answered for answered in self.asking)

    @property
    def sentence(self) -> str:
        """Ten findings ask for something; nothing answers three of them as yet."""
        total, without = len(self.asking), self.unanswered
        if not total:
            return ""
        asks = f"{count_words(total, 'finding')} ask{'s' if total == 1 else ''} for something".capitalize()
        if not without:
            return f"{asks}; each is answered by an objective, an action or a KPI."
        every = "it" if total == 1 else "any of them" if without == total else f"{without:,} of them"
        return f"{asks}; nothing in the plans is linked to {every} as yet."


def days_of(inspection: Inspection) -> str:
    """23 to 27 September 2024, with what need not be said twice left out."""
    first, last = inspection.inspected_from, inspection.inspected_to
    if first == last:
        return in_words(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {in_words(last)}"
    return f"{in_words(first)} to {in_words(last)}"


def next_due_in_words(due_by: date | None, on: date) -> str:
    """The next inspection is due by 30 September 2027, in 308 days."""
    if due_by is None:
        return ""
    days = (due_by - on).days
    when = in_words(due_by)
    if days == 0:
        return f"The next inspection is due by {when}, which is this day."
    if days < 0:
        return f"The next inspection was due by {when}, {plural(-days, 'day')} before this view."
    return f"The next inspection is due by {when}, in {plural(days, 'day')}."


class InspectionView(InAreaMixin, TemplateView):
    template_name = "board/inspection.html"
    nav = "inspection"

    def get_context_data(self, **kwargs):
        inspections = self.inspections()
        acting, made_up = self.acting(), self.made_up()
        newest = next((one for one in inspections if not one.is_second_hand), None) or next(iter(inspections), None)
        return super().get_context_data(
            inspections=[
                InspectionShown(
                    one,
                    days_of(one),
                    next_due_in_words(one.next_due_by, self.when.day) if one is newest else "",
                    groups_of(one, acting, made_up),
                )
                for one in inspections
            ],
            may_edit=may_edit(self.membership) and not self.when.as_at,
            **{**kwargs, "area": self.area},
        )

    def inspections(self) -> list[Inspection]:
        """With their findings, and the objectives and KPIs that answer them; five queries."""
        published = Objective.objects.filter(strategy__state=Strategy.State.PUBLISHED, strategy__area=self.area)
        findings = Finding.objects.order_by("position", "pk").prefetch_related(
            Prefetch("objectives", published.select_related("strategy")),
            Prefetch("kpis", Kpi.objects.filter(area=self.area).select_related("indicator")),
        )
        return list(
            Inspection.objects.filter(area=self.area, inspected_to__lte=self.when.day)
            .select_related("source")
            .prefetch_related(Prefetch("findings", findings))
        )

    def made_up(self) -> dict[int, MadeUp]:
        """By finding; two queries."""
        objectives, actions = defaultdict(set), defaultdict(set)
        for found, model in ((objectives, Objective), (actions, Action)):
            for finding, record in made_up_links(self.area, model):
                found[finding].add(record)
        return {
            finding: MadeUp(frozenset(objectives[finding]), frozenset(actions[finding]))
            for finding in {*objectives, *actions}
        }

    def acting(self) -> dict[int, list[AnsweringAction]]:
        """The actions that answer each finding, as they stood; queries grow with plans, not with actions."""
        links = Action.findings.through.objects.filter(
            finding__inspection__area=self.area, action__strategy__state=Strategy.State.PUBLISHED
        )
        pairs = list(links.values_list("finding_id", "action_id", "action__strategy_id"))
        plans = Strategy.objects.filter(pk__in={plan for _, _, plan in pairs}, area=self.area).select_related("area")
        answering = Action.objects.filter(findings__isnull=False).distinct()
        standing = {
            one.id: AnsweringAction(one, plan.title)
            for plan in plans
            for one in standings(plan, self.when.moment, actions=answering.filter(strategy=plan))
        }
        found = defaultdict(list)
        for finding, action, _ in pairs:
            if action in standing:
                found[finding].append(standing[action])
        return found


def groups_of(
    inspection: Inspection, acting: dict[int, list[AnsweringAction]], made_up: dict[int, MadeUp]
) -> list[Group]:
    """What asks for something first; a part stands under the finding that it belongs to."""
    answered = {
        finding.pk: Answered(
            finding,
            list(finding.objectives.all()),
            acting.get(finding.pk, []),
            list(finding.kpis.all()),
            made_up=made_up.get(finding.pk, MadeUp()),
        )
        for finding in inspection.findings.all()
    }
    tops = []
    for one in answered.values():
        whole = answered.get(one.finding.parent_id)
        (whole.parts if whole else tops).append(one)
    groups = [Group(kind, HEADINGS[kind], [one for one in tops if one.finding.kind == kind]) for kind in KINDS]
    return [group for group in groups if group.findings]
