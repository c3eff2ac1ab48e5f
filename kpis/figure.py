"""A KPI as it stood at a moment: its figures and promises, what the rules say of the latest, and the words for it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from common.dates import in_words
from common.words import sentence_case
from kpis.benchmarking import Standing
from kpis.chart import Chart, chart_of
from kpis.periods import period_in_words
from kpis.quality import Part, quality
from kpis.rating import KpiStatus, change, rate, rating_sentence, show_trimmed, show_value, target_in_force
from kpis.spc import Assurance, Variation
from kpis.vocabulary import Frequency, Missing, Polarity, Qualifier, TargetKind, Unit

# A newer figure could be expected by so many days after the end of the last period: the period itself and the time to publish.
DAYS_UNTIL_OLD = {
    Frequency.MONTHLY: 92,
    Frequency.QUARTERLY: 214,
    Frequency.TERMLY: 245,
    Frequency.ANNUAL: 640,
    Frequency.IRREGULAR: 730,
}

DAYS_BETWEEN_EDITIONS = 385  # a year, and some days' grace


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
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    is_published: bool = False
    published_on: date | None = None

    @property
    def period(self) -> str:
        return self.label or period_in_words(self.period_start, self.period_end)

    def left_out(self, start: date, end: date, words: str) -> "Point":
        """An empty point of the same series, for a period without a row."""
        return Point(start, end, words, None, Missing.NOT_AVAILABLE, "", "", False, 0, self.state)


class KnownTarget(NamedTuple):
    kind: str
    period_start: date
    period_end: date | None
    value: Decimal | None
    number: int
    as_written: str
    label: str
    qualifier: str = ""


class Mark(NamedTuple):
    """A period from which limits are calculated anew, or from which the indicator is counted in another way (a break)."""

    from_period: date
    reason: str
    is_break: bool


@dataclass
class KpiFigure:
    """A KPI as it stood: its figures in order of period, its targets, and what the rules say of the latest.

    `forecasts` are never figures: they are drawn and said apart. `comparators` are the published figures of other places
    by their name. `gathered` are ids that whoever read it asked for beside it: see `kpis.reading`.
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
    screens_outliers: bool = True
    counted_words: str = ""
    definition: str = ""
    day: date = date.max
    points: list[Point] = field(default_factory=list)
    forecasts: list[Point] = field(default_factory=list)
    targets: list[KnownTarget] = field(default_factory=list)
    comparators: dict[str, list[Point]] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    gathered: list[int] = field(default_factory=list)
    ranking: Standing | None = None  # among local areas; given where a whole table is read: `kpis.places`
    ranked_period: str = ""

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
        return words if self.target else f"{self.promised(target)} is promised from {in_words(target.period_start)}"

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
        """41 fewer than September, better; nothing where there are no two figures to compare."""
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

    @property
    def variation(self) -> Variation | None:
        """Nothing where the icon would mislead: no figure for the latest period, or no limits."""
        return self.chart.control.variation if self.chart.is_judged else None

    @property
    def assurance(self) -> Assurance | None:
        return self.chart.control.assurance if self.chart.is_judged else None

    @property
    def is_concerning(self) -> bool:
        """Special-cause concern: worse than chance explains."""
        return bool(self.variation and self.variation.is_concern)

    @cached_property
    def quality(self) -> tuple[Part, ...]:
        return quality(
            definition=self.definition, owner=self.owner, latest=self.latest, age_words=self.age_words,
            points=self.chart.points, has_points=bool(self.points),
        )  # fmt: skip

    @property
    def quality_held(self) -> int:
        return sum(part.holds for part in self.quality)

    @property
    def lacking_words(self) -> str:
        """Not fresh, not whole: what of the five does not hold."""
        return ", ".join(f"not {part.name.lower()}" for part in self.quality if not part.holds)

    @property
    def newer_release_words(self) -> str:
        """Of a yearly published figure: whether the next edition should be out by now."""
        latest = self.latest
        if not (latest and latest.is_published and latest.published_on and self.frequency == Frequency.ANNUAL):
            return ""
        if self.next_release_on and self.next_release_on > self.day:
            return f"The next edition is expected on {in_words(self.next_release_on)}."
        if self.day - latest.published_on <= timedelta(days=DAYS_BETWEEN_EDITIONS):
            return ""
        return f"A newer edition should be out: this figure was published on {in_words(latest.published_on)}, and editions are yearly."

    @property
    def trouble_words(self) -> str:
        """Why the Board should ask: "71.2%, October 2026: 8.8 percentage points short of the local target of 80%"."""
        if self.status == KpiStatus.BEHIND:
            why = self.status_reason
        elif self.is_concerning:
            why = self.chart.variation_words
        else:
            return ""
        return f"{self.latest_shown}, {self.latest_period}: {why[:1].lower()}{why[1:].rstrip('.')}"

    @property
    def counted_in_words(self) -> str:
        """52 of 61 children."""
        latest = self.latest
        if latest is None or latest.numerator is None or latest.denominator is None:
            return ""
        whole = show_trimmed(latest.denominator, Unit.COUNT)
        return f"{show_trimmed(latest.numerator, Unit.COUNT)} of {whole} {self.counted_words}".strip()


def is_old(period_end: date, frequency: str, day: date) -> bool:
    """Whether a newer figure of a series could be expected by a day."""
    return day - period_end > timedelta(days=DAYS_UNTIL_OLD[frequency])
