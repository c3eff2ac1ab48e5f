"""What bringing a file in would do, figure by figure: add, restate, leave unchanged, or leave alone.

- *Added*: nothing stands for the place, period and state.
- *Restated*: something else stands; the file's figure is written after it, and the one before stays to be read. A figure that
  stands unpublished (typed here) is written again as published, even where it is the same.
- *Unchanged*: the same stands already.
- *Left alone*: the file has nothing ("not available") where something stands, or what stands is from a newer release.

The digest stands for all of it: two rehearsals with the same digest would write the same rows.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from kpis.dfe.figures import FileFigure, Found, Identity, in_order
from kpis.dfe.series import Series
from kpis.models import Measurement
from kpis.vocabulary import Missing


class Deed(StrEnum):
    ADDED = "added"
    RESTATED = "restated"
    UNCHANGED = "unchanged"
    LEFT_ALONE = "left_alone"


class Standing(NamedTuple):
    """The figure that stands for a place, period and state, as far as a file's is compared with it."""

    number: int
    value: Decimal | None
    missing: str
    as_written: str
    numerator: Decimal | None
    denominator: Decimal | None
    is_published: bool
    released_on: date | None

    @property
    def words(self) -> str:
        return in_words(self.value, self.missing) or self.as_written


class Change(NamedTuple):
    deed: Deed
    identity: Identity
    figure: FileFigure
    standing: Standing | None
    why: str = ""


@dataclass
class Rehearsal:
    changes: list[Change] = field(default_factory=list)

    def counts(self) -> Counter:
        return Counter(change.deed for change in self.changes)

    def of(self, deed: Deed) -> list[Change]:
        return [change for change in self.changes if change.deed == deed]

    @property
    def to_write(self) -> Iterator[Change]:
        return (change for change in self.changes if change.deed in (Deed.ADDED, Deed.RESTATED))


def rehearse(found: Found, chosen: list[Series], *, published_on: date) -> Rehearsal:
    """One query an indicator, whatever the number of figures."""
    standing = {number: standing_of(series.indicator) for number, series in enumerate(chosen)}
    changes = []
    for identity, figure in in_order(found):
        stands = standing[identity.series].get(identity[1:])
        deed, why = deed_of(figure, stands, published_on=published_on)
        changes.append(Change(deed, identity, figure, stands, why))
    return Rehearsal(changes)


def standing_of(indicator: int) -> dict[tuple, Standing]:
    """By area, period and state: the row with the highest number."""
    rows = Measurement.objects.filter(indicator=indicator, breakdown="").order_by("number").values_list(
        "area", "period_start", "period_end", "state",
        "number", "value", "missing", "as_written", "numerator", "denominator", "is_published", "release__published_on",
    )  # fmt: skip
    return {row[:4]: Standing._make(row[4:]) for row in rows.iterator(chunk_size=5000)}


def deed_of(figure: FileFigure, stands: Standing | None, *, published_on: date) -> tuple[Deed, str]:
    if stands is None:
        return Deed.ADDED, ""
    if says_the_same(figure, stands):
        if stands.is_published:
            return Deed.UNCHANGED, ""
        return Deed.RESTATED, "the same figure stood here unpublished"
    if stands.released_on is not None and stands.released_on > published_on:
        return Deed.LEFT_ALONE, "a newer release says otherwise"
    if figure.missing == Missing.NOT_AVAILABLE:
        return Deed.LEFT_ALONE, "the file has no number here"
    return Deed.RESTATED, ""


def says_the_same(figure: FileFigure, stands: Standing) -> bool:
    """A numerator or denominator that the file does not give is no difference."""
    if (figure.value, figure.missing) != (stands.value, stands.missing) or (stands.as_written and figure.value is None):
        return False
    parts = ((figure.numerator, stands.numerator), (figure.denominator, stands.denominator))
    return all(theirs is None or theirs == ours for theirs, ours in parts)


def digest(rehearsal: Rehearsal, found: Found, chosen: list[Series]) -> str:
    summed = sha256(repr([series.as_dict() for series in chosen]).encode())
    for change in rehearsal.changes:
        number = change.standing.number if change.standing else 0
        told = (change.deed.value, tuple(map(str, change.identity)), tuple(map(str, change.figure)), number)
        summed.update(repr(told).encode())
    summed.update(repr([len(found.refused), *map(tuple, found.refused)]).encode())
    return summed.hexdigest()


def in_words(value: Decimal | None, missing: str) -> str:
    if value is not None:
        return f"{value.normalize():,f}"
    return Missing(missing).label.lower() if missing else ""
