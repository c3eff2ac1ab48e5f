"""What the work is divided into, and what will be achieved."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from people.models import Lead
from priorities.models import Finding, Priority
from strategies.models import Retirable, Sourced, Strategy


class WorkStrand(Sourced, Retirable):
    class Group(models.TextChoices):
        CROSS_CUTTING = "cross_cutting", "Cross-cutting"
        EDUCATION = "education", "Education"
        HEALTH = "health", "Health"
        SOCIAL_CARE = "social_care", "Social care"

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="workstrands")
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=160)
    alias = models.CharField("also called", max_length=160, blank=True)
    group = models.CharField(max_length=15, choices=Group, blank=True)
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="workstrands")
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["strategy", "position"]
        constraints = [models.UniqueConstraint(fields=["strategy", "slug"], name="strand_slug_once_a_strategy")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("board:strand", args=[self.strategy.area.slug, self.strategy.slug, self.slug])


class Objective(Sourced, Retirable):
    """What will be achieved. It hangs on a priority, on a work strand, or on both."""

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="objectives")
    priority = models.ForeignKey(Priority, models.PROTECT, null=True, blank=True, related_name="objectives")
    workstrand = models.ForeignKey(WorkStrand, models.PROTECT, null=True, blank=True, related_name="objectives")
    key = models.SlugField(max_length=60)
    ref = models.CharField("reference", max_length=20)
    is_ref_ours = models.BooleanField("the document prints no such reference", default=False)
    text = models.TextField()
    heading_as_found = models.CharField(max_length=120, blank=True)
    findings = models.ManyToManyField(Finding, blank=True, related_name="objectives")
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords(m2m_fields=[findings])

    class Meta:
        ordering = ["strategy", "position"]
        constraints = [
            models.UniqueConstraint(fields=["strategy", "key"], name="objective_key_once_a_strategy"),
            models.UniqueConstraint(fields=["strategy", "ref"], name="objective_ref_once_a_strategy"),
            models.CheckConstraint(
                condition=Q(priority__isnull=False) | Q(workstrand__isnull=False),
                name="objective_hangs_on_a_priority_or_a_strand",
                violation_error_message="An objective belongs to a priority, a work strand or both.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.text[:80]}"

    def get_absolute_url(self) -> str:
        return reverse("board:objective", args=[self.strategy.area.slug, self.strategy.slug, self.key])
