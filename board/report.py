"""The board report: one object, made once for an area, strategy and moment, that feeds the page and every paper.

Records are read here (a fixed number of queries), the rules are applied, and what the Board sees is laid out. Renderings
only render.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from board.exceptional import ExceptionalAction, exceptional_actions, with_answers
from board.filters import NOWHERE
from board.heard import FamiliesSay, Heard, OwnersSay, heard
from board.movement import MonthOfStatuses, movement
from board.wording import Sentence, board_sentences, within
from common.dates import in_words, london_day
from kpis.changes import FigureChange, figure_changes
from kpis.figure import KpiFigure
from kpis.reading import kpi_figures
from priorities.models import Priority
from strategies.models import Meeting, Strategy
from strategies.own_words import strand_word
from workstrands.comparison import Change, ChangeKind, changes_between
from workstrands.facts import Calendar
from workstrands.models import Deadline, Objective, WorkStrand
from workstrands.moving import headline_and_moved_figures
from workstrands.planning import SetUpCounts, setup_counts
from workstrands.rollup import Headline, Thresholds, counts, headline
from workstrands.standing import Standing, assessed_moment, calendar_from, standings
from workstrands.status import DeadlineState


@dataclass(frozen=True, slots=True)
class Ask:
    standing: Standing
    age_days: int
    on: date  # the day of the view

    @property
    def text(self) -> str:
        return self.standing.said.ask

    @property
    def needed_by(self) -> date | None:
        return self.standing.said.needed_by

    @property
    def needed_in_words(self) -> str:
        """By when it is needed, and that the day has passed where it has; empty where no day was given."""
        if self.needed_by is None:
            return ""
        return f"needed by {in_words(self.needed_by)}" + (", which has passed" if self.needed_by < self.on else "")


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A priority or a work strand, counted."""

    ref: str
    title: str
    address: str
    query: str  # what narrows the action table to this group
    owners: list[str]
    counts: dict[str, int]
    total: int
    flagged: int
    live: int
    fresh: int
    headline: Headline
    objectives: int = 0
    owners_say: OwnersSay | None = None
    families_say: FamiliesSay | None = None

    @property
    def fresh_percent(self) -> int | None:
        return round(100 * self.fresh / self.live) if self.live else None


@dataclass
class BoardReport:
    strategy: Strategy
    moment: datetime
    day: date
    assessed_on: date
    next_meeting: Meeting | None
    last_meeting: Meeting | None
    calendar: Calendar
    standings: list[Standing]
    sentences: list[Sentence] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    groups: list[GroupRow] = field(default_factory=list)
    grouped_by: str = "priority"
    exceptions: list[ExceptionalAction] = field(default_factory=list)
    exceptions_total: int = 0
    kpis: list[KpiFigure] = field(default_factory=list)
    months: list[MonthOfStatuses] = field(default_factory=list)
    set_up: SetUpCounts | None = None
    compared_at: datetime | None = None
    changes: list[Change] = field(default_factory=list)
    figure_changes: list[FigureChange] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)  # of every priority, and of the actions shown

    @property
    def compared_with(self) -> date | None:
        return london_day(self.compared_at) if self.compared_at else None

    @property
    def has_ended(self) -> bool:
        return self.strategy.has_ended(self.day)

    @property
    def total(self) -> int:
        return len(self.standings)

    @property
    def has_views(self) -> bool:
        """Whether an owner or families gave a view of any part that is shown."""
        return any(row.owners_say or row.families_say for row in self.groups)

    @property
    def families_of_exceptions(self) -> bool:
        """Whether families were asked about any of the exceptions that are shown."""
        return any(found.families_say for found in self.exceptions)

    @cached_property
    def flagged(self) -> int:
        return sum(1 for standing in self.standings if standing.flags)

    @cached_property
    def overdue(self) -> int:
        return sum(1 for standing in self.standings if standing.is_overdue)

    @property
    def no_exceptions(self) -> str:
        """What stands in place of the exceptions where there are none."""
        if self.set_up:
            return "Nothing is flagged until this plan is baselined."
        return f"No action is {within('R')}, overdue or silent." if self.total else "This plan holds no actions."


