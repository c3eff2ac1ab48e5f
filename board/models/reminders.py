"""Letters to leads, and links that open without a sign-in. Of a link only its digest is kept."""

from django.db import models
from django.db.models import F, Q

from board.vocabulary import ReminderStage
from people.models import Lead, User
from strategies.models import Illustrative, ReportingRound


class Reminder(Illustrative):
    """One digest to one lead at one stage of a round. The row is committed before anything is sent.

    Claimed and not sent: it may not have gone.
    """

    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="reminders")
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="reminders")
    stage = models.CharField(max_length=12, choices=ReminderStage)
    address = models.EmailField()
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ["round", "stage", "lead"]
        constraints = [
            models.UniqueConstraint(fields=["round", "lead", "stage"], name="reminded_once_a_stage"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(sent_at__gte=F("claimed_at")), name="reminder_is_claimed_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.address}"


class CalendarFeed(models.Model):
    """A person's calendar of deadlines, rounds and meetings, by a link that can be revoked."""

    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["user", "-made_at"]

    def __str__(self) -> str:
        return f"Calendar of {self.user}"


class RoundLink(Illustrative):
    """A link for one lead and one round that opens only that lead's update forms, without a sign-in."""

    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="links")
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="round_links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["round", "lead"]

    def __str__(self) -> str:
        return f"{self.lead}, {self.round}"
