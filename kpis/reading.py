"""How each KPI of an area stands at a moment: four queries, whatever the number of KPIs, figures and targets.

The KPIs with their indicators and owners; the figures, of each period the one known last by then, of the area and of the
places it is held against; the targets likewise; where limits start anew and where a series breaks. Of a series that runs
through the year the last 48 months are read, so that a long history costs no more than a short one; yearly and occasional
series are short and are read whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import DateTimeField, FloatField, IntegerField, Q, Value
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
    return kpi_figures_at(area, [moment], kpis=kpis, whole_history=whole_history, gather=gather)[0]


def kpi_figures_at(
    area: Area, moments: Sequence[datetime], *, kpis=None, whole_history: bool = False, gather: str = ""
) -> list[list[KpiFigure]]:
    """The same as at each of several moments, from one reading."""
    defined = _defined(area, kpis, gather, moments=moments)
    if not defined:
        return [[] for _ in moments]
    since = None if whole_history else months_before(london_day(min(moments)), MONTHS_SHOWN)
    read = _Read(
        figures=_measurement_rows(area, defined, max(moments), since=since),
        targets=_target_rows(defined, max(moments)),
        marks=_mark_rows(defined, max(moments)),
    )
    most = None if whole_history else POINTS_SHOWN
    return [_as_at(moment, area, defined, read, most=most) for moment in moments]


class _Defined(NamedTuple):
    """A KPI's own fields, in the order in which `KpiFigure` takes them, and the ids gathered beside it."""

    indicator: int
    values: list
    gathered: list[int]

    @property
    def kpi(self) -> int:
        return self.values[0]

    @property
    def frequency(self) -> str:
        return self.values[6]


class _Read(NamedTuple):
    """Rows known by the latest moment asked for; the last of each is when it was recorded, none for a break."""

    figures: list[tuple]
    targets: list[tuple]
    marks: list[tuple]


def _defined(area: Area, kpis, gather: str, *, moments: Sequence[datetime]) -> list[_Defined]:
    """Of all of an area's, those that it tracked by the last moment, and did not give up before the first.

    Which KPIs are named is up to whoever names them: a KPI that was retired keeps its page.
    """
    chosen = Kpi.objects.all() if kpis is None else kpis
    if kpis is None:
        chosen = chosen.filter(Q(added_at__isnull=True) | Q(added_at__lte=max(moments)))
        chosen = chosen.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=min(moments)))
    chosen = chosen.filter(area=area)
    rows = chosen.order_by("-is_headline", "-is_illustrative", "position", "indicator__title", "pk").values_list(
        gather or Value(None, IntegerField()), "indicator",
        "id", "indicator__code", "indicator__title", "indicator__unit", "indicator__decimals", "indicator__polarity",
        "indicator__frequency", "owner__name", "tolerance", "floor", "indicator__statutory_standard",
        "indicator__next_release_on", "is_headline", "is_illustrative", "screens_outliers", "indicator__counted",
        "indicator__definition",
    )  # fmt: skip
    found: dict[int, _Defined] = {}
    for gathered, indicator, *values in rows:
        kpi = found.setdefault(indicator, _Defined(indicator, values, []))
        if gathered is not None:
            kpi.gathered.append(gathered)
    return list(found.values())


def _as_at(moment: datetime, area: Area, defined: list[_Defined], read: _Read, *, most: int | None) -> list[KpiFigure]:
    """What was known by a moment, of what was read."""
    day = london_day(moment)
    by_indicator = {each.indicator: KpiFigure(*each.values, day=day, gathered=list(each.gathered)) for each in defined}
    by_kpi = {kpi.id: kpi for kpi in by_indicator.values()}
    known: dict[tuple, dict[tuple, Point]] = defaultdict(dict)
    for row in read.figures:
        if row[-1] <= moment:
            known[row[:3]][row[4], row[3], row[12]] = Point._make(row[3:-1])  # the highest number stays
    for (indicator, place, name), points in known.items():
        _hand_out(by_indicator[indicator], points.values(), name=name if place != area.pk else "")
    for kpi, *values, recorded_at in read.targets:
        if recorded_at <= moment:
            by_kpi[kpi].targets.append(KnownTarget(*values))
    for kpi, indicator, from_period, reason, recorded_at in read.marks:
        if recorded_at is None or recorded_at <= moment:
            figure = by_kpi[kpi] if kpi else by_indicator[indicator]
            figure.marks.append(Mark(from_period, reason, is_break=not kpi))
    for figure in by_kpi.values():
        figure.marks.sort()
        if most:
            figure.points = figure.points[-most:]
    return list(by_indicator.values())


