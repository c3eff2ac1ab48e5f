"""Pictures of figures in templates."""

from django import template

from kpis import svg

register = template.Library()


@register.simple_tag
def small_chart(kpi):
    """The small multiple of a `KpiFigure`; nothing where there are too few figures for one."""
    return svg.small_chart(kpi.chart)
