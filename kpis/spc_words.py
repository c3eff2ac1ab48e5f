"""What a control chart says, in sentences.

Figures get as many more decimals as it takes to show them on the side of a line that the sentence says. `period` is the
noun for one step of the chart.
"""

from collections.abc import Sequence

from common.dates import in_words
from common.words import count_words, many_of, number, sentence_case
from kpis.rating import Number, exact, rounded, show_trimmed, show_value
from kpis.spc import (
    FEWEST_FOR_FIRM_LIMITS,
    WINDOW,
    Assurance,
    Caution,
    ControlChart,
    Label,
    Limits,
    Segment,
    SpcPoint,
    Variation,
)
from kpis.vocabulary import Unit


def variation_sentence(chart: ControlChart, *, unit: str = Unit.COUNT, decimals: int = 0, period: str = "month") -> str:
    """What the latest figure is, and by which rule."""
    latest = chart.latest
    if latest is None or latest.value is None:
        return f"The latest {period} has no figure, so the variation says nothing of it." if latest else ""
    return f"{_head(chart.variation)}: {_reason(chart.segments[-1], unit, decimals, period)}."


def _head(variation: Variation) -> str:
    if variation == Variation.COMMON_CAUSE:
        return "Common cause"
    if variation.is_improvement:
        return "Special cause of improvement"
    return "Special cause of concern" if variation.is_concern else "Special cause, neither better nor worse"


def _reason(segment: Segment, unit: str, decimals: int, period: str) -> str:
    latest, limits = segment.points[-1], segment.limits
    where, edge, line = ("above", "upper", limits.upl) if latest.label.is_high else ("below", "lower", limits.lpl)
    match latest.label:
        case Label.ABOVE_LIMIT | Label.BELOW_LIMIT:
            shown, limit = _apart(latest.value, line, unit, decimals)
            return f"the latest {period}, {shown}, lies {where} the {edge} limit of {limit}"
        case Label.RISING | Label.FALLING:
            run, way = _trend_to_latest(segment.points), "rise" if latest.label.is_high else "fall"
            first, last = _apart(run[0].value, latest.value, unit, decimals)
            return f"the last {len(run)} {many_of(period)} {way} without a break, from {first} to {last}"
        case Label.NEAR_UPPER | Label.NEAR_LOWER:
            near = number(sum(bool(point.is_close) for point in segment.points[-WINDOW:]))
            return (
                f"{near} of the last three {many_of(period)} lie close to the {edge} limit of "
                f"{show_value(line, unit, decimals)}, and all three {where} the average of "
                f"{_average_beside(segment.points[-WINDOW:], limits, unit, decimals)}"
            )
        case Label.ABOVE_MEAN | Label.BELOW_MEAN:
            run = _side_to_latest(segment.points)
            average = _average_beside(run, limits, unit, decimals)
            return f"the last {len(run)} {many_of(period)} all lie {where} the average of {average}"
    return _usual(latest, limits, unit, decimals, period)


def _usual(latest: SpcPoint, limits: Limits, unit: str, decimals: int, period: str) -> str:
    if not limits.hold:
        return "there are no limits yet to tell a real change by"
    lower, shown, upper = (show_value(figure, unit, decimals) for figure in (limits.lpl, latest.value, limits.upl))
    return (
        f"the latest {period}, {shown}, lies in the usual range of {lower} to {upper}, and no run or trend leads to it"
    )


def _trend_to_latest(points: Sequence[SpcPoint]) -> list[SpcPoint]:
    """The unbroken rise or fall that ends at the latest figure, longer than seven where it is."""
    run, is_rise = [points[-1]], points[-1].label.is_high
    for point in reversed(points[:-1]):
        if point.value is None or point.value == run[0].value or (point.value < run[0].value) != is_rise:
            break
        run.insert(0, point)
    return run


def _side_to_latest(points: Sequence[SpcPoint]) -> list[SpcPoint]:
    run: list[SpcPoint] = []
    for point in reversed(points):
        if point.side != points[-1].side:
            break
        run.insert(0, point)
    return run


def _average_beside(run: Sequence[SpcPoint], limits: Limits, unit: str, decimals: int) -> str:
    nearest = min((point.value for point in run), key=lambda value: abs(value - limits.mean))
    return _apart(limits.mean, nearest, unit, decimals)[0]


MOST_DECIMALS = 9


def _apart(one: Number, other: Number, unit: str, decimals: int) -> tuple[str, str]:
    """Two different figures, with the decimals at which they differ."""
    places = next(
        (places for places in range(decimals, MOST_DECIMALS) if rounded(one, places) != rounded(other, places)),
        decimals,
    )
    return show_value(one, unit, places), show_value(other, unit, places)


def assurance_sentence(chart: ControlChart, *, unit: str = Unit.COUNT, decimals: int = 0) -> str:
    """Whether the target will be met as things are; empty where there is no target or no better side."""
    if chart.assurance is None or chart.target is None:
        return ""
    limits, target = chart.segments[-1].limits, f"the target of {show_trimmed(chart.target, unit)}"
    if not limits.hold:
        return f"Whether {target} will be met cannot be said: there are no limits yet to hold it against."
    decimals = min(max(decimals, -exact(chart.target).normalize().as_tuple().exponent), MOST_DECIMALS)
    if chart.assurance == Assurance.INCONSISTENT:
        lower, upper = (show_value(limit, unit, decimals) for limit in (limits.lpl, limits.upl))
        return (
            f"{sentence_case(target)} will be met or missed by chance: it lies within the limits of {lower} to {upper}."
        )
    where, edge, line = ("above", "upper", limits.upl) if chart.target > limits.upl else ("below", "lower", limits.lpl)
    promise = "will be reliably met" if chart.assurance == Assurance.PASS else "will not be met reliably"
    limit, _ = _apart(line, chart.target, unit, decimals)
    return f"{sentence_case(target)} {promise}: it lies {where} the {edge} limit of {limit}."


def screening_sentence(chart: ControlChart) -> str:
    """Which moving ranges count towards the limits."""
    ranges = sum(segment.limits.ranges for segment in chart.segments)
    if not chart.is_screened:
        return "Moving ranges are not screened: every one counts towards the limits."
    if not ranges:
        return "There are no moving ranges to screen: no two figures follow one another."
    left_out = ranges - sum(segment.limits.kept for segment in chart.segments)
    return f"Moving ranges beyond the screening limit are left out of the limits: {left_out or 'none'} of {ranges}."


CAUTIONS = {
    Caution.NO_LIMITS: "There are no limits, because too few figures follow one another or all of them are the same; "
    "the icons say nothing of a real change.",
    Caution.COLLAPSED: "So many figures are the same that both limits fall on the average: every other figure counts as "
    "special cause. Read it with care; a chart of the time between events would say more.",
}


def caution_sentences(chart: ControlChart) -> list[str]:
    """What to bear in mind, segment by segment; the days of a segment are said where there are several."""
    return [f"{_days(chart, segment)}{_caution(segment, caution)}" for segment, caution in chart.cautions]


def _caution(segment: Segment, caution: Caution) -> str:
    if caution == Caution.SHORT:
        few = count_words(len(segment.points), "period")
        return f"The limits rest on {few} only and can still move: {FEWEST_FOR_FIRM_LIMITS} make them firm."
    return CAUTIONS[caution]


def _days(chart: ControlChart, segment: Segment) -> str:
    if len(chart.segments) == 1:
        return ""
    first, last = segment.points[0].date, segment.points[-1].date
    return f"{in_words(first)}{f' to {in_words(last)}' if last != first else ''}: "
