"""Icons of control charts in templates. `…_with_words` is for most places; the icon alone where its words stand nearby."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kpis import icons

register = template.Library()

register.simple_tag(icons.variation_icon)
register.simple_tag(icons.assurance_icon)
register.filter("icon_words", icons.words)
register.filter("short_icon_words", icons.short_words)


@register.simple_tag
def variation_with_words(variation: str | None) -> SafeString | str:
    return _with_words(icons.variation_icon(variation, is_silent=True), icons.words(variation))


@register.simple_tag
def assurance_with_words(assurance: str | None) -> SafeString | str:
    return _with_words(icons.assurance_icon(assurance, is_silent=True), icons.words(assurance))


def _with_words(icon: SafeString, words: str) -> SafeString | str:
    """As a status: the drawing is silent, the words say it."""
    return format_html('<span class="st-spc">{}<span>{}</span></span>', icon, words) if words else ""
