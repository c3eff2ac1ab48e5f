"""From what inspectors found to the evidence: what answers each finding, and how old that will be when they come back.

A finding is answered by the objectives, actions and KPIs that are linked to it; a finding in parts when it is answered as a
whole, or when each of its parts is. The evidence of a finding is that of the actions linked to it. Evidence is of the day that
stands on it, or else of the day on which it was reported; what a plan's file brought in without a day is of no known age.
It is old once it is older than twelve months.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Prefetch, Q

from common.dates import in_words, london_day, months_before
from common.words import count_words, noun_for, number, plural, sentence_case
from kpis.figure import KpiFigure
from kpis.models import Kpi
from kpis.reading import kpi_figures
from priorities.models import Finding, Inspection
from strategies.models import Area, Strategy
from workstrands.answering import made_up_links
from workstrands.models import Action, Evidence, Objective, PlanFile
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
    dated_on: date
    is_dated_itself: bool
    url: str
    file_name: str
    is_illustrative: bool
    action: Standing
    clock: Clock
    file: str = ""  # where it lies
    scan: str = ""
    is_undated: bool = False  # brought in with a plan that gave no day for it: `dated_on` says nothing of its age

    @property
    def kind_words(self) -> str:
        return str(EvidenceKind(self.kind).label)

    @property
    def age_today(self) -> str:
        return "Not known" if self.is_undated else age_in_words(self.dated_on, self.clock.on)

    @property
    def age_then(self) -> str:
        """Nothing where the day of the next inspection is not known, or has passed; or its own day is not known."""
        is_known = self.clock.is_ahead and not self.is_undated
        return age_in_words(self.dated_on, self.clock.counts_on) if is_known else ""

    @property
    def age_words(self) -> str:
        """8 months old; 18 months at the next inspection."""
        if self.is_undated:
            return "how old it is is not known"
        return f"{self.age_today} old" + (f"; {self.age_then} at the next inspection" if self.age_then else "")

    @property
    def is_old(self) -> bool:
        return not self.is_undated and is_old(self.dated_on, self.clock.counts_on)

    @property
    def flag(self) -> str:
        """Said of what will be old on the day that counts; nothing of the rest."""
        if not self.is_old:
            return ""
        if is_old(self.dated_on, self.clock.on):
            return "Older than twelve months already"
        return f"Will be older than twelve months on {in_words(self.clock.counts_on)}"

    @property
    def date_words(self) -> str:
        if self.is_undated:
            return f"not dated; brought in on {in_words(self.dated_on)}"
        return in_words(self.dated_on) if self.is_dated_itself else f"reported {in_words(self.dated_on)}"


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
        """Where actions answer it and nothing backs them."""
        return "No evidence is held for these actions as yet." if self.actions and not self.evidence else ""


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
        rest = f" {number(undated).capitalize()} {noun_for(undated, 'is', 'are')} not dated." if undated else ""
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
    acting = _acting(area, moment)
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


def _acting(area: Area, moment: datetime) -> dict[int, list[AnsweringAction]]:
    """The actions that answer each finding, as they stood, in the order of the plans."""
    links = Action.findings.through.objects.filter(
        finding__inspection__area=area, action__strategy__state=Strategy.State.PUBLISHED
    )
    pairs = list(links.order_by("pk").values_list("finding_id", "action_id", "action__strategy_id"))
    plans = Strategy.objects.filter(pk__in={plan for _, _, plan in pairs}, area=area).select_related("area")
    answering = Action.objects.filter(findings__isnull=False).distinct()
    standing = {
        one.id: AnsweringAction(one, plan.title)
        for plan in plans
        for one in standings(plan, moment, actions=answering.filter(strategy=plan))
    }
    found = defaultdict(list)
    for finding, action, _ in pairs:
        if action in standing:
            found[finding].append(standing[action])
    return found


def _evidence(
    acting: dict[int, list[AnsweringAction]], moment: datetime, clock: Clock
) -> dict[int, list[EvidenceShown]]:
    """By action, the oldest first; one query."""
    standing = {one.standing.id: one.standing for many in acting.values() for one in many}
    rows = Evidence.objects.filter(
        Q(added_at__isnull=True) | Q(added_at__lte=moment), update__action__in=standing, update__recorded_at__lte=moment
    ).values_list(
        "pk",
        "title",
        "kind",
        "dated_on",
        "update__recorded_at",
        "url",
        "file_name",
        "is_illustrative",
        "update__action",
        "file",
        "scan",
        "added_at",
        "update__brought_in__kind",
    )
    found = defaultdict(list)
    for pk, title, kind, dated_on, said_at, url, file_name, is_illustrative, action, *of_file, added_at, came in rows:
        day = dated_on or london_day(said_at)
        # What a person added to the report since is of the day of the report, as everywhere.
        is_undated = dated_on is None and came == PlanFile.Kind.PLAN and added_at == said_at
        found[action].append(
            EvidenceShown(
                pk,
                title,
                kind,
                day,
                dated_on is not None,
                url,
                file_name,
                is_illustrative,
                standing[action],
                clock,
                *of_file,
                is_undated=is_undated,
            )
        )
    return {action: sorted(pieces, key=lambda piece: (piece.dated_on, piece.id)) for action, pieces in found.items()}


def _tops(
    inspection: Inspection,
    acting: dict[int, list[AnsweringAction]],
    evidence: dict[int, list[EvidenceShown]],
    figures: dict[int, KpiFigure],
    made_up: dict[int, MadeUp],
) -> list[Answered]:
    """The findings that are no part of another, each with its parts."""
    answered = {}
    for finding in inspection.findings.all():
        finding.inspection = inspection
        actions = acting.get(finding.pk, [])
        answered[finding.pk] = Answered(
            finding,
            list(finding.objectives.all()),
            actions,
            [figures[kpi.pk] for kpi in finding.kpis.all() if kpi.pk in figures],
            _of_actions(actions, evidence),
            made_up=made_up.get(finding.pk, MadeUp()),
        )
    tops = []
    for one in answered.values():
        whole = answered.get(one.finding.parent_id)
        (whole.parts if whole else tops).append(one)
    return tops


def _of_actions(actions: Iterable[AnsweringAction], evidence: dict[int, list[EvidenceShown]]) -> list[EvidenceShown]:
    pieces = [piece for acting in actions for piece in evidence.get(acting.standing.id, ())]
    return sorted(pieces, key=lambda piece: (piece.dated_on, piece.id))
