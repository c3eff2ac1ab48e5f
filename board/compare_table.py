"""One KPI in several places: which are asked for, and their figures as a table, on the page and in a file."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import django_tables2 as tables
from django import forms
from django.utils.html import format_html
from django_tables2.data import TableListData

from board.tables import in_order
from common.words import noun_for
from kpis.benchmarking import Standing
from kpis.comparing import Benchmark, Figure, PlaceSeries, Role
from kpis.models import Indicator
from kpis.periods import Period
from kpis.places import places_with
from kpis.rating import change
from kpis.vocabulary import Unit
from strategies.models import Area

MOST_PLACES = 12
ROLES = {
    Role.OWN: "this area",
    Role.CHOSEN: "chosen here",
    Role.MEAN: "of those with a figure",
    Role.REGION: "the region it lies in",
    Role.COUNTRY: "the country",
}


class PlacesForm(forms.Form):
    """Places to stand in the neighbours' place: `?place=camden&place=leeds`."""

    place = forms.MultipleChoiceField(
        label=f"Places to compare with, at most {MOST_PLACES}", required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"inline": True, "small": True}),
        error_messages={"invalid_choice": "One of the places has no published figure here. Choose from the list."},
    )  # fmt: skip

    def __init__(self, data, *, indicator: Indicator, area: Area, moment: datetime):
        super().__init__(data)
        self.fields["place"].choices = places_with(indicator, moment, but=area)

    def clean_place(self) -> list[str]:
        chosen = list(dict.fromkeys(self.cleaned_data["place"]))
        if len(chosen) > MOST_PLACES:
            raise forms.ValidationError(f"Choose at most {MOST_PLACES} places: {len(chosen)} are chosen.")
        return chosen

    @property
    def chosen(self) -> list[str]:
        """None while a choice is not understood: the neighbours stand there then."""
        return self.cleaned_data["place"] if self.is_valid() else []


class PlaceRow(NamedTuple):
    """A place with its rank and quarter for the latest period, and the figure of the period just before."""

    place: PlaceSeries
    standing: Standing
    latest: Decimal | None
    previous: Figure | None
    gain: Decimal | None
    is_total: bool

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def role_words(self) -> str:
        near = self.place
        if near.role in (Role.REGION, Role.COUNTRY) and self.is_total:
            return f"{ROLES[near.role]}, in total"
        if near.role != Role.NEIGHBOUR:
            return ROLES[near.role]
        return f"neighbour {near.position}{f', {near.closeness.lower()}' if near.closeness else ''}"


def rows_of(benchmark: Benchmark) -> list[PlaceRow]:
    return [
        PlaceRow(
            place, benchmark.standing_of(place), place.value(benchmark.latest),
            benchmark.previous_of(place), benchmark.gain_of(place), benchmark.sums_up,
        )
        for place in benchmark.rows
    ]  # fmt: skip


# What each column is sorted by; None stands last whichever way.
SORTED_BY: dict[str, Callable[[PlaceRow], object]] = {
    "name": lambda row: row.name.casefold(),
    "latest": lambda row: row.latest,
    "change": lambda row: row.gain,
    "rank": lambda row: row.standing.rank.place if row.standing.rank else None,
}


class PlaceData(TableListData):
    def order_by(self, aliases) -> None:
        keys = [(SORTED_BY[alias.lstrip("-")], alias.startswith("-")) for alias in aliases]
        self.data = in_order(self.data, keys)


_NUMBER = {"td": {"class": "st-number"}, "th": {"class": "st-number"}}


class PeriodColumn(tables.Column):
    """The figures of one period: in words on the page; in a file the number, or the words where there is none."""

    def __init__(self, period: Period, benchmark: Benchmark, **kwargs):
        self.period, self.benchmark = period, benchmark
        super().__init__(accessor="place", empty_values=(), attrs=_NUMBER, **kwargs)

    def render(self, value) -> str:
        figure = value.figures.get(self.period)
        return self.benchmark.shown(figure) if figure else "–"

    def value(self, value) -> Decimal | str | None:
        figure = value.figures.get(self.period)
        if figure is None:
            return None
        return self.benchmark.shown(figure) if figure.value is None else figure.value


