"""Monthly local figures: made up, tagged, never published."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from board.demonstration import wording
from board.demonstration.calendar import Window, months_within
from common.dates import LONDON, MONTHS
from kpis.vocabulary import Missing, Polarity, Unit

SEED = "send-tracker-demonstration-figures-1"
PREFIX = "illustrative-"


@dataclass(frozen=True)
class Series:
    """A definition, its target, and how its figures run from the first month to the last."""

    code: str
    title: str
    definition: str
    unit: str
    polarity: str
    first: float
    last: float
    noise: float
    target: float
    tolerance: float
    owner: str
    words: tuple[str, ...]  # of the priority that it belongs to
    decimals: int = 1
    counts_people: bool = False
    dip: float = 0  # what the seventh to ninth month differ by
    missing_month: int = -1
    restated_month: int = -1
    areas: tuple[str, ...] = ()  # none: every area


SERIES = [
    Series(
        f"{PREFIX}advice-from-health-in-6-weeks", "Health advice for EHC needs assessments given within 6 weeks",
        "Requests for health advice answered within six weeks, of all that fell due in the month.",
        Unit.PERCENT, Polarity.HIGHER, 57, 79, 2.4, 85, 10, "designated-clinical-officer", ("assess", "plans", "health"), restated_month=4,
    ),
    Series(
        f"{PREFIX}annual-reviews-on-time", "Annual reviews of EHC plans held on time",
        "Annual reviews held within twelve months of the last, of all that fell due in the month.",
        Unit.PERCENT, Polarity.HIGHER, 81, 74, 1.9, 90, 5, "head-of-send", ("plans", "adult"), missing_month=7,
    ),
    Series(
        f"{PREFIX}waiting-over-52-weeks", "Children waiting over 52 weeks for an autism or ADHD assessment",
        "Children on the waiting list at the end of the month who have waited more than 52 weeks.",
        Unit.COUNT, Polarity.LOWER, 412, 361, 9, 340, 30, "head-of-neurodevelopmental-services", ("identif",),
        decimals=0, counts_people=True, dip=34,
    ),
    Series(
        f"{PREFIX}sencos-trained", "SENCOs trained in the last 12 months",
        "SEN coordinators who finished a course in the twelve months to the end of the month, of all in post.",
        Unit.PERCENT, Polarity.HIGHER, 62, 91, 1.2, 85, 5, "principal-educational-psychologist", ("workforce",),
    ),
    Series(
        f"{PREFIX}plans-judged-good", "EHC plans judged good in the monthly audit",
        "Plans judged good or better by two services, of all that were audited in the month.",
        Unit.PERCENT, Polarity.HIGHER, 68, 72, 4.5, 80, 10, "engagement-lead", ("plans", "voice", "communicat"), areas=("lewisham",),
    ),
]  # fmt: skip


@dataclass(frozen=True)
class PlannedFigure:
    period_start: date
    period_end: date
    at: datetime
    number: int
    value: Decimal | None
    missing: str = ""
    reason: str = ""

    @property
    def label(self) -> str:
        return f"{MONTHS[self.period_start.month - 1]} {self.period_start.year}"


@dataclass(frozen=True)
class PlannedKpi:
    series: Series
    figures: Sequence[PlannedFigure]
    commentaries: Sequence[tuple[datetime, date, str]] = field(default_factory=list)


def plan_kpis(area: str, window: Window) -> list[PlannedKpi]:
    return [_kpi(series, area, window) for series in SERIES if not series.areas or area in series.areas]


def _kpi(series: Series, area: str, window: Window) -> PlannedKpi:
    rng = random.Random(f"{SEED} {area} {series.code}")
    months, figures = months_within(window.starts_on, window.last_on), []
    for place, (start, end) in enumerate(months):
        at = _known(end + timedelta(days=rng.randrange(8, 16)), rng)
        value = _value(series, rng, place, len(months))
        if place == series.missing_month:
            figures.append(PlannedFigure(start, end, at, 1, None, Missing.NOT_AVAILABLE))
        else:
            figures.append(PlannedFigure(start, end, at, 1, value))
        if place == series.restated_month:
            again = at + timedelta(days=49)
            reason = "Late answers were counted after the month was closed."
            figures.append(PlannedFigure(start, end, again, 2, value + Decimal("1.4"), reason=reason))
    figures = [each for each in figures if window.first_on <= each.at.date() < window.last_on]
    comments = [
        (each.at + timedelta(hours=2), each.period_end, wording.COMMENTARY[_is_worse(series, before, each)])
        for before, each in pairwise(figures)
        if each.number == 1 and before.value is not None and each.value is not None and rng.random() < 0.2
    ]
    return PlannedKpi(series, figures, comments)


def _value(series: Series, rng: random.Random, place: int, count: int) -> Decimal:
    share = place / max(1, count - 1)
    value = series.first + (series.last - series.first) * share + rng.uniform(-series.noise, series.noise)
    value += series.dip if 6 <= place <= 8 else 0
    return Decimal(str(round(value, series.decimals)))


def _is_worse(series: Series, before: PlannedFigure, after: PlannedFigure) -> bool:
    return (after.value < before.value) == (series.polarity == Polarity.HIGHER)


def _known(day: date, rng: random.Random) -> datetime:
    return datetime.combine(day, time(rng.randrange(9, 17), rng.randrange(60)), tzinfo=LONDON)
