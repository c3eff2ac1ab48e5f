"""What stands beside a report: an officer's check, and a lead's answer to a flag. Never edits of it."""

from django.db import models
from django.db.models import Q

from board.vocabulary import ReviewVerdict
from strategies.models import DatedRow, ReportingRound
from workstrands.flags import FlagCode
from workstrands.models import Action, ProgressUpdate


class UpdateReview(DatedRow):
    """An update counts from the moment it is said; this says that an officer has checked it, and into which round."""

    update = models.ForeignKey(ProgressUpdate, models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=10, choices=ReviewVerdict)
    round = models.ForeignKey(ReportingRound, models.PROTECT, null=True, blank=True, related_name="reviews")
    is_late = models.BooleanField("said after the round had closed", default=False)
    remark = models.TextField(blank=True)

    class Meta:
        ordering = ["update", "number"]
        constraints = [
            models.UniqueConstraint(fields=["update", "number"], name="review_numbered_once"),
            models.CheckConstraint(
                condition=~Q(verdict=ReviewVerdict.RETURNED) | ~Q(remark=""),
                name="what_is_returned_says_why",
                violation_error_message="Say what the lead should look at again.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.remark[:80]}"


class FlagReply(DatedRow):
    """A lead's answer to a flag, printed under it."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="flag_replies")
    flag = models.CharField(max_length=20, choices=FlagCode)
    text = models.TextField()

    class Meta:
        ordering = ["action", "number"]
        verbose_name_plural = "flag replies"
        constraints = [models.UniqueConstraint(fields=["action", "number"], name="flag_reply_numbered_once")]

    def __str__(self) -> str:
        return self.text[:80]
