"""An action's whole story of changes, and the last of them undone by a further one."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from common.dates import in_words
from strategies import keeping
from strategies.keeping import Change
from workstrands.illustration import refuse_real
from workstrands.models import Action, Deadline, Milestone, Placement
from workstrands.planning import set_deadline
from workstrands.status import DeadlineState
from workstrands.upkeep.places import Place, refuse_place
from workstrands.upkeep.seen import Seen, hold, refuse_made_up, refuse_overtaken
from workstrands.upkeep.told import deadline_changes, placement_changes

WORDING, PLACE, DATE, STEP = "wording", "place", "date", "milestone"
NOTHING = "There is no change that could be undone: this is how the action was first made."


@dataclass(frozen=True, slots=True)
class Line:
    """One change of an action. `kind` says what it changed."""

    kind: str
    change: Change
    milestone: Milestone | None = None

    @property
    def is_first(self) -> bool:
        return self.change.is_first


def lines_of(action: Action) -> list[Line]:
    """Everything that was changed of it, newest first: its wording, its place and lead, its dates, its milestones."""
    told = [Line(WORDING, change) for change in keeping.changes_of(action)]
    told += [Line(PLACE, change) for change in placement_changes(action)]
    told += [Line(DATE, change) for change in deadline_changes(action)]
    for milestone in action.milestones.all():
        told += [Line(STEP, change, milestone) for change in keeping.changes_of(milestone)]
    # Of one moment, rows stand above the wording that was written with them.
    return sorted(told, key=lambda line: (line.change.at, line.kind != WORDING, line.change.version), reverse=True)


def undoable(lines: list[Line]) -> Line | None:
    """The last change, where it can be undone: not how the action was first made, placed and dated."""
    last = next((line for line in lines if not (line.kind == WORDING and line.is_first)), None)
    if last is None or last.is_first or (last.kind == DATE and last.change.version == 1):
        return None
    return last


@transaction.atomic
def undo(action: Action, *, by, at: datetime, seen: Seen | None) -> Line:
    """The last change, undone by a further one; the change that was undone."""
    held = hold(action)
    refuse_overtaken(held, seen)
    refuse_made_up(held, by, at)
    last = undoable(lines_of(held))
    if last is None:
        raise ValidationError(NOTHING)
    if last.kind == WORDING:
        keeping.undo(held, by=by, at=at, seen=None)
    elif last.kind == STEP:
        keeping.undo(last.milestone, by=by, at=at, seen=None)
    elif last.kind == PLACE:
        _undo_placement(held, by=by, at=at)
    else:
        _undo_date(held, by=by, at=at)
    action.refresh_from_db()
    return last


def _undo_placement(action: Action, *, by, at: datetime) -> None:
    """A further row that says what the row before the last said."""
    rows = action.placements.select_related("objective", "priority", "workstrand", "lead").order_by("-number")
    last, before = rows[:2]
    if Place.of(before).ids != Place.of(last).ids:
        refuse_place(Place.of(before), action.strategy)
    refuse_real(by, last.lead, before.lead, what=f"Action {action.ref}")
    row = Placement(
        action=action, number=last.number + 1, objective=before.objective, priority=before.priority,
        workstrand=before.workstrand, lead=before.lead, recorded_at=at, recorded_by=by,
        is_lead_joint=before.is_lead_joint, is_lead_assumed=before.is_lead_assumed,
        is_illustrative=bool(by and by.is_illustrative),
    )  # fmt: skip
    row.full_clean(exclude=["action", "recorded_by"])
    row.save()


def _undo_date(action: Action, *, by, at: datetime) -> Deadline:
    """A proposed date is withdrawn. After one that was agreed or refused, what stood before it stands again."""
    last = action.deadlines.order_by("-number").first()
    said = {"applies_to": last.applies_to, "by": by, "at": at}
    if last.state == DeadlineState.PROPOSED:
        return set_deadline(action, due_on=last.due_on, state=DeadlineState.REFUSED, reason="Withdrawn", **said)
    if last.state == DeadlineState.REFUSED:
        return set_deadline(action, due_on=last.due_on, state=DeadlineState.PROPOSED, reason="Not refused", **said)
    earlier = action.deadlines.filter(state=DeadlineState.AGREED, applies_to__in=["", last.applies_to])
    before = earlier.filter(number__lt=last.number).order_by("-number").first()
    if before is None:
        raise ValidationError(f"{in_words(last.due_on)} is its first date. Give another one instead.")
    return set_deadline(action, due_on=before.due_on, reason="Undone: the date before stands again", **said)