def make_report(
    strategy: Strategy, moment: datetime, *, compare: datetime | None = None, by: str = "", successor=None
) -> BoardReport:
    """Everything the Board sees of a plan at a moment; with `compare`, also what changed since then.

    `by` groups the actions by "priority" or "strand"; without it, by whichever the plan's work hangs on.
    """
    moment_assessed = assessed_moment(strategy, moment)
    day = london_day(moment)
    meetings = _meetings(strategy.area, moment)
    calendar = calendar_from(
        (
            (m.reporting_round.opened_at, m.reporting_round.closed_at)
            for m in meetings
            if _had_opened(m, moment_assessed)
        ),
        moment_assessed,
    )
    headline, moved = headline_and_moved_figures(strategy, at=moment, assessed_at=moment_assessed)
    now = standings(strategy, moment, calendar=calendar, moved=moved)
    report = BoardReport(
        strategy=strategy,
        moment=moment,
        day=day,
        assessed_on=london_day(moment_assessed),
        next_meeting=next((m for m in meetings if m.held_on >= day), None),
        last_meeting=next((m for m in reversed(meetings) if m.held_on < day), None),
        calendar=calendar,
        standings=now,
    )
    report.asks = _asks(now, report.assessed_on)
    exceptions, report.exceptions_total = exceptional_actions(
        now, calendar, report.assessed_on, limit=strategy.exceptions_shown
    )
    report.heard = heard(strategy, moment, actions=[found.standing.id for found in exceptions])
    report.exceptions = with_answers(exceptions, report.heard)
    report.grouped_by, report.groups = _grouped(strategy, now, by, report.heard, moment_assessed)
    report.kpis = headline[: strategy.kpis_shown]
    report.months = movement(strategy, moment_assessed)
    if strategy.baselined_on is None and now:
        report.set_up = setup_counts(strategy, moment)
    if compare is not None:
        report.compared_at = compare
        report.changes = with_reasons(changes_between(standings(strategy, compare), now), moment_assessed)
        report.figure_changes = figure_changes(kpi_figures(strategy.area, compare), kpi_figures(strategy.area, moment))
    report.sentences = board_sentences(report, successor=successor)
    return report


def with_reasons(changes: list[Change], moment: datetime) -> list[Change]:
    """Each date that moved with the reason that was given for it; one query."""
    moved = [change.now.id for change in changes if change.kind == ChangeKind.DATE_MOVED]
    if not moved:
        return changes
    rows = Deadline.objects.known_by(moment).filter(action__in=moved, state=DeadlineState.AGREED).order_by("number")
    reasons = dict(rows.values_list("action", "reason"))  # the last one agreed stays
    return [
        replace(change, why=reasons.get(change.now.id, "")) if change.kind == ChangeKind.DATE_MOVED else change
        for change in changes
    ]


def _meetings(area, moment: datetime) -> list[Meeting]:
    return list(
        Meeting.objects.going_ahead(moment).filter(area=area).select_related("reporting_round").order_by("held_on")
    )


def _had_opened(meeting: Meeting, moment: datetime) -> bool:
    opened = getattr(meeting, "reporting_round", None) and meeting.reporting_round.opened_at
    return bool(opened and opened <= moment)


def _asks(now: list[Standing], on: date) -> list[Ask]:
    """What leads ask of the Board, oldest first."""
    asked = [s for s in now if s.said and s.said.ask and s.said.escalate_to == "board" and s.said.status in ("R", "A")]
    return [Ask(s, (on - s.said.said_on).days, on) for s in sorted(asked, key=lambda s: s.said.said_at)]


def _grouped(
    strategy: Strategy, now: list[Standing], by: str, said: Heard, moment: datetime
) -> tuple[str, list[GroupRow]]:
    has_strands = any(s.workstrand_id for s in now) or not now
    if by or any(s.priority_id for s in now) or not has_strands:
        by = by or "priority"
        return by, group_rows(strategy, now, by=by, said=said, moment=moment)
    rows = group_rows(strategy, now, by="strand", moment=moment)
    return (
        ("strand", rows) if rows else ("priority", group_rows(strategy, now, by="priority", said=said, moment=moment))
    )


