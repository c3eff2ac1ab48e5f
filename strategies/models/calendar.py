"""The Board's calendar."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from strategies.models.base import Illustrative
from strategies.models.places import Area


class MeetingQuerySet(models.QuerySet):
    def going_ahead(self, moment: datetime):
        """The meetings that nobody had called off by a moment."""
        return self.filter(Q(cancelled_at__isnull=True) | Q(cancelled_at__gt=moment))


class Meeting(Illustrative):
    """A meeting of the Board. What moves keeps its earlier days in its history; what is called off stays, and says why."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    papers_due_on = models.DateField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_because = models.TextField("why it was called off", blank=True)

    objects = MeetingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["held_on"]
        constraints = [
            models.UniqueConstraint(fields=["area", "held_on"], name="one_meeting_a_day_an_area"),
            models.CheckConstraint(
                condition=Q(papers_due_on__isnull=True) | Q(papers_due_on__lte=F("held_on")),
                name="papers_are_due_by_the_meeting",
                violation_error_message="Papers are due on or before the day of the meeting.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | ~Q(cancelled_because=""),
                name="a_meeting_called_off_says_why",
                violation_error_message="Say why the meeting is called off.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area}, {self.held_on}"

    def is_called_off(self, moment: datetime) -> bool:
        return bool(self.cancelled_at and self.cancelled_at <= moment)


class ReportingRound(Illustrative):
    """Leads report before a meeting. A round is open or closed by `opened_at` and `closed_at`, whatever was planned."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="reporting_round")
    opens_on = models.DateField()
    closes_on = models.DateField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["opens_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gt=F("opens_on")),
                name="round_closes_after_it_opens",
                violation_error_message="A round closes after it opens.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(opened_at__isnull=False, closed_at__gt=F("opened_at")),
                name="round_was_opened_before_it_was_closed",
                violation_error_message="A round is closed after it was opened.",
            ),
        ]

    def __str__(self) -> str:
        return f"Round of {self.opens_on} to {self.closes_on}"

    def is_open(self, moment: datetime) -> bool:
        return bool(self.opened_at and self.opened_at <= moment and not (self.closed_at and self.closed_at <= moment))
