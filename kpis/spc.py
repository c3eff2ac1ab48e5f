"""XmR control charts by the Making Data Count rules: is a figure really changing, and will its target be met?

Mean: the average of a segment's figures. A segment runs from one rebase to the next; no rule looks across a rebase.
Moving range: the distance between a figure and the one before it; none where either is missing.
Limits: the mean plus and minus 2.66 times the average moving range. With screening, moving ranges of 3.267 times their
average or more are left out, once, and the rest averaged again. Near limits stand two thirds of the way to the limits.
Special cause is a figure outside the limits; seven in a row that each rise (or each fall); two of three in a row
beyond a near limit, all three on one side of the mean; seven in a row on one side of the mean. Where several hold, the
first of these names the figure; where none does, the figure is common cause.
Variation is what the latest figure is: improvement, concern, neither (a neutral KPI), or common cause.
Assurance is where the target lies: beyond the limits on the good side of it (pass), on the bad side (fail), or neither.

Everything is computed in binary floats with exactly rounded means, as the reference does: a figure that lies on the mean
belongs to no side, and a mean that is off by one binary digit would move labels. The reference stops at a missing
value in a window of seven that otherwise rises or falls; here such a window is no trend.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby, pairwise
from statistics import mean
from typing import NamedTuple

from common.dates import in_words
from kpis.rating import Number
from kpis.vocabulary import Polarity

LIMIT_FACTOR, SCREENING_FACTOR = 2.66, 3.267
NEAR_FACTOR = 2 * (LIMIT_FACTOR / 3)
RUN, WINDOW = 7, 3
FEWEST_TO_FIX, FEWEST_FOR_FIRM_LIMITS = 12, 13


class Direction(StrEnum):
    """Which way is better."""

    INCREASE = "increase"
    DECREASE = "decrease"
    NEUTRAL = "neutral"


DIRECTIONS = {
    Polarity.HIGHER: Direction.INCREASE,
    Polarity.LOWER: Direction.DECREASE,
    Polarity.CONTEXTUAL: Direction.NEUTRAL,
}


def direction_of(polarity: str) -> Direction:
    return DIRECTIONS[Polarity(polarity)]


class Label(StrEnum):
    """Why a figure is special cause, in the reference's words."""

    ABOVE_LIMIT = "Above UCL"
    BELOW_LIMIT = "Below LCL"
    RISING = "7 Point Trend (Increasing)"
    FALLING = "7 Point Trend (Decreasing)"
    NEAR_UPPER = "2 in 3 Above CL"
    NEAR_LOWER = "2 in 3 Below CL"
    ABOVE_MEAN = "7 Points Above CL"
    BELOW_MEAN = "7 Points Below CL"
    COMMON_CAUSE = "Common Cause"

    @property
    def is_high(self) -> bool:
        return self in (Label.ABOVE_LIMIT, Label.RISING, Label.NEAR_UPPER, Label.ABOVE_MEAN)


class PointType(StrEnum):
    COMMON_CAUSE = "common_cause"
    IMPROVEMENT = "special_cause_improvement"
    CONCERN = "special_cause_concern"
    NEUTRAL_HIGH = "special_cause_neutral_high"
    NEUTRAL_LOW = "special_cause_neutral_low"


class Variation(StrEnum):
    COMMON_CAUSE = "common_cause"
    IMPROVEMENT_HIGH = "improvement_high"
    IMPROVEMENT_LOW = "improvement_low"
    CONCERN_HIGH = "concern_high"
    CONCERN_LOW = "concern_low"
    NEUTRAL_HIGH = "neutral_high"
    NEUTRAL_LOW = "neutral_low"

    @property
    def is_concern(self) -> bool:
        return self in (Variation.CONCERN_HIGH, Variation.CONCERN_LOW)

    @property
    def is_improvement(self) -> bool:
        return self in (Variation.IMPROVEMENT_HIGH, Variation.IMPROVEMENT_LOW)


