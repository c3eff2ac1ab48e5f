"""A figure of a document: the area's KPI, its measurements and its targets.

An area has one KPI an indicator, however many figures state it. The KPI is sourced to the first of them (the earliest
document's), and its `source_text` is that figure's sentence. The sentence of every figure stands as `source_text` of
its first reading; a figure's note and a reading's own are both kept with each reading. A KPI that somebody made here
before the seed is used as it is.
"""

from board.seeding.kinds import ReadingType
from board.seeding.reading import Record
from board.seeding.run import Run
from board.seeding.writing import Wanted
from kpis.models import Indicator, Kpi, Measurement, Target
from kpis.vocabulary import MeasurementState, TargetKind
from strategies.models import Area

IDENTITY = ("indicator", "area", "breakdown", "state", "period_start", "period_end")


def put_figure(run: Run, figure: Record) -> None:
    kpi = kpi_of(run, figure)
    for reading in figure.children("reading"):
        if reading.fields["type"] == ReadingType.MEASUREMENT:
            put_measurement(run, figure, reading)
        else:
            put_target(run, figure, reading, kpi)


def kpi_of(run: Run, figure: Record) -> Kpi:
    """The area's KPI for the indicator, put when the first of its figures is met."""
    seed_key = kpi_key(figure)
    if seed_key not in run.rows:
        area, indicator = run.named(figure, "area"), run.named(figure, "indicator")
        run.rows[seed_key] = made_here(run, area, indicator) or put_kpi(run, figure, seed_key)
    return run.rows[seed_key]


def kpi_key(figure: Record) -> str:
    return f"kpis/{figure.fields['area']}/{figure.fields['indicator']}"


def made_here(run: Run, area: Area, indicator: Indicator) -> Kpi | None:
    if run.kpis_made_here is None:
        run.kpis_made_here = {(kpi.area_id, kpi.indicator_id): kpi for kpi in Kpi.objects.filter(seed_key__isnull=True)}
    return run.kpis_made_here.get((area.pk, indicator.pk))


def put_kpi(run: Run, first: Record, seed_key: str) -> Kpi:
    figures = [figure for figure in run.library.of("figure") if kpi_key(figure) == seed_key]
    named = [run.named(figure, "success_measure") for figure in figures]
    measures = {measure.pk: measure for measure in named if measure}
    priorities = {measure.priority_id: measure.priority for measure in measures.values()}
    values = {
        "area": run.named(first, "area"),
        "indicator": run.named(first, "indicator"),
        "is_headline": any(figure.fields.get("is_headline") for figure in figures),
        "source": run.document(first),
        "source_locator": first.fields["line"],
        "source_text": first.fields["statement"],
        "source_note": first.fields.get("note", ""),
    }
    links = {"success_measures": list(measures.values()), "priorities": list(priorities.values())}
    return run.put(Wanted("kpi", Kpi, seed_key, values, links), first)


def put_measurement(run: Run, figure: Record, reading: Record) -> None:
    fields = reading.fields
    values = both(run, figure, reading) | {
        "indicator": run.named(figure, "indicator"),
        "area": run.named(reading, "area") or run.named(figure, "area"),
        "breakdown": fields.get("breakdown", ""),
        "state": fields.get("state", MeasurementState.FINAL.value),
        "period_end": fields["period_end"],
        "is_period_assumed": fields.get("is_period_assumed", False),
        "is_published": True,
        "published_on": run.document(figure).published_on,
    }
    dated = {"numbered_by": IDENTITY, "recorded_at": run.recorded_at(figure)}
    run.put(Wanted("measurement", Measurement, reading.seed_key, values, **dated), reading)


def put_target(run: Run, figure: Record, reading: Record, kpi: Kpi) -> None:
    """A standing target holds from its start until the next and has no end, whatever end the file gives."""
    fields = reading.fields
    kind = fields.get("target_kind", TargetKind.STANDING.value)
    values = both(run, figure, reading) | {
        "kpi": kpi,
        "kind": kind,
        "period_end": fields["period_end"] if kind == TargetKind.MILESTONE else None,
    }
    dated = {"numbered_by": ("kpi",), "recorded_at": run.recorded_at(figure)}
    run.put(Wanted("target", Target, reading.seed_key, values, **dated), reading)


def both(run: Run, figure: Record, reading: Record) -> dict:
    """What a measurement and a target have in common."""
    fields = reading.fields
    notes = [figure.fields.get("note", ""), fields.get("note", "")]
    return {
        "value": fields.get("value"),
        "as_written": fields.get("as_written", ""),
        "qualifier": fields.get("qualifier", ""),
        "period_start": fields["period_start"],
        "period_label": fields["period_label"],
        "source": run.document(figure),
        "source_locator": fields.get("line", figure.fields["line"]),
        "source_text": figure.fields["statement"] if reading.place == 1 else "",
        "source_note": " ".join(note for note in notes if note),
    }
