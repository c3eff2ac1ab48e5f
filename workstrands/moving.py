"""The KPIs that actions should move, as the rules are told of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import FilteredRelation, Q

from kpis.figure import KpiFigure
from kpis.models import Kpi
from kpis.reading import kpi_figures
from kpis.vocabulary import MeasurementState, Polarity
from strategies.models import Strategy
from workstrands.facts import FigureFact, KpiFacts

GAIN_SIGNS = {Polarity.HIGHER: 1, Polarity.LOWER: -1, Polarity.CONTEXTUAL: 0}


def moved_figures(strategy: Strategy, moment: datetime, *, with_headline: bool = False) -> list[KpiFigure]:
    """The KPIs that actions of the plan should move, the ids of those actions gathered beside each; four queries at most.

    With `with_headline` the area's headline KPIs too, so that the board page reads its figures once.
    """
    movers = FilteredRelation("actions", condition=Q(actions__strategy=strategy))
    chosen = Q(mover__isnull=False) | Q(is_headline=True) if with_headline else Q(mover__isnull=False)
    return kpi_figures(strategy.area, moment, kpis=Kpi.objects.annotate(mover=movers).filter(chosen), gather="mover")


def kpis_by_action(figures: Iterable[KpiFigure]) -> dict[int, tuple[KpiFacts, ...]]:
    found: dict[int, list[KpiFacts]] = defaultdict(list)
    for figure in figures:
        facts = kpi_facts(figure) if figure.gathered else None
        for action in figure.gathered:
            found[action].append(facts)
    return {action: tuple(facts) for action, facts in found.items()}


def kpi_facts(figure: KpiFigure) -> KpiFacts:
    return KpiFacts(
        title=figure.title,
        code=figure.code,
        trouble=figure.trouble_words,
        gain_sign=GAIN_SIGNS[figure.polarity],
        figures=tuple(
            FigureFact(p.period_start, p.period_end, p.period, p.value, figure.shown(p))
            for p in figure.points
            if p.value is not None and not p.qualifier and not p.is_assumed and p.state == MeasurementState.FINAL
        ),
    )
