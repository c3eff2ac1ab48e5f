"""How each KPI of an area stands at a moment: three queries, whatever the number of KPIs, figures and targets.

The KPIs with their indicators and owners; the figures, of each period the one known last by then, of the area and of the
places it is held against; the targets likewise. Of a series that runs through the year the last 48 months are read, so
that a long history costs no more than a short one; yearly and occasional series are short and are read whole.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.db.models import FloatField, Q
from django.db.models.functions import Cast

from common.dates import in_words, london_day, months_before
from common.words import sentence_case
from kpis.chart import Chart, chart_of
from kpis.models import Kpi, Measurement, Target
from kpis.rating import KpiStatus, change, rate, rating_sentence, show_trimmed, show_value, target_in_force
from kpis.vocabulary import Frequency, MeasurementState, Missing, Polarity, Qualifier, TargetKind
from strategies.models import Area

MONTHS_SHOWN = 48
POINTS_SHOWN = 48
LONG_SERIES = [Frequency.ANNUAL, Frequency.IRREGULAR]  # few figures: all of them are read

# A newer figure could be expected by so many days after the end of the last period: the period itself and the time to publish.
DAYS_UNTIL_OLD = {
    Frequency.MONTHLY: 92,
    Frequency.QUARTERLY: 214,
    Frequency.TERMLY: 245,
    Frequency.ANNUAL: 640,
    Frequency.IRREGULAR: 730,
}


class Point(NamedTuple):
    """One period's figure as it was known. `value` is None where the figure is missing or stands only in words."""

    period_start: date
    period_end: date
    label: str
    value: float | None
    missing: str
    as_written: str
    qualifier: str
    is_assumed: bool
    number: int
    state: str

    @property
    def period(self) -> str:
        return self.label or in_words(self.period_end)


class KnownTarget(NamedTuple):
    kind: str
    period_start: date
    period_end: date | None
    value: Decimal | None
    number: int
    as_written: str
    label: str
    qualifier: str = ""


