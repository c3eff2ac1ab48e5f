"""Published documents, and the statements in them that people look up but nobody acts on."""

from django.db import models
from django.urls import reverse

from strategies.models.base import Illustrative, Sourced
from strategies.models.places import Area


class SourceDocument(Illustrative):
    class Precision(models.TextChoices):
        DAY = "day", "Day"
        MONTH = "month", "Month"
        YEAR = "year", "Year"
        ASSUMED = "assumed", "Assumed: the document bears no date"

    area = models.ForeignKey(Area, models.PROTECT, related_name="documents")
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=200)
    publisher = models.CharField(max_length=200, blank=True)
    published_on = models.DateField()
    precision = models.CharField(max_length=8, choices=Precision, default=Precision.DAY)
    file_name = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-published_on"]
        constraints = [models.UniqueConstraint(fields=["area", "slug"], name="document_slug_once_an_area")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("board:document", args=[self.area.slug, self.slug])


class Passage(Sourced):
    """A statement of a document without a record of its own."""

    class Kind(models.TextChoices):
        FOREWORD = "foreword", "Foreword"
        INTRODUCTION = "introduction", "Introduction"
        ABOUT = "about", "About the document"
        VISION = "vision", "Vision"
        PRINCIPLE = "principle", "Principle"
        AIM = "aim", "Aim"
        MILESTONE = "milestone", "Milestone"
        GRADUATED_RESPONSE = "graduated_response", "Graduated response"
        COHORT = "cohort", "Cohort"
        CONTEXT = "context", "Context"
        REQUIREMENT = "requirement", "Requirement"
        QUOTE = "quote", "What people said"
        LIVED_EXPERIENCE = "lived_experience", "Lived experience"
        ACHIEVEMENT = "achievement", "Achievement"
        PROGRESS_NOTE = "progress_note", "Progress note"
        PLANNED_OUTCOME = "planned_outcome", "Planned outcome"
        MONITORING = "monitoring", "Monitoring"
        CLAIM = "claim", "Quoted change or rank"
        PERSON = "person", "Person named"
        FRAGMENT = "fragment", "Fragment, too broken to use"
        OTHER = "other", "Other"

    document = models.ForeignKey(SourceDocument, models.CASCADE, related_name="passages")
    kind = models.CharField(max_length=20, choices=Kind)
    heading = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    attributed_to = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["document", "position", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class GovernanceBody(Sourced):
    """Who reports to whom."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="governance_bodies")
    name = models.CharField(max_length=200)
    role = models.TextField(blank=True)
    reports_to = models.CharField(max_length=200, blank=True)
    is_formal = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["source", "position"]
        verbose_name_plural = "governance bodies"

    def __str__(self) -> str:
        return self.name


class YouSaidWeDid(Sourced):
    """One thing done in answer to one thing that families said."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="you_said_we_did")
    said = models.TextField("you said")
    did = models.TextField("we did")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["source", "position"]
        verbose_name = verbose_name_plural = "you said, we did"

    def __str__(self) -> str:
        return self.did[:80]


class GlossaryTerm(Sourced):
    area = models.ForeignKey(Area, models.PROTECT, related_name="glossary")
    abbreviation = models.CharField(max_length=40)
    meaning = models.CharField(max_length=200)
    is_listed = models.BooleanField("stands in the document's own list", default=True)

    class Meta:
        ordering = ["abbreviation"]

    def __str__(self) -> str:
        return f"{self.abbreviation}: {self.meaning}"
