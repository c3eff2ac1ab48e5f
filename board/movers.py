"""The actions that should move a KPI, as they stood at a moment."""

from dataclasses import dataclass
from datetime import datetime

from kpis.models import Kpi
from strategies.models import Strategy
from workstrands.models import Action
from workstrands.standing import Standing, standings


@dataclass(frozen=True, slots=True)
class Mover:
    standing: Standing
    plan: str


def movers_of(kpi: Kpi, moment: datetime) -> list[Mover]:
    """In the order of their plans, the latest plan first; the queries grow with the plans, not with the actions."""
    plans = Strategy.objects.published().filter(actions__kpis=kpi, area=kpi.area_id).distinct().order_by("-starts_on")
    actions = Action.objects.filter(kpis=kpi).distinct()
    return [
        Mover(standing, plan.title)
        for plan in plans.select_related("area")
        for standing in standings(plan, moment, actions=actions.filter(strategy=plan))
    ]
