"""How each KPI of an area stands at a moment: four queries, whatever the number of KPIs, figures and targets.

The KPIs with their indicators and owners; the figures, of each period the one known last by then, of the area and of the
places it is held against; the targets likewise; where limits start anew and where a series breaks. Of a series that runs
through the year the last 48 months are read, so that a long history costs no more than a short one; yearly and occasional
series are short and are read whole.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import FloatField, IntegerField, Q, Value
from django.db.models.functions import Cast

from common.dates import london_day, months_before
from kpis.chart import MOST_WITH_LIMITS
from kpis.figure import KnownTarget, KpiFigure, Mark, Point
from kpis.models import Kpi, Measurement, Rebase, SeriesBreak, Target
from kpis.vocabulary import Frequency, MeasurementState
from strategies.models import Area

MONTHS_SHOWN = 48
POINTS_SHOWN = MOST_WITH_LIMITS
LONG_SERIES = [Frequency.ANNUAL, Frequency.IRREGULAR]  # few figures: all of them are read


def kpi_figures(
    area: Area, moment: datetime, *, kpis=None, whole_history: bool = False, gather: str = ""
) -> list[KpiFigure]:
    """The area's KPIs (or those of the queryset `kpis`), headline ones first, as they stood at `moment`.

    `gather` names a relation of the queryset (an alias of a `FilteredRelation`); the ids found there stand in `gathered`.
    """
    chosen = (Kpi.objects.all() if kpis is None else kpis).filter(area=area)
    rows = chosen.order_by("-is_headline", "-is_illustrative", "position", "indicator__title", "pk").values_list(
        gather or Value(None, IntegerField()), "indicator",
        "id", "indicator__code", "indicator__title", "indicator__unit", "indicator__decimals", "indicator__polarity",
        "indicator__frequency", "owner__name", "tolerance", "floor", "indicator__statutory_standard",
        "indicator__next_release_on", "is_headline", "is_illustrative", "screens_outliers", "indicator__counted",
        "indicator__definition",
    )  # fmt: skip
    day = london_day(moment)
    by_indicator: dict[int, KpiFigure] = {}
    for gathered, indicator, *values in rows:
        if indicator not in by_indicator:
            by_indicator[indicator] = KpiFigure(*values, day=day)
        if gathered is not None:
            by_indicator[indicator].gathered.append(gathered)
    if not by_indicator:
        return []
    by_kpi = {kpi.id: kpi for kpi in by_indicator.values()}
    _read_measurements(area, by_indicator, moment, whole_history=whole_history)
    _read_targets(by_kpi, moment)
    _read_marks(by_kpi, by_indicator, moment)
    return list(by_indicator.values())


def held_against(area: Area):
    """The places whose published figures stand beside an area's: the country, its regions, its neighbours as a group.

    Where it is not known which region an area lies in, every region does.
    """
    country = Q(kind=Area.Kind.COUNTRY)
    group = Q(kind=Area.Kind.NEIGHBOUR_GROUP, slug=f"{area.slug}-neighbours")
    around = Q(places=area.pk) | Q(places__places=area.pk) if area.within_id else Q()
    return Area.objects.filter(country | group | (Q(kind=Area.Kind.REGION) & around)).distinct()


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
        "missing", "as_written", "qualifier", "is_period_assumed", "number", "state", "numerator", "denominator",
        "is_published", "published_on",
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


def _read_marks(by_kpi: dict[int, KpiFigure], by_indicator: dict[int, KpiFigure], moment: datetime) -> None:
    """From where limits are calculated anew (of a KPI) and where a series breaks (of an indicator): one query."""
    rebases = Rebase.objects.filter(kpi__in=list(by_kpi), recorded_at__lte=moment).order_by()
    breaks = SeriesBreak.objects.filter(indicator__in=list(by_indicator)).order_by()
    rows = rebases.values_list("kpi", Value(0, IntegerField()), "from_period", "reason").union(
        breaks.values_list(Value(0, IntegerField()), "indicator", "from_period", "reason"), all=True
    )
    for kpi, indicator, from_period, reason in rows:
        figure = by_kpi[kpi] if kpi else by_indicator[indicator]
        figure.marks.append(Mark(from_period, reason, is_break=not kpi))
    for figure in by_kpi.values():
        figure.marks.sort()
