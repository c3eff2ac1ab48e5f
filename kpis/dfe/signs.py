"""Where a file says that its figures are not final: "(prov)", "Provisional", "2025p", a forecast, a projection.

The least sure of all that is said counts: a figure is final only where nothing says otherwise.
"""

import re
from functools import lru_cache

from kpis.vocabulary import MeasurementState

SURE = [MeasurementState.FINAL, MeasurementState.PROVISIONAL, MeasurementState.FORECAST]
FORECAST = re.compile(r"(?<![a-z])(forecasts?|projected|projections?)(?![a-z])")
PROVISIONAL = re.compile(r"(?<![a-z])(prov|provisional)(?![a-z])|\d\s*\(?p\)?$")
NOT_PROVISIONAL = re.compile(r"(?<![a-z])(not|non|no longer)[ -]prov")
MAY_SAY = re.compile(r"prov|forecast|projec", re.IGNORECASE)


@lru_cache(maxsize=4096)
def state_said(text: str) -> str:
    """What one piece of text says; final where it says nothing."""
    words = text.strip().lower().replace("_", " ")
    if FORECAST.search(words):
        return MeasurementState.FORECAST
    if PROVISIONAL.search(words) and not NOT_PROVISIONAL.search(words):
        return MeasurementState.PROVISIONAL
    return MeasurementState.FINAL


def least_sure(*states: str) -> str:
    return max(states, key=SURE.index)


def state_in_row(row: list[str], columns: list[int]) -> str:
    """What the cells in `columns` say together. Most rows hold no such word, and are told in one look."""
    if not MAY_SAY.search(",".join(row)):
        return MeasurementState.FINAL
    return least_sure(MeasurementState.FINAL, *(state_said(row[at]) for at in columns))
