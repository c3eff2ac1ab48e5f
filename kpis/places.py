"""One indicator across places at a moment, from published final figures alone: five queries, however many places.

The neighbours; the country, the regions an area lies in and the places asked for; the figures of all these, of each period
the one known last by then; the figures of every local area for the latest period; where the series breaks. `standings_of`
does the part of it that a table of KPIs needs for many indicators at once, in two.

Provisional figures and forecasts are never compared with final ones: they are left out, and said to be.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from common.dates import london_day
from kpis.benchmarking import Standing, standing_of
from kpis.comparing import Benchmark, Break, Figure, PlaceSeries, Role, aim_of, by_end
from kpis.models import Indicator, Measurement, SeriesBreak
from kpis.periods import Period, period_in_words
from kpis.rating import Number
from kpis.vocabulary import MeasurementState, Polarity
from strategies.models import Area, Neighbour


def benchmark_of(
    indicator: Indicator,
    area: Area,
    moment: datetime,
    *,
    model_year: int | None = None,
    chosen: Sequence[str] = (),
    targets: Iterable = (),
) -> Benchmark:
    """`model_year`: which list of neighbours, by default the newest of that day; `chosen`: slugs of places to show instead.

    `targets` are those known then (`kpis.figure.KnownTarget`, or rows); `LookupError` for a list that there is none of.
    """
    lists = _neighbour_lists(area)
    year = _model_year(lists, model_year, london_day(moment))
    wide, asked = _wide_and_asked(area, chosen)
    near = [_series(row.area, Role.NEIGHBOUR, row) for row in lists.get(year, [])]
    found = Benchmark(
        indicator=indicator,
        own=_series(area, Role.OWN),
        neighbours=near,
        chosen=[_series(place, Role.CHOSEN) for place in asked],
        regions=[_series(place, Role.REGION) for place in wide if place.kind == Area.Kind.REGION],
        country=next((_series(place, Role.COUNTRY) for place in wide if place.kind == Area.Kind.COUNTRY), None),
        model_year=year,
        model_years=sorted(lists, reverse=True),
    )
    _read_series(found, moment)
    if not found.is_empty:
        _read_field(found, moment)
        found.breaks = [Break(*row) for row in _breaks(indicator)]
        found.aim = aim_of(targets, found.latest, indicator.frequency)
    return found


def _neighbour_lists(area: Area) -> dict[int, list[Neighbour]]:
    lists: dict[int, list[Neighbour]] = defaultdict(list)
    for row in Neighbour.objects.filter(of=area).select_related("area").order_by("model_year", "position"):
        lists[row.model_year].append(row)
    return dict(lists)


def _model_year(lists: dict[int, list], asked: int | None, day: date) -> int | None:
    """The newest model there was on a day; where all are later, the first."""
    if asked is not None:
        if asked not in lists:
            raise LookupError(f"No list of neighbours by a model of {asked}.")
        return asked
    then = [year for year in lists if year <= day.year]
    return max(then) if then else min(lists, default=None)


def _wide_and_asked(area: Area, slugs: Sequence[str]) -> tuple[list[Area], list[Area]]:
    """What the area lies in, the nearest first, up to the country; and the places asked for, in that order."""
    wanted = Q(kind=Area.Kind.COUNTRY) | Q(slug__in=slugs)
    if area.within_id:
        wanted |= Q(pk=area.within_id) | Q(places=area.within_id)
    places = {place.pk: place for place in Area.objects.filter(wanted).exclude(pk=area.pk).distinct()}
    chain, at = [], area.within_id
    while at in places and places[at] not in chain:
        chain.append(places[at])
        at = places[at].within_id
    if not any(place.kind == Area.Kind.COUNTRY for place in chain):
        chain += [place for place in places.values() if place.kind == Area.Kind.COUNTRY][:1]
    by_slug = {place.slug: place for place in places.values()}
    return chain, [by_slug[slug] for slug in dict.fromkeys(slugs) if slug in by_slug]


def _series(area: Area, role: Role, near: Neighbour | None = None) -> PlaceSeries:
    return PlaceSeries(
        area.name, role, area.pk, area.kind == Area.Kind.LOCAL_AREA,
        near.position if near else None, near.closeness if near else "",
    )  # fmt: skip


def _published(moment: datetime) -> QuerySet:
    """In order of number, so that of rows for the same period the one known last comes last."""
    rows = Measurement.objects.known_by(moment).filter(is_published=True, breakdown="")
    return rows.order_by("number")


def _read_series(found: Benchmark, moment: datetime) -> None:
    places = [found.own, *found.others]
    rows = _published(moment).filter(indicator=found.indicator, area__in={place.area_id for place in places})
    rows = rows.exclude(state=MeasurementState.FORECAST).values_list(
        "area", "state", "period_start", "period_end", "period_label", "value", "missing", "as_written",
        "qualifier",
    )  # fmt: skip
    held: dict[tuple, dict[Period, Figure]] = defaultdict(dict)
    for area, state, start, end, label, value, missing, words, qualifier in rows:
        period = Period(start, end)
        held[area, state][period] = Figure(period, label, value, missing, words, is_exact=not qualifier)
    for place in places:
        place.figures = held[place.area_id, MeasurementState.FINAL]
    found.provisional = _newer_provisional(found, held[found.own.area_id, MeasurementState.PROVISIONAL])


def _newer_provisional(found: Benchmark, held: dict[Period, Figure]) -> Figure | None:
    """One for a period that has no final figure yet."""
    waiting = [figure for period, figure in held.items() if period not in found.own.figures]
    return max(waiting, key=lambda figure: by_end(figure.period), default=None)


def _count_of_local_areas() -> Coalesce:
    """How many there are, as part of another query."""
    there = Area.objects.filter(kind=Area.Kind.LOCAL_AREA, ended_on__isnull=True).order_by().values("kind")
    return Coalesce(Subquery(there.annotate(count=Count("pk")).values("count")), 0)


def _read_field(found: Benchmark, moment: datetime) -> None:
    rows = _ranked(moment).filter(
        indicator=found.indicator, period_start=found.latest.start, period_end=found.latest.end
    )
    for area, value, qualifier, found.local_areas in rows.values_list("area", "value", "qualifier", "local_areas"):
        _put(found.ranked, area, value, is_exact=not qualifier)


def _ranked(moment: datetime) -> QuerySet:
    rows = _published(moment).filter(area__kind=Area.Kind.LOCAL_AREA, state=MeasurementState.FINAL)
    return rows.annotate(local_areas=_count_of_local_areas())


def _put(field: dict[int, Number], area: int, value: Number | None, *, is_exact: bool) -> None:
    """The last word counts, also when it takes a figure away."""
    if value is None or not is_exact:
        field.pop(area, None)
    else:
        field[area] = value


def _breaks(indicator: Indicator):
    return SeriesBreak.objects.filter(indicator=indicator).order_by("from_period").values_list("from_period", "reason")


# Many indicators of one area at once


class LatestStanding(NamedTuple):
    """Rank and quarter of the latest published final figure, and the period it is for."""

    period: str
    value: Decimal | None
    standing: Standing


def standings_of(area: Area, moment: datetime, *, codes: Iterable[str] | None = None) -> dict[str, LatestStanding]:
    """By the indicator's code, for those the area tracks (or only `codes`) that have a polarity and a published figure.

    Two queries: the area's own figures, and every local area's for the latest period of each indicator.
    """
    own = _own_latest(area, moment, codes)
    values, local_areas = _values_for({row.indicator: row.period for row in own.values()}, moment)
    return {
        code: LatestStanding(
            row.words,
            row.value,
            standing_of(row.value, values[row.indicator].values(), row.polarity, local_areas=local_areas),
        )
        for code, row in own.items()
    }


class _Own(NamedTuple):
    indicator: int
    polarity: str
    period: Period
    words: str
    value: Decimal | None


def _own_latest(area: Area, moment: datetime, codes: Iterable[str] | None) -> dict[str, _Own]:
    rows = _published(moment).filter(area=area, state=MeasurementState.FINAL)
    rows = rows.exclude(indicator__polarity=Polarity.CONTEXTUAL)
    tracked = Q(indicator__kpis__area=area) if codes is None else Q(indicator__code__in=list(codes))
    rows = rows.filter(tracked).order_by("period_end", "period_start", "number")
    found = {}
    for code, indicator, polarity, start, end, label, value, qualifier in rows.values_list(
        "indicator__code", "indicator", "indicator__polarity", "period_start", "period_end", "period_label", "value",
        "qualifier",
    ):  # fmt: skip
        exact = None if qualifier else value
        found[code] = _Own(indicator, polarity, Period(start, end), label or period_in_words(start, end), exact)
    return found


def _values_for(wanted: dict[int, Period], moment: datetime) -> tuple[dict[int, dict[int, Decimal]], int]:
    """indicator → area → figure, for the one period wanted of each indicator; and how many local areas there are."""
    by_period: dict[Period, list[int]] = defaultdict(list)
    for indicator, period in wanted.items():
        by_period[period].append(indicator)
    asked = Q(pk__in=[])
    for (start, end), indicators in by_period.items():
        asked |= Q(period_start=start, period_end=end, indicator__in=indicators)
    values: dict[int, dict[int, Decimal]] = defaultdict(dict)
    fields = ("indicator", "area", "value", "qualifier", "local_areas")
    rows = list(_ranked(moment).filter(asked).values_list(*fields))
    for indicator, area, value, qualifier, _ in rows:
        _put(values[indicator], area, value, is_exact=not qualifier)
    return values, rows[0][-1] if rows else 0


def places_with(indicator: Indicator, moment: datetime, *, but: Area) -> list[tuple[str, str]]:
    """(slug, name) of the local areas and regions with a published final figure known by then, by name."""
    rows = _published(moment).filter(indicator=indicator, state=MeasurementState.FINAL).values("area")
    kinds = [Area.Kind.LOCAL_AREA, Area.Kind.REGION]
    places = Area.objects.filter(kind__in=kinds, pk__in=rows.order_by()).exclude(pk=but.pk)
    return list(places.order_by("name").values_list("slug", "name"))
