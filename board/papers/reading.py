"""What papers say beyond the board report: read here in a number of queries that does not grow with the plan."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import F, OuterRef, Q, Subquery

from board.exceptional import exceptional_actions
from board.models import Decision, DecisionOutcome, Risk, RiskScore
from board.report import BoardReport, group_rows
from board.vocabulary import Outcome
from board.wording import board_sentences
from common.dates import end_of_day, london_day
from kpis.figure import KpiFigure
from kpis.models import Kpi, Release
from kpis.reading import kpi_figures
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.models import Objective, ProgressUpdate, WorkStrand
from workstrands.standing import Standing
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


def scopes_of(*plans: Strategy) -> dict[int, list[Scope]]:
    """What papers can be made of, by plan: the whole plan first, then each of its parts. Two queries for all plans."""
    found: dict[int, list[Scope]] = {plan.pk: [WHOLE] for plan in plans}
    priorities = Priority.objects.filter(strategy__in=plans).order_by("position", "pk")
    for plan, ref, title in priorities.values_list("strategy", "ref", "title"):
        found[plan].append(Scope("priority", ref, f"Priority {ref}: {title}"))
    strands = WorkStrand.objects.filter(strategy__in=plans).order_by("position", "pk")
    for plan, slug, name in strands.values_list("strategy", "slug", "name"):
        found[plan].append(Scope("strand", slug, f"Work strand: {name}"))
    return found


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


@dataclass(frozen=True, slots=True)
class Scored:
    risk: Risk
    likelihood: int | None
    impact: int | None
    score_before: int | None  # at the moment compared with

    @property
    def score(self) -> int | None:
        return self.likelihood * self.impact if self.likelihood and self.impact else None


@dataclass
class Gathered:
    told: dict[int, Told] = field(default_factory=dict)  # by action
    objectives: list[Hanging] = field(default_factory=list)
    kpis: list[KpiFigure] = field(default_factory=list)
    other_kpis: int = 0
    decisions: list[Decision] = field(default_factory=list)  # of the last meeting, and of others those not yet done
    risks: list[Scored] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)


def narrowed(report: BoardReport, scope: Scope, successor=None) -> BoardReport:
    """The same report, of a part of the plan alone. How the statuses moved is counted for whole plans only."""
    if not scope.kind:
        return report
    standings = [standing for standing in report.standings if scope.holds(standing)]
    keys = {standing.key for standing in standings}
    exceptions, total = exceptional_actions(
        standings, report.calendar, report.assessed_on, limit=report.strategy.exceptions_shown
    )
    rows = group_rows(report.strategy, standings, by=scope.kind)
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
        months=[],
        changes=[change for change in report.changes if scope.holds(change.action)],
        figure_changes=[change for change in report.figure_changes if change.now.id in figure_ids],
    )
    found.sentences = board_sentences(found, successor=successor)
    return found


def gather(report: BoardReport, scope: Scope, *, is_full: bool) -> Gathered:
    """Of a paper of exceptions only what it shows."""
    if not is_full:
        return Gathered()
    kpis = _figures(report, scope)
    return Gathered(
        told=_told(report),
        objectives=_objectives(report.strategy, scope),
        kpis=kpis,
        other_kpis=Kpi.objects.filter(area=report.strategy.area).count() - len(kpis),
        decisions=_decisions(report),
        risks=_risks(report, scope),
        releases=_releases(report, kpis),
    )


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
    chosen = Kpi.objects.filter(of_part | moving, area=plan.area).values("pk")
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


def _objectives(strategy: Strategy, scope: Scope) -> list[Hanging]:
    chosen = Objective.objects.filter(strategy=strategy)
    if scope.kind == "priority":
        chosen = chosen.filter(priority__ref=scope.name)
    elif scope.kind == "strand":
        chosen = chosen.filter(workstrand__slug=scope.name)
    fields = ("pk", "key", "ref", "text", "priority__ref", "workstrand__slug")
    return [
        Hanging(pk, key, ref, text, priority or "", strand or "")
        for pk, key, ref, text, priority, strand in chosen.order_by("position", "pk").values_list(*fields)
    ]


def _decisions(report: BoardReport) -> list[Decision]:
    """Known by the moment: those of the last meeting whatever became of them, and those of others that are not done.

    Decisions about an action of another plan belong into that plan's papers.
    """
    became = DecisionOutcome.objects.filter(decision=OuterRef("pk"), recorded_at__lte=report.moment).order_by("-number")
    is_open = Q(became__isnull=True) | ~Q(became__in=[Outcome.DONE, Outcome.DROPPED])
    is_here = is_open | Q(meeting=report.last_meeting) if report.last_meeting else is_open
    rows = (
        Decision.objects.filter(
            Q(action__isnull=True) | Q(action__strategy=report.strategy),
            meeting__area=report.strategy.area,
            recorded_at__lte=report.moment,
        )
        .annotate(became=Subquery(became.values("outcome")[:1]), became_words=Subquery(became.values("text")[:1]))
        .filter(is_here)
        .select_related("meeting", "owner", "action", "kpi__indicator")
    )
    keys = {standing.id for standing in report.standings}
    return [row for row in rows.order_by("-meeting__held_on", "number") if not row.action_id or row.action_id in keys]


def _risks(report: BoardReport, scope: Scope) -> list[Scored]:
    """Open on the day, the highest score first."""
    chosen = Risk.objects.filter(strategy=report.strategy, raised_on__lte=report.day).filter(
        Q(closed_on__isnull=True) | Q(closed_on__gt=report.day)
    )
    if scope.kind:
        of_part = Q(actions__in=[standing.id for standing in report.standings])
        if scope.kind == "priority":
            of_part |= Q(priorities__ref=scope.name)
        chosen = chosen.filter(pk__in=Risk.objects.filter(of_part).values("pk"))
    before = end_of_day(report.compared_with) if report.compared_with else report.moment
    now, then = _scores(report.moment), _scores(before)
    rows = chosen.annotate(
        likelihood=Subquery(now.values("likelihood")[:1]),
        impact=Subquery(now.values("impact")[:1]),
        score_before=Subquery(then.annotate(score=F("likelihood") * F("impact")).values("score")[:1]),
    ).select_related("owner")
    found = [Scored(row, row.likelihood, row.impact, row.score_before) for row in rows.order_by("ref")]
    return sorted(found, key=lambda scored: -(scored.score or 0))


def _scores(moment: datetime):
    return RiskScore.objects.filter(risk=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")


def _releases(report: BoardReport, kpis: list[KpiFigure]) -> list[Release]:
    """The publications that the figures shown were taken from."""
    figures = Kpi.objects.filter(pk__in=[kpi.id for kpi in kpis]).values("indicator")
    rows = Release.objects.filter(
        measurements__indicator__in=figures,
        measurements__area=report.strategy.area,
        measurements__recorded_at__lte=report.moment,
    )
    return list(rows.distinct().order_by("publication", "published_on"))
