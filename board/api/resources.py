"""Every resource: what it is called, what its rows hold, what narrows them and where they come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from board.api import cycle, figures, plans, work
from board.api.asking import Asked
from board.api.fields import Field
from board.api.parameters import SHARED, Parameter


@dataclass(frozen=True, slots=True)
class Resource:
    """`rows` can be counted and cut: a queryset, or anything like a list. Its order is whole, so that pages do not overlap."""

    name: str
    title: str
    about: str
    fields: Sequence[Field]
    rows: Callable[[Asked], Sequence]
    filters: Sequence[Parameter] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return (*self.filters, *SHARED)

    @property
    def columns(self) -> list[str]:
        return [column for field in self.fields for column in field.columns]

    def as_object(self, row) -> dict:
        return {field.name: field.value(row) for field in self.fields}

    def as_cells(self, row) -> list:
        return [cell for field in self.fields for cell in field.cells(row)]


RESOURCES = {
    each.name: each
    for each in (
        Resource(
            "strategies", "Strategies and plans", "The published plans of the area, the latest first.",
            plans.STRATEGY, plans.strategies,
        ),
        Resource(
            "priorities", "Priorities", "The priorities of the published plans.",
            plans.PRIORITY, plans.priorities, plans.FILTERS,
        ),
        Resource(
            "strands", "Work strands", "The work strands of the published plans.",
            plans.STRAND, plans.strands, plans.FILTERS,
        ),
        Resource(
            "objectives", "Objectives", "The objectives of the published plans.",
            plans.OBJECTIVE, plans.objectives, plans.FILTERS,
        ),
        Resource(
            "actions", "Actions",
            "The action table of one plan, the columns of its export first. Of the current plan, unless strategy names another.",
            work.ACTION, work.actions, work.ACTION_FILTERS,
        ),
        Resource(
            "updates", "Updates", "What was reported of the actions, the newest first.",
            work.UPDATE, work.updates, work.OF_ACTION_FILTERS,
        ),
        Resource(
            "deadlines", "Deadlines", "Every date that was proposed, agreed or refused for an action. Only agreed ones count.",
            work.DEADLINE, work.deadlines, work.OF_ACTION_FILTERS,
        ),
        Resource(
            "kpis", "KPIs", "The KPI table, with the columns of its export first.",
            figures.KPI, figures.kpis, figures.KPI_FILTERS,
        ),
        Resource(
            "measurements", "Measurements", "Every figure of the KPIs that was known, restatements too.",
            figures.MEASUREMENT, figures.measurements, figures.FILTERS,
        ),
        Resource(
            "targets", "Targets", "Every target of the KPIs that was known.",
            figures.TARGET, figures.targets, figures.FILTERS,
        ),
        Resource(
            "decisions", "Decisions", "What the Board decided, and what became of it.",
            cycle.DECISION, cycle.decisions,
        ),
        Resource(
            "risks", "Risks and issues",
            "The risk register of one plan, the columns of its export first. Open ones of the current plan, unless asked otherwise.",
            cycle.RISK, cycle.risks, cycle.RISK_FILTERS,
        ),
        Resource("meetings", "Meetings", "The Board's meetings, the latest first.", cycle.MEETING, cycle.meetings),
        Resource("rounds", "Rounds of reporting", "The rounds of reporting, the latest first.", cycle.ROUND, cycle.rounds),
        Resource(
            "findings", "Inspection findings", "What inspectors found, and what of the published plans answers it.",
            cycle.FINDING, cycle.findings,
        ),
    )
}  # fmt: skip
