"""How a figure stands against its target, and the words behind it.

Target met: the figure is at its final target or better. On trajectory: it is at this period's milestone or better.
Slightly behind: short of it, but within the KPI's tolerance and not beyond its floor. Behind: further off, or short at
all where neither is set. No target, contextual (neither more nor less is better), no data, suppressed and not yet due
are five different things. Better means higher, or lower where lower is better; a floor is then a ceiling.
"""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from django.db import models

from common.dates import in_words
from common.words import sentence_case
from kpis.vocabulary import Missing, Polarity, Qualifier, TargetKind, Unit


class KpiStatus(models.TextChoices):
    MET = "met", "Target met"
    ON_TRAJECTORY = "on_trajectory", "On trajectory"
    SLIGHTLY_BEHIND = "slightly_behind", "Slightly behind"
    BEHIND = "behind", "Behind"
    NO_TARGET = "no_target", "No target"
    CONTEXTUAL = "contextual", "Contextual"
    NO_DATA = "no_data", "No data"
    SUPPRESSED = "suppressed", "Suppressed"
    NOT_YET_DUE = "not_yet_due", "Not yet due"

    @property
    def is_good(self) -> bool:
        """What is counted as "met or on trajectory"."""
        return self in (KpiStatus.MET, KpiStatus.ON_TRAJECTORY)

    @property
    def is_rated(self) -> bool:
        """There was a figure and a target to hold it against."""
        return self.is_good or self in (KpiStatus.SLIGHTLY_BEHIND, KpiStatus.BEHIND)


Number = Decimal | int | float


class TargetValue(Protocol):
    """What the rules need of a target; anything with these will do. `value` is none where it was promised in words."""

    kind: str
    period_start: date
    period_end: date | None
    value: Number | None
    number: int


def rate(
    value: Number | None,
    *,
    target: Number | None,
    tolerance: Number | None = None,
    floor: Number | None = None,
    polarity: str,
    is_milestone: bool = False,
    missing: str = "",
    is_due: bool = True,
) -> KpiStatus:
    """How a figure stands. `is_due` says whether a figure for the period could be there already."""
    if polarity == Polarity.CONTEXTUAL:
        return KpiStatus.CONTEXTUAL
    if value is None:
        return _absent(missing, is_due)
    if target is None:
        return KpiStatus.NO_TARGET
    short = shortfall(value, target, polarity)
    if short <= 0:
        return KpiStatus.ON_TRAJECTORY if is_milestone else KpiStatus.MET
    within = tolerance is None or short <= exact(tolerance)
    above = floor is None or shortfall(value, floor, polarity) <= 0
    has_limit = tolerance is not None or floor is not None
    return KpiStatus.SLIGHTLY_BEHIND if has_limit and within and above else KpiStatus.BEHIND


def _absent(missing: str, is_due: bool) -> KpiStatus:
    if missing == Missing.SUPPRESSED:
        return KpiStatus.SUPPRESSED
    return KpiStatus.NO_DATA if missing or is_due else KpiStatus.NOT_YET_DUE


def shortfall(value: Number, target: Number, polarity: str) -> Decimal:
    """By how much a figure is on the wrong side of a target; nought or less where it is not."""
    short = exact(target) - exact(value)
    return -short if polarity == Polarity.LOWER else short


