"""What could stop a strategy, and how likely and how bad that is thought to be."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from kpis.models import Kpi
from people.models import Lead
from priorities.models import Priority
from strategies.models import DatedRow, Illustrative, Strategy
from workstrands.models import Action
from workstrands.status import EscalateTo

ONE_TO_FIVE = [MinValueValidator(1), MaxValueValidator(5)]


class Risk(Illustrative):
    class Kind(models.TextChoices):
        RISK = "risk", "Risk: it may happen"
        ISSUE = "issue", "Issue: it has happened"

    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="risks")
    ref = models.CharField("reference", max_length=20)
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.RISK)
    title = models.CharField(max_length=200)
    cause = models.TextField("because of")
    event = models.TextField("this may happen")
    effect = models.TextField("which would mean")
    owner = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="risks")
    mitigation = models.TextField("what is done about it", blank=True)
    target_likelihood = models.PositiveSmallIntegerField(validators=ONE_TO_FIVE, null=True, blank=True)
    target_impact = models.PositiveSmallIntegerField(validators=ONE_TO_FIVE, null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    escalated_to = models.CharField(max_length=20, choices=EscalateTo, blank=True)
    priorities = models.ManyToManyField(Priority, blank=True, related_name="risks")
    actions = models.ManyToManyField(Action, blank=True, related_name="risks")
    kpis = models.ManyToManyField(Kpi, blank=True, related_name="risks")
    raised_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closing_note = models.TextField("why it was closed", blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["strategy", "ref"]
        constraints = [
            models.UniqueConstraint(fields=["strategy", "ref"], name="risk_ref_once_a_strategy"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("raised_on")),
                name="risk_is_closed_after_it_was_raised",
                violation_error_message="A risk is closed on or after the day it was raised.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class RiskScore(DatedRow):
    """Likelihood and impact, 1 to 5 each, as thought at the time. A new score is a further row."""

    risk = models.ForeignKey(Risk, models.PROTECT, related_name="scores")
    likelihood = models.PositiveSmallIntegerField(validators=ONE_TO_FIVE)
    impact = models.PositiveSmallIntegerField(validators=ONE_TO_FIVE)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["risk", "number"]
        constraints = [
            models.UniqueConstraint(fields=["risk", "number"], name="risk_score_numbered_once"),
            models.CheckConstraint(
                condition=Q(likelihood__range=(1, 5), impact__range=(1, 5)),
                name="risk_scores_run_from_one_to_five",
                violation_error_message="Scores run from 1 to 5.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.likelihood} by {self.impact}"

    @property
    def score(self) -> int:
        return self.likelihood * self.impact
