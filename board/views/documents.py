"""The published documents of an area, and every record and passage that was taken from each."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import Count, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.text import slugify
from django.views.generic import TemplateView

from common.dates import in_words, month_in_words
from common.words import listed, plural
from kpis.models import Indicator, Measurement, Target
from kpis.rating import show_value
from kpis.vocabulary import MeasurementState
from people.models import Lead, Partner
from people.scoping import InAreaMixin
from priorities.models import CurrentPractice, Finding, Inspection, OutcomeArea, Priority, SuccessMeasure
from strategies.models import Area, GlossaryTerm, GovernanceBody, Passage, SourceDocument, Strategy, YouSaidWeDid
from workstrands.models import Action, Deadline, Objective, WorkStrand

OPEN_UP_TO = 25  # a longer section is laid out in parts that are opened one by one


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: its words as repaired, its place, and what the document has when that differs."""

    text: str
    place: str
    title: str = ""
    address: str = ""
    as_found: str = ""
    note: str = ""
    part: str = ""
    is_wording: bool = True  # the text is the document's, or else it sums the document up
    more: tuple[str, ...] = ()


@dataclass
class Section:
    heading: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return slugify(self.heading)

    @property
    def parts(self) -> list[tuple[str, list[Entry]]]:
        return [(part, list(entries)) for part, entries in groupby(self.entries, key=lambda entry: entry.part)]

    @property
    def is_long(self) -> bool:
        return len(self.entries) > OPEN_UP_TO


@dataclass(frozen=True)
class Kind:
    """One kind of record: its heading, how the rows are fetched in order, and what is shown of each."""

    heading: str
    one: str
    model: type
    show: Callable[[object, "Addresses"], dict]
    related: tuple[str, ...] = ()
    order: tuple[str, ...] = ("position", "pk")

    def rows(self, document: SourceDocument) -> QuerySet:
        rows = self.model._default_manager.filter(source=document)
        return rows.select_related(*self.related).order_by(*self.order) if self.related else rows.order_by(*self.order)

    def section(self, document: SourceDocument, addresses: "Addresses") -> Section:
        return Section(self.heading, [_entry(row, self.show(row, addresses)) for row in self.rows(document)])


@dataclass(frozen=True)
class Addresses:
    """Addresses made without asking the database."""

    area: Area

    def of(self, name: str, *args) -> str:
        return reverse(f"board:{name}", args=[self.area.slug, *args])


def _entry(row, shown: dict) -> Entry:
    as_found = row.source_text if row.source_text != shown["text"] else ""
    return Entry(place=row.source_locator, as_found=as_found, note=row.source_note, **shown)


# What is shown of each kind


def _strategy(row, at):
    return {
        "is_wording": False,
        "text": row.title,
        "address": at.of("strategy", row.slug),
        "more": (f"{in_words(row.starts_on)} to {in_words(row.ends_on)}",),
    }


def _priority(row, at):
    return {
        "title": f"{row.ref} {row.title}", "text": row.statement, "part": row.strategy.title,
        "address": at.of("priority", row.strategy.slug, row.ref),
    }  # fmt: skip


def _strand(row, at):
    more = (f"Also called {row.alias}",) if row.alias else ()
    return {
        "text": row.name,
        "part": row.get_group_display(),
        "address": at.of("strand", row.strategy.slug, row.slug),
        "more": more,
    }


def _objective(row, at):
    hangs_on = row.workstrand or row.priority
    more = (f"Heading as found: “{row.heading_as_found}”",) if row.heading_as_found else ()
    return {
        "title": row.ref, "text": row.text, "part": str(hangs_on), "more": more,
        "address": at.of("objective", row.strategy.slug, row.key),
    }  # fmt: skip


def _action(row, at):
    refs = (
        (f"Numbered {listed(row.document_refs)} in the document",) if row.document_refs not in ([], [row.ref]) else ()
    )
    return {
        "title": row.ref, "text": row.title, "part": row.strategy.title, "address": at.of("action", row.key),
        "more": (*refs, *_misplaced(row)),
    }  # fmt: skip


def _deadline(row, at):
    for_what = f" for {row.applies_to}" if row.applies_to else ""
    written = f", written “{row.as_written}”" if row.as_written else ""
    return {
        "is_wording": False,
        "title": row.action.ref, "text": f"Due {in_words(row.due_on)}{for_what}{written}", "address": at.of("action", row.action.key),
        "more": (row.reason,) if row.reason else (),
    }  # fmt: skip