def thresholds_of(strategy: Strategy) -> Thresholds:
    return Thresholds(
        fewest_live=strategy.fewest_live,
        reported_percent=strategy.reported_percent,
        off_track_count=strategy.off_track_count,
        off_track_percent=strategy.off_track_percent,
        at_risk_percent=strategy.at_risk_percent,
    )


def group_rows(
    strategy: Strategy, now: list[Standing], *, by: str, moment: datetime, said: Heard | None = None
) -> list[GroupRow]:
    """The plan's priorities (or strands) of the moment, each with the actions that hang there; what hangs nowhere is not
    lost.

    `said` is what owners and families say of priorities.
    """
    listed = _priorities(strategy, moment) if by == "priority" else _strands(strategy, moment)
    there = {pk for pk, *_ in listed}
    of_group: dict[int | None, list[Standing]] = defaultdict(list)
    for standing in now:
        part = standing.priority_id if by == "priority" else standing.workstrand_id
        of_group[part if part in there else None].append(standing)
    limits = thresholds_of(strategy)
    said = said if said and by == "priority" else Heard()
    rows = [
        replace(
            _group_row(of_group.get(pk, []), limits, *described),
            owners_say=said.owners.get(pk),
            families_say=said.families_of_priority.get(pk),
        )
        for pk, *described in listed
    ]
    if of_group.get(None) and listed:
        elsewhere = "Not under a priority" if by == "priority" else f"Not in a {strand_word()}"
        rows.append(_group_row(of_group[None], limits, "", elsewhere, "", f"{by}={NOWHERE}", [], 0))
    return rows


def _group_row(of_group, limits, ref, title, address, query, owners, objectives) -> GroupRow:
    live = [s for s in of_group if s.is_live]
    return GroupRow(
        ref=ref,
        title=title,
        address=address,
        query=query,
        owners=owners,
        counts=counts(of_group),
        total=len(of_group),
        flagged=sum(1 for s in of_group if s.flags),
        live=len(live),
        fresh=sum(1 for s in live if s.is_fresh),
        headline=headline(of_group, limits),
        objectives=objectives,
    )


def _priorities(strategy: Strategy, moment: datetime) -> list[tuple]:
    """(id, ref, title, address, what narrows the action table, owners, objectives) of each; one query."""
    owners: dict[int, list[str]] = defaultdict(list)
    heads: dict[int, tuple] = {}
    rows = (
        Priority.objects.existing(moment)
        .filter(strategy=strategy)
        .annotate(objective_count=_objectives_under("priority", moment))
        .order_by("position", "pk")
        .values_list("pk", "ref", "title", "objective_count", "sros__name")
    )
    base = f"/{strategy.area.slug}/{strategy.slug}/priorities/"
    for pk, ref, title, objectives, owner in rows:
        heads[pk] = (pk, ref, title, f"{base}{ref}/", f"priority={ref}", owners[pk], objectives)
        if owner:
            owners[pk].append(owner)
    return list(heads.values())


def _strands(strategy: Strategy, moment: datetime) -> list[tuple]:
    """Likewise of each work strand."""
    rows = (
        WorkStrand.objects.existing(moment)
        .filter(strategy=strategy)
        .annotate(objective_count=_objectives_under("workstrand", moment))
        .order_by("position", "pk")
        .values_list("pk", "name", "slug", "objective_count", "lead__name")
    )
    base = f"/{strategy.area.slug}/{strategy.slug}/strands/"
    return [
        (pk, "", name, f"{base}{slug}/", f"strand={slug}", [lead] if lead else [], objectives)
        for pk, name, slug, objectives, lead in rows
    ]


def _objectives_under(parent: str, moment: datetime) -> Coalesce:
    there = Objective.objects.existing(moment).filter(**{parent: OuterRef("pk")})
    counted = there.order_by().values(parent).annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


def commonest_cause(now: list[Standing]) -> str:
    """The cause given most often for what is off track or at risk; nothing where none is given."""
    found = Counter(s.said.cause for s in now if s.said and s.said.status in ("R", "A") and s.said.cause)
    return found.most_common(1)[0][0] if found else ""
