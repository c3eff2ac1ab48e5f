"""A place's indicator beside those of others at a moment, and the words for it: what `kpis.places` reads into.

Only published final figures stand here. The rules are those of `kpis.benchmarking`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from common.dates import in_words
from common.words import sentence_case
from kpis import benchmarking as rules
from kpis.benchmarking import Aim, Mean, Standing, shown_figure, standing_of
from kpis.models import Indicator
from kpis.periods import Period, period_in_words
from kpis.rating import rounded, target_in_force
from kpis.vocabulary import Polarity, TargetKind, Unit


class Role(StrEnum):
    OWN = "own"
    NEIGHBOUR = "neighbour"
    CHOSEN = "chosen"
    MEAN = "mean"
    REGION = "region"
    COUNTRY = "country"


class Figure(NamedTuple):
    """A published final figure. One that is not exact ("over 80%") is shown and not reckoned with."""

    period: Period
    label: str
    written: Decimal | None
    missing: str = ""
    as_written: str = ""
    is_exact: bool = True

    @property
    def value(self) -> Decimal | None:
        return self.written if self.is_exact else None

    @property
    def words(self) -> str:
        return self.label or period_in_words(*self.period)


@dataclass
class PlaceSeries:
    """A place's figures by period. `position` and `closeness` are those of a statistical neighbour."""

    name: str
    role: Role
    area_id: int | None = None
    is_local_area: bool = False
    position: int | None = None
    closeness: str = ""
    figures: dict[Period, Figure] = field(default_factory=dict)

    def value(self, period: Period | None) -> Decimal | None:
        return self.figures[period].value if period in self.figures else None

    @property
    def values(self) -> dict[Period, Decimal | None]:
        return {period: figure.value for period, figure in self.figures.items()}

    @property
    def last(self) -> Figure | None:
        return self.figures[max(self.figures, key=by_end)] if self.figures else None


class Break(NamedTuple):
    from_period: date
    reason: str


def by_end(period: Period) -> tuple[date, date]:
    return period.end, period.start


