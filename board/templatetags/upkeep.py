"""What may be done to a record, as links; and an area's own word for a work strand."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from board.upkeep.kinds import KINDS
from board.upkeep.links import deeds_of as deeds
from common.words import listed
from priorities.models import Priority
from strategies import own_words
from workstrands.models import WorkStrand
from workstrands.status import PRODUCT_WORDS, SHOWN_ORDER

register = template.Library()


@register.simple_tag
def strand_word(*, plural: bool = False) -> str:
    return own_words.strand_word(is_plural=plural)


@register.simple_tag
def own_words_said(area) -> str:
    """“Ongoing” for on track and “Workstream” for work strand; empty where an area has no words of its own."""
    statuses = area.words.get("statuses", {})
    said = [f"“{statuses[each]}” for {PRODUCT_WORDS[each].lower()}" for each in SHOWN_ORDER if each in statuses]
    strand = area.words.get("workstrand")
    return listed([*said, f"“{strand}” for {own_words.STRAND}"] if strand else said)


@register.simple_tag
def deed_address(kind: str, record, deed: str) -> str:
    return KINDS[kind].address(record, deed)


@register.simple_tag
def deeds_of(kind: str, record, *, but: str = "") -> SafeString:
    """Each names its record to those who hear the page. `but` is a deed that stands elsewhere on it."""
    there = [*deeds(KINDS[kind], record), ("History", KINDS[kind].address(record, "history"))]
    shown = [
        (address, words, str(record)[:60]) for words, address in there if not (but and address.endswith(f"/{but}/"))
    ]
    link = '<a href="{}">{}<span class="govuk-visually-hidden">: {}</span></a>'
    return format_html("{}", format_html_join(", ", link, shown))


@register.simple_tag
def take_back_address(record) -> str:
    kind = "priority" if isinstance(record, Priority) else "strand" if isinstance(record, WorkStrand) else "objective"
    return KINDS[kind].address(record, "retire")
