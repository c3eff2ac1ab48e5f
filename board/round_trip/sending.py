"""What goes into a workbook: the live actions of a lead or a strand as they stand, and the seal over them."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from board.papers.fitting import clean, shortened
from board.round_trip.choosing import actions_of_part, key_of, stood
from board.round_trip.columns import LOCKED
from board.round_trip.seal import Sealed, SealedAction, digest
from common.dates import in_words, london_day, time_in_words
from people.models import Lead, User
from priorities.models import Priority
from strategies.models import Area
from workstrands.models import Objective, ProgressUpdate, WorkStrand
from workstrands.status import SHOWN_WORDS

MOST_OF_A_TEXT = 600  # letters of what was last said: the whole stands on the action's page


@dataclass(frozen=True, slots=True)
class SentRow:
    """The locked cells of one action, by column, as they are written: text, or a day."""

    key: str
    cells: dict[str, str | date | None]


@dataclass(frozen=True, slots=True)
class Sent:
    """A workbook before it is written down."""

    sealed: Sealed
    plans: str
    title: str
    notice: str
    rows: list[SentRow]

    @property
    def about(self) -> str:
        sealed = self.sealed
        as_at = f"as at {in_words(london_day(sealed.made_at))}, {time_in_words(sealed.made_at)}"
        return " · ".join([sealed.area_name, self.plans, as_at, f"made by {sealed.made_by}"])


def send(part: Lead | WorkStrand, *, area: Area, by: User, at: datetime, notice: str = "") -> Sent:
    """The same number of queries for one action and for hundreds, per running plan."""
    found = stood(area, at, actions_of_part(part, at))
    updates = ProgressUpdate.objects.in_bulk([standing.said.id for _, standing in found if standing.said])
    objectives = Objective.objects.in_bulk([standing.objective_id for _, standing in found if standing.objective_id])
    priorities = Priority.objects.in_bulk([standing.priority_id for _, standing in found if standing.priority_id])
    rows = [_row(one, updates, objectives, priorities) for _, one in found]
    seen = {one.key: one.said.number if one.said else 0 for _, one in found}
    name = clean(str(part))
    sealed = Sealed(
        id=secrets.token_hex(8), area=area.slug, area_name=clean(area.name), made_for=key_of(part), made_for_name=name,
        made_at=at, made_by=clean(str(by)),
        actions={row.key: SealedAction(seen[row.key], digests_of(row.cells)) for row in rows},
    )  # fmt: skip
    plans = "; ".join(dict.fromkeys(clean(plan.title) for plan, _ in found))
    return Sent(sealed, plans or "no running plan", f"Actions: {name}", notice, rows)


def digests_of(cells: dict[str, str | date | None]) -> dict[str, str]:
    return {column.name: digest(as_text(cells[column.name])) for column in LOCKED}


def as_text(value: str | date | None) -> str:
    return in_words(value) if isinstance(value, date) else value or ""


def _row(standing, updates: dict, objectives: dict, priorities: dict) -> SentRow:
    update = updates[standing.said.id] if standing.said else None
    objective, priority = objectives.get(standing.objective_id), priorities.get(standing.priority_id)
    serves = (
        f"{objective.ref} {objective.text}" if objective else f"{priority.ref} {priority.title}" if priority else ""
    )
    cells = {
        "key": standing.key,
        "ref": clean(standing.ref),
        "title": clean(standing.title),
        "objective": clean(serves),
        "due_on": standing.due_on,
        "last_said": _last_said(update) if update else "Nothing was reported yet.",
        "said_on": standing.said.said_on if standing.said else None,
    }
    return SentRow(standing.key, cells)


def _last_said(update: ProgressUpdate) -> str:
    parts = [f"{update.status} {SHOWN_WORDS[update.status]}.", update.narrative]
    if update.next_steps:
        parts.append(f"Next: {update.next_steps}")
    return shortened(clean("\n".join(part for part in parts if part)), MOST_OF_A_TEXT)
