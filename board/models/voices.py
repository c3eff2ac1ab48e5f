"""What families say, what each senior responsible owner says, and what the public is shown."""

from django.db import models
from django.db.models import Q

from board.vocabulary import Felt
from priorities.models import Priority
from strategies.models import Area, DatedRow, ReportingRound
from workstrands.models import Action
from workstrands.status import Status


class FamilyView(DatedRow):
    """What families feel of a priority or an action, in whose words and how it was asked."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="family_views")
    priority = models.ForeignKey(Priority, models.PROTECT, null=True, blank=True, related_name="family_views")
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="family_views")
    felt = models.CharField(max_length=12, choices=Felt)
    words = models.TextField("in their words")
    body = models.CharField("from which body", max_length=120)
    said_on = models.DateField("when it was said")
    coproduced = models.TextField("how it was co-produced", blank=True)

    class Meta:
        ordering = ["area", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["area", "number"], name="family_view_numbered_once"),
            models.CheckConstraint(
                condition=Q(priority__isnull=False, action__isnull=True)
                | Q(priority__isnull=True, action__isnull=False),
                name="family_view_is_of_one_thing",
                violation_error_message="It is about a priority or an action.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_felt_display()}: {self.words[:80]}"


class PriorityAssessment(DatedRow):
    """A senior responsible owner's own view of a priority in a round, beside the counted headline."""

    priority = models.ForeignKey(Priority, models.PROTECT, related_name="assessments")
    round = models.ForeignKey(ReportingRound, models.PROTECT, null=True, blank=True, related_name="assessments")
    status = models.CharField(max_length=1, choices=[(s.value, s.label) for s in Status if s.value in "GARB"])
    reason = models.TextField()
    mitigation = models.TextField("what is done about it", blank=True)
    consequence = models.TextField("what happens if not", blank=True)

    class Meta:
        ordering = ["priority", "-number"]
        constraints = [models.UniqueConstraint(fields=["priority", "number"], name="assessment_numbered_once")]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.reason[:80]}"


class PublicPage(DatedRow):
    """The page for families, as it was published. `withdrawn` takes it down."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="public_pages")
    content = models.JSONField(default=dict)
    as_at = models.DateTimeField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        ordering = ["area", "-number"]
        constraints = [models.UniqueConstraint(fields=["area", "number"], name="public_page_numbered_once")]

    def __str__(self) -> str:
        return f"{self.area} no. {self.number}"