class Assurance(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    INCONSISTENT = "inconsistent"


class Caution(StrEnum):
    """Why the limits of a segment deserve less trust than they look."""

    SHORT = "short"
    NO_LIMITS = "no_limits"
    COLLAPSED = "collapsed"


class SeriesError(ValueError):
    """A series that no chart can be made of; the message is for the person who gave it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`lpl` and `upl` are the lower and the upper process limit; none where no moving range is left to average.

    `ranges` counts the moving ranges there were, `kept` those that count towards the limits.
    """

    mean: float | None = None
    lpl: float | None = None
    upl: float | None = None
    near_lower: float | None = None
    near_upper: float | None = None
    ranges: int = 0
    kept: int = 0

    @property
    def hold(self) -> bool:
        return self.lpl is not None and self.upl is not None


class SpcPoint(NamedTuple):
    """`side` of the mean is 1, 0 or -1. What cannot be said of a point is none: it has no value, or there are no limits."""

    date: date
    value: float | None
    segment: int
    in_baseline: bool
    limits: Limits
    is_outside: bool | None
    side: int | None
    is_close: bool | None
    label: Label
    type: PointType

    @property
    def is_special_cause(self) -> bool:
        return self.label != Label.COMMON_CAUSE


@dataclass(frozen=True, slots=True)
class Segment:
    """The rows between two rebases. `number` starts at 0, and at 1 where the first row is a rebase."""

    number: int
    limits: Limits
    points: tuple[SpcPoint, ...]

    @property
    def is_short(self) -> bool:
        return len(self.points) < FEWEST_FOR_FIRM_LIMITS

    @property
    def cautions(self) -> tuple[Caution, ...]:
        limits = self.limits
        found = [Caution.SHORT] if self.is_short else []
        if not limits.hold:
            found.append(Caution.NO_LIMITS)
        elif limits.lpl == limits.upl:
            found.append(Caution.COLLAPSED)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class ControlChart:
    """One series judged. Without any row there are no segments and neither icon."""

    segments: tuple[Segment, ...]
    direction: Direction
    target: float | None
    is_screened: bool
    variation: Variation | None
    assurance: Assurance | None

    @property
    def points(self) -> tuple[SpcPoint, ...]:
        return tuple(point for segment in self.segments for point in segment.points)

    @property
    def latest(self) -> SpcPoint | None:
        return self.segments[-1].points[-1] if self.segments else None

    @property
    def is_short(self) -> bool:
        """Some segment rests on so few rows that its limits will still move."""
        return any(segment.is_short for segment in self.segments)

    @property
    def cautions(self) -> tuple[tuple[Segment, Caution], ...]:
        return tuple((segment, caution) for segment in self.segments for caution in segment.cautions)


def control_chart(
    series: Iterable[tuple[date, Number | None]],
    *,
    improvement_direction: str = Direction.INCREASE,
    target: Number | None = None,
    rebase_dates: Collection[date] = (),
    fix_after_n_points: int | None = None,
    screen_outliers: bool = True,
) -> ControlChart:
    """The chart of (date, value) rows in any order; a value of none is a period without a figure.

    `rebase_dates` that are no row's date are ignored. `fix_after_n_points` takes mean and limits from the first so many
    rows of each segment.
    """
    if fix_after_n_points is not None and fix_after_n_points < FEWEST_TO_FIX:
        raise SeriesError(f"Limits can be fixed after {FEWEST_TO_FIX} points or more, not after {fix_after_n_points}.")
    direction = Direction(improvement_direction)
    target = None if target is None else _float(target)
    segments = tuple(
        _segment(numbered, rows, rows[:fix_after_n_points], direction, screen_outliers)
        for numbered, rows in _rows_by_segment(_in_order(series), frozenset(rebase_dates)).items()
    )
    latest = segments[-1] if segments else None
    return ControlChart(
        segments=segments,
        direction=direction,
        target=target,
        is_screened=screen_outliers,
        variation=latest and variation_of(latest.points[-1].type, direction),
        assurance=latest and assurance_of(target, latest.limits, direction),
    )


Row = tuple[date, float | None]


def _in_order(series: Iterable[tuple[date, Number | None]]) -> list[Row]:
    rows = sorted(((day, None if value is None else _float(value)) for day, value in series), key=lambda row: row[0])
    for (before, _), (after, _) in pairwise(rows):
        if before == after:
            raise SeriesError(f"There are two figures for {in_words(after)}.")
    return rows


def _float(value: Number) -> float:
    try:
        converted = (
            math.nan if isinstance(value, bool) or not isinstance(value, int | float | Decimal) else float(value)
        )
    except (OverflowError, ValueError):
        converted = math.nan
    if not math.isfinite(converted):
        raise SeriesError(f"A control chart needs numbers, and “{value}” is none.")
    return converted


def _rows_by_segment(rows: Sequence[Row], rebase_dates: Collection[date]) -> dict[int, list[Row]]:
    segments: dict[int, list[Row]] = {}
    current = 0
    for row in rows:
        current += row[0] in rebase_dates
        segments.setdefault(current, []).append(row)
    return segments


def limits_of(values: Sequence[float | None], *, screen_outliers: bool = True) -> Limits:
    """Mean and limits of figures in order. An outlier leaves the limits when screened, and stays in the mean."""
    present = [value for value in values if value is not None]
    if not present:
        return Limits()
    middle = mean(present)
    ranges = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    kept = ranges
    if ranges and screen_outliers:
        beyond = SCREENING_FACTOR * mean(ranges)
        kept = [moved for moved in ranges if moved < beyond]
    if not kept:
        return Limits(mean=middle, ranges=len(ranges))
    average = mean(kept)
    far, near = LIMIT_FACTOR * average, NEAR_FACTOR * average
    return Limits(middle, middle - far, middle + far, middle - near, middle + near, len(ranges), len(kept))


def _segment(
    numbered: int, rows: Sequence[Row], baseline: Sequence[Row], direction: Direction, screen_outliers: bool
) -> Segment:
    values = [value for _, value in rows]
    limits = limits_of([value for _, value in baseline], screen_outliers=screen_outliers)
    facts = _facts(values, limits)
    labels = _labels(values, facts)
    types = {label: point_type(label, direction) for label in set(labels)}
    fixed = len(baseline)
    points = [
        SpcPoint(
            day, value, numbered, value is not None and at < fixed, limits, *facts[at], labels[at], types[labels[at]]
        )
        for at, (day, value) in enumerate(rows)
    ]
    return Segment(numbered, limits, tuple(points))


Facts = tuple[bool | None, int | None, bool | None]
UNSAID: Facts = (None, None, None)


def _facts(values: Sequence[float | None], limits: Limits) -> list[Facts]:
    """Outside the limits, side of the mean, close to the limits. On a limit is inside; what is outside is not close."""
    middle, lower, upper = limits.mean, limits.lpl, limits.upl
    near_lower, near_upper = limits.near_lower, limits.near_upper
    if middle is None:
        return [UNSAID] * len(values)
    sides = [None if value is None else (value > middle) - (value < middle) for value in values]
    if not limits.hold:
        return [(None, side, None) for side in sides]
    return [
        UNSAID
        if value is None
        else (
            (outside := value > upper or value < lower),
            side,
            not outside and (value > near_upper or value < near_lower),
        )
        for value, side in zip(values, sides, strict=True)
    ]


def _labels(values: Sequence[float | None], facts: Sequence[Facts]) -> list[Label]:
    """One label for each figure: the first rule that holds."""
    sides, close = [side for _, side, _ in facts], [close for _, _, close in facts]
    trending, near, shifted = _in_trend(values), _near_in_window(sides, close), _in_shift(sides)
    found = []
    for at, (outside, side, _) in enumerate(facts):
        if outside:
            found.append(Label.ABOVE_LIMIT if side == 1 else Label.BELOW_LIMIT)
        elif at in trending:
            found.append(_trend_label(values, trending, at))
        elif at in near:
            found.append(Label.NEAR_UPPER if side == 1 else Label.NEAR_LOWER)
        elif at in shifted:
            found.append(Label.ABOVE_MEAN if side == 1 else Label.BELOW_MEAN)
        else:
            found.append(Label.COMMON_CAUSE)
    return found


def _windows(count: int, width: int) -> Iterable[range]:
    return (range(start, start + width) for start in range(count - width + 1))


def _in_trend(values: Sequence[float | None]) -> set[int]:
    """Every figure of a window of seven that rises, or falls, at each step; a tie or a missing figure breaks it."""
    steps = [
        0 if before is None or after is None else (after > before) - (after < before)
        for before, after in pairwise(values)
    ]
    return {at for start, length in _runs(steps) if length >= RUN - 1 for at in range(start, start + length + 1)}


def _runs(signs: Sequence[int | None]) -> Iterable[tuple[int, int]]:
    """(first place, length) of each unbroken run of the same sign; nought and none have none."""
    start = 0
    for sign, run in groupby(signs):
        length = sum(1 for _ in run)
        if sign:
            yield start, length
        start += length


def _trend_label(values: Sequence[float | None], trending: set[int], at: int) -> Label:
    """The way onward where the next figure is in a trend too, else the way here: a peak of two trends falls."""
    before, after = (at, at + 1) if at + 1 in trending else (at - 1, at)
    return Label.RISING if values[after] > values[before] else Label.FALLING


def _near_in_window(sides: Sequence[int | None], close: Sequence[bool | None]) -> set[int]:
    """The close figures of a window of three on one side of the mean with two or more close ones."""
    found: set[int] = set()
    for window in _windows(len(sides), WINDOW):
        beyond = [at for at in window if close[at]]
        if len(beyond) >= 2 and _on_one_side(sides, window):
            found.update(beyond)
    return found


def _in_shift(sides: Sequence[int | None]) -> set[int]:
    return {at for start, length in _runs(sides) if length >= RUN for at in range(start, start + length)}


def _on_one_side(sides: Sequence[int | None], window: range) -> bool:
    return bool(sides[window[0]]) and all(sides[at] == sides[window[0]] for at in window)


def point_type(label: Label, direction: Direction) -> PointType:
    if label == Label.COMMON_CAUSE:
        return PointType.COMMON_CAUSE
    if direction == Direction.NEUTRAL:
        return PointType.NEUTRAL_HIGH if label.is_high else PointType.NEUTRAL_LOW
    is_better = label.is_high == (direction == Direction.INCREASE)
    return PointType.IMPROVEMENT if is_better else PointType.CONCERN


def variation_of(latest: PointType, direction: Direction) -> Variation:
    """High or low follows from what is better, not from where the figure lies: a rise below the mean is still high."""
    is_rising_better = direction == Direction.INCREASE
    if latest == PointType.IMPROVEMENT:
        return Variation.IMPROVEMENT_HIGH if is_rising_better else Variation.IMPROVEMENT_LOW
    if latest == PointType.CONCERN:
        return Variation.CONCERN_LOW if is_rising_better else Variation.CONCERN_HIGH
    return Variation(latest.removeprefix("special_cause_"))


def assurance_of(target: float | None, limits: Limits, direction: Direction) -> Assurance | None:
    """A target on a limit, or without limits to hold it against, is neither sure to be met nor sure to be missed."""
    if target is None or direction == Direction.NEUTRAL:
        return None
    if limits.hold and target > limits.upl:
        return Assurance.FAIL if direction == Direction.INCREASE else Assurance.PASS
    if limits.hold and target < limits.lpl:
        return Assurance.PASS if direction == Direction.INCREASE else Assurance.FAIL
    return Assurance.INCONSISTENT
