"""The risk register, read as at a moment: which risks were open, how they were scored, and which rose.

A score is likelihood times impact, each 1 to 5, so 1 to 25. It stands as last recorded by the moment. A risk has risen
when its score is higher than at the moment before, fallen when lower; one raised since then is new. A review is overdue
from the day after its date, as long as the risk is open.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.db.models import OuterRef, Prefetch, Q, Subquery

from board.models import Risk, RiskScore
from common.dates import end_of_day, london_day
from common.words import plural
from kpis.models import Kpi
from priorities.models import Priority
from strategies.models import Area, Meeting, Strategy
from workstrands.models import Action

SCALE = (1, 2, 3, 4, 5)
LIKELIHOODS = {1: "Rare", 2: "Unlikely", 3: "Possible", 4: "Likely", 5: "Almost certain"}
IMPACTS = {1: "Very small", 2: "Small", 3: "Moderate", 4: "Large", 5: "Very large"}


class Level(models.TextChoices):
    """How serious a score is. The letter stands in the picture, so that nothing rests on its shade."""

    LOW = "L", "Low"
    MEDIUM = "M", "Medium"
    HIGH = "H", "High"
    VERY_HIGH = "V", "Very high"


class Movement(models.TextChoices):
    """Against the moment before."""

    ROSE = "rose", "Rose"
    NEW = "new", "New"
    FELL = "fell", "Fell"
    SAME = "same", "No change"
    CLOSED = "closed", "Closed"
    UNSCORED = "unscored", "Not scored"


# Rules


def level_of(score: int) -> Level:
    """Low to 4, medium to 9, high to 14, very high from 15."""
    if score >= 15:
        return Level.VERY_HIGH
    if score >= 10:
        return Level.HIGH
    return Level.MEDIUM if score >= 5 else Level.LOW


def movement(now: int | None, before: int | None, *, is_new: bool = False, is_closed: bool = False) -> Movement:
    """`now` and `before` are scores, None where there was none."""
    if is_closed:
        return Movement.CLOSED
    if is_new:
        return Movement.NEW
    if now is None:
        return Movement.UNSCORED
    if before is None or now == before:
        return Movement.SAME
    return Movement.ROSE if now > before else Movement.FELL


def is_review_overdue(review_on: date | None, *, on: date, is_closed: bool = False) -> bool:
    return review_on is not None and review_on < on and not is_closed


def next_ref(taken: Iterable[str]) -> str:
    """R1, R2 and so on: after the highest that was ever given, so that none is given twice."""
    numbers = [int(ref[1:]) for ref in taken if ref[:1] == "R" and ref[1:].isascii() and ref[1:].isdigit()]
    return f"R{max(numbers, default=0) + 1}"


# Reading


@dataclass(frozen=True, slots=True)
class RiskStanding:
    """A risk as it stood. `score` and `before` are the rows that stood at the moment and at the one before, or None."""

    risk: Risk
    score: RiskScore | None
    before: RiskScore | None
    movement: Movement
    is_closed: bool
    is_overdue: bool
    days_overdue: int

    @property
    def ref(self) -> str:
        return self.risk.ref

    @property
    def number(self) -> int | None:
        return self.score.score if self.score else None

    @property
    def number_before(self) -> int | None:
        return self.before.score if self.before else None

    @property
    def level(self) -> Level | None:
        return level_of(self.number) if self.score else None

    @property
    def target(self) -> int | None:
        likelihood, impact = self.risk.target_likelihood, self.risk.target_impact
        return likelihood * impact if likelihood and impact else None

    @property
    def overdue_words(self) -> str:
        return plural(self.days_overdue, "day")

    @property
    def is_above_target(self) -> bool:
        return bool(self.number and self.target and self.number > self.target)

    @property
    def score_words(self) -> str:
        """16, very high: likelihood 4, impact 4."""
        if self.score is None:
            return "Not scored yet"
        return (
            f"{self.number}, {self.level.label.lower()}: likelihood {self.score.likelihood}, impact {self.score.impact}"
        )

    @property
    def movement_words(self) -> str:
        if self.movement in (Movement.ROSE, Movement.FELL):
            return f"{self.movement.label} from {self.number_before} to {self.number}"
        return str(self.movement.label)


def risks_at(
    strategy: Strategy, moment: datetime, *, compare: datetime | None = None, risks=None
) -> list[RiskStanding]:
    """The risks raised by a moment, each as it stood then; three queries, however many there are.

    `compare` is the moment before; without one nothing has moved. `risks` narrows them.
    """
    day = london_day(moment)
    found = strategy.risks.all() if risks is None else risks
    found = found.filter(raised_on__lte=day).select_related("owner").prefetch_related("priorities", _scores(moment))
    return [_standing(risk, day, compare) for risk in sorted(found, key=lambda risk: natural(risk.ref))]


def natural(ref: str) -> tuple:
    """R10 after R9."""
    head = ref.rstrip("0123456789")
    tail = ref[len(head) :]
    return head, int(tail) if tail else 0


def _scores(moment: datetime) -> Prefetch:
    rows = RiskScore.objects.known_by(moment).select_related("recorded_by").order_by("number")
    return Prefetch("scores", rows, to_attr="known_scores")


def _standing(risk: Risk, day: date, compare: datetime | None) -> RiskStanding:
    scores = risk.known_scores
    is_closed = risk.closed_on is not None and risk.closed_on <= day
    is_overdue = is_review_overdue(risk.review_on, on=day, is_closed=is_closed)
    score = scores[-1] if scores else None
    before = next((row for row in reversed(scores) if compare and row.recorded_at <= compare), None)
    return RiskStanding(
        risk=risk,
        score=score,
        before=before,
        movement=_movement(risk, score, before, is_closed=is_closed, compare=compare),
        is_closed=is_closed,
        is_overdue=is_overdue,
        days_overdue=(day - risk.review_on).days if is_overdue else 0,
    )


def _movement(risk: Risk, score, before, *, is_closed: bool, compare: datetime | None) -> Movement:
    since = london_day(compare) if compare else None
    return movement(
        score.score if score else None,
        before.score if before else None,
        is_new=since is not None and risk.raised_on > since,
        is_closed=is_closed,
    )


def last_meeting_day(area: Area, day: date) -> date | None:
    """The day of the Board's last meeting before a day."""
    past = Meeting.objects.going_ahead(end_of_day(day)).filter(area=area, held_on__lt=day)
    return past.order_by("-held_on").values_list("held_on", flat=True).first()