@dataclass
class Benchmark:
    """An area's indicator beside other places. `latest` is the period that ranks and sentences are about.

    `regions` are those the area lies in, the nearest first; `ranked` holds the figures of all local areas for `latest` by
    the area's id. `chosen` are places asked for by name, which stand in the neighbours' place.
    """

    indicator: Indicator
    own: PlaceSeries
    neighbours: list[PlaceSeries]
    chosen: list[PlaceSeries]
    regions: list[PlaceSeries]
    country: PlaceSeries | None
    model_year: int | None
    model_years: list[int]
    ranked: dict[int, Decimal] = field(default_factory=dict)
    local_areas: int = 0
    breaks: list[Break] = field(default_factory=list)
    provisional: Figure | None = None
    aim: Aim | None = None

    # Places and periods

    @cached_property
    def latest(self) -> Period | None:
        """The area's own latest; where it has no figure, anybody's."""
        last = [place.last for place in ([self.own] if self.own.figures else self.others) if place.last]
        return max((figure.period for figure in last), key=by_end, default=None)

    @property
    def others(self) -> list[PlaceSeries]:
        return [*self.neighbours, *self.chosen, *self.regions, *([self.country] if self.country else [])]

    @property
    def is_empty(self) -> bool:
        """Nobody else has a figure: there is nothing to stand beside."""
        return not any(place.figures for place in self.others)

    @property
    def sums_up(self) -> bool:
        """A region's or country's number of plans, or pounds, is a total: it says nothing about one place of it."""
        return self.indicator.unit in (Unit.COUNT, Unit.GBP)

    @property
    def latest_words(self) -> str:
        return self.words_of(self.latest) if self.latest else ""

    @cached_property
    def _labels(self) -> dict[Period, str]:
        found = {f.period: f.words for place in self.others for f in place.figures.values()}
        return found | {figure.period: figure.words for figure in self.own.figures.values()}

    def words_of(self, period: Period) -> str:
        return self._labels.get(period) or period_in_words(*period)

    @cached_property
    def periods(self) -> list[Period]:
        """Every period that a place shown has a figure for, in order."""
        return sorted({period for place in self.rows for period in place.figures}, key=by_end)

    @cached_property
    def rows(self) -> list[PlaceSeries]:
        """The places in the order they are read: the area, its neighbours or those chosen, their mean, region, country."""
        mean = [self.mean] if self.mean else []
        return [self.own, *(self.chosen or self.neighbours), *mean, *self.wide]

    @property
    def wide(self) -> list[PlaceSeries]:
        return [place for place in (self.region, self.country) if place]

    @cached_property
    def region(self) -> PlaceSeries | None:
        """The nearest region with a figure for the latest period."""
        return next((region for region in self.regions if region.value(self.latest) is not None), None)

    @cached_property
    def mean(self) -> PlaceSeries | None:
        if not self.neighbours:
            return None
        periods = {period for place in self.neighbours for period in place.figures}
        means = {period: self.mean_at(period) for period in periods}
        figures = {p: Figure(p, self._labels[p], found.value) for p, found in means.items() if found}
        return PlaceSeries(f"Mean of its {len(self.neighbours)} neighbours", Role.MEAN, figures=figures)

    def mean_at(self, period: Period | None) -> Mean | None:
        return rules.mean_of([place.value(period) for place in self.neighbours])

    # Standing

    @cached_property
    def standing(self) -> Standing:
        return self.standing_of(self.own)

    def standing_of(self, place: PlaceSeries) -> Standing:
        """Only local areas are ranked."""
        if not place.is_local_area:
            return Standing(None, None)
        return standing_of(
            place.value(self.latest), self.ranked.values(), self.indicator.polarity, local_areas=self.local_areas
        )

    def previous_of(self, place: PlaceSeries) -> Figure | None:
        """The figure for the period just before the latest, if it is counted in the same way."""
        if self.latest is None:
            return None
        for period, figure in place.figures.items():
            follows = rules.steps_between(self.indicator.frequency, period, self.latest) == 1
            if follows and figure.value is not None and not rules.is_across(self._break_days, period, self.latest):
                return figure
        return None

    def gain_of(self, place: PlaceSeries) -> Decimal | None:
        """Latest less the figure just before, as shown."""
        before, now = self.previous_of(place), place.value(self.latest)
        decimals = self.indicator.decimals
        return rounded(now, decimals) - rounded(before.value, decimals) if before and now is not None else None

    @property
    def _break_days(self) -> list[date]:
        return [each.from_period for each in self.breaks]

    @property
    def is_ranked(self) -> bool:
        return self.indicator.polarity != Polarity.CONTEXTUAL

    # Sentences

    def shown(self, figure: Figure | None) -> str:
        if figure is None:
            return "no figure"
        if figure.as_written and (figure.written is None or not figure.is_exact):
            return figure.as_written
        return shown_figure(figure.written, figure.missing, self.indicator.unit, self.indicator.decimals)

    @cached_property
    def sentences(self) -> list[str]:
        """What a chair could read out; none where no place has a figure."""
        if self.is_empty:
            return []
        said = [
            self.standing_sentence, self.change_sentence, self.others_sentence, self.gap_sentence,
            self.best_neighbour_sentence, self.provisional_sentence,
        ]  # fmt: skip
        return [sentence for sentence in said if sentence]

    @property
    def standing_sentence(self) -> str:
        if not self.own.figures:
            return f"{self.own.name} has no published figure; those of other places are for {self.latest_words}."
        figure = self.own.figures[self.latest]
        if figure.written is not None and not figure.is_exact:
            return (
                f"{sentence_case(self.shown(figure))} {rules.in_period(figure.words)}: not exact, so it is not ranked."
            )
        return rules.standing_sentence(self.shown(figure), self.latest_words, self.standing)

    @property
    def change_sentence(self) -> str:
        before = self.previous_of(self.own)
        numbers = [p for p, figure in self.own.figures.items() if figure.value is not None and p != self.latest]
        last = max(numbers, key=by_end, default=None)
        broken = bool(last) and rules.is_across(self._break_days, last, self.latest)
        return rules.change_sentence(
            (before.value, before.words) if before else None, self.own.value(self.latest), self.indicator.polarity,
            unit=self.indicator.unit, decimals=self.indicator.decimals,
            last_before=self.words_of(last) if last else "", broken=self._broken_words if broken else "",
        )  # fmt: skip

    @property
    def _broken_words(self) -> str:
        """The first period counted in the new way."""
        day = max(each for each in self._break_days if each <= self.latest.end)
        return next((self.words_of(period) for period in self.periods if period.end >= day), in_words(day))

    @property
    def others_sentence(self) -> str:
        wide = [place for place in self.wide if self.latest in place.figures and not self.sums_up]
        return rules.others_sentence(
            self.mean_at(self.latest), [(place.name, self.shown(place.figures[self.latest])) for place in wide],
            neighbours=len(self.neighbours), model_year=self.model_year,
            unit=self.indicator.unit, decimals=self.indicator.decimals,
        )  # fmt: skip

    @property
    def gap_sentence(self) -> str:
        return rules.gap_sentence(
            self.own.value(self.latest), self.mean_at(self.latest), self.indicator.polarity,
            unit=self.indicator.unit, decimals=self.indicator.decimals,
        )  # fmt: skip

    @property
    def best_neighbour_sentence(self) -> str:
        latest = self.own.value(self.latest)
        if latest is None or not self.neighbours or not self.is_ranked:
            return ""
        indicator, decimals = self.indicator, self.indicator.decimals
        held = {period for place in self.neighbours for period, value in place.values.items() if value is not None}
        steps = self.aim.steps if self.aim else 1
        start = rules.span_back(indicator.frequency, held, self.latest, steps, self._break_days)
        if start is None:
            return ""
        series = {place.name: place.values for place in self.neighbours}
        asked = None
        if self.aim:
            asked = rules.improvement(rounded(latest, decimals), self.aim.value, indicator.polarity)
        return rules.best_neighbour_sentence(
            rules.best_step(series, start, self.latest, indicator.polarity, decimals=decimals),
            (self.words_of(start), self.latest_words), asked=asked, by=self.aim.by if self.aim else "",
            unit=indicator.unit, decimals=decimals,
        )  # fmt: skip

    @property
    def provisional_sentence(self) -> str:
        if self.provisional is None:
            return ""
        return f"A provisional figure for {self.provisional.words} is held too; only final figures are compared."


# What the target asks for


def aim_of(targets: Iterable, latest: Period, frequency: str) -> Aim | None:
    """The nearest target still to come after a period; else the one in force for it. One in words asks for nothing."""
    numbers = [target for target in targets if target.value is not None]
    newest = {(t.kind, t.period_start, t.period_end): t for t in sorted(numbers, key=lambda t: t.number)}
    coming = [target for target in newest.values() if _starts_to_count(target) > latest.end]
    if coming:
        target = min(coming, key=_starts_to_count)
        return Aim(target.value, _by_words(target), rules.steps_until(frequency, latest, _starts_to_count(target)))
    target = target_in_force(newest.values(), latest.end)
    return Aim(target.value, "") if target else None


def _starts_to_count(target) -> date:
    return target.period_end if target.kind == TargetKind.MILESTONE else target.period_start


def _by_words(target) -> str:
    if target.kind == TargetKind.STANDING:
        return f"from {in_words(target.period_start)}"
    label = getattr(target, "label", "") or getattr(target, "period_label", "")
    return f"by {label or period_in_words(target.period_start, target.period_end)}"
