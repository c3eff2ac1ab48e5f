"""Until when an action can be kept."""

from datetime import date, datetime

from django.core.exceptions import ValidationError

from common.dates import in_words, london_day
from strategies.models import Strategy
from workstrands.models import Action


def why_closed(strategy: Strategy, retired_on: date | None, on: date) -> str:
    """Why an action cannot be kept any longer on a day, as a sentence; empty when it can."""
    if retired_on:
        return f"This action was retired on {in_words(retired_on)}. Take that back before you change it."
    if strategy.has_ended(on):
        return f"This plan ended on {in_words(strategy.ends_on)}. It is kept to be read."
    return ""


def refuse_closed(action: Action, at: datetime) -> None:
    closed = why_closed(action.strategy, action.retired_on, london_day(at))
    if closed:
        raise ValidationError(closed)
