"""A file of figures arrives: looked at whole and kept, or refused with nothing kept; then what of it feeds which indicator."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from secrets import token_hex

from django.db import transaction
from django.db.models import Max

from kpis.dfe.contents import Contents, survey
from kpis.dfe.guidance import read_guidance, read_meta
from kpis.dfe.reading import Table
from kpis.dfe.series import Series, is_complete_for, of_source, proposed_reading
from kpis.dfe.signs import least_sure, state_said
from kpis.dfe.storing import clear_abandoned, put_away
from kpis.models import ColumnMapping, FigureImport, Measurement, Release
from kpis.vocabulary import MeasurementState
from people.models import User
from strategies.models import Area


@dataclass(frozen=True)
class Origin:
    """Which edition of which publication a file is of, and how sure its figures are."""

    publication: str
    edition: str
    published_on: date
    state: str = MeasurementState.FINAL
    is_day_assumed: bool = False

    @property
    def name(self) -> str:
        return f"{self.publication}, {self.edition}"

    def as_said_by(self, file_name: str) -> "Origin":
        """No surer than its own words and the name of its file."""
        said = (state_said(text) for text in (file_name, self.edition, self.publication))
        return replace(self, state=str(least_sure(self.state, *said)))

    @property
    def known(self) -> Release | None:
        return Release.objects.filter(publication__iexact=self.publication, edition__iexact=self.edition).first()

    def as_dict(self) -> dict:
        return {**vars(self), "published_on": self.published_on.isoformat(), "state": str(self.state)}

    @classmethod
    def kept(cls, stored: dict) -> "Origin":
        return cls(**{**stored, "published_on": date.fromisoformat(stored["published_on"])})


def origin_of(figure_import: FigureImport) -> Origin:
    return Origin.kept(figure_import.mapping["origin"])


def series_of(figure_import: FigureImport) -> list[Series]:
    return [Series(**each) for each in figure_import.mapping.get("series", [])]


def receive(
    chunks: Callable[[], Iterable[bytes]],
    *,
    file_name: str,
    origin: Origin,
    area: Area | None,
    by: User | None,
    at: datetime,
    meta: bytes = b"",
    guidance: bytes = b"",
) -> FigureImport:
    """The file, looked at whole and put away. `chunks()` begins it anew. `NotThisFormat` leaves nothing behind."""
    table = Table(chunks())
    described = read_guidance(guidance, file_name, table.layout.others) if guidance else {}
    described |= read_meta(meta) if meta else {}
    contents = survey(table, described)
    origin = origin.as_said_by(file_name)
    clear_abandoned(at=at)
    return _keep(chunks, file_name, origin, contents, area=area, by=by, at=at)


@transaction.atomic
def _keep(chunks, file_name: str, origin: Origin, contents: Contents, *, area, by, at) -> FigureImport:
    made = new_import(file_name, origin, area=area, by=by, at=at)
    made.contents = contents.as_dict()
    made.save()
    summed = Summed(chunks())
    put_away(made, summed)
    made.sha256, made.size = summed.digest, summed.size
    made.save(update_fields=["sha256", "size"])
    return made


class Summed:
    """Pieces on their way, counted and summed up."""

    def __init__(self, chunks: Iterable[bytes]):
        self._chunks, self._sum, self.size = chunks, sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._sum.update(chunk)
            self.size += len(chunk)
            yield chunk

    @property
    def digest(self) -> str:
        return self._sum.hexdigest()


def new_import(file_name: str, origin: Origin, *, area: Area | None, by: User | None, at: datetime) -> FigureImport:
    """Not saved yet."""
    return FigureImport(
        area=area, key=f"{at:%Y-%m-%d}-{token_hex(4)}", file_name=shown_name(file_name), sha256="", size=0,
        mapping={"origin": origin.as_dict()}, made_at=at, made_by=by,
        is_illustrative=bool(by and by.is_illustrative),
    )  # fmt: skip


def shown_name(file_name: str) -> str:
    return "".join(letter for letter in file_name if letter.isprintable())[:200] or "file.csv"


# Choosing


def kept_series(figure_import: FigureImport, indicators: Iterable[int]) -> list[Series]:
    """A series for each indicator whose kept mapping answers everything that this file asks."""
    contents, origin = Contents.kept(figure_import.contents), origin_of(figure_import)
    mappings = ColumnMapping.objects.filter(indicator__in=list(indicators))
    kept = _newest_first(mappings, figure_import.file_name, origin)
    complete = [mapping for mapping in kept if is_complete_for(mapping, contents)]
    return _one_each(complete, contents.names, origin, contents.periods)


def kept_for_columns(names: list[str], origin: Origin, file_name: str, periods: Iterable[tuple]) -> list[Series]:
    """The kept mappings of such a file whose columns it has, by its header alone; what fits none of its rows shows later."""
    kept = _newest_first(ColumnMapping.objects.all(), file_name, origin)
    fitting = [mapping for mapping in kept if {mapping.column, *mapping.filters} <= set(names)]
    return _one_each(fitting, names, origin, periods)


def _newest_first(mappings, file_name: str, origin: Origin) -> list[ColumnMapping]:
    ordered = mappings.order_by("indicator", "-changed_at", "-pk")
    return of_source(ordered, file_name=file_name, publication=origin.publication)


def _one_each(mappings: Iterable[ColumnMapping], names: list[str], origin: Origin, periods) -> list[Series]:
    found: dict[int, Series] = {}
    for mapping in mappings:
        if mapping.indicator_id not in found:
            series = Series.of_mapping(mapping, names, origin.state)
            series.reads_as = series.reads_as or reading_for(periods, mapping.indicator_id)
            found[mapping.indicator_id] = series
    return list(found.values())


def reading_for(periods: Iterable[tuple], indicator: int) -> str:
    """Which part of its year the file means, by the periods that this indicator's published figures have."""
    known = Measurement.objects.filter(indicator=indicator, breakdown="", is_published=True).order_by()
    return proposed_reading(periods, set(known.values_list("period_start", "period_end").distinct()))


def known_origin(origin: Origin, series: list[Series], last_held: date | None) -> Origin:
    """For a file that came without its day: one that holds no later period than what stands is the release known already.

    Otherwise an old file would count as today's, and restate what a newer release says.
    """
    release = Release.objects.filter(publication__iexact=origin.publication).order_by("-published_on").first()
    standing = Measurement.objects.filter(indicator__in=[each.indicator for each in series], is_published=True)
    latest = standing.aggregate(latest=Max("period_end"))["latest"]
    if release is None or latest is None or last_held is None or last_held > latest:
        return origin
    return Origin(release.publication, release.edition, release.published_on, origin.state, release.is_day_assumed)


@transaction.atomic
def choose(figure_import: FigureImport, series: list[Series]) -> None:
    """Keep what was chosen, and rehearse nothing yet."""
    figure_import.mapping = {**figure_import.mapping, "series": [each.as_dict() for each in series]}
    figure_import.state = FigureImport.State.UPLOADED
    figure_import.indicator_id = series[0].indicator if len(series) == 1 else None
    figure_import.kpi = (
        figure_import.indicator.kpis.filter(area=figure_import.area).first() if len(series) == 1 else None
    )
    figure_import.rehearsal = {}
    figure_import.save(update_fields=["mapping", "state", "indicator", "kpi", "rehearsal"])
