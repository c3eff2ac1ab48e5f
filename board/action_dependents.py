"""What depends on an action: said before it is retired, each with where to look at it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse

from board.decided import decisions_about
from board.models import Succession
from common.words import plural
from workstrands.models import Action
from workstrands.status import EscalateTo, Status
from workstrands.upkeep.placing import proposed_of


@dataclass(frozen=True, slots=True)
class Dependent:
    """One sentence, and the addresses it leads to: (words, address)."""

    sentence: str
    links: list[tuple[str, str]]


def dependents_of(action: Action, moment: datetime) -> list[Dependent]:
    """Seven queries, however much depends on it."""
    here, found = action.get_absolute_url(), []
    _say_reports(found, action, here)
    decisions = decisions_about([action.pk], moment).get(action.pk, [])
    if decisions:
        found.append(Dependent(f"The Board decided on it: {plural(len(decisions), 'decision')}.",
                               [("Its decisions", f"{here}#decided")]))  # fmt: skip
    risks = list(action.risks.filter(closed_on=None).order_by("ref").select_related("strategy__area"))
    if risks:
        links = [(f"{risk.ref} {risk.title}", _risk_address(risk)) for risk in risks]
        found.append(
            Dependent(f"It is tied to {plural(len(risks), 'open risk or issue', 'open risks or issues')}.", links)
        )
    kpis = list(action.kpis.select_related("indicator", "area"))
    if kpis:
        links = [(str(kpi), reverse("board:kpi", args=[kpi.area.slug, kpi.indicator.code])) for kpi in kpis]
        found.append(Dependent(f"It should move {plural(len(kpis), 'KPI')}.", links))
    findings = list(action.findings.all())
    if findings:
        address = reverse("board:inspection", args=[action.area.slug])
        found.append(Dependent(f"It answers {plural(len(findings), 'inspection finding')}.", [("Inspection", address)]))
    _say_successions(found, action)
    proposed = proposed_of(action)
    if proposed:
        found.append(Dependent("A date that was proposed waits for an answer.", [("Its dates", f"{here}#deadlines")]))
    return found


def _say_reports(found: list[Dependent], action: Action, here: str) -> None:
    worrying = Q(status__in=Status.worrying(), escalate_to=EscalateTo.BOARD) & ~Q(ask="")
    updates = action.updates.order_by("-number")
    latest = updates.first()
    if latest is None:
        return
    count = updates.aggregate(all=Count("pk"))["all"]
    found.append(
        Dependent(f"{plural(count, 'update')} on it: they stay, to be read.", [("Its updates", f"{here}#updates")])
    )
    if updates.filter(worrying, pk=latest.pk).exists():
        found.append(Dependent("The Board was asked for something, and that ask ends with it.", [(latest.ask, here)]))


def _risk_address(risk) -> str:
    return reverse("board:risk", args=[risk.strategy.area.slug, risk.strategy.slug, risk.ref])


def _say_successions(found: list[Dependent], action: Action) -> None:
    said = Succession.objects.filter(Q(later_action=action) | Q(earlier_action=action)).select_related(
        "earlier_objective__strategy__area", "earlier_action__area", "later_objective__strategy__area",
        "later_action__area",
    )  # fmt: skip
    others = {
        other.pk: other
        for row in said
        for other in (row.earlier_objective, row.earlier_action, row.later_objective, row.later_action)
        if other is not None and other != action
    }
    if said:
        links = [(str(other), other.get_absolute_url()) for other in others.values()]
        found.append(Dependent("A promise of another plan is accounted for by it.", links))
