"""A plan an area has adopted."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from strategies.models.base import Illustrative, Sourced
from strategies.models.places import Area

# Second parts of addresses under an area that are not strategies.
RESERVED_STRATEGY_SLUGS = [
    "actions", "api", "documents", "evidence", "export", "feeds", "inspection", "kpis", "meetings", "people", "risks",
    "public", "rounds", "search", "strategies", "succession", "glossary", "set-up", "updates", "workbook",
]  # fmt: skip


class StrategyQuerySet(models.QuerySet):
    def published(self):
        return self.filter(state=Strategy.State.PUBLISHED)

    def current(self, area: Area, on: date):
        """The strategy an area's board page shows on a day, or None."""
        return Strategy.current_of(self.published().filter(area=area), on)


class Strategy(Sourced, Illustrative):
    """A plan with a life from `starts_on` to `ends_on`. Flags start at `baselined_on`; until then a set-up list stands."""

    class Kind(models.TextChoices):
        STRATEGY = "strategy", "Strategy"
        IMPROVEMENT_PLAN = "improvement_plan", "Improvement plan"
        ACTION_PLAN = "action_plan", "Action plan"
        PRIORITY_ACTION_PLAN = "priority_action_plan", "Priority action plan"
        REFORM_PLAN = "reform_plan", "Reform plan"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    area = models.ForeignKey(Area, models.PROTECT, related_name="strategies")
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.STRATEGY)
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.PUBLISHED)
    continues = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="continued_by")
    baselined_on = models.DateField(null=True, blank=True)
    is_baseline_illustrative = models.BooleanField(default=False, editable=False)

    # The roll-up's thresholds, and how much of a long list the board page shows.
    fewest_live = models.PositiveSmallIntegerField("live actions needed for a headline", default=4)
    reported_percent = models.PositiveSmallIntegerField("live actions that must have reported, %", default=50)
    off_track_count = models.PositiveSmallIntegerField("off-track actions that make it off track", default=2)
    off_track_percent = models.PositiveSmallIntegerField("share of live actions that makes it off track, %", default=25)
    at_risk_percent = models.PositiveSmallIntegerField("share of live actions that makes it at risk, %", default=25)
    exceptions_shown = models.PositiveSmallIntegerField("exceptions on the board page", default=7)
    kpis_shown = models.PositiveSmallIntegerField("KPIs on the board page", default=8)

    history = HistoricalRecords()
    objects = StrategyQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on"]
        verbose_name_plural = "strategies"
        constraints = [
            models.UniqueConstraint(fields=["area", "slug"], name="strategy_slug_once_an_area"),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="strategy_ends_after_it_starts",
                violation_error_message="A strategy ends after it starts.",
            ),
            models.CheckConstraint(
                condition=~Q(slug__in=RESERVED_STRATEGY_SLUGS),
                name="strategy_slug_is_not_a_reserved_word",
                violation_error_message="That word is part of the product's own addresses. Choose another.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("board:strategy", args=[self.area.slug, self.slug])

    @staticmethod
    def current_of(plans, on: date) -> "Strategy | None":
        """Of an area's published plans: the latest started strategy that has not ended; else the last one; else None."""
        started = [p for p in plans if p.kind == Strategy.Kind.STRATEGY and p.starts_on <= on]
        started.sort(key=lambda plan: plan.starts_on)
        running = [plan for plan in started if plan.ends_on >= on]
        return (running or started or [None])[-1]

    def assessed_on(self, day: date) -> date:
        """A plan past its end is assessed as at its end."""
        return min(day, self.ends_on)

    def has_ended(self, day: date) -> bool:
        return day > self.ends_on
