"""Strategies, priorities, work strands and objectives, as rows."""

from board.api.asking import Asked
from board.api.fields import coded, day, moment, several, text, whole, yes
from board.api.parameters import SLUG, Parameter
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.models import Objective, WorkStrand

OF_PLAN = Parameter("strategy", "The plan, as it stands in addresses.", pattern=SLUG)
FILTERS = (OF_PLAN,)


def _days(asked: Asked, plan: Strategy) -> Strategy:
    plan.has_started_by = plan.starts_on <= asked.when.day
    plan.has_ended_by = plan.has_ended(asked.when.day)
    plan.is_current = asked.plan is not None and asked.plan.pk == plan.pk
    return plan


STRATEGY = (
    text("strategy", "As it stands in addresses.", "slug"),
    text("title", "Its title."),
    coded("kind", "What kind of plan it is."),
    day("starts_on", "Its first day."),
    day("ends_on", "Its last day."),
    day("baselined_on", "From when dates are held against it; none until it is set up."),
    yes("has_started", "By the day of the view.", "has_started_by"),
    yes("has_ended", "By the day of the view; it is then assessed as at its end.", "has_ended_by"),
    yes("is_current", "Whether the Board's page shows it on the day of the view."),
    yes("is_illustrative", "Made up, to look around with."),
)


def strategies(asked: Asked) -> list[Strategy]:
    plans = Strategy.objects.published().filter(area=asked.area).select_related("continues")
    return [_days(asked, plan) for plan in plans.order_by("-starts_on", "pk")]


PRIORITY = (
    text("strategy", "Its plan, as it stands in addresses.", "strategy.slug"),
    text("ref", "Its reference."),
    text("title", "Its title."),
    text("statement", "What is promised."),
    several("owners", "Senior responsible owners.", lambda row: [lead.name for lead in row.sros.all()]),
    whole("position", "Its place in the plan."),
    moment("added_at", "When it joined the plan; none where it was there from the start."),
    yes("is_illustrative", "Made up, to look around with."),
)


def _of_plans(asked: Asked, model):
    """The records of the plans that existed at the moment, in the order of the plans and of each plan."""
    found = model.objects.existing(asked.moment).filter(strategy__in=[plan.pk for plan in asked.plans])
    return found.select_related("strategy").order_by("-strategy__starts_on", "strategy", "position", "pk")


def priorities(asked: Asked):
    return _of_plans(asked, Priority).prefetch_related("sros")


STRAND = (
    text("strategy", "Its plan, as it stands in addresses.", "strategy.slug"),
    text("strand", "As it stands in addresses.", "slug"),
    text("name", "Its name."),
    text("alias", "Another name of it."),
    coded("group", "What it belongs to."),
    text("lead", "Who leads it.", "lead.name"),
    whole("position", "Its place in the plan."),
    moment("added_at", "When it joined the plan; none where it was there from the start."),
    yes("is_illustrative", "Made up, to look around with."),
)


def strands(asked: Asked):
    return _of_plans(asked, WorkStrand).select_related("strategy", "lead")


OBJECTIVE = (
    text("strategy", "Its plan, as it stands in addresses.", "strategy.slug"),
    text("objective", "As it stands in addresses.", "key"),
    text("ref", "Its reference."),
    text("text", "What will be achieved."),
    text("priority", "The reference of its priority.", "priority.ref"),
    text("strand", "Its work strand, as it stands in addresses.", "workstrand.slug"),
    whole("position", "Its place in the plan."),
    moment("added_at", "When it joined the plan; none where it was there from the start."),
    yes("is_illustrative", "Made up, to look around with."),
)


def objectives(asked: Asked):
    return _of_plans(asked, Objective).select_related("strategy", "priority", "workstrand")
