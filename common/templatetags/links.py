"""Links that keep the moment: whoever looks at the past stays in it until they leave it."""

from django import template
from django.urls import reverse

register = template.Library()


def _at(context, address: str) -> str:
    view = getattr(context.get("request"), "in_area", None)
    as_at = view.when.as_at if view else None
    if not as_at:
        return address
    address, hash_mark, fragment = address.partition("#")
    return f"{address}{'&' if '?' in address else '?'}as_at={as_at}{hash_mark}{fragment}"


@register.simple_tag(takes_context=True)
def at(context, address: str) -> str:
    """The address with the day that is being looked at."""
    return _at(context, address)


@register.simple_tag(takes_context=True)
def to(context, name: str, *args) -> str:
    """The address of a named page with the day that is being looked at: `{% to "board:action" area.slug action.key %}`."""
    return _at(context, reverse(name, args=args))
