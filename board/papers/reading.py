"""What papers say beyond the board report: read here in a number of queries that does not grow with the plan."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from board.decided import OPEN, Item, decisions_known, items, log_known
from board.exceptional import exceptional_actions
from board.heard import Heard, heard
from board.models import Risk
from board.movement import movement
from board.report import BoardReport, group_rows
from board.risks import RiskStanding, risks_at
from board.wording import board_sentences
from common.dates import london_day
from common.words import sentence_case
from kpis.figure import KpiFigure
from kpis.models import Commentary, Kpi, Release
from kpis.reading import kpi_figures
from priorities.models import Priority
from strategies.models import Strategy
from strategies.own_words import strand_word
from workstrands.models import Objective, ProgressUpdate, WorkStrand
from workstrands.standing import Standing, assessed_moment
from workstrands.status import UpdateKind


@dataclass(frozen=True, slots=True)
class Scope:
    """The whole plan, one priority ("priority", its reference) or one work strand ("strand", its slug)."""

    kind: str = ""
    name: str = ""
    title: str = "The whole plan"

    @property
    def value(self) -> str:
        return f"{self.kind}:{self.name}" if self.kind else ""

    @property
    def narrowing(self) -> str:
        return f"{self.kind}={self.name}" if self.kind else ""

    def holds(self, standing: Standing) -> bool:
        if not self.kind:
            return True
        return self.name == (standing.priority_ref if self.kind == "priority" else standing.workstrand_slug)


WHOLE = Scope()


def scopes_of(*plans: Strategy, moment: datetime | None = None) -> dict[int, list[Scope]]:
    """What papers can be made of at a moment, by plan: the whole plan first, then each of its parts. Two queries for all.

    Without a moment, also what was retired since: papers that were made of it keep its name.
    """
    found: dict[int, list[Scope]] = {plan.pk: [WHOLE] for plan in plans}
    priorities = _parts(Priority, moment).filter(strategy__in=plans).order_by("position", "pk")
    for plan, ref, title in priorities.values_list("strategy", "ref", "title"):
        found[plan].append(Scope("priority", ref, f"Priority {ref}: {title}"))
    strands = _parts(WorkStrand, moment).filter(strategy__in=plans).order_by("position", "pk")
    for plan, slug, name in strands.values_list("strategy", "slug", "name"):
        found[plan].append(Scope("strand", slug, f"{sentence_case(strand_word())}: {name}"))
    return found


def _parts(model, moment: datetime | None):
    return model.objects.all() if moment is None else model.objects.existing(moment)


@dataclass(frozen=True, slots=True)
class Told:
    """The words of the report that stood. `since` is when they were written, where a lead only said that nothing changed."""

    text: str
    said_on: date
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Hanging:
    """An objective with where it hangs."""

    id: int
    key: str
    ref: str
    text: str
    priority_ref: str
    strand_slug: str


@dataclass
class Gathered:
    told: dict[int, Told] = field(default_factory=dict)  # by action
    objectives: list[Hanging] = field(default_factory=list)
    kpis: list[KpiFigure] = field(default_factory=list)
    other_kpis: int = 0
    decisions: list[Item] = field(default_factory=list)  # of the last meeting, and of others those not yet done
    log: list[Item] = field(default_factory=list)  # of the meetings' own actions, those not yet done
    commentary: dict[int, Commentary] = field(default_factory=dict)  # by KPI, on the figure shown
    risks: list[RiskStanding] = field(default_factory=list)  # open, the highest score first
    releases: list[Release] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)  # of every action and priority shown


def narrowed(report: BoardReport, scope: Scope, successor=None) -> BoardReport:
    """The same report, of a part of the plan alone."""
    if not scope.kind:
        return report
    standings = [standing for standing in report.standings if scope.holds(standing)]
    keys = {standing.key for standing in standings}
    exceptions, total = exceptional_actions(
        standings, report.calendar, report.assessed_on, limit=report.strategy.exceptions_shown
    )
    moment = assessed_moment(report.strategy, report.moment)
    rows = group_rows(report.strategy, standings, by=scope.kind, said=report.heard, moment=moment)
    figures = _figures(replace(report, standings=standings), scope)
    figure_ids = {figure.id for figure in figures}
    found = replace(
        report,
        standings=standings,
        asks=[ask for ask in report.asks if ask.standing.key in keys],
        grouped_by=scope.kind,
        groups=[row for row in rows if row.query == scope.narrowing],
        exceptions=exceptions,
        exceptions_total=total,
        kpis=figures[: report.strategy.kpis_shown],
        months=movement(
            report.strategy, assessed_moment(report.strategy, report.moment), part=(scope.kind, scope.name)
        ),
        changes=[change for change in report.changes if scope.holds(change.action)],
        figure_changes=[change for change in report.figure_changes if change.now.id in figure_ids],
    )
    found.sentences = board_sentences(found, successor=successor)
    return found


def gather(report: BoardReport, scope: Scope, *, is_full: bool) -> Gathered:
    """Of a paper of exceptions only what it shows."""
    if not is_full:
        return Gathered(heard=_heard(report, [found.standing.id for found in report.exceptions], scope))
    kpis = _figures(report, scope)
    return Gathered(
        told=_told(report),
        objectives=_objectives(report, scope),
        kpis=kpis,
        other_kpis=Kpi.objects.existing(report.moment).filter(area=report.strategy.area).count() - len(kpis),
        decisions=_decisions(report),
        log=[] if scope.kind else _log(report),
        commentary=_commentary(report, kpis),
        risks=_risks(report, scope),
        releases=_releases(report, kpis),
        heard=_heard(report, [standing.id for standing in report.standings] if scope.kind else None, scope),
    )


def _heard(report: BoardReport, shown: list[int] | None, scope: Scope) -> Heard:
    """Of the actions shown, or of all; of priorities, of all, of the one, or, in papers of a strand, of none."""
    found = heard(report.strategy, report.moment, actions=shown)
    if not scope.kind:
        return found
    of_part = set(_priority_ids(report.strategy, scope.name)) if scope.kind == "priority" else set()
    return replace(
        found,
        families_of_priority={pk: said for pk, said in found.families_of_priority.items() if pk in of_part},
        owners={pk: said for pk, said in found.owners.items() if pk in of_part},
    )


def _priority_ids(strategy: Strategy, ref: str) -> QuerySet:
    return Priority.objects.filter(strategy=strategy, ref=ref).values_list("pk", flat=True)


def _figures(report: BoardReport, scope: Scope) -> list[KpiFigure]:
    """The KPIs of the plan or its part: promised with it, or meant to be moved by it; of a whole plan the headline ones too."""
    plan = report.strategy
    if scope.kind == "priority":
        of_part = Q(priorities__strategy=plan, priorities__ref=scope.name) | Q(
            success_measures__priority__strategy=plan, success_measures__priority__ref=scope.name
        )
    elif scope.kind == "strand":
        of_part = Q(pk__in=[])
    else:
        of_part = Q(is_headline=True) | Q(priorities__strategy=plan) | Q(success_measures__priority__strategy=plan)
    moving = Q(actions__in=[standing.id for standing in report.standings])
    chosen = Kpi.objects.existing(report.moment).filter(of_part | moving, area=plan.area).values("pk")
    return kpi_figures(plan.area, report.moment, kpis=Kpi.objects.filter(pk__in=chosen))


def _told(report: BoardReport) -> dict[int, Told]:
    """What stood said of each action; where nothing had changed, the words before it that still hold."""
    stood = {s.said.id: s for s in report.standings if s.said}
    written = (
        ProgressUpdate.objects.filter(action=OuterRef("action"), number__lte=OuterRef("number"))
        .exclude(kind=UpdateKind.NO_CHANGE)
        .order_by("-number")
    )
    rows = (
        ProgressUpdate.objects.filter(pk__in=stood)
        .annotate(
            words=Subquery(written.values("narrative")[:1]), written_at=Subquery(written.values("recorded_at")[:1])
        )
        .values_list("pk", "kind", "narrative", "words", "written_at")
    )
    found = {}
    for pk, kind, narrative, words, written_at in rows:
        standing = stood[pk]
        is_repeat = kind == UpdateKind.NO_CHANGE and written_at
        since = london_day(written_at) if is_repeat else None
        found[standing.id] = Told(words or narrative if is_repeat else narrative, standing.said.said_on, since)
    return found


def _objectives(report: BoardReport, scope: Scope) -> list[Hanging]:
    chosen = Objective.objects.existing(report.moment).filter(strategy=report.strategy)
    if scope.kind == "priority":
        chosen = chosen.filter(priority__ref=scope.name)
    elif scope.kind == "strand":
        chosen = chosen.filter(workstrand__slug=scope.name)
    fields = ("pk", "key", "ref", "text", "priority__ref", "workstrand__slug")
    return [
        Hanging(pk, key, ref, text, priority or "", strand or "")
        for pk, key, ref, text, priority, strand in chosen.order_by("position", "pk").values_list(*fields)
    ]


def _decisions(report: BoardReport) -> list[Item]:
    """Known by the moment: those of the last meeting whatever became of them, and those of others that are not done.

    Decisions about an action of another plan belong into that plan's papers.
    """
    of_plan = Q(action__isnull=True) | Q(action__strategy=report.strategy)
    is_here = OPEN | Q(meeting=report.last_meeting) if report.last_meeting else OPEN
    rows = decisions_known(report.moment).filter(of_plan, is_here, meeting__area=report.strategy.area)
    shown = {standing.id for standing in report.standings}
    found = items(rows.order_by("-meeting__held_on", "number"), report.day)
    return [item for item in found if not item.row.action_id or item.row.action_id in shown]


def _log(report: BoardReport) -> list[Item]:
    """What the Board asked of itself at its meetings and has not done."""
    rows = log_known(report.moment).filter(OPEN, meeting__area=report.strategy.area)
    return items(rows.order_by("meeting__held_on", "number"), report.day)


def _commentary(report: BoardReport, kpis: list[KpiFigure]) -> dict[int, Commentary]:
    """The owner's last words on the figure that each KPI shows."""
    shown = {kpi.id: kpi.latest.period_end for kpi in kpis if kpi.latest}
    rows = Commentary.objects.known_by(report.moment).filter(kpi__in=shown).order_by("number")
    return {row.kpi_id: row for row in rows if row.period_end == shown[row.kpi_id]}