# Tied to an action, a priority or a KPI


@dataclass(frozen=True, slots=True)
class TiedRisk:
    """An open risk or issue as it stood, beside what it could stop; of its score only what is shown there."""

    risk: Risk
    likelihood: int | None
    impact: int | None

    @property
    def score(self) -> int | None:
        return self.likelihood * self.impact if self.likelihood and self.impact else None

    @property
    def level(self) -> Level | None:
        return level_of(self.score) if self.score else None

    @property
    def score_words(self) -> str:
        """H 12, high: likelihood 4, impact 3."""
        if self.level is None:
            return "Not scored yet"
        level = f"{self.level.value} {self.score}, {self.level.label.lower()}"
        return f"{level}: likelihood {self.likelihood}, impact {self.impact}"


def risks_tied_to(record: Action | Priority | Kpi, moment: datetime) -> list[TiedRisk]:
    """The risks and issues tied to a record of published plans that were open at a moment, the worst first; one query."""
    day = london_day(moment)
    is_open = Q(closed_on__isnull=True) | Q(closed_on__gt=day)
    tied = record.risks.filter(is_open, raised_on__lte=day, strategy__state=Strategy.State.PUBLISHED)
    last = RiskScore.objects.known_by(moment).filter(risk=OuterRef("pk")).order_by("-number")
    scored = tied.select_related("strategy").annotate(
        likelihood_now=Subquery(last.values("likelihood")[:1]), impact_now=Subquery(last.values("impact")[:1])
    )
    found = [TiedRisk(risk, risk.likelihood_now, risk.impact_now) for risk in scored]
    return sorted(found, key=lambda each: (-(each.score or 0), natural(each.risk.ref)))


# In words, for the page and the papers


@dataclass(frozen=True, slots=True)
class RegisterSummary:
    """What the Board reads first of a register."""

    open: list[RiskStanding]
    closed: list[RiskStanding]
    rose: list[RiskStanding]
    new: list[RiskStanding]
    fell: list[RiskStanding]
    closed_since: list[RiskStanding]
    overdue: list[RiskStanding]


def summary_of(rows: Iterable[RiskStanding], *, since: date | None = None) -> RegisterSummary:
    """`since` is the day of the moment before; what was closed by then counts no longer as closed since."""
    rows = list(rows)
    is_open = [row for row in rows if not row.is_closed]
    return RegisterSummary(
        open=is_open,
        closed=[row for row in rows if row.is_closed],
        rose=[row for row in is_open if row.movement == Movement.ROSE],
        new=[row for row in is_open if row.movement == Movement.NEW],
        fell=[row for row in is_open if row.movement == Movement.FELL],
        closed_since=[row for row in rows if row.is_closed and since and row.risk.closed_on > since],
        overdue=[row for row in is_open if row.is_overdue],
    )


def moment_before(strategy: Strategy, day: date, compare: date | None) -> tuple[date | None, datetime | None]:
    """What a register is held against: the day asked for, or that of the last meeting; and its last moment."""
    since = compare or last_meeting_day(strategy.area, day)
    return since, end_of_day(since) if since else None
