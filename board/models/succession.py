"""What became of the promises of an earlier plan."""

from django.db import models
from django.db.models import Q

from board.vocabulary import Fate
from strategies.models import Area, DatedRow
from workstrands.models import Action, Objective


class Succession(DatedRow):
    """What became of one earlier objective or action, as somebody decided it: carried on in a later one, or not.

    `number` orders the rows of an area. The last row about a pair of an earlier and a later record stands.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="successions")
    earlier_objective = models.ForeignKey(Objective, models.PROTECT, null=True, blank=True, related_name="became_of")
    earlier_action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="became_of")
    later_objective = models.ForeignKey(
        Objective, models.PROTECT, null=True, blank=True, related_name="came_from_earlier"
    )
    later_action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="came_from_earlier")
    fate = models.CharField("what became of it", max_length=12, choices=Fate)
    reason = models.TextField(blank=True)
    decided_by = models.CharField("who decided", max_length=160, blank=True)
    decided_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["area", "number"]
        constraints = [
            models.UniqueConstraint(fields=["area", "number"], name="succession_numbered_once"),
            models.CheckConstraint(
                condition=Q(earlier_objective__isnull=False, earlier_action__isnull=True)
                | Q(earlier_objective__isnull=True, earlier_action__isnull=False),
                name="succession_is_of_one_promise",
                violation_error_message="It is about one earlier objective or one earlier action.",
            ),
            models.CheckConstraint(
                condition=Q(later_objective__isnull=True) | Q(later_action__isnull=True),
                name="succession_leads_to_one_record_at_most",
                violation_error_message="It leads to one later objective or one later action.",
            ),
            models.CheckConstraint(
                condition=~Q(fate__in=[Fate.CARRIED_ON, Fate.NOT_THE_SAME])
                | Q(later_objective__isnull=False)
                | Q(later_action__isnull=False),
                name="what_is_carried_on_says_where",
                violation_error_message="Say which later objective or action carries it on.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_fate_display()}: {self.earlier_objective or self.earlier_action}"
