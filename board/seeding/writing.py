"""Rows out of what the files state: create what is missing, update what nobody touched, report the rest.

A row is untouched when its present fields still give the `seeded_hash` that was written with them. Areas and
documents keep no hash, and dated rows are append-only: those are made when missing and otherwise only compared.
"""

import hashlib
import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Max
from django.utils import timezone

from board.seeding.kinds import PUBLISHED
from board.seeding.outcome import Difference, Outcome
from board.seeding.reading import Record
from kpis.models import Release
from strategies.models import Area, DatedRow, Sourced

LEAVING = ("retired_at", "left_on")
CHANGE_REASON = "Seeded from the document"


@dataclass
class Wanted:
    """What the files state of one row. `links` are its many-to-many fields; `numbered_by` the fields that name a
    dated row's parent."""

    label: str
    model: type[models.Model]
    seed_key: str
    values: dict
    links: dict[str, list[models.Model]] = field(default_factory=dict)
    numbered_by: tuple[str, ...] = ()
    recorded_at: datetime | None = None

    def plain(self) -> dict:
        """The values as they would be stored and compared."""
        stored = {name: plain(self.model._meta.get_field(name), value) for name, value in self.values.items()}
        return stored | {name: sorted(row.pk for row in rows) for name, rows in self.links.items()}


class Shelf:
    """The rows of one model that the seed knows, fetched in one query and one more a many-to-many field; published
    figures, of which there are many, stand apart (`published`)."""

    def __init__(self, model: type[models.Model]):
        self.model = model
        rows = model._default_manager.all()
        if issubclass(model, Sourced):
            rows = rows.filter(seed_key__isnull=False).exclude(seed_key__startswith=f"{PUBLISHED}/")
        self.rows: dict[Hashable, models.Model] = {self.key_of(row): row for row in rows}
        self.visited: set[Hashable] = set()
        self._links: dict[str, dict[int, list[int]]] = {}
        self._numbers: dict[tuple, int] | None = None

    def key_of(self, row: models.Model) -> Hashable:
        """The seed key; an area and a document keep none, but theirs is made of the slug, a release's of its name."""
        if isinstance(row, Sourced):
            return row.seed_key
        if isinstance(row, Release):
            return f"releases/{row.publication}/{row.edition}"
        return f"areas/{row.slug}" if self.model is Area else f"{row.slug}/{row.slug}"

    def links(self, row: models.Model, name: str) -> list[int]:
        """The keys of the rows that stand in a many-to-many field of `row`."""
        if name not in self._links:
            relation = self.model._meta.get_field(name)
            near, far = f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
            found: dict[int, list[int]] = {}
            for mine, other in relation.remote_field.through._default_manager.values_list(near, far):
                found.setdefault(mine, []).append(other)
            self._links[name] = found
        return sorted(self._links[name].get(row.pk, []))

    def next_number(self, row: models.Model, parent: tuple[str, ...]) -> int:
        """Numbers run from 1 for each parent, over seeded and other rows alike."""
        if self._numbers is None:
            last = self.model._default_manager.order_by().values_list(*parent).annotate(Max("number"))
            self._numbers = {tuple(identity): number for *identity, number in last}
        identity = tuple(getattr(row, self.model._meta.get_field(name).attname) for name in parent)
        self._numbers[identity] = self._numbers.get(identity, 0) + 1
        return self._numbers[identity]


