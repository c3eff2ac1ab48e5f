"""Places that figures are about, and which of them are like each other."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

# First parts of addresses that belong to the product itself.
RESERVED_AREA_SLUGS = [
    "accounts", "admin", "api", "csp-report", "feeds", "healthz", "help", "metrics", "my", "people", "search", "static", "updates",
]  # fmt: skip


class AreaQuerySet(models.QuerySet):
    def with_pages(self):
        """Only local areas that have a published strategy are shown."""
        return self.filter(kind=Area.Kind.LOCAL_AREA, strategies__state="published").distinct()


class Area(models.Model):
    """A local area, or a place or group of places it is compared with."""

    class Kind(models.TextChoices):
        LOCAL_AREA = "local_area", "Local area"
        REGION = "region", "Region"
        COUNTRY = "country", "Country"
        NEIGHBOUR_GROUP = "neighbour_group", "Group of statistical neighbours"

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.LOCAL_AREA)
    ons_code = models.CharField("ONS code", max_length=9, blank=True)
    dfe_code = models.CharField(
        "DfE code", max_length=3, blank=True, validators=[RegexValidator(r"^\d{3}$", "A DfE code has three digits.")]
    )
    within = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="places", verbose_name="the region it lies in"
    )
    ended_on = models.DateField("last day it existed", null=True, blank=True)
    sends_round_links = models.BooleanField(
        "reminders carry a link that opens a lead's update forms without a sign-in", default=False
    )

    words = models.JSONField("its own words for statuses and for a work strand", default=dict, blank=True)

    history = HistoricalRecords()
    objects = AreaQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(slug__in=RESERVED_AREA_SLUGS),
                name="area_slug_is_not_a_reserved_word",
                violation_error_message="That word is part of the product's own addresses. Choose another.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("board:area", args=[self.slug])


class Neighbour(models.Model):
    """`area` is among the places most like `of`, by the model of `model_year`."""

    of = models.ForeignKey(Area, models.CASCADE, related_name="neighbours")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    closeness = models.CharField(max_length=40, blank=True)
    model_year = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["model_year", "position"]
        constraints = [
            models.UniqueConstraint(fields=["of", "model_year", "area"], name="neighbour_named_once_a_model"),
            models.UniqueConstraint(fields=["of", "model_year", "position"], name="neighbour_position_taken_once"),
            models.CheckConstraint(condition=~Q(of=models.F("area")), name="no_area_is_its_own_neighbour"),
        ]

    def __str__(self) -> str:
        return f"{self.area} ({self.model_year})"