class PlaceTable(tables.Table):
    """Over `PlaceRow`s: a column for each period, the latest one named `latest` so that it can be sorted by."""

    row_header = "name"

    name = tables.Column("Place", attrs={"th": {"class": "st-w-20"}})
    stands_as = tables.Column("Stands as", accessor="role_words", visible=False)
    rank = tables.Column("Rank", accessor="standing", empty_values=(), attrs=_NUMBER)
    quarter = tables.Column(
        "Quarter", accessor="standing", empty_values=(), orderable=False, attrs={"td": {"class": "st-nowrap"}}
    )

    class Meta:
        template_name = "components/table.html"
        sequence = ("name", "stands_as", "...")

    def __init__(self, benchmark: Benchmark, **kwargs):
        self.benchmark = benchmark
        self.caption = f"{benchmark.indicator.title}: published figures of places by period"
        hidden = () if benchmark.is_ranked else ("rank", "quarter")
        super().__init__(
            PlaceData(rows_of(benchmark)),
            extra_columns=list(self._columns()),
            exclude=hidden,
            sequence=self._sequence_of(benchmark, hidden),
            **kwargs,
        )

    @staticmethod
    def _sequence_of(benchmark: Benchmark, hidden: tuple[str, ...]) -> list[str]:
        first = [] if benchmark.latest is None else ["latest"]
        return ["name", "stands_as", *first, "change", *(n for n in ("rank", "quarter") if n not in hidden), "..."]

    def _columns(self):
        """The latest period, the change into it, and after rank and quarter the other periods, the latest first."""
        benchmark = self.benchmark
        in_points = benchmark.indicator.unit in (Unit.PERCENT, Unit.PERCENT_CHANGE)
        words = "Change, points" if in_points else "Change"
        yield "change", tables.Column(words, accessor="gain", empty_values=(), attrs=_NUMBER)
        for at, period in reversed(list(enumerate(benchmark.periods))):
            is_latest = period == benchmark.latest
            name = "latest" if is_latest else f"period_{at}"
            words = benchmark.words_of(period)
            yield name, PeriodColumn(period, benchmark, verbose_name=words, orderable=is_latest)

    def render_name(self, record) -> str:
        name = format_html("<strong>{}</strong>", record.name) if record.place.role == Role.OWN else record.name
        return format_html('{}<span class="st-reason">{}</span>', name, record.role_words)

    def value_name(self, record) -> str:
        return record.name

    def render_change(self, record) -> str:
        """3.8 worse: of percentages in points, as the heading says."""
        if record.gain is None:
            return "–"
        indicator = self.benchmark.indicator
        words = change(
            record.previous.value, record.latest, indicator.polarity, decimals=indicator.decimals, unit=indicator.unit
        )
        return words.replace(" points ", " ").replace(" point ", " ")

    def value_change(self, record) -> Decimal | None:
        return record.gain

    def render_rank(self, record) -> str:
        rank = record.standing.rank
        return f"{'joint ' if rank.is_shared else ''}{rank.place}" if rank else "–"

    def value_rank(self, record) -> int | None:
        return record.standing.rank.place if record.standing.rank else None

    def render_quarter(self, record) -> str:
        band = record.standing.band
        return f"{band}: {band.label.removesuffix(' quarter')}" if band else "–"

    def value_quarter(self, record) -> str:
        return str(record.standing.band or "")


def narrowing_of(benchmark: Benchmark) -> list[tuple[str, str]]:
    """What a file says was chosen."""
    said = [("Neighbours", f"{benchmark.model_year} model" if benchmark.model_year else "")]
    names = [place.name for place in benchmark.chosen]
    said.append((f"{noun_for(len(names), 'Place')} chosen", ", ".join(names)))
    return [(label, value) for label, value in said if value]
