"""Every kind of record a seed file may hold, in the order of loading; `docs/seed-format.md` says it in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import models

from board.seeding.fields import Field, choice, day, flag, number, reference, references, text, texts, whole
from kpis.models import Indicator, Release, SeriesBreak
from kpis.vocabulary import Frequency, MeasurementState, Polarity, Qualifier, TargetKind, Unit
from people.models import Lead, Partner
from priorities.models import CurrentPractice, Finding, Inspection, OutcomeArea, Priority, SuccessMeasure
from strategies.models import Area, GlossaryTerm, GovernanceBody, Passage, SourceDocument, Strategy, YouSaidWeDid
from workstrands.models import Action, Deadline, Objective, WorkStrand


class ReadingType(models.TextChoices):
    MEASUREMENT = "measurement"
    TARGET = "target"


class Coverage(models.TextChoices):
    """Which areas of a published file were taken over."""

    ALL = "all"
    COMPARED = "compared"


@dataclass(frozen=True)
class Kind:
    """`model` is none for a kind whose rows are made by a module of its own (`figures`).

    `key_into`: the model's field that holds the key. `shelf`: the folder under which its keys stand when they are
    unique over all folders. `faults`: what no single field can say, as pairs of field and message.
    """

    name: str
    model: type[models.Model] | None
    fields: dict[str, Field]
    key_into: str = ""
    shelf: str = ""
    nested: dict[str, "Kind"] = field(default_factory=dict)
    faults: Callable[[dict], Iterator[tuple[str, str]]] = lambda fields: iter(())


OPTIONAL = {"is_required": False}
NOTE = {"note": text(into="source_note", **OPTIONAL)}
SOURCED = {"line": text(into="source_locator"), "as_found": text(into="source_text", **OPTIONAL), **NOTE}
UNPLACED = {**SOURCED, "line": text(into="source_locator", **OPTIONAL)}
SECTIONS = {"printed_section": text(), "likely_section": text()}
AREA = {"area": reference("area")}
STRATEGY = {"strategy": reference("strategy")}
POSITION = {"position": whole()}
# The seed key of a published figure also holds the area and the period.
LONGEST_CODE = 50
LONGEST_COLUMN = 40


def reading_faults(reading: dict) -> Iterator[tuple[str, str]]:
    """What a measurement or a target may not have."""
    only_targets, only_measurements = ["target_kind"], ["state", "breakdown", "area"]
    is_target = reading.get("type") == ReadingType.TARGET
    for name in only_measurements if is_target else only_targets:
        if name in reading:
            yield name, f"belongs to a {'measurement' if is_target else 'target'} only."
    if "value" not in reading and "as_written" not in reading:
        yield "value", "is missing: give a number here, or words in as_written."


def figure_faults(figure: dict) -> Iterator[tuple[str, str]]:
    if not figure.get("reading"):
        yield "reading", "is missing: a figure has at least one."


def tracked_faults(tracked: dict) -> Iterator[tuple[str, str]]:
    indicators, headlines = tracked.get("indicators", []), tracked.get("headlines", [])
    for code in headlines if isinstance(headlines, list) and isinstance(indicators, list) else []:
        if code not in indicators:
            yield "headlines", f'"{code}" is not among the indicators.'


def series_faults(series: dict) -> Iterator[tuple[str, str]]:
    """What is too long to stand with each of its figures, half of a fraction, and a filter without an item."""
    for name, longest in (("indicator", LONGEST_CODE), ("column", LONGEST_COLUMN)):
        if len(str(series.get(name, ""))) > longest:
            yield name, f"is longer than {longest} characters."
    for name, other in (("numerator", "denominator"), ("denominator", "numerator")):
        if name in series and other not in series:
            yield name, f"stands without a {other}."
    filters = series.get("filters", [])
    if isinstance(filters, list) and not all(": " in str(item) for item in filters):
        yield "filters", 'must hold "column: item" each.'


READING = Kind(
    "reading",
    None,
    {
        "type": choice(ReadingType),
        "area": reference("area", **OPTIONAL),
        "value": number(**OPTIONAL),
        "as_written": text(**OPTIONAL),
        "qualifier": choice(Qualifier, **OPTIONAL),
        "state": choice(MeasurementState, **OPTIONAL),
        "period_label": text(),
        "period_start": day(),
        "period_end": day(),
        "is_period_assumed": flag(),
        "breakdown": text(**OPTIONAL),
        "target_kind": choice(TargetKind, **OPTIONAL),
        "line": text(**OPTIONAL),
        "note": text(**OPTIONAL),
    },
    faults=reading_faults,
)

DEADLINE = Kind(
    "deadline",
    Deadline,
    {
        "due_on": day(),
        "as_written": text(),
        "applies_to": text(**OPTIONAL),
        "reason": text(**OPTIONAL),
        "certainty": choice(Deadline.Certainty),
        **NOTE,
    },
)

KINDS = [
    Kind(
        "area",
        Area,
        {
            "name": text(),
            "area_kind": choice(Area.Kind, into="kind"),
            "ons_code": text(**OPTIONAL),
            "dfe_code": text(**OPTIONAL),
            "within": reference("area", **OPTIONAL),
            "ended_on": day(**OPTIONAL),
        },
        key_into="slug",
        shelf="areas",
    ),
    Kind(
        "document",
        SourceDocument,
        {
            **AREA,
            "title": text(),
            "publisher": text(),
            "published_on": day(),
            "precision": choice(SourceDocument.Precision),
            "file_name": text(),
            "note": text(**OPTIONAL),
        },
        key_into="slug",
    ),
    Kind(
        "strategy",
        Strategy,
        {
            **UNPLACED,
            **AREA,
            "title": text(),
            "strategy_kind": choice(Strategy.Kind, into="kind"),
            "starts_on": day(),
            "ends_on": day(),
            "continues": reference("strategy", **OPTIONAL),
        },
        key_into="slug",
    ),
    Kind(
        "passage",
        Passage,
        {
            **SOURCED,
            "passage_kind": choice(Passage.Kind, into="kind"),
            "heading": text(**OPTIONAL),
            "text": text(),
            "attributed_to": text(**OPTIONAL),
            **POSITION,
        },
    ),
    Kind(
        "governance_body",
        GovernanceBody,
        {
            **SOURCED,
            **AREA,
            "name": text(),
            "role": text(**OPTIONAL),
            "reports_to": text(**OPTIONAL),
            "is_formal": flag(),
            **POSITION,
        },
    ),
    Kind("you_said_we_did", YouSaidWeDid, {**SOURCED, **AREA, "said": text(), "did": text(), **POSITION}),
    Kind(
        "glossary_term",
        GlossaryTerm,
        {**SOURCED, **AREA, "abbreviation": text(), "meaning": text(), "is_listed": flag()},
    ),
    Kind("partner", Partner, {**SOURCED, **AREA, "name": text(), "sector": choice(Partner.Sector)}),
    Kind(
        "lead",
        Lead,
        {
            **SOURCED,
            **AREA,
            "name": text(),
            "initials": text(),
            "role": text(),
            "partner": reference("partner", **OPTIONAL),
        },
    ),
    Kind(
        "priority",
        Priority,
        {
            **SOURCED,
            **STRATEGY,
            "ref": text(),
            "title": text(),
            "statement": text(**OPTIONAL),
            **POSITION,
            "is_title_ours": flag(),
        },
    ),
    Kind(
        "success_measure",
        SuccessMeasure,
        {**SOURCED, "priority": reference("priority"), "ref": text(), "text": text(), **POSITION, **SECTIONS},
    ),
    Kind("outcome_area", OutcomeArea, {**SOURCED, **STRATEGY, "title": text(), **POSITION}),
    Kind(
        "current_practice",
        CurrentPractice,
        {**SOURCED, "priority": reference("priority"), "text": text(), **POSITION, **SECTIONS},
    ),
    Kind(
        "inspection",
        Inspection,
        {
            **SOURCED,
            **AREA,
            "inspected_from": day(),
            "inspected_to": day(),
            "inspectorates": text(),
            "outcome": text(),
            "next_due_by": day(**OPTIONAL),
            "is_second_hand": flag(),
        },
    ),
    Kind(
        "finding",
        Finding,
        {
            **SOURCED,
            "inspection": reference("inspection"),
            "finding_kind": choice(Finding.Kind, into="kind"),
            "ref": text(),
            "text": text(),
            "parent": reference("finding", **OPTIONAL),
            "owner_text": text(**OPTIONAL),
            **POSITION,
        },
    ),
    Kind(
        "indicator",
        Indicator,
        {
            **UNPLACED,
            "title": text(),
            "definition": text(**OPTIONAL),
            "unit": choice(Unit),
            "decimals": whole(),
            "polarity": choice(Polarity),
            "frequency": choice(Frequency),
            "publisher": text(**OPTIONAL),
            "statutory_standard": number(**OPTIONAL),
            "standard_words": text(**OPTIONAL),
            "counts_people": flag(),
            "counted": text(**OPTIONAL),
            "may_pass_100": flag(),
            "next_release_on": day(**OPTIONAL),
        },
        key_into="code",
        shelf="indicators",
    ),
    Kind(
        "figure",
        None,
        {
            "line": text(),
            "note": text(**OPTIONAL),
            **AREA,
            "indicator": reference("indicator"),
            "statement": text(),
            "success_measure": reference("success_measure", **OPTIONAL),
            "is_headline": flag(),
        },
        nested={"reading": READING},
        faults=figure_faults,
    ),
    Kind(
        "work_strand",
        WorkStrand,
        {
            **SOURCED,
            **STRATEGY,
            "slug": text(),
            "name": text(),
            "alias": text(**OPTIONAL),
            "group": choice(WorkStrand.Group),
            **POSITION,
        },
    ),
    Kind(
        "objective",
        Objective,
        {
            **SOURCED,
            **STRATEGY,
            "priority": reference("priority", **OPTIONAL),
            "workstrand": reference("work_strand", **OPTIONAL),
            "ref": text(),
            "is_ref_ours": flag(),
            "text": text(),
            "heading_as_found": text(**OPTIONAL),
            **POSITION,
        },
    ),
    Kind(
        "action",
        Action,
        {
            **SOURCED,
            **STRATEGY,
            "ref": text(),
            "is_ref_ours": flag(),
            "document_refs": texts(**OPTIONAL),
            "title": text(),
            "priority": reference("priority", apart=True, **OPTIONAL),
            "workstrand": reference("work_strand", apart=True, **OPTIONAL),
            "objective": reference("objective", apart=True, **OPTIONAL),
            **POSITION,
            "lead": reference("lead", apart=True, **OPTIONAL),
            "supporting_leads": references("lead"),
            "is_lead_joint": flag(apart=True),
            "is_lead_assumed": flag(apart=True),
            "starts_on": day(**OPTIONAL),
            "printed_section": text(**OPTIONAL),
            "likely_section": text(**OPTIONAL),
        },
        nested={"deadline": DEADLINE},
    ),
    Kind(
        "series_break",
        SeriesBreak,
        {**UNPLACED, "indicator": reference("indicator"), "from_period": day(), "reason": text()},
        shelf="series-breaks",
    ),
    Kind(
        "tracked",
        None,
        {**AREA, "indicators": references("indicator"), "headlines": references("indicator")},
        faults=tracked_faults,
    ),
    Kind(
        "release",
        Release,
        {
            "publication": text(),
            "edition": text(),
            "publisher": text(**OPTIONAL),
            "published_on": day(),
            "is_day_assumed": flag(),
            "note": text(**OPTIONAL),
        },
    ),
    Kind(
        "series",
        None,
        {
            "indicator": reference("indicator"),
            "release": reference("release"),
            "file": text(),
            "column": text(),
            "numerator": text(**OPTIONAL),
            "denominator": text(**OPTIONAL),
            "filters": texts(**OPTIONAL),
            "time": text(),
            "areas": choice(Coverage),
            "first": text(**OPTIONAL),
            "last": text(**OPTIONAL),
            "is_period_assumed": flag(),
            "note": text(**OPTIONAL),
        },
        faults=series_faults,
    ),
]

# The folder of published figures belongs to no document; besides indicators these kinds stand in it, and nowhere else.
PUBLISHED = "published"
PUBLISHED_KINDS = ("release", "series", "series_break", "tracked")

BY_NAME = {kind.name: kind for kind in KINDS}