def exact(value: Number) -> Decimal:
    """The number as it is written: 0.1 is a tenth."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def target_in_force(targets: Iterable[TargetValue], period_end: date) -> TargetValue | None:
    """The target for a figure whose period ends on a day.

    A milestone whose period holds that day wins, the one for the shortest period first; else the standing target that
    started last. Of several for the same period the highest number, the latest word, counts.
    """
    targets = list(targets)
    milestones = [
        target
        for target in targets
        if target.kind == TargetKind.MILESTONE and target.period_start <= period_end <= target.period_end
    ]
    if milestones:
        return min(milestones, key=lambda target: (target.period_end - target.period_start, -target.number))
    standing = [target for target in targets if target.kind == TargetKind.STANDING]
    started = [target for target in standing if target.period_start <= period_end]
    return max(started, key=lambda target: (target.period_start, target.number), default=None)


def rating_sentence(
    value: Number | None,
    *,
    target: Number | None,
    tolerance: Number | None = None,
    floor: Number | None = None,
    polarity: str,
    is_milestone: bool = False,
    missing: str = "",
    is_due: bool = True,
    unit: str = Unit.COUNT,
    decimals: int = 0,
    qualifier: str = "",
    as_written: str = "",
    target_as_written: str = "",
    statutory_standard: Number | None = None,
    counted: str = "case",
    next_release_on: date | None = None,
) -> str:
    """The facts behind the status: "94.8%. Local target of 90% met; the legal duty is every plan".

    `counted` is what the indicator counts, in the singular: "plan".
    """
    status = rate(
        value, target=target, tolerance=tolerance, floor=floor, polarity=polarity,
        is_milestone=is_milestone, missing=missing, is_due=is_due,
    )  # fmt: skip
    if value is None:
        why = _why_absent(status, missing, next_release_on)
        figure = as_written
    else:
        figure = show_value(value, unit, decimals, qualifier, as_written)
        why = _why_rated(status, value, target, polarity, is_milestone, unit, decimals, target_as_written)
    duty = "" if statutory_standard is None else f"; {duty_in_words(statutory_standard, unit, counted)}"
    return ". ".join(part for part in (sentence_case(figure), why) if part) + duty


def _why_absent(status: KpiStatus, missing: str, next_release_on: date | None) -> str:
    if status == KpiStatus.SUPPRESSED:
        return "Suppressed: so few people are counted that the figure could point to one of them"
    if missing:
        return f"No figure: {str(Missing(missing).label).lower()}"
    expected = f"; the next figure is expected on {in_words(next_release_on)}" if next_release_on else ""
    return f"{'Not yet due' if status == KpiStatus.NOT_YET_DUE else 'No figure for this period'}{expected}"


def _why_rated(status, value, target, polarity, is_milestone, unit, decimals, target_as_written) -> str:
    if status == KpiStatus.CONTEXTUAL:
        return "Context: neither more nor less is better"
    if status == KpiStatus.NO_TARGET:
        return f"Promised in words: {target_as_written}" if target_as_written else "No target for this period"
    promise = f"{'milestone for this period' if is_milestone else 'local target'} of {show_trimmed(target, unit)}"
    if status.is_good:
        return f"{sentence_case(promise)} {'reached' if is_milestone else 'met'}"
    gap = in_steps(shortfall(value, target, polarity), unit, decimals)
    return f"{status.label}: {gap} {'above' if polarity == Polarity.LOWER else 'short of'} the {promise}"


def duty_in_words(standard: Number, unit: str, counted: str = "case") -> str:
    """The legal standard, said whatever the local target: all of them is "every plan"."""
    every = unit == Unit.PERCENT and exact(standard) == 100
    return f"the legal duty is {f'every {counted}' if every else show_trimmed(standard, unit)}"


def change(
    previous: Number | None,
    latest: Number | None,
    polarity: str,
    *,
    since: str = "",
    decimals: int | None = None,
    unit: str = Unit.COUNT,
) -> str:
    """3.8 points worse than 2023; no change since August; 41 fewer than September, better; of context, 41 more than September.

    Of percentages the difference is in points, and whether it is better says which way it went. A count says its direction
    too: fewer plans may be better. The difference is that of the figures as shown, so that a reader can check it. Empty with
    nothing to compare.
    """
    if previous is None or latest is None:
        return ""
    before, after = (exact(value) if decimals is None else rounded(value, decimals) for value in (previous, latest))
    if before == after:
        return f"no change since {since}" if since else "no change"
    direction = "more" if after > before else "fewer" if unit == Unit.COUNT else "less"
    verdict = "better" if (after > before) == (polarity == Polarity.HIGHER) else "worse"
    size = in_steps(abs(after - before), unit, decimals, of_percent=" points")
    than = f" than {since}" if since else ""
    if polarity == Polarity.CONTEXTUAL:
        return f"{size} {direction}{than}"
    return f"{size} {direction}{than}, {verdict}" if unit == Unit.COUNT else f"{size} {verdict}{than}"


def in_steps(size: Decimal, unit: str, decimals: int | None = None, *, of_percent: str = " percentage points") -> str:
    """The distance between two figures: of percentages in points, never in per cent."""
    size = trimmed(size if decimals is None else rounded(size, decimals) or size)
    if unit in (Unit.PERCENT, Unit.PERCENT_CHANGE):
        points = of_percent.removesuffix("s") if size == 1 else of_percent
        return f"{size:,f}{points}"
    if unit == Unit.RANK:
        return f"{size:,f} {'place' if size == 1 else 'places'}"
    return show_trimmed(size, unit if unit in (Unit.GBP, Unit.WEEKS) else Unit.COUNT)


def show_value(value: Number | None, unit: str, decimals: int = 0, qualifier: str = "", as_written: str = "") -> str:
    """94.8%, £900,000, 8 weeks, over 320. A figure that is only there in words is shown as written."""
    if value is None or (unit == Unit.TEXT and as_written):
        return as_written
    shown = _with_unit(rounded(value, decimals), unit)
    return f"{Qualifier(qualifier).label} {shown}" if qualifier else shown


def show_trimmed(value: Number, unit: str) -> str:
    """A target or a difference, with the decimals it has and no more: 90%, not 90.0%."""
    return _with_unit(trimmed(exact(value)), unit)


def _with_unit(number: Decimal, unit: str) -> str:
    sign, size = "-" if number < 0 else "", f"{abs(number):,f}"
    if unit == Unit.PERCENT:
        return f"{sign}{size}%"
    if unit == Unit.PERCENT_CHANGE:
        return f"{sign or ('+' if number else '')}{size}%"
    if unit == Unit.GBP:
        return f"{sign}£{size}"
    if unit == Unit.WEEKS:
        return f"{sign}{size} {'week' if abs(number) == 1 else 'weeks'}"
    return f"{sign}{size}{ordinal_ending(number) if unit == Unit.RANK else ''}"


def ordinal_ending(number: Decimal) -> str:
    """1st, 2nd, 3rd, 4th, 11th; nothing for a rank that is not whole."""
    if number != number.to_integral_value():
        return ""
    if int(number) % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(int(number) % 10, "th")


def rounded(value: Number, decimals: int) -> Decimal:
    """Halves go up, as in published figures; nought has no sign."""
    return exact(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0


def trimmed(value: Decimal) -> Decimal:
    """Without the noughts at its end: 90.00 is 90."""
    return value.to_integral_value() if value == value.to_integral_value() else value.normalize()
