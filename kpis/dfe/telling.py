"""A rehearsal in plain values, for a page, a command and the record of the import."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from kpis.dfe.figures import Found, shown
from kpis.dfe.places import Places
from kpis.dfe.rehearsal import Change, Deed, Rehearsal, in_words
from kpis.dfe.series import Series
from kpis.models import FigureImport, Indicator, Measurement
from kpis.vocabulary import Unit

FIRST_SHOWN = 10
MOST_LISTED = 200
GROUPS = [
    {"code": "refused", "title": "Refused", "noun": "row", "meaning": "These rows are not brought in."},
    {
        "code": "restated", "title": "Restated", "noun": "figure",
        "meaning": "The figure before stays to be read, with its reason.",
    },
    {"code": "added", "title": "Added", "noun": "figure", "meaning": "Nothing is held yet for the place and period."},
    {"code": "left_alone", "title": "Left alone", "noun": "figure", "meaning": "What is held stays as it is."},
    {"code": "unchanged", "title": "Unchanged", "noun": "figure", "meaning": "The same is held already."},
]  # fmt: skip


@dataclass
class Rehearsed:
    """A rehearsal with everything that it was made from."""

    found: Found
    rehearsal: Rehearsal
    series: list[Series]
    places: Places
    digest: str

    @property
    def writes(self) -> int:
        return sum(1 for _ in self.rehearsal.to_write)


def told(result: Rehearsed) -> dict:
    """A rehearsal in plain values, to be kept as JSON."""
    counts, found = result.rehearsal.counts(), result.found
    return {
        "digest": result.digest,
        "counts": {**{deed.value: counts[deed] for deed in Deed}, "refused": len(found.refused)},
        "first": {group: list(islice(lines_of(result, group), FIRST_SHOWN)) for group in (*Deed, "refused")},
        "series": [_told_series(result, number) for number in range(len(result.series))],
        "rows": found.rows,
        "fitting": found.fitting,
        "other_levels": dict(found.other_levels.most_common()),
        "other_places": [list(each) for each in found.other_places.most_common(MOST_LISTED)],
        "other_places_count": len(found.other_places),
        "less_sure": dict(found.less_sure),
        "questions": questions(result),
    }


def _told_series(result: Rehearsed, number: int) -> dict:
    mine = [change for change in result.rehearsal.changes if change.identity.series == number]
    series = result.series[number]
    latest = max(mine, key=lambda change: change.identity.end, default=None)
    counts = {deed.value: sum(1 for change in mine if change.deed == deed) for deed in Deed}
    places = {change.identity.area for change in mine}
    return {
        **series.as_dict(), "counts": counts, "places": len(places), "figures": len(mine),
        "latest": latest.figure.label if latest else "",
    }  # fmt: skip


def lines_of(result: Rehearsed, group: str) -> Iterable[dict]:
    """The lines of one group, as a table shows them."""
    if group == "refused":
        return (row._asdict() for row in result.found.refused)
    changes = result.rehearsal.of(Deed(group))
    return (_line(change, result) for change in changes)


def _line(change: Change, result: Rehearsed) -> dict:
    figure, series = change.figure, result.series[change.identity.series]
    return {
        "row": figure.row,
        "place": result.places.names[change.identity.area],
        "period": figure.label,
        "state": change.identity.state,
        "indicator": series.indicator,
        "column": series.column,
        "cell": shown(figure.raw),
        "old": change.standing.words if change.standing else "",
        "new": in_words(figure.value, figure.missing),
        "why": change.why,
    }


def questions(result: Rehearsed) -> list[str]:
    """What would be odd for such a figure; asked, not refused."""
    indicators = Indicator.objects.in_bulk([series.indicator for series in result.series])
    said = []
    for number, series in enumerate(result.series):
        indicator = indicators[series.indicator]
        mine = [c for c in result.rehearsal.to_write if c.identity.series == number and c.figure.value is not None]
        if indicator.unit == Unit.PERCENT and not indicator.may_pass_100:
            said += _odd(indicator, "over 100%", [c for c in mine if c.figure.value > 100], result)
        if indicator.unit in (Unit.PERCENT, Unit.COUNT):
            said += _odd(indicator, "below nought", [c for c in mine if c.figure.value < 0], result)
        if indicator.counts_people and indicator.unit == Unit.COUNT:
            said += _odd(indicator, "no whole number", [c for c in mine if c.figure.value % 1], result)
    return said


def _odd(indicator: Indicator, what: str, changes: list[Change], result: Rehearsed) -> list[str]:
    if not changes:
        return []
    first = changes[0]
    where = f"{result.places.names[first.identity.area]}, {first.figure.label}, row {first.figure.row:,}"
    is_or_are = "1 figure is" if len(changes) == 1 else f"{len(changes):,} figures are"
    return [f"{indicator.title}: {is_or_are} {what} (such as {first.figure.raw}: {where}). Is it the right column?"]


def written_lines(figure_import: FigureImport, deed: Deed) -> Iterable[dict]:
    """What a confirmed import added or restated, by the rows that it wrote."""
    rows = Measurement.objects.filter(figure_import=figure_import).select_related("area").order_by("pk")
    rows = rows.filter(number=1) if deed == Deed.ADDED else rows.filter(number__gt=1)
    for row in rows:
        yield {
            "row": int(row.source_locator.removeprefix("row ")), "place": row.area.name, "period": row.period_label,
            "state": row.state, "indicator": row.indicator_id, "column": "", "cell": row.raw, "old": "",
            "new": in_words(row.value, row.missing), "why": row.reason,
        }  # fmt: skip
