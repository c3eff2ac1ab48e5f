"""The KPIs that actions should move, as the rules are told of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import FilteredRelation, Q

from kpis.figure import KpiFigure
from kpis.models import Kpi
from kpis.reading import kpi_figures, kpi_figures_at
from kpis.vocabulary import MeasurementState, Polarity
from strategies.models import Strategy
from workstrands.facts import FigureFact, KpiFacts

GAIN_SIGNS = {Polarity.HIGHER: 1, Polarity.LOWER: -1, Polarity.CONTEXTUAL: 0}


def moved_figures(strategy: Strategy, moment: datetime) -> list[KpiFigure]:
    """The KPIs that actions of the plan should move, the ids of those actions gathered beside each; four queries at most."""
    return kpi_figures(
        strategy.area, moment, kpis=_moved(strategy).filter(_had(moment), mover__isnull=False), gather="mover"
    )


def headline_and_moved_figures(
    strategy: Strategy, *, at: datetime, assessed_at: datetime
) -> tuple[list[KpiFigure], list[KpiFigure]]:
    """The area's headline KPIs as at one moment, and those that actions of the plan should move as at another.

    The two differ for a plan that has ended: it is assessed as at its end, while the area's figures go on. One reading.
    """
    moved, headline = Q(mover__isnull=False) & _had(assessed_at), Q(is_headline=True) & _had(at)
    kpis = _moved(strategy).filter(moved | headline)
    moments = [at] if at == assessed_at else [at, assessed_at]
    read = kpi_figures_at(strategy.area, moments, kpis=kpis, gather="mover")
    now, assessed = read[0], read[-1]
    return [figure for figure in now if figure.is_headline], [figure for figure in assessed if figure.gathered]


def _moved(strategy: Strategy):
    movers = FilteredRelation("actions", condition=Q(actions__strategy=strategy))
    return Kpi.objects.annotate(mover=movers)


def _had(moment: datetime) -> Q:
    """The area tracked it at the moment."""
    added = Q(added_at__isnull=True) | Q(added_at__lte=moment)
    return added & (Q(retired_at__isnull=True) | Q(retired_at__gt=moment))


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
