"""A meeting: who was there, what was challenged, its own action log, and what is to be looked at in depth later."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from board.vocabulary import Outcome
from kpis.models import Kpi
from people.models import Lead, Partner
from strategies.models import Area, DatedRow, Illustrative, Meeting
from workstrands.models import Action


class Attendance(Illustrative):
    """Who came for a partner. `user` where it is somebody who signs in: "since the meeting you last attended"."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="attendances")
    name = models.CharField("name or post", max_length=120)
    is_present = models.BooleanField("was there", default=True)
    apologies = models.BooleanField("sent apologies", default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["meeting", "partner__name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "name"], name="attendance_noted_once_a_meeting"),
            models.CheckConstraint(
                condition=~Q(is_present=True, apologies=True),
                name="nobody_is_there_and_sends_apologies",
                violation_error_message="Somebody is there, or sends apologies, not both.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Challenge(DatedRow):
    """What a member questioned, and what was answered."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="challenges")
    text = models.TextField("what was questioned")
    answer = models.TextField("what was answered", blank=True)
    raised_by = models.CharField("by whom", max_length=120, blank=True)
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="challenges")
    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, blank=True, related_name="challenges")

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="challenge_numbered_once")]

    def __str__(self) -> str:
        return self.text[:80]


class MeetingAction(DatedRow):
    """An entry of the meeting's own action log, kept apart from the plan's actions."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="log")
    text = models.TextField("what is to be done")
    owner = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="+")
    owner_text = models.CharField("who, where it is no lead", max_length=120, blank=True)
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="meeting_action_numbered_once")]

    def __str__(self) -> str:
        return self.text[:80]


class MeetingActionOutcome(DatedRow):
    meeting_action = models.ForeignKey(MeetingAction, models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=10, choices=Outcome)
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["meeting_action", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting_action", "number"], name="meeting_action_outcome_numbered_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.text}"


class ForwardItem(Illustrative):
    """Something the Board means to look at in depth, at a meeting or some day."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="forward_items")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="forward_items")
    title = models.CharField(max_length=200)
    lead = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="+")
    done_on = models.DateField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["area", "meeting__held_on", "pk"]

    def __str__(self) -> str:
        return self.title
