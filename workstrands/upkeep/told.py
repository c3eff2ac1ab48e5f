"""The dated rows of an action as changes in words: what was, what is, who and when."""

from collections.abc import Iterable

from common.dates import in_words
from strategies.keeping import Change
from workstrands.models import Action, Deadline, Placement
from workstrands.status import DeadlineState

NOBODY, NONE = "nobody named", "none"


def placement_changes(action: Action, *, since: int = 0) -> list[Change]:
    """Its moves and hand-overs after a number, newest first; one query."""
    rows = Placement.objects.filter(action=action).select_related(
        "objective", "priority", "workstrand", "lead", "recorded_by"
    )
    told, before = [], None
    for row in rows.order_by("number"):
        told.append(_placed(before, row))
        before = row
    return _newest(told, since)


def _placed(before: Placement | None, row: Placement) -> Change:
    said = [("Lead", _lead(before), _lead(row)), ("Hangs on", place_in_words(before), place_in_words(row))]
    differences = [each for each in said if each[1] != each[2]] if before else []
    return _change(row, differences, is_first=before is None)


def deadline_changes(action: Action, *, since: int = 0) -> list[Change]:
    """Its dates after a number, newest first; one query."""
    told: list[Change] = []
    standing: dict[str, Deadline] = {}
    for row in Deadline.objects.filter(action=action).select_related("recorded_by").order_by("number"):
        told.append(_dated(standing.get(row.applies_to), row))
        if row.state == DeadlineState.AGREED:
            standing[row.applies_to] = row
    return _newest(told, since)


def _dated(before: Deadline | None, row: Deadline) -> Change:
    what = f"Date {row.get_state_display().lower()}" + (f" for {row.applies_to}" if row.applies_to else "")
    return _change(row, [(what, in_words(before.due_on) if before else NONE, in_words(row.due_on))], reason=row.reason)


def _change(row, differences, *, reason: str = "", is_first: bool = False) -> Change:
    by = str(row.recorded_by) if row.recorded_by else ""
    return Change(row.number, row.recorded_at, by, differences, reason, is_first)


def _newest(changes: Iterable[Change], since: int) -> list[Change]:
    return [change for change in reversed(list(changes)) if change.version > since]


def _lead(row: Placement | None) -> str:
    return str(row.lead) if row and row.lead else NOBODY


def place_in_words(row) -> str:
    """Of a placement, or of anything with `objective`, `priority` and `workstrand`."""
    if row is None:
        return NONE
    if row.objective:
        return f"objective {row.objective}"
    parts = [f"priority {row.priority}" if row.priority else "", str(row.workstrand) if row.workstrand else ""]
    return ", ".join(part for part in parts if part) or NONE
