"""The papers of a meeting, kept as they were made."""

from django.db import models
from django.db.models import Q

from board.vocabulary import PackFormat, PackKind
from strategies.models import DatedRow, Meeting, Strategy


class Pack(DatedRow):
    """One making of a meeting's papers, numbered among them. One that `corrects` earlier ones says what changed."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="packs")
    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="packs")
    kind = models.CharField(max_length=10, choices=PackKind, default=PackKind.FULL)
    scope = models.CharField("part of the plan", max_length=120, blank=True)
    as_at = models.DateTimeField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    correction = models.TextField("what was corrected", blank=True)

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="pack_numbered_once"),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, correction="") | (Q(corrects__isnull=False) & ~Q(correction="")),
                name="a_correction_says_what_changed",
                violation_error_message="Say what changed since the papers before.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting}, papers no. {self.number}"


class PackFile(models.Model):
    """One file of a pack, stored as made."""

    pack = models.ForeignKey(Pack, models.CASCADE, related_name="files")
    format = models.CharField(max_length=4, choices=PackFormat)
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField("bytes")

    class Meta:
        ordering = ["pack", "format"]
        constraints = [models.UniqueConstraint(fields=["pack", "format"], name="one_file_a_format_of_a_pack")]

    def __str__(self) -> str:
        return self.name
