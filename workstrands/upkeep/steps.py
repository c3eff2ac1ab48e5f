"""The milestones of an action: added and changed with it, retired with a reason, and taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from common.text import tidy
from strategies import keeping
from workstrands.models import Action, Milestone
from workstrands.upkeep.closing import refuse_closed
from workstrands.upkeep.seen import Seen, hold, refuse_made_up, refuse_overtaken


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as a form gives it; `milestone` is none for a new one."""

    milestone: Milestone | None
    text: str
    due_on: date | None = None
    done_on: date | None = None


def keep_steps(action: Action, steps: Iterable[Step], *, by, at: datetime) -> bool:
    """Whether any of them was new or changed."""
    changed = False
    for step in steps:
        said = {"text": tidy(step.text), "due_on": step.due_on, "done_on": step.done_on}
        if step.milestone is None:
            add_step(action, said, by=by, at=at)
            changed = True
        else:
            changed = keeping.change(step.milestone, said, by=by, at=at, seen=None) or changed
    return changed


def add_step(action: Action, said: dict, *, by, at: datetime) -> Milestone:
    """Of a plan that runs already it joins now: past views show what there was."""
    made = Milestone(action=action, position=action.milestones.count() + 1, **said)
    return keeping.add(made, by=by, at=at)


@transaction.atomic
def retire_step(milestone: Milestone, *, because: str, by, at: datetime, seen: Seen | None) -> None:
    """Out of its action from now on; past views show it, and so does the history."""
    _held(milestone, by=by, at=at, seen=seen)
    keeping.retire(milestone, because=because, by=by, at=at, seen=None)


@transaction.atomic
def take_back_step(milestone: Milestone, *, by, at: datetime, seen: Seen | None) -> None:
    _held(milestone, by=by, at=at, seen=seen)
    keeping.take_back(milestone, by=by, at=at, seen=None)


def _held(milestone: Milestone, *, by, at: datetime, seen: Seen | None) -> Action:
    """Its action, held, where it can be changed by whoever asks."""
    held = hold(milestone.action)
    refuse_overtaken(held, seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    return held
