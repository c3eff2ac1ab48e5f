"""What the page of a record says of its upkeep: that it was retired, where its address leads, what may be done to it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import models

from board.upkeep.kinds import KINDS, Kind
from common.dates import london_day
from strategies.models import Strategy

MOST_STEPS = 20  # along what replaced what


@dataclass(frozen=True, slots=True)
class Upkeep:
    """`deeds` are (words, address) of what an officer may do; empty for everybody else, and in the past."""

    noun: str
    history: str
    deeds: list[tuple[str, str]] = field(default_factory=list)
    retired_on: date | None = None
    because: str = ""
    take_back: str = ""
    was_later: date | None = None  # on the day viewed it was not there yet

    @classmethod
    def of(cls, name: str, record: models.Model, moment: datetime, *, may_edit: bool) -> "Upkeep":
        kind = KINDS[name]
        retired_at, added_at = getattr(record, "retired_at", None), getattr(record, "added_at", None)
        is_retired = retired_at is not None and retired_at <= moment
        may_take_back = may_edit and is_retired and not record.replaced_by_id
        return cls(
            noun=kind.noun,
            history=kind.address(record, "history"),
            deeds=deeds_of(kind, record) if may_edit and not is_retired else [],
            retired_on=record.retired_on if is_retired else None,
            because=record.retired_because if is_retired else "",
            take_back=kind.address(record, "retire") if may_take_back else "",
            was_later=london_day(added_at) if added_at and added_at > moment else None,
        )


def deeds_of(kind: Kind, record: models.Model) -> list[tuple[str, str]]:
    return [(words, kind.address(record, deed)) for deed, words in kind.deeds]


def moved_to(record: models.Model, moment: datetime) -> str | None:
    """The address of what stands in its place by the moment; none where it still stood, or nothing replaced it."""
    found = record
    for _ in range(MOST_STEPS):
        if not (found.replaced_by_id and found.retired_at and found.retired_at <= moment):
            break
        found = found.replaced_by
    return None if found is record else found.get_absolute_url()


def named_before(model: type[models.Model], strategy: Strategy, wanted: dict) -> int | None:
    """The id of the part of a plan that had this name last, before it was given another."""
    stood = model.history.filter(strategy=strategy, **wanted).order_by("-history_date", "-history_id")
    return stood.values_list("id", flat=True).first()