class Writer:
    def __init__(self):
        self.outcome = Outcome()
        self.problems: list[str] = []
        self._shelves: dict[type[models.Model], Shelf] = {}

    def shelf(self, model: type[models.Model]) -> Shelf:
        if model not in self._shelves:
            self._shelves[model] = Shelf(model)
        return self._shelves[model]

    def put(self, wanted: Wanted, record: Record) -> models.Model | None:
        """The row that stands for `wanted` afterwards; none when it would break a rule, which is then among the
        problems."""
        shelf = self.shelf(wanted.model)
        shelf.visited.add(wanted.seed_key)
        row = shelf.rows.get(wanted.seed_key)
        if row is None:
            row, deed = self._create(shelf, wanted, record), "created"
        else:
            row, deed = self._compare(shelf, row, wanted, record)
        if row is not None:
            self.outcome.deeds[wanted.label][deed] += 1
        return row

    def _create(self, shelf: Shelf, wanted: Wanted, record: Record) -> models.Model | None:
        row = wanted.model(**wanted.values)
        if isinstance(row, Sourced):
            row.seed_key, row.seeded_hash = wanted.seed_key, signature(wanted.plain())
        if isinstance(row, DatedRow):
            row.number, row.recorded_at = shelf.next_number(row, wanted.numbered_by), wanted.recorded_at
        return self._save(row, wanted, record)

    def _compare(
        self, shelf: Shelf, row: models.Model, wanted: Wanted, record: Record
    ) -> tuple[models.Model | None, str]:
        """The row as it stands afterwards, and what was done with it."""
        theirs = wanted.plain()
        fields = [row._meta.get_field(name) for name in wanted.values]
        ours = {each.name: plain(each, getattr(row, each.attname)) for each in fields}
        ours |= {name: shelf.links(row, name) for name in wanted.links}
        if ours == theirs:
            self._sign(row, ours)
            return row, "unchanged"
        if may_update(row, ours) or only_fills(row, ours, theirs):
            for name, value in wanted.values.items():
                setattr(row, name, value)
            if isinstance(row, Sourced):
                row.seeded_hash = signature(theirs)
            return self._save(row, wanted, record), "updated"
        self._report(row, wanted, ours, theirs)
        return row, "kept"

    def _save(self, row: models.Model, wanted: Wanted, record: Record) -> models.Model | None:
        """Many-to-many fields first get their row; a broken rule is told by its field in the file."""
        try:
            row.full_clean(exclude=["seed_key", "source"])
        except ValidationError as error:
            self.problems += [record.problem(message, name) for name, message in told(error, record)]
            return None
        # One write, so one moment: a line of history for the fields and one for each link belong together.
        row._change_reason, row._history_date = CHANGE_REASON, timezone.now()
        row.save()
        for name, rows in wanted.links.items():
            getattr(row, name).set(rows)
        return row

    def _sign(self, row: models.Model, ours: dict) -> None:
        """A row edited into what the files now state is theirs again; nothing a person could see changes."""
        if isinstance(row, Sourced) and not isinstance(row, DatedRow) and row.seeded_hash != signature(ours):
            type(row)._default_manager.filter(pk=row.pk).update(seeded_hash=signature(ours))

    def _report(self, row: models.Model, wanted: Wanted, ours: dict, theirs: dict) -> None:
        for name, stated in theirs.items():
            if ours[name] != stated:
                here = list(getattr(row, name).all()) if name in wanted.links else getattr(row, name)
                there = wanted.links.get(name, wanted.values.get(name))
                difference = Difference(wanted.label, wanted.seed_key, name, in_words(here), in_words(there))
                self.outcome.differences.append(difference)

    def note_gone(self, documents: set[int]) -> None:
        """Rows sourced to these documents (by row number) that their files no longer state."""
        for shelf in self._shelves.values():
            unseen = [row for key, row in shelf.rows.items() if key not in shelf.visited and isinstance(row, Sourced)]
            self.outcome.gone += sorted(row.seed_key for row in unseen if row.source_id in documents)


def may_update(row: models.Model, ours: dict) -> bool:
    """Untouched since it was seeded, not append-only, and not retired or left."""
    if not isinstance(row, Sourced) or isinstance(row, DatedRow):
        return False
    has_left = any(getattr(row, name, None) for name in LEAVING)
    return not has_left and row.seeded_hash == signature(ours)


def only_fills(row: models.Model, ours: dict, theirs: dict) -> bool:
    """An area may learn what nobody has said of it yet: its region, or its last day."""
    return isinstance(row, Area) and not any(ours[name] for name in theirs if ours[name] != theirs[name])


def plain(of: models.Field, value: object) -> object:
    """A value as text, number, truth or list, the same whether it comes from a file or from the database."""
    if isinstance(value, models.Model):
        return value.pk
    value = of.to_python(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


def signature(values: dict) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def told(error: ValidationError, record: Record) -> list[tuple[str, str]]:
    """Each broken rule as the file's name of the field (none for a rule over several) and what to do."""
    names = {allowed.into or name: name for name, allowed in record.kind.fields.items()}
    if record.kind.key_into:
        names[record.kind.key_into] = "key"
    return [
        ("" if name == NON_FIELD_ERRORS else names.get(name, name), message)
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return "" if value is None else str(value)
