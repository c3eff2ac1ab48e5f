"""What a form has seen of an action, and what happened to it since."""

from dataclasses import dataclass, fields
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from strategies import keeping
from strategies.keeping import Change, Overtaken
from workstrands.illustration import refuse_real
from workstrands.models import Action, Milestone
from workstrands.upkeep.told import deadline_changes, placement_changes

STALE = "This page did not say what it answers. Open it again."
ORDER = "Position"


@dataclass(frozen=True, slots=True)
class Seen:
    """The version of the wording, the numbers of the last placement and date, the version of the milestones.

    As text it is what a form carries: 12.1.2.0.
    """

    version: int = 0
    placed: int = 0
    dated: int = 0
    steps: int = 0

    def __str__(self) -> str:
        return ".".join(str(getattr(self, part.name)) for part in fields(self))

    @classmethod
    def read(cls, text: str) -> "Seen":
        parts = (text or "").split(".")
        if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) <= 12 for part in parts):
            raise ValidationError(STALE)
        return cls(*map(int, parts))


def with_seen(actions):
    """Each action with its `version`, `placed_no`, `dated_no` and `steps_no`."""

    def last(rows, name):
        found = Subquery(rows.order_by(f"-{name}").values(name)[:1])
        return Coalesce(found, Value(0), output_field=IntegerField())

    lines, steps = Action.history.model.objects, Milestone.history.model.objects
    return actions.annotate(
        version=last(lines.filter(id=OuterRef("pk")), "history_id"),
        placed_no=last(Action.placements.rel.related_model.objects.filter(action=OuterRef("pk")), "number"),
        dated_no=last(Action.deadlines.rel.related_model.objects.filter(action=OuterRef("pk")), "number"),
        steps_no=last(steps.filter(action_id=OuterRef("pk")), "history_id"),
    )


def seen_by(row) -> Seen:
    """Of an action read `with_seen`."""
    return Seen(row.version, row.placed_no, row.dated_no, row.steps_no)


def seen_of(action: Action) -> Seen:
    return seen_by(with_seen(Action.objects.filter(pk=action.pk)).get())


def happened_since(action: Action, seen: Seen) -> list[Change]:
    """Newest first; that others were put into another order around it says nothing about it."""
    worded = [each for each in keeping.changes_of(action, since=seen.version) if not _is_order(each)]
    steps = [
        change
        for milestone in Milestone.objects.filter(action=action, pk__in=_changed_steps(action, seen.steps))
        for change in keeping.changes_of(milestone, since=seen.steps)
    ]
    rows = [*placement_changes(action, since=seen.placed), *deadline_changes(action, since=seen.dated)]
    return sorted([*worded, *steps, *rows], key=lambda change: change.at, reverse=True)


def _changed_steps(action: Action, since: int):
    return Milestone.history.filter(action_id=action.pk, history_id__gt=since).values("id")


def _is_order(change: Change) -> bool:
    return bool(change.differences) and all(what == ORDER for what, *_ in change.differences)


def hold(action: Action) -> Action:
    """The action as it stands, with its plan and itself held until the transaction ends."""
    keeping.hold(action.strategy)
    held = Action.objects.select_for_update().get(pk=action.pk)
    held.strategy, held.area = action.strategy, action.area
    return held


def refuse_overtaken(action: Action, seen: Seen | None) -> None:
    """`Overtaken` where anything was said of the action since; only what `seen` gives is asked."""
    if seen is None or seen == seen_of(action):
        return
    changes = happened_since(action, seen)
    if changes:
        raise Overtaken(changes)


def refuse_made_up(action: Action, by, at: datetime, *, what: str = "") -> None:
    """An illustrative sign-in changes nothing that a real person answers for."""
    if by is not None and by.is_illustrative:
        placed = action.placements.select_related("lead").order_by("-number").first()
        refuse_real(by, placed and placed.lead, what=what or f"Action {action.ref}")
