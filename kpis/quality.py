"""Can a figure be trusted? Five things that are so or are not.

Defined: what is counted, in which unit, and which way is better is written down. Owned: somebody answers for it. Fresh: no
newer figure could be expected by now. Whole: no period of the last twelve is without a figure. Firm: the latest figure is
exact, final and of a known period. A forecast, a figure in words, "about" or a date taken from its document are not firm.
"""

from collections.abc import Sequence
from typing import NamedTuple

from kpis.vocabulary import MeasurementState

PERIODS_WATCHED = 12


class Part(NamedTuple):
    """`why` says what is there or what is missing."""

    name: str
    holds: bool
    why: str


def quality(
    *, definition: str, owner: str | None, latest, age_words: str, points: Sequence, has_points: bool
) -> tuple[Part, ...]:
    """The five parts. `points` hold an empty one for each period that was left out; `latest` is none without a figure."""
    missing = sum(point.value is None for point in points[-PERIODS_WATCHED:])
    return (
        Part("Defined", bool(definition.strip()), "a definition is written down" if definition else "no definition"),
        Part("Owned", bool(owner), owner or "nobody is named"),
        Part("Fresh", has_points and not age_words, _fresh(has_points, age_words)),
        Part("Whole", has_points and not missing, _whole(has_points, missing)),
        Part("Firm", _is_firm(latest), _firm(latest)),
    )


def _fresh(has_points: bool, age_words: str) -> str:
    if not has_points:
        return "no figure is held"
    return f"the latest is {age_words}" if age_words else "no newer figure could be expected by now"


def _whole(has_points: bool, missing: int) -> str:
    if not has_points:
        return "no figure is held"
    lacking = "period" if missing == 1 else "periods"
    return f"{missing} {lacking} of the last {PERIODS_WATCHED} without a figure" if missing else "no period is left out"


def _is_firm(latest) -> bool:
    return bool(
        latest
        and latest.value is not None
        and latest.state == MeasurementState.FINAL
        and not latest.qualifier
        and not latest.is_assumed
    )


def _firm(latest) -> str:
    if latest is None:
        return "no figure is held"
    if latest.value is None:
        return "the latest period has no number"
    if latest.qualifier:
        return f"the figure is given as “{latest.qualifier.replace('_', ' ')}”"
    if latest.is_assumed:
        return "the figure bears no date"
    return "exact and final"
