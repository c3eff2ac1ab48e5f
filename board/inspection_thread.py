"""From what inspectors found to the evidence: what answers each finding, and how old that will be when they come back.

A finding is answered by the objectives, actions and KPIs that are linked to it; a finding in parts when it is answered as a
whole, or when each of its parts is. The evidence of a finding is that of the actions linked to it, and of those that hung
below an objective linked to it: such a piece says through which objective it came. Evidence is of the day that stands on it,
or else of the day on which it was reported; what a plan's file brought in without a day is of no known age. It is old once it
is older than twelve months. What is withheld is no evidence from then on.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch

from common.dates import in_words, months_before
from common.words import count_words, noun_for, number, plural, sentence_case
from kpis.figure import KpiFigure
from kpis.models import Kpi
from kpis.reading import kpi_figures
from priorities.models import Finding, Inspection
from strategies.models import Area, Strategy
from workstrands.answering import made_up_links
from workstrands.backing import counted_by, stated_day
from workstrands.models import Action, Evidence, Objective, Placement
from workstrands.standing import Standing, standings
from workstrands.status import SHOWN_WORDS, EvidenceKind

MONTHS_UNTIL_OLD = 12
KINDS = [Finding.Kind.AREA_FOR_IMPROVEMENT, Finding.Kind.NEEDS_TO_DO_BETTER, Finding.Kind.STRENGTH]
HEADINGS = {
    Finding.Kind.AREA_FOR_IMPROVEMENT: "Areas for improvement",
    Finding.Kind.NEEDS_TO_DO_BETTER: "What the area needs to do better",
    Finding.Kind.STRENGTH: "What the area does well",
}


# Rules


def next_due_in_words(due_by: date | None, on: date) -> str:
    """The next inspection is due by 30 September 2027, in 308 days."""
    if due_by is None:
        return "The records held here do not say by when the next inspection is due."
    days = (due_by - on).days
    when = in_words(due_by)
    if days == 0:
        return f"The next inspection is due by {when}, which is this day."
    if days < 0:
        return f"The next inspection was due by {when}, {plural(-days, 'day')} before this view."
    return f"The next inspection is due by {when}, in {plural(days, 'day')}."


def months_between(earlier: date, later: date) -> int:
    """Whole months."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months - 1 if months_before(later, months) < earlier else months


