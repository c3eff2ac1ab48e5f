"""The seed's files into records, each with its file and key; all that is wrong is collected before any is written."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from board.seeding.fields import Field, nearest, tables_fault
from board.seeding.figure_files import Cell, Near, read_figures, read_neighbours
from board.seeding.kinds import BY_NAME, PUBLISHED, PUBLISHED_KINDS, Kind
from kpis.vocabulary import Unit

KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHARED_KINDS = ("area", "indicator")


class Refused(Exception):
    """The seed is refused whole. `problems`: a readable line for each thing that is wrong."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, eq=False)
class Record:
    """One table of a file. `folder` is empty for the files that all documents share."""

    kind: Kind
    file: str
    folder: str
    place: int
    fields: dict
    parent: "Record | None" = None

    @property
    def key(self) -> str:
        if self.parent:
            return f"{self.parent.key}/{self.kind.name}-{self.place}"
        return str(self.fields.get("key", ""))

    @property
    def seed_key(self) -> str:
        """`<folder>/<key>`; an indicator's is `indicators/<code>` wherever it is defined, so that it may move between
        files."""
        return f"{self.kind.shelf or self.folder}/{self.key}"

    @property
    def name(self) -> str:
        if self.parent:
            return f"{self.parent.name}, {self.kind.name} {self.place}"
        return f"{self.kind.name} {self.key or f'number {self.place}'}"

    def problem(self, message: str, name: str = "") -> str:
        return f"{self.file}: {self.name}: {f'{name}: ' if name else ''}{message}"

    def address(self, name: str, value: str) -> str:
        """The seed key of the record that `value`, in the field `name`, points at."""
        shelf = BY_NAME[self.kind.fields[name].refers_to].shelf
        return value if "/" in value and not shelf else f"{shelf or self.folder}/{value}"

    def pointers(self) -> Iterator[tuple[str, str, Field]]:
        """Each reference as field, address pointed at, and what the field may hold."""
        for name, allowed in self.kind.fields.items():
            if allowed.refers_to and name in self.fields:
                for value in self.fields[name] if allowed.is_list else [self.fields[name]]:
                    yield name, self.address(name, value), allowed

    def children(self, name: str) -> list["Record"]:
        kind = self.kind.nested[name]
        tables = enumerate(self.fields.get(name, []), start=1)
        return [Record(kind, self.file, self.folder, place, table, self) for place, table in tables]


@dataclass
class Library:
    """All records, by seed key, in the order of the files; documents by folder; the cells of each series of published
    figures, by its seed key; the lists of neighbours, by the year of their model."""

    records: dict[str, Record] = field(default_factory=dict)
    documents: dict[str, Record] = field(default_factory=dict)
    cells: dict[str, list[Cell]] = field(default_factory=dict)
    neighbours: dict[int, list[Near]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Record]:
        """Records of a kind, the earliest document's first: what a later one says of the same thing comes after."""
        found = [record for record in self.records.values() if record.kind.name == kind]
        return sorted(found, key=lambda record: self.dated(record.folder))

    def dated(self, folder: str) -> tuple[str, str]:
        document = self.documents.get(folder)
        return (str(document.fields["published_on"]) if document else "", folder)

    def folders(self) -> list[str]:
        return sorted(self.documents, key=self.dated)

    def target(self, record: Record, name: str) -> Record | None:
        """The record that a (single) reference points at; none when it is left out."""
        value = record.fields.get(name)
        return self.records.get(record.address(name, value)) if value else None


def read(directory: Path) -> Library:
    """Everything under `directory`, checked; raises `Refused` with all that is wrong."""
    if not directory.is_dir():
        raise Refused([f"{directory}: there is no such folder."])
    files = sorted([*directory.glob("*.toml"), *directory.glob("*/*.toml")])
    if not files:
        raise Refused([f"{directory}: holds no TOML files."])
    problems: list[str] = []
    found = [record for path in files for record in records_in(path, directory, problems)]
    for record in found:
        problems += shape_problems(record)
    library = Library()
    problems += shelve(found, library)
    problems += document_problems(found, library)
    if not problems:
        problems = reference_problems(library) or circles(library) + repeated_readings(library)
    if not problems:
        problems = published_problems(directory / PUBLISHED, library)
    if problems:
        raise Refused(problems)
    return library


