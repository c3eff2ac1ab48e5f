"""What the Board decided, and what became of it."""

from django.db import models
from django.db.models import Q

from board.vocabulary import DecisionKind, Outcome
from kpis.models import Kpi
from people.models import Lead
from strategies.models import DatedRow, Meeting
from workstrands.models import Action, Deadline, ProgressUpdate

ABOUT_AN_ACTION = [
    DecisionKind.AGREE_DATE, DecisionKind.REFUSE_DATE, DecisionKind.ACCEPT_RED, DecisionKind.PUT_ON_HOLD,
    DecisionKind.STOP, DecisionKind.RESUME,
]  # fmt: skip


class Decision(DatedRow):
    """A decision of a meeting. Carrying out one about an action appends the update or the date that it makes."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=12, choices=DecisionKind, default=DecisionKind.OTHER)
    text = models.TextField("what was decided")
    reason = models.TextField(blank=True)
    owner = models.ForeignKey(Lead, models.PROTECT, null=True, blank=True, related_name="decisions")
    owner_text = models.CharField("who, where it is no lead", max_length=120, blank=True)
    due_on = models.DateField("to be done by", null=True, blank=True)
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="decisions")
    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, blank=True, related_name="decisions")
    agreed_on = models.DateField("the date agreed", null=True, blank=True)
    until = models.DateField("until, or to look again on", null=True, blank=True)
    update = models.OneToOneField(
        ProgressUpdate, models.PROTECT, null=True, blank=True, related_name="decision", editable=False
    )
    deadline = models.OneToOneField(
        Deadline, models.PROTECT, null=True, blank=True, related_name="decision", editable=False
    )

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="decision_numbered_once"),
            models.CheckConstraint(
                condition=~Q(kind__in=ABOUT_AN_ACTION) | Q(action__isnull=False),
                name="decision_about_an_action_names_it",
                violation_error_message="Say which action it is about.",
            ),
            models.CheckConstraint(
                condition=~Q(kind=DecisionKind.AGREE_DATE) | Q(agreed_on__isnull=False),
                name="agreed_date_is_given",
                violation_error_message="Give the date that was agreed.",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[DecisionKind.ACCEPT_RED, DecisionKind.PUT_ON_HOLD]) | Q(until__isnull=False),
                name="what_is_put_off_comes_back_on_a_day",
                violation_error_message="Say until when.",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[DecisionKind.ACCEPT_RED, DecisionKind.PUT_ON_HOLD, DecisionKind.STOP])
                | ~Q(reason=""),
                name="putting_off_or_stopping_has_a_reason",
                violation_error_message="Give the reason.",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class DecisionOutcome(DatedRow):
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=10, choices=Outcome)
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["decision", "number"]
        constraints = [models.UniqueConstraint(fields=["decision", "number"], name="decision_outcome_numbered_once")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.text}"
