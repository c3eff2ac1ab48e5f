"""Every record of the files into rows, kind by kind, in one transaction.

What the files leave open is decided here and in the modules named:

- A seed key is `<folder>/<key>`; an indicator's is `indicators/<code>` and a KPI's `kpis/<area>/<code>`, as neither
  belongs to one document.
- Dated rows of an area that was never seeded before are recorded at noon of their document's day (`run`); those of a
  later seeding when it happens, with `published_on` beside a measurement. An area counts as seeded once it has a
  document.
- A field that a record leaves out has the model's default, so that taking a line out of a file takes it out of an
  untouched row too.
- A record that is no longer in the files stays, and is reported.
- How an action hangs is said in `actions`, how figures become KPIs in `figures`, what may be updated in `writing`.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import transaction

from board.seeding.actions import put_action, put_objective
from board.seeding.figures import put_figure
from board.seeding.kinds import KINDS
from board.seeding.outcome import Outcome
from board.seeding.published import places_seeded_before, put_figures, put_release, put_tracked
from board.seeding.reading import Library, Record, Refused, read
from board.seeding.run import Run, Unwritten
from board.seeding.writing import Wanted
from strategies.models import Area, Passage


def seed(directory: Path, *, now: datetime) -> tuple[Outcome, Library]:
    """Load everything under `directory`, or raise `Refused` and write nothing."""
    library = read(directory)
    with transaction.atomic():
        outcome = write(library, now=now)
    return outcome, library


def write(library: Library, *, now: datetime) -> Outcome:
    seeded_before = set(Area.objects.filter(documents__isnull=False).values_list("slug", flat=True))
    run = Run(library, now, seeded_before, places_before=places_seeded_before())
    for kind in KINDS:
        put = BY_KIND.get(kind.name, put_record)
        for record in parents_first(library, library.of(kind.name)):
            try:
                put(run, record)
            except Unwritten:
                continue
    if run.writer.problems:
        raise Refused(run.writer.problems)
    put_figures(run)
    run.writer.note_gone({run.row(document).pk for document in library.documents.values()})
    return run.writer.outcome


def put_record(run: Run, record: Record) -> None:
    """A record that is one row and whose fields are the row's."""
    run.put(Wanted(record.kind.name, record.kind.model, record.seed_key, run.values(record)), record)


def put_passage(run: Run, record: Record) -> None:
    values = run.values(record) | {"document": run.document(record)}
    run.put(Wanted("passage", Passage, record.seed_key, values), record)


def parents_first(library: Library, records: list[Record]) -> Iterator[Record]:
    """The same order, but a record that points at another of its kind comes after it."""
    waiting: dict[Record, list[Record]] = defaultdict(list)
    given: set[Record] = set()
    for record in records:
        ready = [record]
        while ready:
            each = ready.pop(0)
            if (later := next((target for target in kin(library, each) if target not in given), None)) is not None:
                waiting[later].append(each)
                continue
            given.add(each)
            yield each
            ready += waiting.pop(each, [])


def kin(library: Library, record: Record) -> list[Record]:
    """The records of the same kind that a record points at."""
    addresses = [address for _, address, allowed in record.pointers() if allowed.refers_to == record.kind.name]
    return [library.records[address] for address in addresses]


def put_nothing(run: Run, record: Record) -> None:
    """A series is read from its own file, and all of them are put together at the end (`published`)."""


BY_KIND = {
    "passage": put_passage,
    "objective": put_objective,
    "action": put_action,
    "figure": put_figure,
    "tracked": put_tracked,
    "release": put_release,
    "series": put_nothing,
}