def records_in(path: Path, directory: Path, problems: list[str]) -> Iterator[Record]:
    file = path.relative_to(directory).as_posix()
    folder = "" if path.parent == directory else path.parent.name
    try:
        tables_by_kind = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError, ArithmeticError, RecursionError) as error:
        problems.append(f"{file}: this is not readable TOML: {error}.")
        return
    for name, tables in tables_by_kind.items():
        fault = kind_fault(name, tables, folder)
        if fault:
            problems.append(f"{file}: {name}: {fault}")
        else:
            yield from (
                Record(BY_NAME[name], file, folder, place, table) for place, table in enumerate(tables, start=1)
            )


def kind_fault(name: str, tables: object, folder: str) -> str:
    if name not in BY_NAME:
        return f"there is no such kind of record.{nearest(name, list(BY_NAME))}"
    if not folder and name not in SHARED_KINDS:
        return "stands in a shared file, and belongs in the folder of a document."
    if folder and name == "area":
        return "stands in the folder of a document, and belongs in a shared file."
    if folder and (name in PUBLISHED_KINDS) != (folder == PUBLISHED) and name != "indicator":
        return f"does not stand in {PUBLISHED}/." if folder == PUBLISHED else f"stands only in {PUBLISHED}/."
    return tables_fault(tables)


def shape_problems(record: Record) -> list[str]:
    """Unknown, missing and unfitting fields of a record and of what is nested in it."""
    kind, fields = record.kind, record.fields
    allowed = kind.fields.keys() | kind.nested.keys() | (set() if record.parent else {"key"})
    problems = [
        record.problem(f"there is no such field.{nearest(name, sorted(allowed))}", name)
        for name in fields
        if name not in allowed
    ]
    if not record.parent:
        problems += key_problems(record)
    for name, field_ in kind.fields.items():
        if name not in fields:
            problems += [record.problem("is missing.", name)] if field_.is_required else []
        elif fault := field_.fault(fields[name]):
            problems.append(record.problem(fault, name))
    for name in kind.nested:
        fault = tables_fault(fields.get(name, []))
        problems += (
            [record.problem(fault, name)]
            if fault
            else [problem for child in record.children(name) for problem in shape_problems(child)]
        )
    return problems + [record.problem(message, name) for name, message in kind.faults(fields)]


def key_problems(record: Record) -> list[str]:
    key = record.fields.get("key")
    if key is None:
        return [record.problem("is missing.", "key")]
    if isinstance(key, str) and KEY.fullmatch(key):
        return []
    return [record.problem("must be lower-case letters and digits, with single dashes between.", "key")]


def shelve(found: list[Record], library: Library) -> list[str]:
    problems = []
    for record in found:
        other = library.records.setdefault(record.seed_key, record)
        if other is not record and record.key:
            problems.append(record.problem(f'"{record.key}" is also the key of {other.name} in {other.file}.', "key"))
    return problems


def document_problems(found: list[Record], library: Library) -> list[str]:
    """A folder holds exactly one document, whose key is the folder's name."""
    problems = []
    for record in found:
        if record.kind.name == "document":
            library.documents.setdefault(record.folder, record)
            if record.key != record.folder:
                problems.append(record.problem(f'must be the name of its folder, "{record.folder}".', "key"))
    files = {record.folder: record.file for record in found}
    bare = [folder for folder in files if folder and folder != PUBLISHED and folder not in library.documents]
    return problems + [f"{folder}: the folder holds no document." for folder in bare]


