"""Plans and workbooks of updates that come in as files."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from people.models import Lead
from strategies.models import Area, Illustrative, Strategy


class PlanFile(Illustrative):
    """A file from its rehearsal to its confirmation. `content` is the file as it came."""

    class Kind(models.TextChoices):
        PLAN = "plan", "Action plan"
        UPDATES = "updates", "Workbook of updates"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        REHEARSED = "rehearsed", "Rehearsed"
        CONFIRMED = "confirmed", "Brought in"
        ABANDONED = "abandoned", "Not brought in"

    area = models.ForeignKey(Area, models.PROTECT, related_name="plan_files")
    strategy = models.ForeignKey(Strategy, models.PROTECT, null=True, blank=True, related_name="plan_files")
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="plan_files")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.SlugField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("bytes")
    content = models.BinaryField()
    mapping = models.JSONField("what each column means, and what was chosen", default=dict, blank=True)
    rehearsal = models.JSONField("what the rehearsal found", default=dict, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False),
                name="a_plan_brought_in_says_when",
                violation_error_message="Say when the file was brought in.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"