def age_in_words(dated_on: date, on: date) -> str:
    """12 days; 8 months; 14 months; 2 years 3 months. None yet where its day is still to come."""
    if dated_on > on:
        return "0 days"
    months = months_between(dated_on, on)
    if months < 1:
        return plural((on - dated_on).days, "day")
    if months < 24:
        return plural(months, "month")
    years = plural(months // 12, "year")
    return f"{years} {plural(months % 12, 'month')}" if months % 12 else years


def is_old(dated_on: date, on: date) -> bool:
    """Older than twelve months: a year to the day is not."""
    return dated_on < months_before(on, MONTHS_UNTIL_OLD)


@dataclass(frozen=True, slots=True)
class Clock:
    """By when the next inspection is due, as the records state it, seen from a day."""

    due_by: date | None
    on: date

    @property
    def sentence(self) -> str:
        return next_due_in_words(self.due_by, self.on)

    @property
    def is_ahead(self) -> bool:
        return self.due_by is not None and self.due_by > self.on

    @property
    def counts_on(self) -> date:
        """The day on which evidence must not be old: that of the next inspection, where it is known and still to come."""
        return self.due_by if self.is_ahead else self.on


# What is shown


class AnsweringAction(NamedTuple):
    """An action as it stands, and the title of its plan."""

    standing: Standing
    plan: str

    @property
    def reported_word(self) -> str:
        return SHOWN_WORDS[self.standing.shown_reported]

    @property
    def assessed_word(self) -> str:
        return SHOWN_WORDS[self.standing.assessed]

    @property
    def said_words(self) -> str:
        said = self.standing.said
        return f"Last reported on {in_words(said.said_on)}." if said else "Nothing has been reported."


class EvidenceShown(NamedTuple):
    """One piece of evidence, with its age on the day viewed and on the day that counts."""

    id: int
    title: str
    kind: str
    day: date | None  # None of undated evidence
    is_dated_itself: bool
    url: str
    file_name: str
    is_illustrative: bool
    action: Standing
    clock: Clock
    file: str = ""  # where it lies
    scan: str = ""
    withheld_at: datetime | None = None  # since the moment viewed
    through: Objective | None = None  # linked to the finding, where the action below it is not linked itself

    @property
    def is_undated(self) -> bool:
        return self.day is None

    @property
    def kind_words(self) -> str:
        return str(EvidenceKind(self.kind).label)

    @property
    def age_today(self) -> str:
        return age_in_words(self.day, self.clock.on) if self.day else "Not known"

    @property
    def age_then(self) -> str:
        """Nothing where the day of the next inspection is not known, or has passed; or its own day is not known."""
        return age_in_words(self.day, self.clock.counts_on) if self.clock.is_ahead and self.day else ""

    @property
    def age_words(self) -> str:
        """8 months old; 18 months at the next inspection."""
        if self.is_undated:
            return "its age is not known"
        return f"{self.age_today} old" + (f"; {self.age_then} at the next inspection" if self.age_then else "")

    @property
    def is_old(self) -> bool:
        return self.day is not None and is_old(self.day, self.clock.counts_on)

    @property
    def flag(self) -> str:
        """Said of what will be old on the day that counts; nothing of the rest."""
        if not self.is_old:
            return ""
        if is_old(self.day, self.clock.on):
            return "Older than twelve months already"
        return f"Will be older than twelve months on {in_words(self.clock.counts_on)}"

    @property
    def date_words(self) -> str:
        if self.is_undated:
            return "not dated"
        return in_words(self.day) if self.is_dated_itself else f"reported {in_words(self.day)}"

    @property
    def date_is(self) -> str:
        return "not dated" if self.is_undated else "its own" if self.is_dated_itself else "of the report"

    @property
    def through_words(self) -> str:
        """Through objective O1; nothing where its action is linked to the finding itself."""
        return f"through objective {self.through.ref}" if self.through else ""


class MadeUp(NamedTuple):
    """What an illustrative sign-in linked to a finding: the ids of objectives and of actions."""

    objectives: frozenset[int] = frozenset()
    actions: frozenset[int] = frozenset()


@dataclass
class Answered:
    """A finding, its parts, and what answers it."""

    finding: Finding
    objectives: list[Objective] = field(default_factory=list)
    actions: list[AnsweringAction] = field(default_factory=list)
    kpis: list[KpiFigure] = field(default_factory=list)
    evidence: list[EvidenceShown] = field(default_factory=list)
    parts: list["Answered"] = field(default_factory=list)
    made_up: MadeUp = field(default_factory=MadeUp)

    @property
    def is_answered_itself(self) -> bool:
        return bool(self.objectives or self.actions or self.kpis)

    @property
    def is_answered(self) -> bool:
        return self.is_answered_itself or (bool(self.parts) and all(part.is_answered for part in self.parts))

    @property
    def asks(self) -> bool:
        return self.finding.kind != Finding.Kind.STRENGTH

    @property
    def kind_words(self) -> str:
        return str(Finding.Kind(self.finding.kind).label)

    @property
    def inspected_to(self) -> str:
        """The day by which its inspection is addressed: 2024-09-27."""
        return self.finding.inspection.inspected_to.isoformat()

    @property
    def with_parts(self) -> list["Answered"]:
        return [self, *self.parts]

    @property
    def evidence_words(self) -> str:
        """Where actions or objectives answer it and nothing backs them."""
        if self.evidence or not (self.actions or self.objectives):
            return ""
        what = "for these actions" if self.actions else "for any action below these objectives"
        return f"No evidence is held {what} as yet."


_AGES = ("its age is", "their ages are")


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
    """An inspection with its findings. `clock` is none but for the newest, from which the next one is counted."""

    inspection: Inspection
    findings: list[Answered]
    clock: Clock | None = None

    @property
    def days(self) -> str:
        return days_of(self.inspection)

    @property
    def asking(self) -> list[Answered]:
        return [answered for answered in self.findings if answered.asks]

    @property
    def without(self) -> list[Answered]:
        """What asks for something and nothing answers, or not all of it."""
        return [
            answered
            for kind in KINDS
            for answered in self.asking
            if answered.finding.kind == kind and not answered.is_answered
        ]

    @property
    def groups(self) -> list[Group]:
        """What is answered, by kind; strengths last."""
        kept = [answered for answered in self.findings if answered.is_answered or not answered.asks]
        groups = [Group(kind, HEADINGS[kind], [one for one in kept if one.finding.kind == kind]) for kind in KINDS]
        return [group for group in groups if group.findings]

    @property
    def unanswered(self) -> int:
        return len(self.without)

    @property
    def evidence(self) -> list[EvidenceShown]:
        """Each piece once, whatever it answers."""
        found = {piece.id: piece for top in self.findings for one in top.with_parts for piece in one.evidence}
        return list(found.values())

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

    @property
    def evidence_sentence(self) -> str:
        """Twelve pieces of evidence back what answers them; five will be older than twelve months on 30 September 2027."""
        pieces = self.evidence
        if not pieces:
            return "No evidence is held yet for any action that answers a finding." if self.findings else ""
        total, old = len(pieces), sum(piece.is_old for piece in pieces)
        backs = sentence_case(
            f"{count_words(total, 'piece')} of evidence {noun_for(total, 'backs', 'back')} what answers them"
        )
        clock = pieces[0].clock
        undated = sum(piece.is_undated for piece in pieces)
        rest = (
            f" {sentence_case(count_words(undated, 'piece'))} of undated evidence: {_AGES[undated > 1]} not known."
            * bool(undated)
        )
        if clock.is_ahead:
            return f"{backs}; {number(old)} will be older than twelve months on {in_words(clock.counts_on)}.{rest}"
        return f"{backs}; {number(old)} {noun_for(old, 'is', 'are')} older than twelve months.{rest}"


def days_of(inspection: Inspection) -> str:
    """23 to 27 September 2024, with what need not be said twice left out."""
    first, last = inspection.inspected_from, inspection.inspected_to
    if first == last:
        return in_words(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {in_words(last)}"
    return f"{in_words(first)} to {in_words(last)}"


# Reading


def inspections_of(area: Area, moment: datetime, *, day: date) -> list[InspectionShown]:
    """The newest first. The queries grow with plans, not with findings, actions, KPIs or evidence."""
    inspections = _inspections(area, moment, day)
    newest = next((one for one in inspections if not one.is_second_hand), None) or next(iter(inspections), None)
    clock = Clock(newest.next_due_by if newest else None, day)
    acting = _acting(area, moment, _linked_objectives(inspections))
    evidence = _evidence(acting, moment, clock)
    figures = {figure.id: figure for figure in _figures(area, moment)} if inspections else {}
    made_up = _made_up(area)
    return [
        InspectionShown(one, _tops(one, acting, evidence, figures, made_up), clock if one is newest else None)
        for one in inspections
    ]


def _inspections(area: Area, moment: datetime, day: date) -> list[Inspection]:
    """With their findings, and the objectives and KPIs that answer them; four queries."""
    published = Objective.objects.existing(moment).filter(strategy__state=Strategy.State.PUBLISHED, strategy__area=area)
    findings = (
        Finding.objects.existing(moment)
        .order_by("position", "pk")
        .prefetch_related(
            Prefetch("objectives", published.select_related("strategy")),
            Prefetch("kpis", Kpi.objects.existing(moment).filter(area=area)),
        )
    )
    return list(
        Inspection.objects.existing(moment)
        .filter(area=area, inspected_to__lte=day)
        .select_related("source")
        .prefetch_related(Prefetch("findings", findings))
    )


def _figures(area: Area, moment: datetime) -> list[KpiFigure]:
    linked = Kpi.objects.existing(moment).filter(area=area, findings__inspection__area=area)
    return kpi_figures(area, moment, kpis=Kpi.objects.filter(pk__in=linked.values("pk")))


def _made_up(area: Area) -> dict[int, MadeUp]:
    """By finding; two queries."""
    objectives, actions = defaultdict(set), defaultdict(set)
    for found, model in ((objectives, Objective), (actions, Action)):
        for finding, record in made_up_links(area, model):
            found[finding].add(record)
    return {
        finding: MadeUp(frozenset(objectives[finding]), frozenset(actions[finding]))
        for finding in {*objectives, *actions}
    }


@dataclass(frozen=True, slots=True)
class Acting:
    """The actions as they stood, in the order of the plans: by the finding that each is linked to, and by the objective
    linked to a finding that each hung below."""

    by_finding: dict[int, list[AnsweringAction]]
    below: dict[int, list[Standing]]
    standings: dict[int, Standing]


def _linked_objectives(inspections: list[Inspection]) -> list[Objective]:
    findings = [finding for one in inspections for finding in one.findings.all()]
    return [objective for finding in findings for objective in finding.objectives.all()]


def _acting(area: Area, moment: datetime, objectives: list[Objective]) -> Acting:
    links = Action.findings.through.objects.filter(
        finding__inspection__area=area, action__strategy__state=Strategy.State.PUBLISHED
    )
    pairs = list(links.order_by("pk").values_list("finding_id", "action_id", "action__strategy_id"))
    wanted = {*(plan for _, _, plan in pairs), *(objective.strategy_id for objective in objectives)}
    plans = Strategy.objects.filter(pk__in=wanted, area=area).select_related("area")
    answering = _answering(moment, {objective.pk for objective in objectives})
    standing = {
        one.id: AnsweringAction(one, plan.title)
        for plan in plans
        for one in standings(plan, moment, actions=answering.filter(strategy=plan))
    }
    by_finding, below = defaultdict(list), defaultdict(list)
    for finding, action, _ in pairs:
        if action in standing:
            by_finding[finding].append(standing[action])
    for one, _ in standing.values():
        below[one.objective_id].append(one)
    return Acting(by_finding, below, {pk: acting.standing for pk, acting in standing.items()})


def _answering(moment: datetime, objectives: set[int]):
    """Those linked to a finding; of those that ever hung below these objectives, the ones that evidence backs."""
    linked = Action.findings.through.objects.filter(action=OuterRef("pk"))
    placed = Placement.objects.filter(action=OuterRef("pk"), objective__in=objectives)
    backing = Evidence.objects.filter(counted_by(moment), update__action=OuterRef("pk"))
    return Action.objects.filter(Exists(linked) | (Exists(placed) & Exists(backing)))


READ = (
    "pk", "title", "kind", "url", "file_name", "is_illustrative", "file", "scan", "withheld_at", "update__action", "dated_on",
    "update__recorded_at", "added_at", "update__brought_in__kind",
)  # fmt: skip


def _evidence(acting: Acting, moment: datetime, clock: Clock) -> dict[int, list[EvidenceShown]]:
    """By action, the oldest first; one query."""
    rows = Evidence.objects.filter(counted_by(moment), update__action__in=acting.standings).values_list(*READ)
    found = defaultdict(list)
    for row in rows:
        found[row[9]].append(_shown(row, acting.standings[row[9]], clock))
    return {action: sorted(pieces, key=_by_age) for action, pieces in found.items()}


def _shown(row: tuple, action: Standing, clock: Clock) -> EvidenceShown:
    pk, title, kind, url, file_name, is_illustrative, file, scan, withheld_at, _, dated_on, said_at, added_at, came = (
        row
    )
    day = stated_day(dated_on, said_at=said_at, added_at=added_at, came=came, is_named_only=not (url or file))
    return EvidenceShown(
        pk,
        title,
        kind,
        day,
        dated_on is not None,
        url,
        file_name,
        is_illustrative,
        action,
        clock,
        file,
        scan,
        withheld_at,
    )


def _by_age(piece: EvidenceShown) -> tuple:
    """The oldest first; undated evidence last."""
    return piece.day is None, piece.day or date.max, piece.id


def _tops(
    inspection: Inspection,
    acting: Acting,
    evidence: dict[int, list[EvidenceShown]],
    figures: dict[int, KpiFigure],
    made_up: dict[int, MadeUp],
) -> list[Answered]:
    """The findings that are no part of another, each with its parts."""
    answered = {}
    for finding in inspection.findings.all():
        finding.inspection = inspection
        actions, objectives = acting.by_finding.get(finding.pk, []), list(finding.objectives.all())
        answered[finding.pk] = Answered(
            finding,
            objectives,
            actions,
            [figures[kpi.pk] for kpi in finding.kpis.all() if kpi.pk in figures],
            _behind(actions, objectives, acting, evidence),
            made_up=made_up.get(finding.pk, MadeUp()),
        )
    tops = []
    for one in answered.values():
        whole = answered.get(one.finding.parent_id)
        (whole.parts if whole else tops).append(one)
    return tops


def _behind(
    actions: list[AnsweringAction],
    objectives: list[Objective],
    acting: Acting,
    evidence: dict[int, list[EvidenceShown]],
) -> list[EvidenceShown]:
    """What backs the actions linked to a finding, and those below the objectives linked to it."""
    linked = [acting.standing.id for acting in actions]
    pieces = [piece for action in linked for piece in evidence.get(action, ())]
    pieces += [
        piece._replace(through=objective)
        for objective in objectives
        for action in acting.below.get(objective.pk, ())
        if action.id not in linked
        for piece in evidence.get(action.id, ())
    ]
    return sorted(pieces, key=_by_age)