def held_against(area: Area):
    """The places whose published figures stand beside an area's: the country, its regions, its neighbours as a group.

    Where it is not known which region an area lies in, every region does.
    """
    country = Q(kind=Area.Kind.COUNTRY)
    group = Q(kind=Area.Kind.NEIGHBOUR_GROUP, slug=f"{area.slug}-neighbours")
    around = Q(places=area.pk) | Q(places__places=area.pk) if area.within_id else Q()
    return Area.objects.filter(country | group | (Q(kind=Area.Kind.REGION) & around)).distinct()


def _measurement_rows(area: Area, defined: list[_Defined], moment: datetime, *, since: date | None) -> list[tuple]:
    places = Area.objects.filter(Q(pk=area.pk) | Q(pk__in=held_against(area).values("pk")))
    indicators = [each.indicator for each in defined]
    rows = (
        Measurement.objects.filter(area__in=places.values("pk"), indicator__in=indicators, breakdown="")
        .filter(Q(area=area) | Q(is_published=True), recorded_at__lte=moment)
        .exclude(state=MeasurementState.PROVISIONAL)
    )
    if since is not None:
        long = [each.indicator for each in defined if each.frequency in LONG_SERIES]
        recent = Q(period_end__gt=since)
        rows = rows.filter(recent | Q(indicator__in=long) if long else recent)
    # Drawing and rating take floats: to read each figure exactly would cost more than to draw it.
    fields = (
        "indicator", "area", "area__name", "period_start", "period_end", "period_label", Cast("value", FloatField()),
        "missing", "as_written", "qualifier", "is_period_assumed", "number", "state", "numerator", "denominator",
        "is_published", "published_on", "recorded_at",
    )  # fmt: skip
    return list(rows.order_by("indicator", "period_end", "period_start", "number").values_list(*fields))


def _hand_out(kpi: KpiFigure, points: Iterable[Point], *, name: str) -> None:
    """Figures and forecasts apart; those of another place under its name."""
    figures, forecasts = [], []
    for point in points:
        (forecasts if point.state == MeasurementState.FORECAST else figures).append(point)
    if not name:
        kpi.points, kpi.forecasts = figures, forecasts
    elif figures:
        kpi.comparators[name] = figures


def _target_rows(defined: list[_Defined], moment: datetime) -> list[tuple]:
    rows = Target.objects.filter(kpi__in=[each.kpi for each in defined], recorded_at__lte=moment)
    return list(
        rows.order_by("kpi", "period_start", "number").values_list(
            "kpi", "kind", "period_start", "period_end", "value", "number", "as_written", "period_label", "qualifier",
            "recorded_at",
        )
    )  # fmt: skip


def _mark_rows(defined: list[_Defined], moment: datetime) -> list[tuple]:
    """From where limits are calculated anew (of a KPI) and where a series breaks (of an indicator): one query."""
    rebases = Rebase.objects.filter(kpi__in=[each.kpi for each in defined], recorded_at__lte=moment).order_by()
    breaks = SeriesBreak.objects.filter(indicator__in=[each.indicator for each in defined]).order_by()
    of_none, never = Value(0, IntegerField()), Value(None, DateTimeField())
    return list(
        rebases.values_list("kpi", of_none, "from_period", "reason", "recorded_at").union(
            breaks.values_list(of_none, "indicator", "from_period", "reason", never), all=True
        )
    )
