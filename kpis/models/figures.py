"""What was measured, what was promised, and what was said of it: dated rows."""

from django.db import models
from django.db.models import F, Q

from kpis.models.indicators import Indicator, Kpi
from kpis.periods import period_in_words
from kpis.vocabulary import MeasurementState, Missing, Qualifier, TargetKind
from strategies.models import Area, DatedRow, Sourced


class Measurement(Sourced, DatedRow):
    """A figure for an area and a period. A restatement is a further row with the next number and a reason."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="measurements")
    area = models.ForeignKey(Area, models.PROTECT, related_name="measurements")
    breakdown = models.CharField(max_length=120, blank=True, default="")
    period_start = models.DateField()
    period_end = models.DateField()
    period_label = models.CharField(max_length=60, blank=True)
    is_period_assumed = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=MeasurementState, default=MeasurementState.FINAL)
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    missing = models.CharField(max_length=15, choices=Missing, blank=True)
    as_written = models.CharField(max_length=120, blank=True)
    raw = models.CharField(max_length=120, blank=True)
    qualifier = models.CharField(max_length=12, choices=Qualifier, blank=True)
    numerator = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    denominator = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    is_published = models.BooleanField(default=False)
    published_on = models.DateField(null=True, blank=True)
    reason = models.CharField("reason of the restatement", max_length=250, blank=True)
    release = models.ForeignKey("kpis.Release", models.PROTECT, null=True, blank=True, related_name="measurements")
    figure_import = models.ForeignKey(
        "kpis.FigureImport", models.PROTECT, null=True, blank=True, related_name="measurements"
    )

    class Meta:
        ordering = ["indicator", "area", "breakdown", "period_end", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "area", "breakdown", "state", "period_end", "period_start", "number"],
                name="measurement_numbered_once",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="measurement_period_ends_after_it_starts",
                violation_error_message="A period ends on or after the day it starts.",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(missing="") | ~Q(as_written=""),
                name="measurement_has_a_value_or_says_why_not",
                violation_error_message="Give a value, or say why there is none.",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(missing=""),
                name="measurement_is_not_both_missing_and_there",
                violation_error_message="A figure is either there or missing, not both.",
            ),
        ]
        indexes = [models.Index(fields=["area", "indicator", "period_end"], name="measurement_by_area")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period_label or self.period_end}: {self.value or self.as_written or self.missing}"

    @property
    def period(self) -> str:
        return self.period_label or period_in_words(self.period_start, self.period_end)


class Target(Sourced, DatedRow):
    """What is promised. A standing target holds from `period_start` until the next; a milestone for its period alone."""

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="targets")
    kind = models.CharField(max_length=10, choices=TargetKind, default=TargetKind.STANDING)
    period_start = models.DateField()
    period_end = models.DateField(null=True, blank=True)
    period_label = models.CharField(max_length=60, blank=True)
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    as_written = models.CharField(max_length=120, blank=True)
    qualifier = models.CharField(max_length=12, choices=Qualifier, blank=True)

    class Meta:
        ordering = ["kpi", "period_start", "number"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "number"], name="target_numbered_once"),
            models.CheckConstraint(
                condition=Q(period_end__isnull=True) | Q(period_end__gte=F("period_start")),
                name="target_period_ends_after_it_starts",
                violation_error_message="A period ends on or after the day it starts.",
            ),
            models.CheckConstraint(
                condition=Q(kind=TargetKind.STANDING) | Q(period_end__isnull=False),
                name="milestone_has_an_end",
                violation_error_message="A milestone needs the end of its period.",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | ~Q(as_written=""),
                name="target_says_what_is_promised",
                violation_error_message="Give a value, or the promise in words.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value or self.as_written} from {self.period_start}"


class Rebase(Sourced, DatedRow):
    """A point from which limits are calculated anew."""

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="rebases")
    from_period = models.DateField()
    reason = models.CharField(max_length=250)

    class Meta:
        ordering = ["kpi", "from_period"]
        constraints = [models.UniqueConstraint(fields=["kpi", "number"], name="rebase_numbered_once")]

    def __str__(self) -> str:
        return f"Rebased from {self.from_period}: {self.reason}"


class Commentary(Sourced, DatedRow):
    """The owner's words on a figure."""

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="commentaries")
    period_end = models.DateField()
    text = models.TextField()

    class Meta:
        ordering = ["kpi", "-number"]
        verbose_name_plural = "commentaries"
        constraints = [models.UniqueConstraint(fields=["kpi", "number"], name="commentary_numbered_once")]

    def __str__(self) -> str:
        return self.text[:80]