def reference_problems(library: Library) -> list[str]:
    problems = []
    for record in library.records.values():
        nested = [child for name in record.kind.nested for child in record.children(name)]
        for each in [record, *nested]:
            for name, address, allowed in each.pointers():
                fault = pointer_fault(library, each, address, allowed)
                problems += [each.problem(fault, name)] if fault else []
    return problems


def pointer_fault(library: Library, record: Record, address: str, allowed: Field) -> str:
    """Why a reference leads nowhere, to the wrong kind, to itself, or into another strategy or area; nothing when it
    is right."""
    target = library.records.get(address)
    shelf, _, key = address.partition("/")
    if target is None:
        keys = [other.key for other in library.of(allowed.refers_to) if (other.kind.shelf or other.folder) == shelf]
        return f'"{key}" leads nowhere: there is no such {allowed.refers_to} in {shelf}.{nearest(key, keys)}'
    if target.kind.name != allowed.refers_to:
        return f'"{key}" is a {target.kind.name}, not a {allowed.refers_to}.'
    if target is record:
        return f'"{key}" is this record itself.'
    for shared in ("strategy", "area"):
        ours, theirs = library.target(record, shared) if shared in record.kind.fields else None, None
        if ours is not None and shared in target.kind.fields and record.kind is not target.kind:
            theirs = library.target(target, shared)
        if theirs is not None and ours is not theirs:
            return f'"{key}" belongs to another {shared}, {theirs.key}.'
    return ""


def circles(library: Library) -> list[str]:
    """Records of one kind that hang on each other in a circle."""
    problems = []
    for record in library.records.values():
        names = [name for name, allowed in record.kind.fields.items() if allowed.refers_to == record.kind.name]
        for name in names:
            above, seen = library.target(record, name), {record}
            while above is not None and above not in seen:
                seen.add(above)
                above = library.target(above, name)
            if above is record:
                problems.append(record.problem("leads back to this record.", name))
    return problems


def repeated_readings(library: Library) -> list[str]:
    """Two readings of one indicator, area and period in one document must be told apart by their breakdown."""
    problems, seen = [], Counter()
    for figure in library.of("figure"):
        for reading in figure.children("reading"):
            if reading.fields["type"] == "measurement":
                identity = (figure.folder, figure.fields["indicator"], *identity_of(reading, figure))
                seen[identity] += 1
                if seen[identity] == 2:
                    problems.append(
                        reading.problem("is the same as an earlier one: give this one a breakdown.", "period_end")
                    )
    return problems


def identity_of(reading: Record, figure: Record) -> tuple:
    fields = reading.fields
    place = fields.get("area", figure.fields["area"])
    return (
        place,
        fields.get("breakdown", ""),
        fields.get("state", "final"),
        fields["period_start"],
        fields["period_end"],
    )


def published_problems(directory: Path, library: Library) -> list[str]:
    """The CSV files of published figures into the library: one for each series, one for each model of neighbours."""
    problems: list[str] = []
    areas = {record.key for record in library.of("area")}
    for series in library.of("series"):
        unit = library.target(series, "indicator").fields
        most = Decimal(100) if unit["unit"] == Unit.PERCENT and not unit.get("may_pass_100") else None
        path = directory / "figures" / f"{series.key}.csv"
        found, wrong = read_figures(path, file_name(path, directory), areas, most=most)
        library.cells[series.seed_key] = found
        problems += wrong
    for path in sorted(directory.glob("neighbours-*.csv")):
        year = path.stem.removeprefix("neighbours-")
        if not re.fullmatch(r"[12]\d{3}", year):
            problems.append(f"{file_name(path, directory)}: the name must end in the year of the model.")
            continue
        library.neighbours[int(year)], wrong = read_neighbours(path, file_name(path, directory), areas)
        problems += wrong
    return problems


def file_name(path: Path, directory: Path) -> str:
    return path.relative_to(directory.parent).as_posix()