def _risks(report: BoardReport, scope: Scope) -> list[RiskStanding]:
    """Open on the day, the highest score first; held against the moment that the papers compare with."""
    rows = risks_at(
        report.strategy, report.moment, compare=report.compared_at, risks=risks_of_part(report, scope.narrowing)
    )
    return sorted((row for row in rows if not row.is_closed), key=lambda row: -(row.number or 0))


def risks_of_part(report: BoardReport, narrowing: str) -> QuerySet[Risk]:
    """Those tied to the part itself or to an action of it; of the whole plan, its register."""
    register = Risk.objects.filter(strategy=report.strategy)
    kind, _, name = narrowing.partition("=")
    if not kind:
        return register
    tied = Q(actions__in=[standing.id for standing in report.standings])
    if kind == "priority":
        tied |= Q(priorities__ref=name, priorities__strategy=report.strategy)
    return register.filter(pk__in=Risk.objects.filter(tied).values("pk"))


def _releases(report: BoardReport, kpis: list[KpiFigure]) -> list[Release]:
    """The publications that the figures shown were taken from."""
    figures = Kpi.objects.filter(pk__in=[kpi.id for kpi in kpis]).values("indicator")
    rows = Release.objects.filter(
        measurements__indicator__in=figures,
        measurements__area=report.strategy.area,
        measurements__recorded_at__lte=report.moment,
    )
    return list(rows.distinct().order_by("publication", "published_on"))