@dataclass
class KpiFigure:
    """A KPI as it stood: its figures in order of period, its targets, and what the rules say of the latest.

    `forecasts` are never figures: they are drawn and said apart. `comparators` are the published figures of other places
    by their name. Control limits and signals will join here and in `kpis.chart`.
    """

    id: int
    code: str
    title: str
    unit: str
    decimals: int
    polarity: str
    frequency: str
    owner: str | None
    tolerance: Decimal | None
    floor: Decimal | None
    statutory_standard: Decimal | None
    next_release_on: date | None
    is_headline: bool
    is_illustrative: bool
    day: date = date.max
    points: list[Point] = field(default_factory=list)
    forecasts: list[Point] = field(default_factory=list)
    targets: list[KnownTarget] = field(default_factory=list)
    comparators: dict[str, list[Point]] = field(default_factory=dict)

    @property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def previous(self) -> Point | None:
        return self.points[-2] if len(self.points) > 1 else None

    # Against its target

    @cached_property
    def target(self) -> KnownTarget | None:
        """In force for the latest figure; with no figure, the one that holds last."""
        if self.latest:
            return target_in_force(self.targets, self.latest.period_end)
        return max(self.targets, key=lambda target: (target.period_start, target.number), default=None)

    @cached_property
    def next_target(self) -> KnownTarget | None:
        """The first one to come after the latest figure where none holds for it yet."""
        if self.target or not self.latest:
            return None
        coming = [t for t in self.targets if (t.period_end or t.period_start) > self.latest.period_end]
        return min(coming, key=lambda target: target.period_end or target.period_start, default=None)

    @property
    def has_target(self) -> bool:
        return self.target is not None and self.target.value is not None

    @property
    def is_in_words(self) -> bool:
        """There is a figure, "almost half", and no number."""
        return self.latest is not None and self.latest.value is None and bool(self.latest.as_written)

    @property
    def is_due(self) -> bool:
        """A figure could be there already."""
        return self.next_release_on is None or self.next_release_on <= self.day

    @cached_property
    def status(self) -> KpiStatus:
        latest = self.latest
        if latest is None:
            return KpiStatus.NO_DATA if self.is_due else KpiStatus.NOT_YET_DUE
        if self.is_in_words and self.polarity != Polarity.CONTEXTUAL:
            return KpiStatus.NO_DATA if self.has_target else KpiStatus.NO_TARGET
        return rate(latest.value, missing=latest.missing, **self._held_against)

    @cached_property
    def _held_against(self) -> dict:
        target = self.target
        return {
            "target": target.value if target else None,
            "tolerance": self.tolerance,
            "floor": self.floor,
            "polarity": self.polarity,
            "is_milestone": target is not None and target.kind == TargetKind.MILESTONE,
        }

    @property
    def is_good(self) -> bool:
        return self.status.is_good

    @cached_property
    def status_sentence(self) -> str:
        """The figure and the facts behind its status: "94.8%. Local target of 90% met; the legal duty is every plan"."""
        latest, target = self.latest, self.target
        if latest is None and self.is_due:
            return "No figure is held yet"
        if self.is_in_words:
            context = self.polarity == Polarity.CONTEXTUAL
            why = (
                "Context: neither more nor less is better"
                if context
                else "Said in words, so no target can be held against it"
            )
            return f"{sentence_case(latest.as_written)}. {why}"
        return rating_sentence(
            latest.value if latest else None,
            missing=latest.missing if latest else "",
            qualifier=latest.qualifier if latest else "",
            is_due=self.is_due,
            unit=self.unit,
            decimals=self.decimals,
            target_as_written=target.as_written if target and target.value is None else "",
            statutory_standard=self.statutory_standard,
            counted="plan" if "plans" in self.title.casefold() else "case",
            next_release_on=self.next_release_on,
            **self._held_against,
        )

    @property
    def status_reason(self) -> str:
        """The facts alone, for where the figure and the word of its status stand beside them."""
        facts = self.status_sentence.removeprefix(f"{sentence_case(self.latest_shown)}. ")
        facts = facts.removeprefix(f"{self.status.label}: ").removeprefix("Context: ")
        none = "none is in force for this period" if self.targets else "none is held"
        return sentence_case(facts.replace("No target for this period", none))

    # In words

    def shown(self, point: Point) -> str:
        if point.value is None and not point.as_written:
            return Missing(point.missing).label.lower() if point.missing else "no figure"
        return show_value(point.value, self.unit, self.decimals, point.qualifier, point.as_written)

    @property
    def latest_shown(self) -> str:
        return self.shown(self.latest) if self.latest else "–"

    @property
    def latest_period(self) -> str:
        if not self.latest:
            return ""
        said_already = not self.latest.is_assumed or self.latest.label == "undated"
        return self.latest.period if said_already else f"{self.latest.period} (date assumed)"

    @cached_property
    def target_words(self) -> str:
        target = self.target or self.next_target
        if target is None:
            return ""
        words = f"target {self.promised(target)}"
        if target.kind == TargetKind.MILESTONE and target.period_end:
            return f"{words} by {in_words(target.period_end)}"
        return words if self.target else f"{words} from {in_words(target.period_start)}"

    def promised(self, target: KnownTarget) -> str:
        if target.value is None:
            return f"“{target.as_written}”"
        words = show_trimmed(target.value, self.unit)
        return f"{Qualifier(target.qualifier).label} {words}" if target.qualifier else words

    @property
    def has_change(self) -> bool:
        """Two exact figures of known periods: "over 80%", and a figure without a date, cannot be compared."""
        pair = (self.previous, self.latest)
        return all(p and p.value is not None and not p.qualifier and not p.is_assumed for p in pair)

    @cached_property
    def change_words(self) -> str:
        """41 better than September; nothing where there are no two figures to compare."""
        if not self.has_change:
            return ""
        return change(
            self.previous.value, self.latest.value, self.polarity,
            since=self.previous.period, decimals=self.decimals, unit=self.unit,
        )  # fmt: skip

    @property
    def gain(self) -> float | None:
        """How much better the latest is than the one before; None where that cannot be said."""
        if not self.has_change or self.polarity == Polarity.CONTEXTUAL:
            return None
        gain = self.latest.value - self.previous.value
        return -gain if self.polarity == Polarity.LOWER else gain

    @property
    def comparison_words(self) -> str:
        """England 13.1% · Inner London 9.8%: what other places had for the period of the latest figure."""
        if not self.latest:
            return ""
        period = self.latest[:2]
        same = [(name, p) for name, points in self.comparators.items() for p in points if p[:2] == period]
        return " · ".join(f"{name} {self.shown(point)}" for name, point in same)

    @property
    def previous_words(self) -> str:
        """The figure before, where the two are not comparable enough for a change."""
        return f"Before: {self.shown(self.previous)}, {self.previous.period}" if self.previous else ""

    @property
    def expected_words(self) -> str:
        """What stands where a line would, when there is no figure."""
        if self.forecasts:
            forecast = self.forecasts[-1]
            return f"No figure yet; {self.shown(forecast)} was forecast for {forecast.period}"
        if not self.is_due:
            return f"First figure expected {in_words(self.next_release_on)}"
        return "No figure is held yet"

    @property
    def age_words(self) -> str:
        """Said of a figure where a newer one could be expected by now: "7 years old"."""
        if self.latest is None or not is_old(self.latest.period_end, self.frequency, self.day):
            return ""
        months = (self.day - self.latest.period_end).days // 30
        return f"{months // 12} year{'s' if months >= 24 else ''} old" if months >= 12 else f"{months} months old"

    @cached_property
    def chart(self) -> Chart:
        return chart_of(self)


