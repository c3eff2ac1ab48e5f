"""The papers of a meeting, kept as they were made."""

from django.db import models
from django.db.models import Q

from board.vocabulary import PackFormat, PackKind
from strategies.models import DatedRow, Meeting, Strategy


class Pack(DatedRow):
    """One making of a meeting's papers. A correction is the next number, and says what changed."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="packs")
    strategy = models.ForeignKey(Strategy, models.PROTECT, related_name="packs")
    kind = models.CharField(max_length=10, choices=PackKind, default=PackKind.FULL)
    scope = models.CharField("part of the plan", max_length=120, blank=True)
    as_at = models.DateTimeField()
    correction = models.TextField("what was corrected", blank=True)

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="pack_numbered_once"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(correction=""),
                name="a_later_pack_says_what_it_corrects",
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
