"""What is asked of a figure before it is saved, where it looks wrong and could still be right.

Outside its unit's sense: a percentage over 100 that may not be, or below nought; a count, a wait or a rank below
nought; people who are no whole number; more counted than there were to count. Out of line with the series: beyond the
control limits of the figures so far, on the other side of nought than the last, ten times the last or a tenth of it.
Out of time: a period that has not ended, or that shares days with another one. Nothing is refused here: whoever enters
the figure corrects it or says that it is right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.crypto import constant_time_compare, salted_hmac

from common.dates import in_words
from common.words import sentence_case
from kpis.rating import exact, show_trimmed
from kpis.vocabulary import Unit

NEVER_BELOW_NOUGHT = (Unit.PERCENT, Unit.COUNT, Unit.WEEKS, Unit.RANK)


class Question(NamedTuple):
    code: str
    sentence: str


class Limits(NamedTuple):
    lower: Decimal | float
    upper: Decimal | float


@dataclass(frozen=True, slots=True)
class Figure:
    """What was typed, as far as it decides what is asked."""

    value: Decimal | None
    period_end: date
    period: str = ""
    overlaps: str = ""  # a period with a figure that shares days with this one
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Sense:
    """What a figure of this indicator can be, and what the one before was."""

    unit: str
    may_pass_100: bool = False
    counts_people: bool = False
    last: Decimal | float | None = None
    last_period: str = ""
    limits: Limits | None = None


def questions(figure: Figure, sense: Sense, *, today: date) -> list[Question]:
    """Everything that is asked of a figure; an empty answer means that it can be saved."""
    found = [_not_ended(figure, today), _shared_days(figure), _more_than_all(figure, sense)]
    if figure.value is not None:
        found += [*_of_the_unit(figure.value, sense), *_of_the_series(figure.value, sense)]
    return [question for question in found if question]


def _not_ended(figure: Figure, today: date) -> Question | None:
    if figure.period_end <= today:
        return None
    period = figure.period or "This period"
    return Question(
        "not_ended", f"{sentence_case(period)} ends on {in_words(figure.period_end)}, which is still to come."
    )


def _shared_days(figure: Figure) -> Question | None:
    if not figure.overlaps:
        return None
    period = sentence_case(figure.period or "this period")
    return Question("shared_days", f"{period} shares days with {figure.overlaps}, which has a figure already.")


def _more_than_all(figure: Figure, sense: Sense) -> Question | None:
    part, whole = figure.numerator, figure.denominator
    if part is None or whole is None or part <= whole or sense.may_pass_100:
        return None
    return Question("more_than_all", f"{part:,f} of {whole:,f}: more are counted than there were.")


def _of_the_unit(value: Decimal, sense: Sense) -> Iterable[Question | None]:
    shown = show_trimmed(value, sense.unit)
    if sense.unit == Unit.PERCENT and value > 100 and not sense.may_pass_100:
        yield Question("over_100", f"{shown} is more than the whole: this percentage cannot usually pass 100%.")
    if sense.unit in NEVER_BELOW_NOUGHT and value < 0:
        yield Question("below_nought", f"{shown} is below nought.")
    if sense.unit == Unit.COUNT and sense.counts_people and value != value.to_integral_value():
        yield Question("part_of_a_person", f"{shown}: people are counted in whole numbers.")


def _of_the_series(value: Decimal, sense: Sense) -> Iterable[Question | None]:
    if sense.last is not None:
        last = exact(sense.last)
        yield _other_side(value, last, sense)
        yield _other_size(value, last, sense)
    if sense.limits and not exact(sense.limits.lower) <= value <= exact(sense.limits.upper):
        yield Question("beyond_limits", _beyond_limits(value, sense))


def _other_side(value: Decimal, last: Decimal, sense: Sense) -> Question | None:
    if value * last >= 0:
        return None
    words = f"{show_trimmed(value, sense.unit)} is on the other side of nought than {_the_last(last, sense)}."
    return Question("other_side_of_nought", words)


def _other_size(value: Decimal, last: Decimal, sense: Sense) -> Question | None:
    """A nought too many or a point in the wrong place: ten or a hundred times the last, or the other way round."""
    larger, smaller = max(abs(value), abs(last)), min(abs(value), abs(last))
    if not smaller or larger < 10 * smaller:
        return None
    many = "a thousand" if larger >= 1000 * smaller else "a hundred" if larger >= 100 * smaller else "ten"
    part = {"ten": "a tenth", "a hundred": "a hundredth", "a thousand": "a thousandth"}[many]
    size = f"at least {many} times" if abs(value) > abs(last) else f"at most {part} of"
    return Question("other_size", f"{show_trimmed(value, sense.unit)} is {size} {_the_last(last, sense)}.")


def _the_last(last: Decimal, sense: Sense) -> str:
    return (
        f"the figure before, {show_trimmed(last, sense.unit)}{f' for {sense.last_period}' if sense.last_period else ''}"
    )


def _beyond_limits(value: Decimal, sense: Sense) -> str:
    lower, upper = (show_trimmed(_short(limit), sense.unit) for limit in sense.limits)
    return (
        f"{show_trimmed(value, sense.unit)} is outside the limits of the figures so far, {lower} to {upper}: "
        "such a jump seldom comes by chance."
    )


def _short(limit: Decimal | float) -> Decimal:
    return round(exact(limit), 1)


def answer_to(asked: Iterable[Question], figure: Figure, *, of: str) -> str:
    """What "Yes, this is right" sends: it holds for these questions about these numbers of this series alone."""
    said = (of, [question.code for question in asked], _plain(figure.value), _plain(figure.numerator),
            _plain(figure.denominator), str(figure.period_end), figure.period)  # fmt: skip
    return salted_hmac("kpis.questions", repr(said), algorithm="sha256").hexdigest()


def is_answered(answer: str, asked: Iterable[Question], figure: Figure, *, of: str) -> bool:
    return constant_time_compare(answer.encode("utf-8", "replace"), answer_to(asked, figure, of=of))


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


# A part of a whole: 52 of 61


def percentage_of(numerator: Decimal, denominator: Decimal) -> Decimal:
    """To the six decimals that are kept."""
    return round(100 * numerator / denominator, 6)


def agrees(value: Decimal, computed: Decimal) -> bool:
    """Whether a percentage is the computed one, rounded as it was typed: 85 and 85.2 are 85.24."""
    step = Decimal(1).scaleb(min(0, value.as_tuple().exponent))
    return abs(value - computed) <= step / 2