def is_old(period_end: date, frequency: str, day: date) -> bool:
    """Whether a newer figure of a series could be expected by a day."""
    return day - period_end > timedelta(days=DAYS_UNTIL_OLD[frequency])


def kpi_figures(
    area: Area,
    moment: datetime,
    *,
    kpis=None,
    headline_only: bool = False,
    limit: int | None = None,
    whole_history: bool = False,
) -> list[KpiFigure]:
    """The area's KPIs (or those of the queryset `kpis`), headline ones first, as they stood at `moment`."""
    chosen = (Kpi.objects.all() if kpis is None else kpis).filter(area=area)
    if headline_only:
        chosen = chosen.filter(is_headline=True)
    rows = chosen.order_by("-is_headline", "-is_illustrative", "position", "indicator__title").values_list(
        "id", "indicator__code", "indicator__title", "indicator__unit", "indicator__decimals", "indicator__polarity",
        "indicator__frequency", "owner__name", "tolerance", "floor", "indicator__statutory_standard",
        "indicator__next_release_on", "is_headline", "is_illustrative", "indicator",
    )[:limit]  # fmt: skip
    day = london_day(moment)
    by_indicator = {row[-1]: KpiFigure(*row[:-1], day=day) for row in rows}
    _read_measurements(area, by_indicator, moment, whole_history=whole_history)
    _read_targets({kpi.id: kpi for kpi in by_indicator.values()}, moment)
    return list(by_indicator.values())


def held_against(area: Area):
    """The places whose published figures stand beside an area's: the country, its regions, its statistical neighbours."""
    wide = Q(kind__in=[Area.Kind.COUNTRY, Area.Kind.REGION])
    group = Q(kind=Area.Kind.NEIGHBOUR_GROUP, slug=f"{area.slug}-neighbours")
    return Area.objects.filter(wide | group)


