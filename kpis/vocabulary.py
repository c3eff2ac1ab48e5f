"""The words for figures: what is better, in which unit, how sure."""

from django.db import models


class Polarity(models.TextChoices):
    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"
    CONTEXTUAL = "contextual", "Neither: context"


class Unit(models.TextChoices):
    PERCENT = "percent", "%"
    COUNT = "count", "number"
    GBP = "gbp", "pounds"
    WEEKS = "weeks", "weeks"
    SCORE = "score", "score"
    RANK = "rank", "rank"
    PERCENT_CHANGE = "percent_change", "% change"
    RATIO = "ratio", "ratio"
    TEXT = "text", "in words"


class Frequency(models.TextChoices):
    MONTHLY = "monthly", "Monthly"
    TERMLY = "termly", "Termly"
    QUARTERLY = "quarterly", "Quarterly"
    ANNUAL = "annual", "Yearly"
    IRREGULAR = "irregular", "From time to time"

    @property
    def is_sub_annual(self) -> bool:
        return self in (Frequency.MONTHLY, Frequency.TERMLY, Frequency.QUARTERLY)


class Qualifier(models.TextChoices):
    ABOUT = "about", "about"
    OVER = "over", "over"
    AT_LEAST = "at_least", "at least"
    AS_MANY_AS = "as_many_as", "as many as"


class Missing(models.TextChoices):
    SUPPRESSED = "suppressed", "Suppressed"
    NOT_AVAILABLE = "not_available", "Not available"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    LOW = "low", "Too small to show"
    UNRELIABLE = "unreliable", "Not reliable"


class MeasurementState(models.TextChoices):
    PROVISIONAL = "provisional", "Provisional"
    FINAL = "final", "Final"
    FORECAST = "forecast", "Forecast"


class TargetKind(models.TextChoices):
    STANDING = "standing", "Standing: holds until the next"
    MILESTONE = "milestone", "Milestone: holds for its period alone"
