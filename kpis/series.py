"""The figures that an area holds for one of its KPIs, as somebody who enters the next one needs them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from common.dates import in_words
from kpis.models import Indicator, Kpi, Measurement
from kpis.periods import Period, due_in_words, periods_due
from kpis.rating import show_trimmed, show_value
from kpis.vocabulary import MeasurementState, Missing, Unit

PERIODS_OFFERED = 12


@dataclass
class KpiSeries:
    """`rows` are those that stand, one a period and state, the latest period first; forecasts are no figures."""

    indicator: Indicator
    rows: list[Measurement]

    @cached_property
    def by_period(self) -> dict[Period, list[Measurement]]:
        found: dict[Period, list[Measurement]] = defaultdict(list)
        for row in self.rows:
            found[Period(row.period_start, row.period_end)].append(row)
        return dict(found)

    @cached_property
    def last(self) -> Period | None:
        """The latest period that is known, and not taken from a document's date."""
        return next((Period(row.period_start, row.period_end) for row in self.rows if not row.is_period_assumed), None)

    def periods_due(self, today: date) -> list[Period]:
        """The next one and the latest; of a series that stopped long ago, not every period between."""
        found = periods_due(self.indicator.frequency, self.last, today, most=1200)
        due = [period for period in found if period not in self.by_period]
        return due if len(due) <= PERIODS_OFFERED else [due[0], *due[1 - PERIODS_OFFERED :]]

    def next_due(self, today: date) -> Period | None:
        return next(iter(self.periods_due(today)), None)

    def due_in_words(self, today: date) -> str:
        """When the next figure is due: of a published one on the day of its release, where that is known and to come."""
        release_on = self.indicator.next_release_on
        if release_on and release_on >= today:
            return f"The next figure is to be published on {in_words(release_on)}"
        return due_in_words(self.indicator.frequency, self.next_due(today), today)

    def recent(self, most: int | None = PERIODS_OFFERED) -> list[tuple[Period, list[str]]]:
        """The latest periods with what stands for each."""
        return [(period, [self.shown(row) for row in rows]) for period, rows in list(self.by_period.items())[:most]]

    def standing(self, period: Period, state: str) -> Measurement | None:
        return next((row for row in self.by_period.get(period, []) if row.state == state), None)

    def label_of(self, period: Period) -> str:
        """What a period with a figure is called; empty for one without."""
        rows = self.by_period.get(period)
        return (rows[0].period_label or period.words) if rows else ""

    def overlapping(self, period: Period) -> str:
        """A period with a figure that shares days with another one, where neither is the other."""
        shared = (
            other
            for other in self.by_period
            if other != period and other.start <= period.end and period.start <= other.end
        )
        found = next(shared, None)
        return self.label_of(found) if found else ""

    def shown(self, row: Measurement) -> str:
        if row.value is None and not row.as_written:
            words = str(Missing(row.missing).label).lower() if row.missing else "no figure"
        else:
            words = show_value(row.value, self.indicator.unit, self.indicator.decimals, row.qualifier, row.as_written)
        return f"{words}, provisional" if row.state == MeasurementState.PROVISIONAL else words

    def counted(self, row: Measurement) -> str:
        """52 of 61 children; empty where only the percentage is known."""
        if row.numerator is None or row.denominator is None:
            return ""
        part, whole = (show_trimmed(number, Unit.COUNT) for number in (row.numerator, row.denominator))
        return f"{part} of {whole} {self.indicator.counted}".strip()

    def before(self, period: Period) -> list[Measurement]:
        """The final figures of earlier periods that are numbers, in order."""
        return [
            row
            for row in reversed(self.rows)
            if row.state == MeasurementState.FINAL and row.value is not None and row.period_end < period.end
        ]


def series_of(kpi: Kpi) -> KpiSeries:
    """One query."""
    found: dict[tuple, Measurement] = {}
    rows = Measurement.objects.filter(indicator=kpi.indicator_id, area=kpi.area_id, breakdown="")
    rows = rows.exclude(state=MeasurementState.FORECAST).select_related("recorded_by", "source")
    for row in rows.order_by("-period_end", "-period_start", "state", "number"):
        found[row.period_end, row.period_start, row.state] = row
    return KpiSeries(kpi.indicator, list(found.values()))


def serieses_of(kpis: list[Kpi]) -> dict[int, KpiSeries]:
    """By KPI, what `series_of` reads of one, without its rebases; one query."""
    by_pair = {(kpi.indicator_id, kpi.area_id): KpiSeries(kpi.indicator, []) for kpi in kpis}
    rows = Measurement.objects.filter(indicator__in={kpi.indicator_id for kpi in kpis}, breakdown="")
    rows = rows.filter(area__in={kpi.area_id for kpi in kpis}).exclude(state=MeasurementState.FORECAST)
    found = {}
    for row in rows.order_by("-period_end", "-period_start", "state", "number"):
        found[row.indicator_id, row.area_id, row.period_end, row.period_start, row.state] = row
    for (indicator, area, *_), row in found.items():
        if (indicator, area) in by_pair:
            by_pair[indicator, area].rows.append(row)
    return {kpi.pk: by_pair[kpi.indicator_id, kpi.area_id] for kpi in kpis}