def _measure(row, at):
    return {
        "title": row.ref, "text": row.text, "part": str(row.priority), "more": _misplaced(row),
        "address": at.of("priority", row.priority.strategy.slug, row.priority.ref),
    }  # fmt: skip


def _practice(row, at):
    return {"text": row.text, "part": str(row.priority), "more": _misplaced(row)}


def _misplaced(row) -> tuple[str, ...]:
    if row.printed_section == row.likely_section:
        return ()
    return (f"Printed under “{row.printed_section}”, though it belongs under “{row.likely_section}”",)


def _inspection(row, at):
    return {"is_wording": False, "title": str(row), "text": row.outcome, "address": at.of("inspection")}


def _finding(row, at):
    more = (f"Who is to act, in the inspectors’ words: {row.owner_text}",) if row.owner_text else ()
    return {
        "title": row.ref,
        "text": row.text,
        "part": row.get_kind_display(),
        "more": more,
        "address": at.of("inspection"),
    }


def _figure(row, at):
    """ "No value" is said, not left blank: a figure may be there in words alone."""
    unit, decimals = row.indicator.unit, row.indicator.decimals
    value = (
        show_value(row.value, unit, _decimals(row.value, decimals), row.qualifier, row.as_written)
        or row.get_missing_display()
    )
    where = "" if row.area_id == at.area.pk else f", {row.area.name}"
    forecast = " (forecast)" if row.state == MeasurementState.FORECAST else ""
    split = f", {row.breakdown}" if row.breakdown else ""
    return {
        "is_wording": False,
        "title": row.indicator.title, "text": f"{value}{forecast}: {_period(row)}{where}{split}",
        "address": at.of("kpi", row.indicator.code),
    }  # fmt: skip


def _target(row, at):
    indicator = row.kpi.indicator
    value = show_value(
        row.value, indicator.unit, _decimals(row.value, indicator.decimals), row.qualifier, row.as_written
    )
    return {
        "is_wording": False,
        "title": indicator.title,
        "text": f"{value}: {_period(row)}",
        "address": at.of("kpi", indicator.code),
    }


def _decimals(value, shown: int) -> int:
    """A document's own figure keeps its decimals, however many the page elsewhere shows."""
    return shown if value is None else max(shown, -min(0, value.normalize().as_tuple().exponent))


def _period(row) -> str:
    if row.period_label:
        return row.period_label
    return (
        f"{in_words(row.period_start)} to {in_words(row.period_end)}"
        if row.period_end
        else f"from {in_words(row.period_start)}"
    )


def _indicator(row, at):
    return {
        "is_wording": False,
        "text": row.title,
        "more": tuple(filter(None, (row.definition, row.get_polarity_display(), row.get_frequency_display()))),
    }


def _said(row, at):
    return {"text": row.did, "part": f"You said: {row.said}"}


def _glossary(row, at):
    return {
        "title": row.abbreviation,
        "text": row.meaning,
        "part": "" if row.is_listed else "Spelled out in the text only",
    }


def _body(row, at):
    more = (f"Reports to {row.reports_to}",) if row.reports_to else ()
    return {"title": row.name, "text": row.role, "part": "" if row.is_formal else "Mentioned or planned", "more": more}


def _lead(row, at):
    return {"title": row.name, "text": row.role, "more": (f"Initials {row.initials}",) if row.initials else ()}


def _partner(row, at):
    return {"is_wording": False, "text": row.name, "more": (row.get_sector_display(),)}


def _outcome_area(row, at):
    return {"text": row.title}


def _passage(row, at):
    more = (row.attributed_to,) if row.attributed_to else ()
    return {"title": row.heading, "text": row.text, "part": row.get_kind_display(), "more": more}


