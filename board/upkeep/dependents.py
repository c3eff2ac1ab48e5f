"""What depends on a record, said before it is retired: sentences with counts, and the addresses of what is counted.

A fixed number of queries for each kind of record, whatever the number of those that depend on it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch

from django.urls import reverse

from board.models import Risk
from common.words import count_words, plural, sentence_case
from kpis.models import Kpi, Target
from priorities.models import Finding, Inspection, Priority, SuccessMeasure
from workstrands.models import Action, Objective, WorkStrand
from workstrands.rearranging import Part, actions_below, objectives_below

MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Dependent:
    """`named` are (words, address) of the first few; `goes_along` is what is retired with the record, or has to move first."""

    sentence: str
    named: list[tuple[str, str]]
    more: int = 0
    goes_along: bool = False


@singledispatch
def dependents_of(record) -> list[Dependent]:
    return []


@dependents_of.register
def _(priority: Priority) -> list[Dependent]:
    measures = SuccessMeasure.objects.in_use().filter(priority=priority).order_by("position", "pk")
    return _said(
        *_hanging(priority),
        ("measure of success", "measures of success", "{} stands under it and leaves the page with it", "{} stand under it and leave the page with it", measures, False),
        ("KPI", "KPIs", "{} shows progress on it", "{} show progress on it", _kpis(Kpi.objects.filter(priorities=priority)), False),
        ("open risk", "open risks", "{} is tied to it", "{} are tied to it", _risks(priorities=priority), False),
    )  # fmt: skip


@dependents_of.register
def _(strand: WorkStrand) -> list[Dependent]:
    return _said(*_hanging(strand))


@dependents_of.register
def _(objective: Objective) -> list[Dependent]:
    serving = Action.objects.in_use().filter(also_serves=objective).select_related("area").order_by("position", "pk")
    findings = objective.findings.in_use().select_related("inspection__area").order_by("position", "pk")
    return _said(
        *_hanging(objective),
        ("action", "actions", "{} under another objective serves it too", "{} under other objectives serve it too", serving, False),
        ("finding", "findings", "It answers {}, which may stand unanswered then", "It answers {}, which may stand unanswered then", findings, False),
    )  # fmt: skip


@dependents_of.register
def _(measure: SuccessMeasure) -> list[Dependent]:
    kpis = _kpis(Kpi.objects.filter(success_measures=measure))
    return _said(("KPI", "KPIs", "{} measures it", "{} measure it", kpis, False))


@dependents_of.register
def _(inspection: Inspection) -> list[Dependent]:
    findings = Finding.objects.in_use().filter(inspection=inspection).select_related("inspection__area")
    return _said(
        ("finding", "findings", "{} is of it and leaves the page with it", "{} are of it and leave the page with it", findings.order_by("position", "pk"), False),
    )  # fmt: skip


@dependents_of.register
def _(finding: Finding) -> list[Dependent]:
    parts = (
        Finding.objects.in_use().filter(parent=finding).select_related("inspection__area").order_by("position", "pk")
    )
    objectives = Objective.objects.in_use().filter(findings=finding).select_related("strategy__area")
    actions = Action.objects.in_use().filter(findings=finding).select_related("area")
    return _said(
        ("finding", "findings", "{} is a part of it", "{} are parts of it", parts, False),
        ("objective", "objectives", "{} answers it", "{} answer it", objectives.order_by("position", "pk"), False),
        ("action", "actions", "{} answers it", "{} answer it", actions.order_by("position", "pk"), False),
        ("KPI", "KPIs", "{} answers it", "{} answer it", _kpis(Kpi.objects.filter(findings=finding)), False),
    )


@dependents_of.register
def _(kpi: Kpi) -> list[Dependent]:
    moving = Action.objects.in_use().filter(kpis=kpi).select_related("area").order_by("position", "pk")
    found = _said(
        ("action", "actions", "{} should move it", "{} should move it", moving, False),
        ("priority", "priorities", "It shows progress on {}", "It shows progress on {}", kpi.priorities.in_use().select_related("strategy__area"), False),
        ("measure of success", "measures of success", "It stands for {}", "It stands for {}", kpi.success_measures.in_use().select_related("priority__strategy__area"), False),
        ("open risk", "open risks", "{} is tied to it", "{} are tied to it", _risks(kpis=kpi), False),
    )  # fmt: skip
    targets = Target.objects.filter(kpi=kpi).count()
    if kpi.is_headline:
        found.append(Dependent("It is on the board page, and leaves it.", []))
    if targets:
        found.append(Dependent(f"{plural(targets, 'target')} were promised for it; they are kept.", []))
    return found


def _hanging(part: Part) -> Iterable[tuple]:
    yield "objective", "objectives", "{} hangs on it", "{} hang on it", objectives_below(part), True
    yield "action", "actions", "{} hangs on it", "{} hang on it", actions_below(part), True


def _kpis(found):
    return found.in_use().select_related("indicator", "area").order_by("position", "pk")


def _risks(**tied):
    return Risk.objects.filter(closed_on=None, **tied).select_related("strategy__area").order_by("pk")


def _said(*asked: tuple) -> list[Dependent]:
    """Of each (one, many, sentence for one, for many, records, whether they go along) with any records."""
    found = []
    for one, many, of_one, of_many, records, goes_along in asked:
        records = list(records)
        if not records:
            continue
        words = (of_one if len(records) == 1 else of_many).format(count_words(len(records), one, many))
        named = [(words_of(record), _address(record)) for record in records[:MOST_NAMED]]
        found.append(Dependent(f"{sentence_case(words)}.", named, max(0, len(records) - MOST_NAMED), goes_along))
    return found


def words_of(record) -> str:
    """A record in full: what it calls itself is cut for narrow places."""
    said = getattr(record, "title", "") or getattr(record, "text", "")
    return f"{record.ref} {said}" if said and hasattr(record, "ref") else str(record)


def _address(record) -> str:
    if isinstance(record, Finding):
        return reverse("board:inspection", args=[record.inspection.area.slug])
    if isinstance(record, SuccessMeasure):
        return record.priority.get_absolute_url()
    if isinstance(record, Risk):
        return reverse("board:risk", args=[record.strategy.area.slug, record.strategy.slug, record.ref])
    return record.get_absolute_url()