def _read_measurements(
    area: Area, by_indicator: dict[int, KpiFigure], moment: datetime, *, whole_history: bool
) -> None:
    places = Area.objects.filter(Q(pk=area.pk) | Q(pk__in=held_against(area).values("pk")))
    rows = (
        Measurement.objects.filter(area__in=places.values("pk"), indicator__in=list(by_indicator), breakdown="")
        .filter(Q(area=area) | Q(is_published=True), recorded_at__lte=moment)
        .exclude(state=MeasurementState.PROVISIONAL)
    )
    if not whole_history:
        since = months_before(london_day(moment), MONTHS_SHOWN)
        long = [pk for pk, kpi in by_indicator.items() if kpi.frequency in LONG_SERIES]
        recent = Q(period_end__gt=since)
        rows = rows.filter(recent | Q(indicator__in=long) if long else recent)
    # Drawing and rating take floats: to read each figure exactly would cost more than to draw it.
    fields = (
        "indicator", "area", "area__name", "period_start", "period_end", "period_label", Cast("value", FloatField()),
        "missing", "as_written", "qualifier", "is_period_assumed", "number", "state",
    )  # fmt: skip
    known: dict[tuple, dict[tuple, Point]] = defaultdict(dict)
    for row in rows.order_by("indicator", "period_end", "period_start", "number").values_list(*fields):
        known[row[:3]][row[4], row[3], row[12]] = Point._make(row[3:])  # the highest number stays
    for (indicator, place, name), points in known.items():
        _hand_out(by_indicator[indicator], points.values(), name=name if place != area.pk else "")
    if not whole_history:
        for kpi in by_indicator.values():
            kpi.points = kpi.points[-POINTS_SHOWN:]


def _hand_out(kpi: KpiFigure, points: Iterable[Point], *, name: str) -> None:
    """Figures and forecasts apart; those of another place under its name."""
    figures, forecasts = [], []
    for point in points:
        (forecasts if point.state == MeasurementState.FORECAST else figures).append(point)
    if not name:
        kpi.points, kpi.forecasts = figures, forecasts
    elif figures:
        kpi.comparators[name] = figures


def _read_targets(by_kpi: dict[int, KpiFigure], moment: datetime) -> None:
    rows = Target.objects.filter(kpi__in=list(by_kpi), recorded_at__lte=moment).order_by(
        "kpi", "period_start", "number"
    )
    for kpi, *values in rows.values_list(
        "kpi", "kind", "period_start", "period_end", "value", "number", "as_written", "period_label", "qualifier"
    ):
        by_kpi[kpi].targets.append(KnownTarget(*values))


# One KPI's page


@dataclass(frozen=True)
class PeriodFigure:
    """The row that stood for a period, and what was said of it before: (earlier row, the row that took its place)."""

    row: Measurement
    restated: list[tuple[Measurement, Measurement]]


def figures_by_period(kpi: Kpi, moment: datetime) -> tuple[list[PeriodFigure], list[PeriodFigure]]:
    """All that was known of a KPI's own area, the latest period first: of the whole, and of its parts (breakdowns)."""
    found: dict[tuple, list[Measurement]] = defaultdict(list)
    rows = Measurement.objects.known_by(moment).filter(indicator=kpi.indicator_id, area=kpi.area_id)
    order = ("-period_end", "-period_start", "breakdown", "state", "number")
    for row in rows.select_related("source__area").order_by(*order):
        found[row.period_end, row.period_start, row.breakdown, row.state].append(row)
    periods = [PeriodFigure(rows[-1], list(itertools.pairwise(rows))[::-1]) for rows in found.values()]
    return [p for p in periods if not p.row.breakdown], [p for p in periods if p.row.breakdown]


@dataclass(frozen=True)
class ComparisonRow:
    """`cells` are (place, figure in words or "")."""

    period: str
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class Comparison:
    """Places side by side, the latest period first."""

    places: list[str]
    rows: list[ComparisonRow]


def comparison_of(kpi: KpiFigure, *, own: str) -> Comparison | None:
    """The area beside the country, its regions and its neighbours; None where no other place has a figure."""
    if not kpi.comparators:
        return None
    series = {own: kpi.points, **kpi.comparators}
    held = {name: {point[:2]: point for point in points} for name, points in series.items()}
    elsewhere = {point[:2]: point for points in kpi.comparators.values() for point in points}
    rows = []
    for period in sorted(elsewhere, key=lambda period: period[::-1], reverse=True):
        cells = [(name, kpi.shown(points[period]) if period in points else "") for name, points in held.items()]
        rows.append(ComparisonRow(elsewhere[period].period, cells))
    return Comparison(list(series), rows)