KINDS = [
    Kind("Plans", "plan", Strategy, _strategy, order=("starts_on",)),
    Kind("Priorities", "priority", Priority, _priority, ("strategy",)),
    Kind("Work strands", "work strand", WorkStrand, _strand, ("strategy",)),
    Kind("Outcome areas", "outcome area", OutcomeArea, _outcome_area),
    Kind("Objectives", "objective", Objective, _objective, ("strategy", "workstrand", "priority")),
    Kind("Actions", "action", Action, _action, ("strategy",)),
    Kind("Dates", "date", Deadline, _deadline, ("action",), ("action__position", "action", "number")),
    Kind("Measures of success", "measure of success,measures of success", SuccessMeasure, _measure, ("priority__strategy",),
         ("priority__position", "position")),
    Kind("Current practice", "current practice", CurrentPractice, _practice, ("priority",), ("priority__position", "position")),
    Kind("Inspections", "inspection", Inspection, _inspection, order=("-inspected_from",)),
    Kind("Findings", "finding", Finding, _finding),
    Kind("Figures", "figure", Measurement, _figure, ("indicator", "area"), ("pk",)),
    Kind("Targets", "target", Target, _target, ("kpi__indicator",), ("pk",)),
    Kind("Definitions of figures", "definition", Indicator, _indicator, order=("title",)),
    Kind("You said, we did", "thing done,things done", YouSaidWeDid, _said),
    Kind("Who reports to whom", "body", GovernanceBody, _body, order=("-is_formal", "position", "pk")),
    Kind("Leads", "lead", Lead, _lead, order=("pk",)),
    Kind("Partners", "partner", Partner, _partner, order=("name",)),
    Kind("Glossary", "glossary term", GlossaryTerm, _glossary, order=("-is_listed", "abbreviation")),
]  # fmt: skip
PASSAGES = Kind("Passages", "passage", Passage, _passage)
PASSAGE_ORDER = {kind: place for place, kind in enumerate(Passage.Kind.values)}


def passages(document: SourceDocument) -> Section:
    """Every other statement of the document, kind by kind, each in the order of the document."""
    rows = sorted(
        Passage.objects.filter(document=document), key=lambda row: (PASSAGE_ORDER[row.kind], row.position, row.pk)
    )
    return Section(PASSAGES.heading, [_entry(row, _passage(row, None)) for row in rows])


def sections(document: SourceDocument, area: Area) -> list[Section]:
    """One query a kind, however many records there are."""
    found = [kind.section(document, Addresses(area)) for kind in KINDS]
    return [section for section in [*found, passages(document)] if section.entries]


def counts_by_document(documents: list[SourceDocument]) -> dict[int, list[str]]:
    """What was taken from each document, in words: "5 priorities", "57 actions"; one query a kind."""
    words: dict[int, list[str]] = {document.pk: [] for document in documents}
    for kind in [*KINDS, PASSAGES]:
        rows = kind.model._default_manager.filter(source__in=documents).order_by()
        counts = Counter(dict(rows.values_list("source").annotate(count=Count("pk"))))
        for document in documents:
            if counts[document.pk]:
                one, _, many = kind.one.partition(",")
                words[document.pk].append(plural(counts[document.pk], one, many or None))
    return words


def published_in_words(document: SourceDocument) -> str:
    """As exactly as it is known: "December 2025" where the document names a month."""
    day, precision = document.published_on, SourceDocument.Precision
    if document.precision == precision.MONTH:
        return month_in_words(day)
    if document.precision == precision.YEAR:
        return str(day.year)
    if document.precision == precision.ASSUMED:
        return f"not dated; {in_words(day)} is assumed"
    return in_words(day)


class DocumentListView(InAreaMixin, TemplateView):
    template_name = "board/document_list.html"
    nav = "documents"

    def get_context_data(self, **kwargs):
        documents = list(SourceDocument.objects.filter(area=self.area, published_on__lte=self.when.day))
        counts = counts_by_document(documents)
        rows = [(document, published_in_words(document), listed(counts[document.pk])) for document in documents]
        return super().get_context_data(**{**kwargs, "area": self.area, "rows": rows})


class DocumentView(InAreaMixin, TemplateView):
    template_name = "board/document_detail.html"
    nav = "documents"

    def get_context_data(self, **kwargs):
        document = SourceDocument.objects.filter(
            area=self.area, slug=self.kwargs["slug"], published_on__lte=self.when.day
        ).first()
        if document is None:
            raise Http404("No such document.")
        found = sections(document, self.area)
        return super().get_context_data(
            document=document,
            published=published_in_words(document),
            sections=found,
            total=sum(len(section.entries) for section in found),
            repaired=sum(bool(entry.as_found) for section in found for entry in section.entries),
            **{**kwargs, "area": self.area},
        )
