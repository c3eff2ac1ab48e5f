"""What depends on a record, said before it is retired: sentences with counts, and the addresses of what is counted.

A fixed number of queries for each kind of record, whatever the number of those that depend on it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch

from django.urls import reverse

from board.models import Risk
from common.words import count_words, sentence_case
from kpis.models import Kpi, Target
from priorities.models import Finding, Inspection, Priority, SuccessMeasure
from workstrands.models import Action, Objective, WorkStrand
from workstrands.rearranging import Part, actions_below, objectives_below

MOST_NAMED = 8
LONGEST_NAME = 100
MEASURES = "measures of success"


@dataclass(frozen=True, slots=True)
class Dependent:
    """`named` are (words, address) of the first few; `goes_along` is what is retired with the record, or has to move first."""

    sentence: str
    named: list[tuple[str, str]]
    more: int = 0
    goes_along: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What may depend on a record: a noun, what it does ("{} hangs on it", of one and of many), and the records."""

    noun: str
    of_one: str
    of_many: str
    records: Iterable
    many: str | None = None
    goes_along: bool = False

    def dependent(self) -> Dependent | None:
        records = list(self.records)
        if not records:
            return None
        words = (self.of_one if len(records) == 1 else self.of_many).format(
            count_words(len(records), self.noun, self.many)
        )
        named = [(words_of(record), _address(record)) for record in records[:MOST_NAMED]]
        more = max(0, len(records) - MOST_NAMED)
        return Dependent(f"{sentence_case(words)}.", named, more, self.goes_along)


def _said(*asked: Asked) -> list[Dependent]:
    return [found for each in asked if (found := each.dependent())]


@singledispatch
def dependents_of(record) -> list[Dependent]:
    return []


@dependents_of.register
def _(priority: Priority) -> list[Dependent]:
    measures = SuccessMeasure.objects.in_use().filter(priority=priority).select_related("priority__strategy__area")
    return _said(
        *_hanging(priority),
        Asked(
            "measure of success", "{} stands under it and leaves the page with it",
            "{} stand under it and leave the page with it", measures.order_by("position", "pk"), MEASURES,
        ),
        Asked("KPI", "{} shows progress on it", "{} show progress on it", _kpis(priorities=priority)),
        _tied(priorities=priority),
    )  # fmt: skip


@dependents_of.register
def _(strand: WorkStrand) -> list[Dependent]:
    return _said(*_hanging(strand))


@dependents_of.register
def _(objective: Objective) -> list[Dependent]:
    findings = objective.findings.in_use().select_related("inspection__area").order_by("position", "pk")
    answers = "It answers {}, which may stand unanswered then"
    return _said(
        *_hanging(objective),
        Asked(
            "action", "{} under another objective serves it too", "{} under other objectives serve it too",
            _actions(also_serves=objective),
        ),
        Asked("finding", answers, answers, findings),
    )  # fmt: skip


@dependents_of.register
def _(measure: SuccessMeasure) -> list[Dependent]:
    return _said(Asked("KPI", "{} measures it", "{} measure it", _kpis(success_measures=measure)))


@dependents_of.register
def _(inspection: Inspection) -> list[Dependent]:
    one, many = "{} is of it and leaves the page with it", "{} are of it and leave the page with it"
    return _said(Asked("finding", one, many, _findings(inspection=inspection)))


@dependents_of.register
def _(finding: Finding) -> list[Dependent]:
    objectives = Objective.objects.in_use().filter(findings=finding).select_related("strategy__area")
    one, many = "{} answers it", "{} answer it"
    return _said(
        Asked("finding", "{} is a part of it", "{} are parts of it", _findings(parent=finding)),
        Asked("objective", one, many, objectives.order_by("position", "pk")),
        Asked("action", one, many, _actions(findings=finding)),
        Asked("KPI", one, many, _kpis(findings=finding)),
    )


@dependents_of.register
def _(kpi: Kpi) -> list[Dependent]:
    priorities = kpi.priorities.in_use().select_related("strategy__area")
    measures = kpi.success_measures.in_use().select_related("priority__strategy__area")
    found = _said(
        Asked("action", "{} should move it", "{} should move it", _actions(kpis=kpi)),
        Asked("priority", "It shows progress on {}", "It shows progress on {}", priorities),
        Asked("measure of success", "It stands for {}", "It stands for {}", measures, MEASURES),
        _tied(kpis=kpi),
    )
    targets = Target.objects.filter(kpi=kpi).count()
    if kpi.is_headline:
        found.append(Dependent("It is on the board page, and leaves it.", []))
    if targets:
        promised = "target was" if targets == 1 else "targets were"
        found.append(Dependent(f"{targets:,} {promised} promised for it, and stay in past views.", []))
    return found


def _hanging(part: Part) -> Iterable[Asked]:
    one, many = "{} hangs on it", "{} hang on it"
    yield Asked("objective", one, many, objectives_below(part), goes_along=True)
    yield Asked("action", one, many, actions_below(part), goes_along=True)


def _actions(**linked):
    return Action.objects.in_use().filter(**linked).select_related("area").order_by("position", "pk")


def _findings(**within):
    return Finding.objects.in_use().filter(**within).select_related("inspection__area").order_by("position", "pk")


def _kpis(**linked):
    return Kpi.objects.in_use().filter(**linked).select_related("indicator", "area").order_by("position", "pk")


def _tied(**linked) -> Asked:
    risks = Risk.objects.filter(closed_on=None, **linked).select_related("strategy__area").order_by("pk")
    return Asked("open risk", "{} is tied to it", "{} are tied to it", risks)


def words_of(record) -> str:
    """A record in full: what it calls itself is cut for narrow places."""
    said = getattr(record, "title", "") or getattr(record, "text", "")
    return f"{record.ref} {said}" if said and hasattr(record, "ref") else str(record)


def name_of(record) -> str:
    """The same for a heading."""
    words = words_of(record)
    return words if len(words) <= LONGEST_NAME else f"{words[:LONGEST_NAME].rsplit(' ', 1)[0]}…"


def _address(record) -> str:
    if isinstance(record, Finding):
        return reverse("board:inspection", args=[record.inspection.area.slug])
    if isinstance(record, SuccessMeasure):
        return record.priority.get_absolute_url()
    if isinstance(record, Risk):
        return reverse("board:risk", args=[record.strategy.area.slug, record.strategy.slug, record.ref])
    return record.get_absolute_url()
