"""How each KPI of an area stands at a moment: three queries, whatever the number of KPIs, figures and targets.

The KPIs with their indicators and owners; the figures, of each period the one known last by then; the targets likewise.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q

from common.dates import in_words, london_day, months_before
from kpis.models import Kpi, Measurement, Target
from kpis.rating import KpiStatus, change, rate, rating_sentence, show_trimmed, show_value, target_in_force
from kpis.vocabulary import Frequency, MeasurementState, TargetKind
from strategies.models import Area

MONTHS_SHOWN = 48
POINTS_SHOWN = 48
LONG_SERIES = [Frequency.ANNUAL, Frequency.IRREGULAR]  # few figures: all of them are read


class Point(NamedTuple):
    """One period's figure as it was known. `value` is None where the figure is missing or stands only in words."""

    period_start: date
    period_end: date
    label: str
    value: Decimal | None
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


@dataclass
class KpiFigure:
    """A KPI as it stood: its figures in order of period, its targets, and what the rules say of the latest."""

    id: int
    code: str
    title: str
    unit: str
    decimals: int
    polarity: str
    frequency: str
    owner: str
    tolerance: Decimal | None
    floor: Decimal | None
    statutory_standard: Decimal | None
    next_release_on: date | None
    is_headline: bool
    is_illustrative: bool
    points: list[Point] = field(default_factory=list)
    forecasts: list[Point] = field(default_factory=list)
    targets: list[KnownTarget] = field(default_factory=list)

    @cached_property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None

    @cached_property
    def previous(self) -> Point | None:
        return self.points[-2] if len(self.points) > 1 else None

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
        coming = [t for t in self.targets if t.period_start > self.latest.period_end or t.kind == TargetKind.MILESTONE]
        return min(coming, key=lambda target: target.period_end or target.period_start, default=None)

    @property
    def has_target(self) -> bool:
        return self.target is not None and self.target.value is not None

    @cached_property
    def status(self) -> KpiStatus:
        latest, target = self.latest, self.target
        if latest is None:
            return KpiStatus.NO_DATA
        if latest.value is None and latest.as_written:
            return KpiStatus.NO_TARGET if not target else KpiStatus.NO_DATA
        return rate(latest.value, missing=latest.missing, **self._held_against(target))

    def _held_against(self, target: KnownTarget | None) -> dict:
        return {
            "target": target.value if target else None,
            "tolerance": self.tolerance,
            "floor": self.floor,
            "polarity": self.polarity,
            "is_milestone": bool(target and target.kind == TargetKind.MILESTONE),
        }

    @property
    def is_good(self) -> bool:
        return self.status.is_good

    @cached_property
    def status_sentence(self) -> str:
        latest, target = self.latest, self.target
        return rating_sentence(
            latest.value if latest else None,
            missing=latest.missing if latest else "",
            as_written=latest.as_written if latest else "",
            qualifier=latest.qualifier if latest else "",
            unit=self.unit,
            decimals=self.decimals,
            target_as_written=target.as_written if target else "",
            statutory_standard=self.statutory_standard,
            next_release_on=self.next_release_on,
            **self._held_against(target),
        )

    def shown(self, point: Point) -> str:
        if point.value is None and not point.as_written:
            return point.missing.replace("_", " ") or "no figure"
        return show_value(point.value, self.unit, self.decimals, point.qualifier, point.as_written)

    @property
    def latest_shown(self) -> str:
        return self.shown(self.latest) if self.latest else "–"

    @property
    def latest_period(self) -> str:
        return self.latest.period if self.latest else ""

    @cached_property
    def target_words(self) -> str:
        target = self.target or self.next_target
        if target is None:
            return ""
        words = f"target {target.as_written or show_trimmed(target.value, self.unit)}"
        if self.target is not None:
            return words
        by = target.period_end
        return f"{words} by {in_words(by)}" if by else f"{words} from {in_words(target.period_start)}"

    @cached_property
    def series_words(self) -> str:
        """The few figures that are too few for a line, in order: "2017 48.2%, 2018 76.5%"."""
        return ", ".join(f"{point.period} {self.shown(point)}" for point in self.points)

    @cached_property
    def change_words(self) -> str:
        """41 better than September; nothing where there are no two figures to compare."""
        if not self.previous or not self.latest or self.previous.qualifier or self.latest.qualifier:
            return ""
        if self.previous.is_assumed or self.latest.is_assumed:
            return ""
        return change(
            self.previous.value,
            self.latest.value,
            self.polarity,
            since=self.previous.period,
            decimals=self.decimals,
            unit=self.unit,
        )

    @cached_property
    def chart(self):
        from kpis.chart import chart_of

        return chart_of(self)


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
    by_indicator = {row[-1]: KpiFigure(*row[:-1]) for row in rows}
    _read_measurements(area, by_indicator, moment, whole_history=whole_history)
    _read_targets({kpi.id: kpi for kpi in by_indicator.values()}, moment)
    return list(by_indicator.values())


def _read_measurements(
    area: Area, by_indicator: dict[int, KpiFigure], moment: datetime, *, whole_history: bool
) -> None:
    rows = Measurement.objects.filter(
        area=area, indicator__in=list(by_indicator), breakdown="", recorded_at__lte=moment
    ).exclude(state=MeasurementState.PROVISIONAL)
    if not whole_history:
        since = months_before(london_day(moment), MONTHS_SHOWN)
        long = [pk for pk, kpi in by_indicator.items() if kpi.frequency in LONG_SERIES]
        rows = rows.filter(Q(period_end__gt=since) | Q(indicator__in=long))
    known: dict[tuple, Point] = {}
    fields = (
        "indicator",
        *Point._fields[:3],
        "value",
        "missing",
        "as_written",
        "qualifier",
        "is_period_assumed",
        "number",
        "state",
    )
    renamed = [{"label": "period_label"}.get(name, name) for name in fields]
    for indicator, *values in rows.order_by("indicator", "period_end", "period_start", "number").values_list(*renamed):
        point = Point(*values)
        known[indicator, point.period_end, point.period_start, point.state] = point  # the highest number stays
    for (indicator, *_), point in known.items():
        kpi = by_indicator[indicator]
        (kpi.forecasts if point.state == MeasurementState.FORECAST else kpi.points).append(point)
    if not whole_history:
        for kpi in by_indicator.values():
            kpi.points = kpi.points[-POINTS_SHOWN:]


def _read_targets(by_kpi: dict[int, KpiFigure], moment: datetime) -> None:
    rows = Target.objects.filter(kpi__in=list(by_kpi), recorded_at__lte=moment).order_by(
        "kpi", "period_start", "number"
    )
    for kpi, *values in rows.values_list(
        "kpi", "kind", "period_start", "period_end", "value", "number", "as_written", "period_label"
    ):
        by_kpi[kpi].targets.append(KnownTarget(*values))


def restatements(kpi: Kpi, moment: datetime) -> dict[tuple, list[Measurement]]:
    """Every figure known of a KPI's area by then, oldest first, by period: more than one is a restatement."""
    found: dict[tuple, list[Measurement]] = defaultdict(list)
    rows = Measurement.objects.filter(
        indicator=kpi.indicator_id, area=kpi.area_id, recorded_at__lte=moment
    ).select_related("source")
    for row in rows.order_by("period_end", "period_start", "breakdown", "state", "number"):
        found[row.period_end, row.period_start, row.breakdown, row.state].append(row)
    return dict(found)
