"""An action's story as known at a moment: what was said, which dates were agreed, where it hung and who led it.

Plain objects, newest first where the reader looks for the newest, each with who, when and on what grounds.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Prefetch

from common.dates import in_words, london_day
from common.words import plural
from workstrands.backing import known_by, without_given_again
from workstrands.models import Action, Deadline, Evidence, ImpactConfirmation, Placement, ProgressUpdate
from workstrands.saying import who_said
from workstrands.status import DeadlineState, UpdateKind


@dataclass(frozen=True, slots=True)
class UpdateStory:
    row: ProgressUpdate
    on: date
    who: str
    evidence: list[Evidence]
    unchanged_since: date | None  # for "Nothing has changed": the day of the last full update

    @property
    def is_no_change(self) -> bool:
        return self.row.kind == UpdateKind.NO_CHANGE


@dataclass(frozen=True, slots=True)
class DeadlineStory:
    row: Deadline
    on: date
    moved: str


@dataclass(frozen=True, slots=True)
class PlacementStory:
    row: Placement
    on: date

    @property
    def objective(self):
        return self.row.objective

    @property
    def priority(self):
        return self.row.objective.priority if self.row.objective else self.row.priority

    @property
    def workstrand(self):
        return self.row.objective.workstrand if self.row.objective else self.row.workstrand

    @property
    def lead(self):
        return self.row.lead

    @property
    def lead_in_words(self) -> str:
        return in_full(self.row.lead) if self.row.lead else ""


def in_full(lead) -> str:
    """Name, role and body, none of them twice."""
    role = f", {lead.role}" if lead.role and lead.role not in lead.name else ""
    return f"{lead.name}{role}" + (f" ({lead.partner.name})" if lead.partner else "")


@dataclass(frozen=True, slots=True)
class ActionStory:
    updates: list[UpdateStory] = field(default_factory=list)
    deadlines: list[DeadlineStory] = field(default_factory=list)
    placements: list[PlacementStory] = field(default_factory=list)
    confirmations: list[ImpactConfirmation] = field(default_factory=list)

    @property
    def last(self) -> UpdateStory | None:
        return self.updates[0] if self.updates else None

    @property
    def last_full(self) -> UpdateStory | None:
        """The last update that says more than that nothing has changed."""
        return next((update for update in self.updates if not update.is_no_change), self.last)

    @property
    def place(self) -> PlacementStory | None:
        return self.placements[0] if self.placements else None


def story_of(action: Action, moment: datetime) -> ActionStory:
    """Five queries, however long the story."""
    return ActionStory(
        updates=_updates(action, moment),
        deadlines=_deadlines(action, moment),
        placements=_placements(action, moment),
        confirmations=list(
            ImpactConfirmation.objects.filter(action=action)
            .known_by(moment)
            .select_related("recorded_by")
            .order_by("-number")
        ),
    )


def _updates(action: Action, moment: datetime) -> list[UpdateStory]:
    rows = (
        ProgressUpdate.objects.filter(action=action)
        .known_by(moment)
        .select_related("author", "on_behalf_of", "source", "source__area", "round__meeting", "brought_in__made_by")
        .defer("brought_in__content", "brought_in__mapping", "brought_in__rehearsal")
        .prefetch_related(
            Prefetch(
                "evidence",
                Evidence.objects.filter(known_by(moment)).select_related("added_by", "withheld_by").order_by("pk"),
            )
        )
        .order_by("number")
    )
    told, last_full = [], None
    for row in rows:
        on = london_day(row.recorded_at)
        told.append(UpdateStory(row, on, who_said(row), without_given_again(row.evidence.all()), last_full))
        if row.kind != UpdateKind.NO_CHANGE:
            last_full = on
    return told[::-1]


def _deadlines(action: Action, moment: datetime) -> list[DeadlineStory]:
    """Oldest first, each said against the agreed date before it that applies to the same part of the work."""
    told, standing = [], {}
    rows = (
        Deadline.objects.filter(action=action).known_by(moment).select_related("source", "source__area", "recorded_by")
    )
    for row in rows.order_by("number"):
        before = standing.get(row.applies_to) or standing.get("")
        told.append(DeadlineStory(row, london_day(row.recorded_at), moved_in_words(before, row)))
        if row.state == DeadlineState.AGREED:
            standing[row.applies_to] = row.due_on
    return told


def moved_in_words(before: date | None, row: Deadline) -> str:
    if before is None:
        return "First date" if row.state == DeadlineState.AGREED else ""
    days = (row.due_on - before).days
    if not days:
        return f"Same as {in_words(before)}"
    return f"{plural(abs(days), 'day')} {'later' if days > 0 else 'earlier'} than {in_words(before)}"


def _placements(action: Action, moment: datetime) -> list[PlacementStory]:
    rows = (
        Placement.objects.filter(action=action)
        .known_by(moment)
        .select_related(
            "objective__priority", "objective__workstrand", "priority", "workstrand", "lead__partner", "recorded_by"
        )
        .order_by("-number")
    )
    return [PlacementStory(row, london_day(row.recorded_at)) for row in rows]


def title_as_of(record, moment: datetime, *, name: str = "title") -> str:
    """The wording that stood at a moment, from the audit trail; the first known where the trail begins later."""
    trail = record.history.order_by("history_date", "history_id")
    stood = trail.filter(history_date__lte=moment).last() or trail.first()
    return getattr(stood, name) if stood else getattr(record, name)
