"""The evidence that an area holds at a moment: each piece with its day, its age, its action and that action's priority.

A piece is of the day that stands on it, or else of the day on which it was reported, as the inspection page has it. Two
queries, whatever there is.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from board.inspection_thread import age_in_words, is_old
from common.dates import london_day
from priorities.models import Priority
from strategies.models import Area, Strategy
from workstrands.evidence import known_by
from workstrands.models import Action, Evidence, Placement
from workstrands.saying import followable, who_said


@dataclass(frozen=True, slots=True)
class Held:
    piece: Evidence
    on: date  # the day viewed
    priority: Priority | None

    @property
    def action(self) -> Action:
        return self.piece.update.action

    @property
    def day(self) -> date:
        return self.piece.dated_on or london_day(self.piece.update.recorded_at)

    @property
    def is_dated_itself(self) -> bool:
        return self.piece.dated_on is not None

    @property
    def age_words(self) -> str:
        return age_in_words(self.day, self.on)

    @property
    def is_old(self) -> bool:
        return is_old(self.day, self.on)

    @property
    def is_file(self) -> bool:
        return bool(self.piece.file)

    @property
    def url(self) -> str:
        return followable(self.piece.url)

    @property
    def given_by(self) -> str:
        return str(self.piece.added_by) if self.piece.added_by else who_said(self.piece.update)

    @property
    def given_on(self) -> date:
        return london_day(self.piece.added_at or self.piece.update.recorded_at)


def evidence_of(area: Area, moment: datetime, *, on: date, **narrowed) -> list[Held]:
    """The newest first. `narrowed` are lookups of `Evidence`."""
    standing = Placement.objects.filter(action=OuterRef("update__action"), recorded_at__lte=moment).order_by("-number")
    placed = standing.annotate(at=Coalesce("priority", "objective__priority")).values("at")[:1]
    rows = (
        Evidence.objects.filter(
            known_by(moment), update__area=area, update__action__strategy__state=Strategy.State.PUBLISHED, **narrowed
        )
        .select_related(
            "update__action__strategy", "update__author", "update__on_behalf_of", "update__source", "added_by"
        )
        .annotate(placed=Subquery(placed), told_at=Coalesce(F("added_at"), F("update__recorded_at")))
        .order_by("-told_at", "-pk")
    )
    priorities = {one.pk: one for one in Priority.objects.filter(strategy__area=area).select_related("strategy")}
    return [Held(row, on, priorities.get(row.placed)) for row in rows]
