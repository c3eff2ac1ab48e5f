"""What records of every app have in common: a source, a mark of illustration, a number and a moment."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.dates import london_day


class Sourced(models.Model):
    """A record that a document states. The record's own fields hold the repaired text, `source_text` the wording as found."""

    source = models.ForeignKey(
        "strategies.SourceDocument", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    source_locator = models.CharField("place in the document", max_length=40, blank=True, editable=False)
    source_text = models.TextField("wording as found", blank=True, editable=False)
    source_note = models.TextField("what was repaired, or why it is doubtful", blank=True, editable=False)
    seed_key = models.CharField(max_length=120, unique=True, null=True, blank=True, editable=False)
    seeded_hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        abstract = True


class Illustrative(models.Model):
    """A record that the demonstration may write; tagged rows are made up and can be taken away again."""

    is_illustrative = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True


class RetirableQuerySet(models.QuerySet):
    def existing(self, moment: datetime):
        """Those that had been added by `moment` and were not yet retired."""
        return self.filter(
            Q(added_at__isnull=True) | Q(added_at__lte=moment), Q(retired_at__isnull=True) | Q(retired_at__gt=moment)
        )

    def in_use(self):
        """Those that nobody has retired."""
        return self.filter(retired_at__isnull=True)


class Retirable(Illustrative):
    """A statement that may join its plan late and leave it early. It is kept: past views show it, its address leads on."""

    added_at = models.DateTimeField(
        "joined the plan", null=True, blank=True, editable=False
    )  # none: with the plan itself
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    retired_because = models.TextField("why it was retired", blank=True, editable=False)
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces", editable=False
    )

    objects = RetirableQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def retired_on(self) -> date | None:
        return london_day(self.retired_at) if self.retired_at else None


class DatedQuerySet(models.QuerySet):
    def known_by(self, moment: datetime):
        """The rows this installation had learned by `moment`."""
        return self.filter(recorded_at__lte=moment)

    def update(self, **changes):
        raise TypeError(f"{self.model.__name__} rows are the history: add one, do not edit them.")


class DatedRow(Illustrative):
    """Append-only. `number` orders the rows of one parent and is the check against two people writing at once.

    The state at a moment is, per parent, the row with the highest number recorded by then.
    """

    number = models.PositiveIntegerField(editable=False)
    recorded_at = models.DateTimeField(editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} rows are the history: add one, do not edit them.")
        super().save(*args, **kwargs)
