"""One run of the seed: the files' records, the rows they became, and which areas are seeded for the first time."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import models

from board.seeding.reading import Library, Record
from board.seeding.writing import Wanted, Writer
from common.dates import last_day_of_month, noon
from strategies.models import SourceDocument


class Unwritten(Exception):
    """The row that this record hangs on was refused; that problem is told already."""


@dataclass
class Run:
    """`rows` stand for the records met so far, by seed key; `seeded_before` are the slugs of areas seeded earlier,
    `places_before` those of all places that had a document or a seeded figure."""

    library: Library
    now: datetime
    seeded_before: set[str]
    writer: Writer = field(default_factory=Writer)
    rows: dict[str, models.Model] = field(default_factory=dict)
    places_before: set[str] = field(default_factory=set)
    kpis_made_here: dict[tuple[int, int], models.Model] | None = None

    def put(self, wanted: Wanted, record: Record) -> models.Model:
        row = self.writer.put(wanted, record)
        if row is None:
            raise Unwritten
        self.rows[wanted.seed_key] = row
        return row

    def row(self, record: Record | None) -> models.Model | None:
        if record is None:
            return None
        if record.seed_key not in self.rows:
            raise Unwritten
        return self.rows[record.seed_key]

    def named(self, record: Record, name: str) -> models.Model | None:
        """The row that a reference of a record leads to; none when it is left out."""
        return self.row(self.library.target(record, name))

    def named_all(self, record: Record, name: str) -> list[models.Model]:
        return [self.row(self.library.records[address]) for each, address, _ in record.pointers() if each == name]

    def document(self, record: Record) -> SourceDocument | None:
        """The document a record stands in; none in the files that all share."""
        return self.row(self.library.documents.get(record.folder))

    def recorded_at(self, record: Record) -> datetime:
        document = self.document(record)
        return self.now if document.area.slug in self.seeded_before else noon(day_of(document))

    def values(self, record: Record) -> dict:
        """The fields of a record's own row; what the record leaves out has its default."""
        model, kind = record.kind.model, record.kind
        values = {kind.key_into: record.key} if kind.key_into else {}
        for name, allowed in kind.fields.items():
            if not allowed.apart:
                into = allowed.into or name
                default = model._meta.get_field(into).get_default()
                values[into] = self.named(record, name) if allowed.refers_to else record.fields.get(name, default)
        if "source_note" in values:
            values["source"] = self.document(record)
        return values


def day_of(document: SourceDocument) -> date:
    """The day on which a document's facts are taken to have become known."""
    day, precision = document.published_on, SourceDocument.Precision
    if document.precision == precision.MONTH:
        return last_day_of_month(day)
    return day.replace(month=12, day=31) if document.precision == precision.YEAR else day
