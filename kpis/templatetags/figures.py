"""Pictures of figures in templates."""

from django import template

from kpis import svg

register = template.Library()


@register.simple_tag
def large_chart(chart):
    """The chart of a KPI's own page."""
    return svg.large_chart(chart)


@register.simple_tag
def small_chart(kpi):
    """The small multiple of a `KpiFigure`; nothing where there are too few figures for one."""
    return svg.small_chart(kpi.chart)
