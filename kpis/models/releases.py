"""Where published figures come from: releases, and the files of them that were brought in here."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kpis.models.indicators import Indicator, Kpi
from strategies.models import Area, Illustrative


class Release(Illustrative):
    """One edition of a statistical publication: "Education, health and care plans", 2025."""

    publication = models.CharField(max_length=200)
    edition = models.CharField(max_length=60)
    publisher = models.CharField(max_length=120, default="Department for Education")
    published_on = models.DateField()
    is_day_assumed = models.BooleanField("only the month or year of publication is known", default=False)
    licence = models.CharField(max_length=200, default="Open Government Licence v3.0")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["publication", "-published_on"]
        constraints = [models.UniqueConstraint(fields=["publication", "edition"], name="release_named_once")]

    def __str__(self) -> str:
        return f"{self.publication}, {self.edition}"


class ColumnMapping(Illustrative):
    """Which column and which item of each filter of a publication's files feed an indicator; offered for the next release."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="column_mappings")
    publication = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    column = models.CharField(max_length=200)
    filters = models.JSONField("the item chosen of each filter column", default=dict, blank=True)
    reads_as = models.CharField("which part of its year the file means", max_length=20, blank=True)
    numerator = models.CharField("column of the numerator", max_length=200, blank=True)
    denominator = models.CharField("column of the denominator", max_length=200, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["indicator", "-changed_at"]
        constraints = [models.UniqueConstraint(fields=["indicator", "column"], name="column_mapped_once_an_indicator")]

    def __str__(self) -> str:
        return f"{self.column} feeds {self.indicator_id}"


class FigureImport(Illustrative):
    """A file of figures, from its rehearsal to its confirmation. The file itself lies beside it in pieces until then."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        REHEARSED = "rehearsed", "Rehearsed"
        CONFIRMED = "confirmed", "Brought in"
        ABANDONED = "abandoned", "Not brought in"

    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="figure_imports")
    kpi = models.ForeignKey(Kpi, models.PROTECT, null=True, blank=True, related_name="imports")
    indicator = models.ForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="imports")
    release = models.ForeignKey(Release, models.PROTECT, null=True, blank=True, related_name="imports")
    key = models.SlugField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("bytes")
    contents = models.JSONField("what the file holds", default=dict, blank=True)
    mapping = models.JSONField("where it comes from, and what feeds which indicator", default=dict, blank=True)
    rehearsal = models.JSONField("what the rehearsal found", default=dict, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False),
                name="figures_brought_in_say_when",
                violation_error_message="Say when the figures were brought in.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"


class FilePiece(models.Model):
    """A piece of a file that waits for its confirmation, compressed; read one at a time, so that a long file costs no more memory."""

    figure_import = models.ForeignKey(FigureImport, models.CASCADE, related_name="pieces")
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["figure_import", "position"]
        constraints = [models.UniqueConstraint(fields=["figure_import", "position"], name="piece_has_its_place")]

    def __str__(self) -> str:
        return f"{self.figure_import_id} piece {self.position}"
