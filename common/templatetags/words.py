"""Words in templates, in every template without loading: `{{ day|long_date }}`, `{{ count|plural:"action" }}`."""

from datetime import date, datetime

from django import template
from django.template.defaultfilters import stringfilter
from django.template.defaultfilters import truncatechars as cut_to

from common import dates, words

register = template.Library()


def london_date(when: date | datetime | None) -> date | None:
    """The day in London of a date or a moment; none for none, and for the empty text of a missing variable."""
    if isinstance(when, datetime):
        return dates.london_day(when) if when.tzinfo else when.date()
    return when or None


@register.filter
def long_date(when: date | datetime | None) -> str:
    """31 October 2019."""
    return dates.in_words(london_date(when))


@register.filter
def month(when: date | datetime | None) -> str:
    """October 2019."""
    day = london_date(when)
    return dates.month_in_words(day) if day else ""


@register.filter
def number_words(n: int | None) -> str:
    """three; 11; 1,200."""
    return "" if n in (None, "") else words.number(n)


@register.filter
def plural(n: int | None, nouns: str) -> str:
    """`{{ 3|plural:"action" }}` is "3 actions"; `{{ 3|plural:"child,children" }}` is "3 children"."""
    one, _, many = nouns.partition(",")
    return "" if n in (None, "") else words.plural(n, one, many or None)


MARKS_OF_A_LETTER = 10  # letters carry one or two


@register.filter(is_safe=True)
@stringfilter
def truncatechars(text: str, most: int) -> str:
    """Django's, which puts letters and their accents together first: of many accents in a row, at the square of their number."""
    return cut_to(text[: MARKS_OF_A_LETTER * most], most)
