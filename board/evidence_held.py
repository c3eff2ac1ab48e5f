"""The evidence that an area holds at a moment: each piece with its day, its age, its action and that action's priority.

A piece is of the day that stands on it, or else of the day on which it was reported, as the inspection page has it; what
a plan's file brought in without a day is not dated. What is withheld stays among it, marked. Two queries, whatever there is.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from board.inspection_thread import age_in_words, is_old
from common.dates import in_words, london_day
from priorities.models import Finding, Priority
from strategies.models import Area, Strategy
from workstrands.backing import is_withheld_at, known_by, stated_day, without_given_again
from workstrands.models import Action, Evidence, Objective, Placement
from workstrands.saying import followable, who_said


@dataclass(frozen=True, slots=True)
class Held:
    piece: Evidence
    on: date  # the day viewed
    priority: Priority | None
    is_withheld: bool = False  # at the moment viewed

    @property
    def action(self) -> Action:
        return self.piece.update.action

    @property
    def day(self) -> date | None:
        """None of undated evidence."""
        piece, update = self.piece, self.piece.update
        came = update.brought_in.kind if update.brought_in else None
        is_named_only = not (piece.url or piece.file)
        return stated_day(
            piece.dated_on, said_at=update.recorded_at, added_at=piece.added_at, came=came, is_named_only=is_named_only
        )

    @property
    def is_dated_itself(self) -> bool:
        return self.piece.dated_on is not None

    @property
    def date_is(self) -> str:
        return "not dated" if self.day is None else "of the evidence" if self.is_dated_itself else "of the report"

    @property
    def age_words(self) -> str:
        return age_in_words(self.day, self.on) if self.day else "Not known"

    @property
    def is_old(self) -> bool:
        return self.day is not None and is_old(self.day, self.on)

    @property
    def is_file(self) -> bool:
        return bool(self.piece.file)

    @property
    def held_as(self) -> str:
        """As the filter of the page has it."""
        return "withheld" if self.is_withheld else "file" if self.is_file else "link" if self.url else "named"

    @property
    def url(self) -> str:
        """Nothing of an address that is withheld by now, whichever day is viewed."""
        return "" if self.piece.withheld_at else followable(self.piece.url)

    @property
    def given_by(self) -> str:
        return str(self.piece.added_by) if self.piece.added_by else who_said(self.piece.update)

    @property
    def given_on(self) -> date:
        return london_day(self.piece.added_at or self.piece.update.recorded_at)

    @property
    def withheld_words(self) -> str:
        """By whom, and when; nothing where it counts at the moment viewed."""
        if not self.is_withheld:
            return ""
        by = f" by {self.piece.withheld_by}" if self.piece.withheld_by else ""
        return f"{in_words(london_day(self.piece.withheld_at))}{by}"


def evidence_of(area: Area, moment: datetime, *, on: date, finding: Finding | None = None, **narrowed) -> list[Held]:
    """The newest first. `finding`: of the actions linked to it, and of those below the objectives linked to it; `narrowed`
    are lookups of `Evidence`."""
    standing = Placement.objects.filter(action=OuterRef("update__action"), recorded_at__lte=moment).order_by("-number")
    placed = standing.annotate(at=Coalesce("priority", "objective__priority")).values("at")[:1]
    rows = (
        Evidence.objects.filter(
            known_by(moment), update__area=area, update__action__strategy__state=Strategy.State.PUBLISHED, **narrowed
        )
        .select_related(
            "update__action__strategy", "update__author", "update__on_behalf_of", "update__source", "update__brought_in",
            "added_by", "withheld_by",
        )
        .defer(*(f"update__brought_in__{name}" for name in ("content", "mapping", "rehearsal")))
        .annotate(
            placed=Subquery(placed),
            below=Subquery(standing.values("objective")[:1]),
            told_at=Coalesce(F("added_at"), F("update__recorded_at")),
        )
        .order_by("-told_at", "-pk")
    )  # fmt: skip
    if finding is not None:
        linked = Objective.objects.existing(moment).filter(findings=finding)
        actions = Action.objects.filter(findings=finding)
        rows = rows.filter(Q(update__action__in=actions) | Q(below__in=linked.values("pk")))
    priorities = {one.pk: one for one in Priority.objects.filter(strategy__area=area).select_related("strategy")}
    return [Held(row, on, priorities.get(row.placed), is_withheld_at(row, moment)) for row in without_given_again(rows)]
