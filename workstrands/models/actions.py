"""Actions, where they hang, their steps and their dates."""

from datetime import datetime

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from simple_history.models import HistoricalRecords

from kpis.models import Kpi
from people.models import Lead, Partner
from priorities.models import Finding, Priority
from strategies.models import Area, DatedRow, Retirable, RetirableQuerySet, Sourced, Strategy
from workstrands.models.strands import Objective, WorkStrand
from workstrands.status import DeadlineState, Status


class ActionQuerySet(RetirableQuerySet):
    def existing(self, moment: datetime):
        """A plan's actions exist from the plan's date, or from when they were added, until they are retired."""
        return super().existing(moment).filter(strategy__starts_on__lte=moment)

    def as_at(self, moment: datetime):
        """Each action with the ids of the rows that stood at `moment`: `placement_id`, `update_id`, `reported` and `due_on`.

        `reported` and `update_id` are null where nothing was said; `due_on` where no date is agreed.
        """
        from workstrands.models.updates import ProgressUpdate

        said = ProgressUpdate.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")
        placed = Placement.objects.filter(action=OuterRef("pk"), recorded_at__lte=moment).order_by("-number")
        agreed = Deadline.objects.filter(
            action=OuterRef("pk"), recorded_at__lte=moment, state=DeadlineState.AGREED
        ).order_by("-number")
        return self.annotate(
            update_id=Subquery(said.values("pk")[:1]),
            reported=Subquery(said.values("status")[:1]),
            placement_id=Subquery(placed.values("pk")[:1]),
            due_on=Subquery(agreed.values("due_on")[:1]),
        )

    def unfinished(self):
        """After `as_at`. Silence is unfinished too, and SQL's NULL would slip through a bare exclude."""
        return self.filter(Q(reported__isnull=True) | ~Q(reported__in=Status.finished()))


class Action(Sourced, Retirable):
    """Something someone does by a date. What changes over time stands in dated rows beside it."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="actions")
    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="actions")
    key = models.SlugField(max_length=80)
    ref = models.CharField("reference", max_length=20)
    is_ref_ours = models.BooleanField("the document prints no such reference", default=False)
    document_refs = models.JSONField("references in the document", default=list, blank=True)
    position = models.PositiveIntegerField(default=0)
    title = models.TextField()
    supporting_leads = models.ManyToManyField(Lead, blank=True, related_name="supported_actions")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="actions")
    also_serves = models.ManyToManyField(Objective, blank=True, related_name="also_served_by")
    starts_on = models.DateField(null=True, blank=True)
    is_critical = models.BooleanField("statutory, or answers a finding", default=False)
    intended_impact = models.TextField(blank=True)
    effect_expected_from = models.DateField(null=True, blank=True)
    kpis = models.ManyToManyField(Kpi, blank=True, related_name="actions", verbose_name="KPIs it should move")
    findings = models.ManyToManyField(Finding, blank=True, related_name="actions", verbose_name="findings it answers")
    printed_section = models.CharField(max_length=60, blank=True)
    likely_section = models.CharField(max_length=60, blank=True)

    came_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="split from", editable=False
    )

    history = HistoricalRecords(m2m_fields=[kpis, findings, supporting_leads, also_serves])
    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["strategy", "position"]
        constraints = [
            models.UniqueConstraint(fields=["area", "key"], name="action_key_once_an_area"),
            models.UniqueConstraint(fields=["strategy", "ref"], name="action_ref_once_a_strategy"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title[:80]}"

    def get_absolute_url(self) -> str:
        return reverse("board:action", args=[self.area.slug, self.key])


class Placement(Sourced, DatedRow):
    """Where an action hangs and who leads it. Each move and each hand-over is a row."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="placements")
    objective = models.ForeignKey(Objective, models.PROTECT, null=True, blank=True, related_name="placements")
    priority = models.ForeignKey(Priority, models.PROTECT, null=True, blank=True, related_name="placements")
    workstrand = models.ForeignKey(WorkStrand, models.PROTECT, null=True, blank=True, related_name="placements")
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="placements")
    is_lead_joint = models.BooleanField("named jointly in the document", default=False)
    is_lead_assumed = models.BooleanField("inherited from the row above in the document", default=False)

    class Meta:
        ordering = ["action", "number"]
        constraints = [
            models.UniqueConstraint(fields=["action", "number"], name="placement_numbered_once"),
            models.CheckConstraint(
                condition=Q(objective__isnull=False) | Q(priority__isnull=False) | Q(workstrand__isnull=False),
                name="action_hangs_on_something",
                violation_error_message="An action hangs on an objective, a priority or a work strand.",
            ),
            models.CheckConstraint(
                condition=Q(objective__isnull=True) | Q(priority__isnull=True, workstrand__isnull=True),
                name="action_hangs_on_an_objective_or_else_on_its_parents",
                violation_error_message="An action on an objective takes its priority and work strand from there.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action_id} no. {self.number}"


class Milestone(Sourced, Retirable):
    action = models.ForeignKey(Action, models.PROTECT, related_name="milestones")
    text = models.CharField(max_length=250)
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["action", "position"]

    def __str__(self) -> str:
        return self.text


class Deadline(Sourced, DatedRow):
    """A due date, or the agreeing or refusing of one. Only agreed dates count."""

    class Certainty(models.TextChoices):
        CERTAIN = "certain", "Certain"
        LIKELY = "likely", "Likely"
        UNCERTAIN = "uncertain", "Uncertain"

    action = models.ForeignKey(Action, models.PROTECT, related_name="deadlines")
    due_on = models.DateField()
    as_written = models.CharField(max_length=120, blank=True)
    applies_to = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=DeadlineState, default=DeadlineState.AGREED)
    reason = models.CharField(max_length=400, blank=True)
    certainty = models.CharField(max_length=10, choices=Certainty, default=Certainty.CERTAIN)

    class Meta:
        ordering = ["action", "number"]
        constraints = [models.UniqueConstraint(fields=["action", "number"], name="deadline_numbered_once")]

    def __str__(self) -> str:
        return f"{self.due_on} ({self.get_state_display()})"
