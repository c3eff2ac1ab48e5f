"""What a seeding did, and what the documents hold, in words for the one who ran it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from board.seeding.reading import Library, Record

DEEDS = ("created", "updated", "unchanged", "kept")


@dataclass(frozen=True)
class Difference:
    """A record that was edited here (or may never be edited) and that the files now state otherwise."""

    kind: str
    seed_key: str
    field: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        ours, theirs = where_they_part(self.ours, self.theirs)
        return f'{self.kind} {self.seed_key}, {self.field}: ours "{ours}", theirs "{theirs}"'


@dataclass
class Outcome:
    """`deeds` counts rows by kind and deed; `gone` are seed keys held here that the files no longer state."""

    deeds: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    differences: list[Difference] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def total(self, deed: str) -> int:
        return sum(counts[deed] for counts in self.deeds.values())

    def lines(self) -> Iterator[str]:
        yield from as_columns(
            ["", *DEEDS], [[kind, *(counts[deed] for deed in DEEDS)] for kind, counts in self.deeds.items()]
        )
        if self.differences:
            yield from ["", "Kept as they stand here, though the files say otherwise (ours: here; theirs: the files):"]
            yield from (f"  {difference}" for difference in self.differences)
        if self.gone:
            yield from ["", "Held here, but no longer in the files (left as they are):"]
            yield from (f"  {seed_key}" for seed_key in self.gone)


def where_they_part(ours: str, theirs: str, *, width: int = 70) -> tuple[str, str]:
    """Both texts, cut to the stretch around the first place where they differ."""
    shared = next((place for place, pair in enumerate(zip(ours, theirs, strict=False)) if len(set(pair)) == 2), None)
    start = max(0, (min(len(ours), len(theirs)) if shared is None else shared) - 20)

    def cut(text: str) -> str:
        piece = " ".join(text[start : start + width].split())
        return f"{'…' if start else ''}{piece}{'…' if len(text) > start + width else ''}"

    return cut(ours), cut(theirs)


def as_columns(heading: list[str], rows: list[list]) -> Iterator[str]:
    """A first column of names, then numbers."""
    widths = [max(len(str(row[place])) for row in [heading, *rows]) for place in range(len(heading))]
    for row in [heading, *rows]:
        numbers = [str(cell).rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join([str(row[0]).ljust(widths[0]), *numbers]).rstrip()


# What is counted of a document, besides the number of records of each kind.
PARTS = {
    "action": {
        "references in the document": lambda fields: len(fields.get("document_refs", [])),
        "deadlines": lambda fields: len(fields.get("deadline", [])),
        "revised deadlines": lambda fields: sum("reason" in deadline for deadline in fields.get("deadline", [])),
    },
    "figure": {
        "with a number": lambda fields: int(any("value" in reading for reading in fields["reading"])),
        "readings": lambda fields: len(fields["reading"]),
        "readings with a number": lambda fields: sum("value" in reading for reading in fields["reading"]),
        "of them targets": lambda fields: sum("value" in r and r["type"] == "target" for r in fields["reading"]),
    },
    "finding": {
        "doing well": lambda fields: int(fields["finding_kind"] == "strength"),
        "needs to do better": lambda fields: int(fields["finding_kind"] == "needs_to_do_better"),
        "areas for improvement": lambda fields: int(
            fields["finding_kind"] == "area_for_improvement" and "parent" not in fields
        ),
        "their sub-points": lambda fields: int(fields["finding_kind"] == "area_for_improvement" and "parent" in fields),
    },
    "glossary_term": {
        "in the document's list": lambda fields: int(fields.get("is_listed", False)),
        "expanded in the text": lambda fields: int(not fields.get("is_listed", False)),
    },
    "governance_body": {
        "formal": lambda fields: int(fields.get("is_formal", False)),
        "mentioned or planned": lambda fields: int(not fields.get("is_formal", False)),
    },
    "objective": {"repaired": lambda fields: int("as_found" in fields)},
}

LABELS = {
    "priority": "priorities",
    "work_strand": "work strands",
    "objective": "objectives",
    "action": "actions",
    "success_measure": "measures of success",
    "current_practice": "current practices",
    "outcome_area": "outcome areas",
    "figure": "figures",
    "inspection": "inspections",
    "finding": "findings",
    "you_said_we_did": "we did",
    "glossary_term": "glossary terms",
    "governance_body": "governance bodies",
    "lead": "leads",
    "partner": "partners",
    "passage": "passages",
}


def counts_by_document(library: Library) -> dict[str, Counter]:
    """How many of each thing the documents state: by label (in the order to be shown), then by folder."""
    counts: dict[str, Counter] = {}
    for kind, label in LABELS.items():
        for record in library.of(kind):
            for part, number in parts(record, label):
                counts.setdefault(part, Counter())[record.folder] += number
        if kind == "you_said_we_did":
            said = {(record.folder, record.fields["said"]) for record in library.of(kind)}
            counts["you said"] = Counter(folder for folder, _ in said)
    return counts


def parts(record: Record, label: str) -> Iterator[tuple[str, int]]:
    yield label, 1
    for part, count in PARTS.get(record.kind.name, {}).items():
        yield f"- {label}: {part}", count(record.fields)


def document_lines(library: Library) -> Iterator[str]:
    """The counts as a table, a column a document."""
    folders = library.folders()
    yield "What the documents state:"
    yield from (f"  [{place}] {folder}" for place, folder in enumerate(folders, start=1))
    heading = ["", *(f"[{place}]" for place in range(1, len(folders) + 1)), "all"]
    rows = counts_by_document(library).items()
    yield from as_columns(
        heading, [[label, *(counts[folder] for folder in folders), counts.total()] for label, counts in rows]
    )
