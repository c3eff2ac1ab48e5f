"""Published figures: the cells of each series into measurements, the lists of statistical neighbours, an area's KPIs.

- A series is one column of one release. Series are taken in the order of their releases, so that what a later release
  gives otherwise is a restatement: the next number, with its reason. A value that a later release repeats adds no row, and
  a later release that gives no number takes none away.
- A cell that changed in the file since it was seeded is a restatement too. Figures that people brought in meanwhile count
  as known; a cell older than such a figure is reported and writes nothing.
- Which column and filter items of the newest open data file feed an indicator is noted for the next release to be imported.
- A place's figures are recorded at noon of their release's day when the place is seeded for the first time (never later
  than now), and when it happens if it was seeded before: by a document of its own or by any figure.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from board.seeding.figure_files import Cell
from board.seeding.figures import made_here
from board.seeding.kinds import PUBLISHED
from board.seeding.outcome import Difference
from board.seeding.reading import Record
from board.seeding.run import Run
from board.seeding.writing import Wanted, in_words, signature
from common.dates import noon
from kpis.models import ColumnMapping, Indicator, Kpi, Measurement, Release
from strategies.models import Area, Neighbour, SourceDocument

LABEL = "published figure"
BATCH = 1000
COLUMNS = [
    "indicator_id", "area_id", "state", "period_start", "period_end",
    "number", "release_id", "release__published_on", "value", "missing", "numerator", "denominator", "seed_key",
]  # fmt: skip


class Known(NamedTuple):
    """A figure that stands here already, as far as a cell is compared with it."""

    number: int
    release_id: int | None
    released_on: date | None
    value: Decimal | None
    missing: str
    numerator: Decimal | None
    denominator: Decimal | None
    seed_key: str | None

    def says(self, cell: Cell) -> bool:
        return (self.value, self.missing) == (cell.value, cell.missing)

    def repeats(self, cell: Cell) -> bool:
        """The same, numerator and denominator too."""
        return self.says(cell) and (self.numerator, self.denominator) == (cell.numerator, cell.denominator)


def places_seeded_before() -> set[str]:
    """The slugs of the places that have a document or a seeded figure; asked before anything is written."""
    documents = SourceDocument.objects.filter(area=OuterRef("pk"))
    figures = Measurement.objects.filter(area=OuterRef("pk"), seed_key__isnull=False)
    return set(Area.objects.filter(Q(Exists(documents)) | Q(Exists(figures))).values_list("slug", flat=True))


def put_release(run: Run, record: Record) -> None:
    """A release is known by publication and edition, whoever named it first."""
    values = run.values(record)
    key = f"releases/{values['publication']}/{values['edition']}"
    run.rows[record.seed_key] = run.put(Wanted("release", Release, key, values), record)


def put_tracked(run: Run, record: Record) -> None:
    """The area's KPI for each indicator, unless a document's figure or a person made it before."""
    area, headlines = run.named(record, "area"), record.fields.get("headlines", [])
    for indicator in run.named_all(record, "indicators"):
        key = f"kpis/{area.slug}/{indicator.code}"
        if key not in run.rows:
            values = {"area": area, "indicator": indicator, "is_headline": indicator.code in headlines}
            run.rows[key] = made_here(run, area, indicator) or run.put(Wanted("kpi", Kpi, key, values), record)


def put_neighbours(run: Run) -> None:
    """A list is written when its area has none of that model; a list that stands is only compared."""
    stated: dict[tuple[int, int], list[Neighbour]] = {}
    for year, lines in run.library.neighbours.items():
        for near in lines:
            of, area = run.rows[f"areas/{near.of}"], run.rows[f"areas/{near.area}"]
            row = Neighbour(of=of, area=area, position=near.position, closeness=near.closeness, model_year=year)
            stated.setdefault((of.pk, year), []).append(row)
    present: dict[tuple[int, int], list[Neighbour]] = {}
    if stated:
        for row in Neighbour.objects.select_related("area"):
            present.setdefault((row.of_id, row.model_year), []).append(row)
    missing = [row for key, rows in stated.items() if key not in present for row in rows]
    Neighbour.objects.bulk_create(missing, batch_size=BATCH)
    for key, rows in stated.items():
        compare_lists(run, rows, present.get(key))


def compare_lists(run: Run, theirs: list[Neighbour], ours: list[Neighbour] | None) -> None:
    deed = "created" if ours is None else "unchanged" if in_order(ours) == in_order(theirs) else "kept"
    run.writer.outcome.deeds["list of neighbours"][deed] += 1
    if deed == "kept":
        first, lists = theirs[0], [", ".join(name for _, name, _ in in_order(rows)) for rows in (ours, theirs)]
        key = f"{PUBLISHED}/neighbours-{first.model_year}/{first.of.slug}"
        run.writer.outcome.differences.append(Difference("list of neighbours", key, "neighbours", *lists))


def in_order(rows: list[Neighbour]) -> list[tuple[int, str, str]]:
    return sorted((row.position, row.area.name, row.closeness) for row in rows)


class FigureWriter:
    """All series into measurements: one query for what is known, then only what is new, in batches."""

    def __init__(self, run: Run):
        self.run = run
        self.series = sorted(
            run.library.of("series"), key=lambda record: (self.release(record).published_on, record.key)
        )
        self.latest: dict[tuple, Known] = {}
        self.of_release: dict[tuple, Known] = {}
        self.stated: set[tuple] = set()
        self.new: list[Measurement] = []
        self.seeded: dict[str, tuple] = {}

    def release(self, series: Record) -> Release:
        return self.run.named(series, "release")

    def write(self) -> None:
        self.learn()
        for series in self.series:
            for cell in self.run.library.cells[series.seed_key]:
                self.put(series, cell)
        Measurement.objects.bulk_create(self.new, batch_size=BATCH)
        gone = [key for key, identity in self.seeded.items() if identity not in self.stated]
        self.run.writer.outcome.gone += sorted(gone)

    def learn(self) -> None:
        indicators = {self.run.named(series, "indicator").pk for series in self.series}
        known = Measurement.objects.filter(indicator__in=indicators, breakdown="").order_by("number")
        for *identity, number, release, released_on, value, missing, over, under, key in known.values_list(*COLUMNS):
            self.remember(tuple(identity), Known(number, release, released_on, value, missing, over, under, key))

    def remember(self, identity: tuple, known: Known) -> None:
        self.latest[identity] = known
        self.of_release[identity, known.release_id] = known
        if known.seed_key and known.seed_key.startswith(f"{PUBLISHED}/"):
            self.seeded[known.seed_key] = identity

    def put(self, series: Record, cell: Cell) -> None:
        release, indicator = self.release(series), self.run.named(series, "indicator")
        area, period = self.run.rows[f"areas/{cell.area}"], cell.period
        identity = (indicator.pk, area.pk, period.state, period.start, period.end)
        self.stated.add(identity)
        latest, same_release = self.latest.get(identity), self.of_release.get((identity, release.pk))
        deed = what_to_do(cell, release, latest, same_release)
        self.run.writer.outcome.deeds[LABEL][deed] += 1
        if deed == "kept":
            self.report(seed_key(indicator, area, cell, 1), latest, cell)
        if deed == "created":
            row = self.measurement(series, cell, latest)
            parts = (row.value, row.missing, row.numerator, row.denominator, row.seed_key)
            self.new.append(row)
            self.remember(identity, Known(row.number, release.pk, release.published_on, *parts))

    def measurement(self, series: Record, cell: Cell, latest: Known | None) -> Measurement:
        release, indicator = self.release(series), self.run.named(series, "indicator")
        area, period, number = self.run.rows[f"areas/{cell.area}"], cell.period, latest.number + 1 if latest else 1
        row = Measurement(
            indicator=indicator,
            area=area,
            period_start=period.start,
            period_end=period.end,
            period_label=period.label,
            is_period_assumed=series.fields.get("is_period_assumed", False),
            state=period.state,
            value=cell.value,
            missing=cell.missing,
            raw=cell.raw,
            numerator=cell.numerator,
            denominator=cell.denominator,
            is_published=True,
            published_on=release.published_on,
            release=release,
            reason=f"Restated in {release}"[:250] if latest else "",
            number=number,
            recorded_at=self.recorded_at(area, release),
            source_locator=series.fields["column"],
            source_note=series.fields.get("note", ""),
            seed_key=seed_key(indicator, area, cell, number),
        )
        row.seeded_hash = signature({"raw": row.raw, "release": release.pk, "number": number, "key": row.seed_key})
        return row

    def recorded_at(self, area: Area, release: Release):
        now = self.run.now
        return now if area.slug in self.run.places_before else min(noon(release.published_on), now)

    def report(self, key: str, ours: Known, cell: Cell) -> None:
        here = in_words(ours.value) if ours.value is not None else ours.missing
        self.run.writer.outcome.differences.append(Difference(LABEL, key, "value", here, cell.raw))


def what_to_do(cell: Cell, release: Release, latest: Known | None, same_release: Known | None) -> str:
    """The deed for a cell, given the latest figure known for its area and period and the one of its own release."""
    if latest is None:
        return "created"
    if same_release is not None:
        if same_release.repeats(cell):
            return "unchanged"
    elif latest.says(cell) or cell.missing:
        return "unchanged"
    is_overtaken = latest.released_on is not None and latest.released_on > release.published_on
    return "kept" if is_overtaken else "created"


def seed_key(indicator: Indicator, area: Area, cell: Cell, number: int) -> str:
    key = f"{PUBLISHED}/{indicator.code}/{area.slug}/{cell.period.code}"
    return key if number == 1 else f"{key}/{number}"


def put_mappings(run: Run, series: list[Record]) -> None:
    """One for each indicator, of its newest file of open data; the interactive tool's own extracts are no such files."""
    newest = {each.fields["indicator"]: each for each in series if not each.fields["file"].startswith("lait/")}
    noted = set(ColumnMapping.objects.values_list("indicator_id", "column"))
    rows = [mapping(run, each) for each in newest.values()]
    missing = [row for row in rows if (row.indicator_id, row.column) not in noted]
    ColumnMapping.objects.bulk_create(missing, batch_size=BATCH)


def mapping(run: Run, series: Record) -> ColumnMapping:
    fields = series.fields
    return ColumnMapping(
        indicator=run.named(series, "indicator"),
        publication=run.named(series, "release").publication,
        file_name=fields["file"].rpartition("/")[2],
        column=fields["column"],
        filters=dict(item.split(": ", 1) for item in fields.get("filters", [])),
        changed_at=run.now,
    )


def put_figures(run: Run) -> None:
    """Everything of the published folder that is not a record of its own."""
    put_neighbours(run)
    if run.library.of("series"):
        writer = FigureWriter(run)
        writer.write()
        put_mappings(run, writer.series)
