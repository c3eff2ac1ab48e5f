"""The rehearsal of a kept file, and its confirmation: everything in one transaction, if it is still what the rehearsal said."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db import IntegrityError, transaction

from kpis.dfe.arriving import Origin, Summed, known_origin, new_import, origin_of, series_of
from kpis.dfe.contents import Contents, state_of_contents
from kpis.dfe.figures import Found, figures_in
from kpis.dfe.keeping import keep_found, kept_found, mark_of
from kpis.dfe.places import Places
from kpis.dfe.reading import Table
from kpis.dfe.rehearsal import Change, digest, rehearse
from kpis.dfe.series import Series
from kpis.dfe.signs import least_sure
from kpis.dfe.storing import pieces_of
from kpis.dfe.telling import Rehearsed, told
from kpis.dfe.writing import insert_measurements
from kpis.models import ColumnMapping, FigureImport, FilePiece, Indicator, Release
from people.models import User


class HasChanged(Exception):
    """What confirming would do is no longer what the rehearsal said."""


class NothingToConfirm(Exception):
    """The import is confirmed or abandoned already, or was never rehearsed."""


class HasRefusedRows(Exception):
    """Rows are refused, and nobody said that the rest may be brought in without them."""


# Rehearsing


def read_figures(figure_import: FigureImport) -> tuple[Found, list[Series], Places]:
    """As the file gives them; as they were found in it before, where nothing that matters has changed."""
    places, series = Places.known(), series_of(figure_import)
    contents, origin = Contents.kept(figure_import.contents), origin_of(figure_import)
    for each in series:
        each.state = least_sure(each.state, state_of_contents(contents, each.columns))
    mark = mark_of(places, series)
    found = kept_found(figure_import, mark)
    if found is None:
        found = figures_in(Table(pieces_of(figure_import)), series, places, state=origin.state)
        keep_found(figure_import, found, mark)
    return found, series, places


def rehearse_at_once(
    chunks: Callable[[], Iterable[bytes]], series: list[Series], *, file_name: str, origin: Origin, at: datetime
) -> tuple[FigureImport, Rehearsed]:
    """For a file that lies at hand: read once and not put away. The import is not saved before `confirm_at_once`."""
    summed, places = Summed(chunks()), Places.known()
    found = figures_in(Table(summed), series, places, state=origin.state)
    if origin.is_day_assumed:
        origin = known_origin(origin, series, max((identity.end for identity in found.figures), default=None))
    made = new_import(file_name, origin, area=None, by=None, at=at)
    made.sha256, made.size = summed.digest, summed.size
    made.mapping = {**made.mapping, "series": [each.as_dict() for each in series]}
    return made, compare(made, found, series, places)


@transaction.atomic
def confirm_at_once(figure_import: FigureImport, result: Rehearsed, *, at: datetime) -> int:
    figure_import.indicator_id = result.series[0].indicator if len(result.series) == 1 else None
    figure_import.state, figure_import.rehearsal = FigureImport.State.REHEARSED, {"digest": result.digest}
    figure_import.save()
    return _write(figure_import, result.found, result.series, result.places, seen=result.digest, by=None, at=at)


def compare(figure_import: FigureImport, found: Found, series: list[Series], places: Places) -> Rehearsed:
    result = rehearse(found, series, published_on=origin_of(figure_import).published_on)
    return Rehearsed(found, result, series, places, digest(result, found, series))


def rehearse_import(figure_import: FigureImport) -> Rehearsed:
    """What confirming would do. Kept in the import, as far as a page shows it."""
    result = compare(figure_import, *read_figures(figure_import))
    keep_rehearsal(figure_import, result)
    return result


def compare_again(figure_import: FigureImport) -> Rehearsed:
    """The same, kept nowhere: for a page that lists every line."""
    return compare(figure_import, *read_figures(figure_import))


@transaction.atomic
def keep_rehearsal(figure_import: FigureImport, result: Rehearsed) -> None:
    figure_import.state = FigureImport.State.REHEARSED
    figure_import.rehearsal = told(result)
    figure_import.save(update_fields=["state", "rehearsal"])


# Confirming


def confirm(
    figure_import: FigureImport, *, seen: str, by: User | None, at: datetime, without_refused: bool = False
) -> int:
    """How many figures were written. `seen` is the digest of the rehearsal that the person saw.

    The file is read before the transaction, so that a long one holds nobody up; what stands is compared inside it.
    """
    figure_import.refresh_from_db(fields=["state"])
    if figure_import.state != FigureImport.State.REHEARSED:
        raise NothingToConfirm
    found, series, places = read_figures(figure_import)
    if found.refused and not without_refused:
        raise HasRefusedRows
    try:
        return _write(figure_import, found, series, places, seen=seen, by=by, at=at)
    except (HasChanged, IntegrityError):  # the latter: a figure of the same number came in just now
        rehearse_import(figure_import)
        raise HasChanged from None


@transaction.atomic
def _write(figure_import: FigureImport, found: Found, series: list[Series], places: Places, *, seen, by, at) -> int:
    locked = FigureImport.objects.select_for_update().get(pk=figure_import.pk)
    if locked.state != FigureImport.State.REHEARSED:
        raise NothingToConfirm
    list(Indicator.objects.select_for_update().filter(pk__in=[each.indicator for each in series]).order_by("pk"))
    result = compare(figure_import, found, series, places)
    if not seen == result.digest == locked.rehearsal.get("digest") or not result.writes:
        raise HasChanged
    figure_import.is_illustrative = figure_import.is_illustrative or is_made_up(by)
    release = _release(origin_of(figure_import), by)
    shared = {
        "is_published": True, "published_on": release.published_on, "release": release, "figure_import": figure_import,
        "recorded_at": at, "recorded_by": by, "is_illustrative": figure_import.is_illustrative,
    }  # fmt: skip
    insert_measurements(_rows(result, release), shared=shared)
    for each in series:
        keep_mapping(each, figure_import, by=by, at=at)
    _settle(figure_import, release, result, by=by, at=at)
    return result.writes


def _rows(result: Rehearsed, release: Release) -> Iterator[dict]:
    for change in result.rehearsal.to_write:
        figure, identity, stands = change.figure, change.identity, change.standing
        yield {
            "indicator_id": result.series[identity.series].indicator,
            "area_id": identity.area,
            "period_start": identity.start,
            "period_end": identity.end,
            "state": identity.state,
            "period_label": figure.label,
            "is_period_assumed": figure.is_assumed,
            "value": figure.value,
            "missing": figure.missing,
            "raw": figure.raw,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "source_locator": f"row {figure.row}",
            "number": stands.number + 1 if stands else 1,
            "reason": _reason(change, release),
        }


def _reason(change: Change, release: Release) -> str:
    if change.standing is None:
        return ""
    is_published = change.standing.is_published or change.figure.value != change.standing.value
    return f"{'Restated' if is_published else 'Published'} in {release}"[:250]


def is_made_up(by: User | None) -> bool:
    return bool(by and by.is_illustrative)


def _release(origin: Origin, by: User | None) -> Release:
    """The release as it is known here; the first real person to use a made-up one makes it real."""
    is_illustrative = is_made_up(by)
    known = origin.known
    if known is None:
        return Release.objects.create(
            publication=origin.publication, edition=origin.edition, published_on=origin.published_on,
            is_day_assumed=origin.is_day_assumed, is_illustrative=is_illustrative,
        )  # fmt: skip
    if not is_illustrative and (known.is_illustrative or known.is_day_assumed):
        known.is_illustrative = False
        if not origin.is_day_assumed:
            known.published_on, known.is_day_assumed = origin.published_on, False
        known.save(update_fields=["is_illustrative", "published_on", "is_day_assumed"])
    return known


def keep_mapping(series: Series, figure_import: FigureImport, *, by: User | None, at: datetime) -> None:
    """Offered for the next release. What an illustrative sign-in chooses changes no mapping that somebody real kept."""
    is_illustrative = is_made_up(by)
    known = ColumnMapping.objects.filter(indicator=series.indicator, column=series.column).first()
    if known and is_illustrative and not known.is_illustrative:
        return
    ColumnMapping.objects.update_or_create(
        indicator_id=series.indicator,
        column=series.column,
        defaults={
            "publication": origin_of(figure_import).publication, "file_name": figure_import.file_name,
            "filters": series.filters, "reads_as": series.reads_as, "numerator": series.numerator,
            "denominator": series.denominator, "changed_at": at, "changed_by": by, "is_illustrative": is_illustrative,
        },
    )  # fmt: skip


def _settle(figure_import: FigureImport, release: Release, result: Rehearsed, *, by, at) -> None:
    """The file has done its work: its pieces go, what it did stays noted."""
    FilePiece.objects.filter(figure_import=figure_import).delete()
    figure_import.state, figure_import.confirmed_at = FigureImport.State.CONFIRMED, at
    figure_import.release, figure_import.contents = release, {}
    figure_import.mapping = {**figure_import.mapping, "confirmed_by": by.pk if by else None}
    figure_import.rehearsal = told(result)
    figure_import.save(
        update_fields=["state", "confirmed_at", "release", "contents", "mapping", "rehearsal", "is_illustrative"]
    )


@transaction.atomic
def abandon(figure_import: FigureImport) -> None:
    """Thrown away before its confirmation; that it was there stays noted."""
    locked = FigureImport.objects.select_for_update().get(pk=figure_import.pk)
    if locked.state == FigureImport.State.CONFIRMED:
        raise NothingToConfirm
    FilePiece.objects.filter(figure_import=figure_import).delete()
    figure_import.state, figure_import.contents, figure_import.rehearsal = FigureImport.State.ABANDONED, {}, {}
    figure_import.save(update_fields=["state", "contents", "rehearsal"])
