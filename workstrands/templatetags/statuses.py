"""A status as shown: its shape with the letter, and its word."""

from django import template

from common.templatetags.marks import status_tag
from workstrands.status import SHOWN_WORDS, SILENT

register = template.Library()


@register.simple_tag
def shown_status(letter: str | None):
    letter = letter or SILENT
    return status_tag(letter, SHOWN_WORDS[letter])
