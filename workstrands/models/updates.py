"""What was reported, what backs it, and what was confirmed."""

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from strategies.models import Area, DatedRow, Illustrative, ReportingRound, Sourced
from workstrands.models.actions import Action
from workstrands.models.files import PlanFile
from workstrands.status import Cause, EscalateTo, EvidenceKind, Impact, Status, UpdateKind


def evidence_storage():
    """Where the files of evidence lie: `STORAGES["evidence"]`, never below the web root."""
    return storages["evidence"]


class ProgressUpdate(Sourced, DatedRow):
    """What was said about an action. The rows are the history: add, don't edit."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="updates")
    action = models.ForeignKey(Action, models.PROTECT, related_name="updates")
    kind = models.CharField(max_length=10, choices=UpdateKind, default=UpdateKind.UPDATE)
    status = models.CharField(max_length=1, choices=Status)
    narrative = models.TextField("how it is going", blank=True)
    next_steps = models.TextField("what happens next", blank=True)
    cause = models.CharField(max_length=12, choices=Cause, blank=True)
    escalate_to = models.CharField("who needs to act", max_length=20, choices=EscalateTo, blank=True)
    ask = models.TextField("what is asked", blank=True)
    needed_by = models.DateField(null=True, blank=True)
    difference_made = models.TextField("what difference it has made", blank=True)
    impact = models.CharField(max_length=20, choices=Impact, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="updates_written"
    )
    on_behalf_of = models.ForeignKey("people.Lead", models.PROTECT, null=True, blank=True, related_name="updates_given")
    round = models.ForeignKey(ReportingRound, models.PROTECT, null=True, blank=True, related_name="updates")
    authority = models.TextField("by whose decision", blank=True)
    look_again_on = models.DateField(null=True, blank=True)
    is_imported = models.BooleanField(default=False, editable=False)
    brought_in = models.ForeignKey(
        PlanFile, models.PROTECT, null=True, blank=True, related_name="updates", editable=False
    )

    class Meta:
        ordering = ["action", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["action", "number"], name="update_numbered_once"),
            models.CheckConstraint(
                condition=Q(is_imported=True)
                | Q(kind=UpdateKind.NO_CHANGE)
                | ~Q(status__in=Status.worrying())
                | ~Q(next_steps=""),
                name="at_risk_or_off_track_says_what_next",
                violation_error_message="Say what happens next.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.ON_HOLD, Status.STOPPED])
                | ~Q(authority="")
                | Q(kind=UpdateKind.NO_CHANGE),
                name="on_hold_or_stopped_names_its_authority",
                violation_error_message="Only a Board decision puts an action on hold or stops it.",
            ),
        ]
        indexes = [
            models.Index(fields=["area", "recorded_at"], name="update_by_area"),
            # What stood at a moment is read from here alone, newest number first: a few rows back for the last months.
            models.Index(fields=["action", "number", "recorded_at", "status"], name="update_by_number"),
        ]

    def __str__(self) -> str:
        return f"{self.action_id} no. {self.number}: {self.get_status_display()}"


class Evidence(Illustrative):
    """What backs an update: an address, or a file kept outside the web root. `added_at` none: with the update itself."""

    class Scan(models.TextChoices):
        NOT_SCANNED = "not_scanned", "Not scanned for viruses"
        CLEAN = "clean", "Scanned, nothing found"
        INFECTED = "infected", "Withheld: a virus was found"

    update = models.ForeignKey(ProgressUpdate, models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=EvidenceKind)
    url = models.URLField("web address", max_length=500, blank=True)
    dated_on = models.DateField("date of the evidence", null=True, blank=True)
    file = models.FileField(storage=evidence_storage, upload_to="evidence/", max_length=200, blank=True, editable=False)
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    content_type = models.CharField(max_length=100, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    size = models.PositiveBigIntegerField("bytes", null=True, blank=True, editable=False)
    scan = models.CharField(max_length=12, choices=Scan, blank=True, editable=False)
    added_at = models.DateTimeField(null=True, blank=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    withheld_at = models.DateTimeField(null=True, blank=True, editable=False)
    withheld_because = models.CharField("why it is no longer given out", max_length=400, blank=True, editable=False)
    withheld_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ["update", "pk"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.title


class ImpactConfirmation(DatedRow):
    """An officer's confirmation of sustained impact."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="impact_confirmations")
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["action", "number"]
        constraints = [models.UniqueConstraint(fields=["action", "number"], name="confirmation_numbered_once")]

    def __str__(self) -> str:
        return f"{self.action_id} no. {self.number}"
