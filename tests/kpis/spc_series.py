"""Series for the tests of control charts."""

from datetime import date

from hypothesis import strategies as st

from common.dates import months_before
from kpis.spc import Direction, control_chart

STEADY = [10, 12] * 12  # mean 11, moving ranges of 2: limits 5.68 and 16.32, near limits 7.45 and 14.55
FIXED = {"fix_after_n_points": 24}


def monthly(*values, last=date(2026, 10, 31)):
    """One figure a month, the last one for October 2026."""
    return [(months_before(last, len(values) - 1 - at), value) for at, value in enumerate(values)]


def chart(*values, **given):
    return control_chart(monthly(*values), **given)


def labels(*values, **given):
    return [point.label for point in chart(*values, **given).points]


figures = st.none() | st.integers(-60, 60)
several = st.lists(figures, max_size=40)
rebases = st.sets(st.integers(0, 39), max_size=3)
directions = st.sampled_from(Direction)


def rebased(values, at, **given):
    series = monthly(*values)
    return control_chart(series, rebase_dates=[day for place, (day, _) in enumerate(series) if place in at], **given)
