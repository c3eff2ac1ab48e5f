"""The figures as the Department asks areas under improvement to publish them: a row a KPI, planned beside actual.

The baseline is the last figure before the first promise; the target is the promise that holds last; every milestone has what was
planned and what was measured by then, as `kpis.trajectory` holds them against each other. Promises that later ones took the
place of are left out. A figure is a number where it is one; "over 80%" and promises in words stay words.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from common.dates import in_words, london_day
from common.export import as_csv, as_xlsx
from kpis.figure import KpiFigure
from kpis.models import Kpi, Target
from kpis.reading import kpi_figures
from kpis.trajectory import Promised, trajectory
from kpis.vocabulary import Polarity, TargetKind, Unit
from strategies.models import Area

FIXED = ["Code", "KPI", "Unit", "Better when", "Baseline", "Baseline, when", "Target", "Target, by when", "Owner"]


@dataclass(frozen=True)
class DfeTable:
    """`header` says what the file is; the headings are the first of `rows`."""

    header: tuple[tuple[str, str], ...]
    rows: tuple[tuple, ...]

    @property
    def as_csv(self) -> bytes:
        return as_csv(list(self.header), [list(row) for row in self.rows])

    @property
    def as_xlsx(self) -> bytes:
        return as_xlsx(list(self.header), [list(row) for row in self.rows])


def dfe_table(area: Area, moment: datetime, *, kpis=None, header: Iterable[tuple[str, str]] = ()) -> DfeTable:
    """The area's KPIs (or those of the queryset `kpis`) to which something was promised. Five queries."""
    promised = _promises(area, moment)
    chosen = (Kpi.objects.all() if kpis is None else kpis).filter(pk__in=list(promised))
    found = kpi_figures(area, moment, kpis=chosen, whole_history=True)
    held = [(kpi, [row for row in trajectory(kpi, promised[kpi.id]) if row.replaced_by is None]) for kpi in found]
    said = (
        ("Area", area.name),
        ("Shows", "KPIs: baseline, target, planned and actual"),
        ("As at", in_words(london_day(moment))),
    )
    return DfeTable((*said, *header), tuple(_rows(held)))


def _promises(area: Area, moment: datetime) -> dict[int, list[Target]]:
    by_kpi: dict[int, list[Target]] = defaultdict(list)
    for target in Target.objects.known_by(moment).filter(kpi__area=area):
        by_kpi[target.kpi_id].append(target)
    return by_kpi


def _rows(held: list[tuple[KpiFigure, list[Promised]]]) -> list[tuple]:
    ends = sorted({row.target.period_end for _, rows in held for row in rows if _is_milestone(row)})
    heads = [head for end in ends for head in (f"Planned by {in_words(end)}", f"Actual by {in_words(end)}")]
    return [(*FIXED, *heads), *(_row(kpi, rows, ends) for kpi, rows in held)]


def _row(kpi: KpiFigure, rows: list[Promised], ends: list[date]) -> tuple:
    start = next((row for row in rows if row.target is None), None)
    last = next((row for row in reversed(rows) if row.target is not None), None)
    by_end = {row.target.period_end: row for row in rows if _is_milestone(row)}
    milestones = [cell for end in ends for cell in (_planned(by_end.get(end)), _actual(kpi, by_end.get(end)))]
    return (
        kpi.code, kpi.title, str(Unit(kpi.unit).label), str(Polarity(kpi.polarity).label),
        _actual(kpi, start), start.measured_period if start else "", _planned(last), _by_when(last), kpi.owner or "",
        *milestones,
    )  # fmt: skip


def _is_milestone(row: Promised) -> bool:
    return row.target is not None and row.target.kind == TargetKind.MILESTONE


def _by_when(row: Promised | None) -> str:
    if row is None:
        return ""
    return in_words(row.target.period_end) if _is_milestone(row) else f"from {in_words(row.target.period_start)}"


def _planned(row: Promised | None) -> Decimal | str:
    if row is None:
        return ""
    target = row.target
    return row.promised if target.value is None or target.qualifier else target.value


def _actual(kpi: KpiFigure, row: Promised | None) -> float | str:
    """The figure itself, unrounded: the one of the period that the trajectory names, if it shows it as the trajectory does."""
    if row is None or not row.measured:
        return ""
    same = (p for p in kpi.points if p.period == row.measured_period and kpi.shown(p) == row.measured)
    point = next(same, None)
    exact = point is not None and point.value is not None and not point.qualifier
    return point.value if exact else row.measured
