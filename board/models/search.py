"""What can be searched for: one row for each record, kept by the database itself."""

from django.db import models

from strategies.models import Area


class SearchEntry(models.Model):
    """`kind` and `row` name the record. Triggers write these rows (`board.search`); nobody else does.

    `scope` is looked up together with the words, so that what other areas hold costs nothing ("s12action0 area120 plan70").
    """

    area = models.ForeignKey(Area, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    row = models.PositiveBigIntegerField()
    ref = models.CharField(max_length=80, blank=True)
    heading = models.TextField(blank=True)
    body = models.TextField(blank=True)
    scope = models.CharField("which kind of which area, and which plan", max_length=80, blank=True, default="")
    known_at = models.DateTimeField("since when it is known; with the plan itself where none", null=True, blank=True)

    class Meta:
        ordering = ["area", "kind", "row"]
        verbose_name_plural = "search entries"
        constraints = [models.UniqueConstraint(fields=["kind", "row"], name="found_once_in_a_search")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}"
