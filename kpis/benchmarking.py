"""Where a place stands among others: plain values in, plain values and sentences out.

- The mean of neighbours is the simple mean of those with a figure for the period; there is none when all are missing.
- A change is said only from the period just before (same kind of period, one step earlier), never across a break.
- Rank 1 is best by polarity; ties share the lowest number; a place without a figure is not ranked. A rank is given when at
  least half of the local areas have a figure: fewer would say little about the country.
- Quarters are cut at the 0, 25, 50, 75 and 100% points of all local areas' figures (linear interpolation); upper limits are
  inclusive: lower is better, A is at or below the first; higher is better, D is. Where two points are the same there are no
  quarters: the range of the figures is too small.
- Without polarity nothing is ranked, cut or called better.
- An improvement is a change for the better. What neighbours did over a span is held beside what a target asks over as long.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from statistics import quantiles
from typing import NamedTuple

from django.db import models

from common.dates import months_before
from common.words import listed, plural, sentence_case
from kpis.periods import Period, next_period
from kpis.rating import Number, change, exact, in_steps, rounded, show_value
from kpis.vocabulary import Frequency, Missing, Polarity

FEWEST_FOR_QUARTERS = 4
MOST_STEPS = 240  # twenty years of months


class Band(models.TextChoices):
    """The quarter of all local areas that a figure lies in."""

    A = "A", "best quarter"
    B = "B", "second quarter"
    C = "C", "third quarter"
    D = "D", "last quarter"


class Mean(NamedTuple):
    """`counted` of `of` places had a figure."""

    value: Decimal
    counted: int
    of: int


class Rank(NamedTuple):
    place: int
    ranked: int
    is_shared: bool = False

    def __str__(self) -> str:
        return f"{'joint ' if self.is_shared else ''}{self.place} of {self.ranked}"


class Standing(NamedTuple):
    """Rank and quarter of one place; `why_not` is the sentence where one of them is not given."""

    rank: Rank | None
    band: Band | None
    why_not: str = ""


class Step(NamedTuple):
    """The best improvement among some places from one period to another."""

    name: str
    size: Decimal


class Aim(NamedTuple):
    """What a target asks for: its value, and until when in words ("by 2026")."""

    value: Decimal
    by: str
    steps: int = 1


# Means, ranks, quarters


def mean_of(values: Sequence[Number | None]) -> Mean | None:
    there = [exact(value) for value in values if value is not None]
    return Mean(sum(there) / len(there), len(there), len(values)) if there else None


def rank_of(value: Number | None, values: Iterable[Number], polarity: str) -> Rank | None:
    """`values` are those of every place that is ranked, its own among them."""
    if value is None or polarity == Polarity.CONTEXTUAL:
        return None
    values = list(values)
    better = sum(other < value if polarity == Polarity.LOWER else other > value for other in values)
    return Rank(better + 1, len(values), values.count(value) > 1)


def quarter_points(values: Iterable[Number]) -> list[Number] | None:
    """The 0, 25, 50, 75 and 100% points; none where there are too few places, or where two points are the same."""
    values = sorted(values)
    if len(values) < FEWEST_FOR_QUARTERS:
        return None
    points = [values[0], *quantiles(values, n=4, method="inclusive"), values[-1]]
    return points if len(set(points)) == len(points) else None


def band_of(value: Number | None, points: Sequence[Number] | None, polarity: str) -> Band | None:
    if value is None or points is None or polarity == Polarity.CONTEXTUAL:
        return None
    from_below = sum(value > point for point in points[1:4])  # 0 to 3
    letters = "ABCD" if polarity == Polarity.LOWER else "DCBA"
    return Band(letters[from_below])


def standing_of(value: Number | None, values: Iterable[Number], polarity: str, *, local_areas: int) -> Standing:
    """`local_areas`: how many there are, with a figure or without."""
    values = list(values)
    why_not = why_unranked(value, polarity, ranked=len(values), local_areas=local_areas)
    if why_not:
        return Standing(None, None, why_not)
    rank, points = rank_of(value, values, polarity), quarter_points(values)
    if len(values) < FEWEST_FOR_QUARTERS:
        return Standing(rank, None, "Too few local areas have a figure to cut them into quarters")
    narrow = "" if points else "There are no quarters: the range of the figures is too small"
    return Standing(rank, band_of(value, points, polarity), narrow)


def why_unranked(value: Number | None, polarity: str, *, ranked: int, local_areas: int) -> str:
    """The reason as a sentence without its stop; empty where a rank is given."""
    if polarity == Polarity.CONTEXTUAL:
        return "Neither more nor less of it is better, so no place is ranked"
    if value is None:
        return "Without a figure a place is not ranked"
    if ranked * 2 < local_areas:
        have = "has" if ranked == 1 else "have"
        return f"{ranked} of {plural(local_areas, 'local area')} {have} a figure here, too few for a rank"
    return ""


# Periods


def steps_between(frequency: str, earlier: Period, later: Period) -> int | None:
    """How many periods one is after another; none where the two are not of one kind, or none is known to follow."""
    if frequency == Frequency.IRREGULAR:
        return 1 if later == _adjoining(earlier) else None
    coming, steps = earlier, 0
    while coming.end < later.end and steps < MOST_STEPS:
        coming = next_period(frequency, coming.end, last_period_start=coming.start)
        steps += 1
    return steps if steps and coming == later else None


def _adjoining(period: Period) -> Period | None:
    """The period of as many whole months that starts the day after one ends."""
    start = period.end + timedelta(days=1)
    months = (start.year - period.start.year) * 12 + start.month - period.start.month
    if period.start.day != 1 or start.day != 1:
        return None
    return Period(start, months_before(start, -months) - timedelta(days=1))


def steps_until(frequency: str, period: Period, day: date) -> int:
    """How many periods on the first one is that ends on or after a day; at least one."""
    coming, steps = next_period(frequency, period.end, last_period_start=period.start), 1
    while coming and coming.end < day and steps < MOST_STEPS:
        coming = next_period(frequency, coming.end, last_period_start=coming.start)
        steps += 1
    return steps


def is_across(breaks: Iterable[date], earlier: Period, later: Period) -> bool:
    """Whether the way of counting changed after one period and by the other."""
    return any(earlier.start < from_period <= later.end for from_period in breaks)


def span_back(
    frequency: str, periods: Iterable[Period], latest: Period, steps: int, breaks: Iterable[date] = ()
) -> Period | None:
    """The period so many steps before the latest; where there is none, or a break between, the earliest of those after it."""
    breaks = list(breaks)
    back = {period: steps_between(frequency, period, latest) for period in periods if period.end < latest.end}
    near = {p: n for p, n in back.items() if n and n <= steps and not is_across(breaks, p, latest)}
    return max(near, key=lambda period: near[period], default=None)


# Improvement


def improvement(before: Number, after: Number, polarity: str) -> Decimal:
    """How much better the later figure is; less than nought where it is worse."""
    gain = exact(after) - exact(before)
    return -gain if polarity == Polarity.LOWER else gain


def best_step(
    series: Mapping[str, Mapping[Period, Number | None]],
    earlier: Period,
    later: Period,
    polarity: str,
    *,
    decimals: int = 6,
) -> Step | None:
    """The largest improvement of any place that has both figures, from the figures as shown; of equal ones the first."""
    steps = [
        Step(name, improvement(rounded(values[earlier], decimals), rounded(values[later], decimals), polarity))
        for name, values in series.items()
        if values.get(earlier) is not None and values.get(later) is not None
    ]
    return max(steps, key=lambda step: step.size, default=None)


# Sentences


def in_period(period: str) -> str:
    """in 2024; on 31 March 2025; for September 2016 to September 2018."""
    if period == "undated":
        return "(undated)"
    if " to " in period:
        return f"for {period}"
    is_day = re.match(r"\d{1,2} [A-Z]", period)
    return f"{'on' if is_day else 'in'} {period}"


def standing_sentence(figure: str, period: str, standing: Standing) -> str:
    """94.8% in 2024: rank 17 of 151 local areas, best quarter (A)."""
    said = f"{sentence_case(figure)} {in_period(period)}"
    why_not = f" {standing.why_not}." if standing.why_not else ""
    if standing.rank is None:
        return f"{said}.{why_not}"
    rank = f"{'joint ' if standing.rank.is_shared else ''}rank {standing.rank.place} of {standing.rank.ranked}"
    band = f", {standing.band.label} ({standing.band})" if standing.band else ""
    return f"{said}: {rank} local areas{band}.{why_not}"


def others_sentence(
    mean: Mean | None,
    others: Sequence[tuple[str, str]],
    *,
    neighbours: int,
    model_year: int | None,
    unit: str,
    decimals: int,
) -> str:
    """The mean of its 10 statistical neighbours (2025 model) is 62.4%, Inner London 66.9%, England 46.4%.

    `others` are (name, figure in words); empty with nothing to say.
    """
    if not neighbours:
        first, *rest = [*others, ("", "")]
        said = [f"{first[0]} has {first[1]}", *(f"{name} {figure}" for name, figure in rest if name)]
        return f"{listed(said)}." if first[0] else ""
    who = f"statistical neighbours ({model_year} model)"
    if mean is None:
        ending = f"; {', '.join(f'{name} {figure}' for name, figure in others)}" if others else ""
        return f"None of its {neighbours} {who} has a figure{ending}."
    counted = (
        f"its {neighbours}" if mean.counted == neighbours else f"the {mean.counted} with a figure of its {neighbours}"
    )
    said = [f"The mean of {counted} {who} is {show_value(mean.value, unit, decimals)}"]
    return f"{', '.join([*said, *(f'{name} {figure}' for name, figure in others)])}."


def change_sentence(
    previous: tuple[Number, str] | None,
    latest: Number | None,
    polarity: str,
    *,
    unit: str,
    decimals: int,
    last_before: str = "",
    broken: str = "",
) -> str:
    """3.8 points worse than 2023.

    `previous` is (figure, period) of the period just before. Where there is none `last_before` is the last period with a
    figure, `broken` since when it is counted in another way.
    """
    if latest is None:
        return ""
    if broken:
        return f"It is counted in another way from {broken} on, so no change from before is given."
    if previous is None:
        earlier = f"the last figure before is for {last_before}, not the period just before"
        return f"No change is given: {earlier}." if last_before else ""
    value, period = previous
    return f"{sentence_case(change(value, latest, polarity, since=period, decimals=decimals, unit=unit))}."


def best_neighbour_sentence(
    step: Step | None, span: tuple[str, str], *, asked: Decimal | None, by: str, unit: str, decimals: int
) -> str:
    """Southwark improved by 21.4 percentage points from 2022 to 2024; our target asks for 8 percentage points by 2026.

    `asked` is the improvement that the target needs, nought or less where it is met, None without a target.
    """
    if step is None:
        return ""
    from_to = f"from {span[0]} to {span[1]}"
    best = f"{step.name} improved by {in_steps(step.size, unit, decimals)} {from_to}, the most of our neighbours"
    said = best if step.size > 0 else f"None of our neighbours improved {from_to}"
    if asked is None:
        return f"{said}."
    if asked <= 0:
        return f"{said}; our target{f' {by}' if by else ''} is met already."
    return f"{said}; our target asks for {in_steps(asked, unit, decimals)}{f' {by}' if by else ''}."


def gap_sentence(latest: Number | None, mean: Mean | None, polarity: str, *, unit: str, decimals: int) -> str:
    """32.4 points better than the mean of its neighbours: the figures as shown, so that a reader can check it."""
    if latest is None or mean is None:
        return ""
    if rounded(latest, decimals) == rounded(mean.value, decimals):
        return "The same as the mean of its neighbours."
    words = change(mean.value, latest, polarity, since="the mean of its neighbours", decimals=decimals, unit=unit)
    return f"{sentence_case(words)}."


def shown_figure(value: Number | None, missing: str, unit: str, decimals: int) -> str:
    """94.8%; suppressed; no figure."""
    if value is not None:
        return show_value(value, unit, decimals)
    return str(Missing(missing).label).lower() if missing else "no figure"
