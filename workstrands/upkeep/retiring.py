"""Retiring an action, and taking that back; a merge too."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from strategies import keeping
from workstrands.models import Action
from workstrands.upkeep.closing import refuse_closed
from workstrands.upkeep.editing import note
from workstrands.upkeep.seen import Seen, hold, refuse_made_up, refuse_overtaken


@transaction.atomic
def retire_action(action: Action, *, because: str, by, at: datetime, seen: Seen | None) -> None:
    held = hold(action)
    refuse_overtaken(held, seen)
    refuse_closed(held, at)
    refuse_made_up(held, by, at)
    keeping.retire(held, because=because, by=by, at=at, seen=None)
    action.refresh_from_db()


@transaction.atomic
def take_back(action: Action, *, by, at: datetime, seen: Seen | None) -> None:
    held = hold(action)
    refuse_overtaken(held, seen)
    refuse_made_up(held, by, at)
    keeping.take_back(held, by=by, at=at, seen=None)
    action.refresh_from_db()


@transaction.atomic
def take_apart(merged: Action, *, by, at: datetime) -> None:
    """A merge, or a split that retired the old action, taken back: it is in the plan again.

    What was carried over, and what was split off, stays where it is: officers look at that themselves.
    """
    held = hold(merged)
    if held.retired_at is None or held.replaced_by_id is None:
        raise ValidationError("This was taken back already.")
    refuse_made_up(held, by, at)
    held.retired_at, held.retired_because, held.replaced_by = None, "", None
    note(held, "Merge or split taken back", by=by, at=at)
