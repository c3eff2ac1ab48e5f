"""Figures and targets in words: `{{ measurement|figure:indicator }}`."""

from django import template

from kpis.rating import in_steps, show_trimmed, show_value
from kpis.vocabulary import Unit

register = template.Library()


@register.filter
def figure(row, indicator) -> str:
    """94.8%; "almost half"; "suppressed"."""
    if row.value is None and not row.as_written:
        return row.get_missing_display().lower() or "no figure"
    return show_value(row.value, indicator.unit, indicator.decimals, row.qualifier, row.as_written)


@register.filter
def promised(target, indicator) -> str:
    return target.as_written or show_trimmed(target.value, indicator.unit)


@register.filter
def standard(value, indicator) -> str:
    return show_trimmed(value, indicator.unit)


@register.filter
def steps(value, indicator) -> str:
    """A distance between figures: "5 percentage points"."""
    return in_steps(value, indicator.unit)


@register.filter
def plain_number(value) -> str:
    """A count with the decimals it has: 1,250."""
    return show_trimmed(value, Unit.COUNT)
