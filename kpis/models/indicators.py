"""What is measured, and which of it an area tracks."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from kpis.vocabulary import Frequency, Polarity, Unit
from people.models import Lead
from priorities.models import Finding, Priority, SuccessMeasure
from strategies.models import Area, Illustrative, Retirable, Sourced

# Last parts of addresses below `/<area>/kpis/` that belong to the product itself.
RESERVED_CODES = ["add", "import"]


class Indicator(Sourced, Illustrative):
    """A definition shared by all areas."""

    code = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    definition = models.TextField(blank=True)
    unit = models.CharField(max_length=15, choices=Unit)
    decimals = models.PositiveSmallIntegerField("decimal places shown", default=0)
    polarity = models.CharField("which way is better", max_length=10, choices=Polarity)
    frequency = models.CharField(max_length=10, choices=Frequency, default=Frequency.IRREGULAR)
    publisher = models.CharField(max_length=120, blank=True)
    statutory_standard = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    counts_people = models.BooleanField(default=False)
    counted = models.CharField("what is counted, in the plural", max_length=60, blank=True)
    may_pass_100 = models.BooleanField("a percentage that can pass 100", default=False)
    standard_words = models.CharField("the legal standard in words", max_length=200, blank=True)
    next_release_on = models.DateField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(code__in=RESERVED_CODES),
                name="indicator_code_is_not_a_reserved_word",
                violation_error_message="That word is part of the product's own addresses. Choose another.",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Kpi(Sourced, Retirable):
    """An indicator that an area has chosen to track."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="kpis")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="kpis")
    owner = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="kpis")
    tolerance = models.DecimalField(
        "still slightly behind when short of the target by", max_digits=18, decimal_places=6, null=True, blank=True
    )
    floor = models.DecimalField("never below", max_digits=18, decimal_places=6, null=True, blank=True)
    is_headline = models.BooleanField("on the board page", default=False)
    screens_outliers = models.BooleanField("leave outlying moving ranges out of the limits", default=True)
    position = models.PositiveSmallIntegerField(default=0)
    priorities = models.ManyToManyField(Priority, blank=True, related_name="kpis")
    success_measures = models.ManyToManyField(SuccessMeasure, blank=True, related_name="kpis")
    findings = models.ManyToManyField(Finding, blank=True, related_name="kpis")

    history = HistoricalRecords(m2m_fields=[priorities, success_measures, findings])

    class Meta:
        ordering = ["-is_headline", "position", "indicator__title"]
        verbose_name = "KPI"
        constraints = [
            models.UniqueConstraint(fields=["area", "indicator"], name="indicator_tracked_once_an_area"),
            models.CheckConstraint(
                condition=Q(tolerance__isnull=True) | Q(tolerance__gte=0),
                name="tolerance_is_not_negative",
                violation_error_message="A tolerance is zero or more.",
            ),
        ]

    def __str__(self) -> str:
        return self.indicator.title

    def get_absolute_url(self) -> str:
        return reverse("board:kpi", args=[self.area.slug, self.indicator.code])


class SeriesBreak(Sourced):
    """A period from which an indicator is counted in another way: figures on either side are not one series."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="breaks")
    from_period = models.DateField("first day of the first period counted in the new way")
    reason = models.CharField(max_length=250)

    history = HistoricalRecords()

    class Meta:
        ordering = ["indicator", "from_period"]
        constraints = [models.UniqueConstraint(fields=["indicator", "from_period"], name="series_breaks_once_a_period")]

    def __str__(self) -> str:
        return f"{self.from_period}: {self.reason}"
