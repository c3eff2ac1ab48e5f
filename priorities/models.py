"""The promises of a plan, and what inspectors found."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from people.models import Lead
from strategies.models import Area, Retirable, Sourced, Strategy


class Priority(Sourced, Retirable):
    """A numbered priority, or key objective, of a strategy."""

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="priorities")
    ref = models.CharField("reference", max_length=20)
    title = models.CharField(max_length=250)
    is_title_ours = models.BooleanField("the document prints no such title", default=False)
    statement = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    sros = models.ManyToManyField(Lead, blank=True, related_name="priorities", verbose_name="senior responsible owners")

    history = HistoricalRecords(m2m_fields=[sros])

    class Meta:
        ordering = ["strategy", "position"]
        verbose_name_plural = "priorities"
        constraints = [models.UniqueConstraint(fields=["strategy", "ref"], name="priority_ref_once_a_strategy")]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("board:priority", args=[self.strategy.area.slug, self.strategy.slug, self.ref])


class PrintedSection(models.Model):
    """Where a document prints a bullet, and where it plainly belongs."""

    printed_section = models.CharField(max_length=60, blank=True)
    likely_section = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True

    @property
    def is_misplaced(self) -> bool:
        return self.printed_section != self.likely_section


class SuccessMeasure(Sourced, PrintedSection, Retirable):
    """A "measure of success" as promised."""

    priority = models.ForeignKey(Priority, models.PROTECT, related_name="success_measures")
    ref = models.CharField("reference", max_length=20)
    text = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["priority", "position"]
        constraints = [models.UniqueConstraint(fields=["priority", "ref"], name="measure_ref_once_a_priority")]

    def __str__(self) -> str:
        return f"{self.ref} {self.text[:80]}"


class CurrentPractice(Sourced, PrintedSection):
    priority = models.ForeignKey(Priority, models.PROTECT, related_name="current_practices")
    text = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["priority", "position"]

    def __str__(self) -> str:
        return self.text[:80]


class OutcomeArea(Sourced):
    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="outcome_areas")
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["strategy", "position"]

    def __str__(self) -> str:
        return self.title


class Inspection(Sourced, Retirable):
    area = models.ForeignKey(Area, models.PROTECT, related_name="inspections")
    inspected_from = models.DateField()
    inspected_to = models.DateField()
    inspectorates = models.CharField(max_length=120, default="Ofsted and CQC")
    outcome = models.TextField(blank=True)
    next_due_by = models.DateField(null=True, blank=True)
    is_second_hand = models.BooleanField("known only from another document", default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-inspected_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(inspected_to__gte=F("inspected_from")),
                name="inspection_ends_after_it_starts",
                violation_error_message="An inspection ends on or after the day it starts.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.inspectorates}, {self.inspected_to:%B %Y}"


class Finding(Sourced, Retirable):
    class Kind(models.TextChoices):
        STRENGTH = "strength", "Doing well"
        NEEDS_TO_DO_BETTER = "needs_to_do_better", "Needs to do better"
        AREA_FOR_IMPROVEMENT = "area_for_improvement", "Area for improvement"

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=25, choices=Kind)
    ref = models.CharField("reference", max_length=20)
    text = models.TextField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    owner_text = models.CharField("who is to act, in the inspectors' words", max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["inspection", "position"]
        constraints = [models.UniqueConstraint(fields=["inspection", "ref"], name="finding_ref_once_an_inspection")]

    def __str__(self) -> str:
        return f"{self.ref} {self.text[:80]}"
