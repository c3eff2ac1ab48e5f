"""A table of figures from its arrival to its confirmation: kept, rehearsed anew each time it is looked at, and written.

As a whole, or not at all.
"""

from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from board.own_figures.reading import read_lines
from board.own_figures.rehearsing import Rehearsed, rehearse
from common.dates import london_day
from kpis import recording
from kpis.appending import Conflict
from kpis.dfe.arriving import shown_name
from kpis.dfe.storing import clear_abandoned, pieces_of, put_away
from kpis.models import FigureImport, FilePiece, Indicator, Kpi
from people.models import Membership, User
from people.roles import may_edit
from strategies.models import Area

OWN = {"own": True}  # what tells these files from those of published figures
State = FigureImport.State


class HasChanged(Exception):
    """What confirming would do is no longer what the person saw."""


class NotAnswered(Exception):
    """Rows are refused, or questions asked, and nobody said that the rest may be brought in, or that they are right."""


class NothingToConfirm(Exception):
    """The file is confirmed or thrown away already, or holds nothing new."""


class NotWritten(Exception):
    """A rule refused a row that the rehearsal let through; nothing was written. The message says which."""


def kpis_of(membership: Membership, area: Area, *, at: datetime) -> list[Kpi]:
    """Those that the person may enter figures for: officers all, owners in post their own. One query."""
    mine = Kpi.objects.in_use().filter(area=area).select_related("indicator", "owner")
    if not may_edit(membership):
        in_post = Q(owner__left_on__isnull=True) | Q(owner__left_on__gt=london_day(at))
        mine = mine.filter(in_post, owner__user=membership.user_id)
    found = list(mine.order_by("indicator__title", "pk"))
    for kpi in found:
        kpi.area = area  # read once, not with each KPI
    return found


@transaction.atomic
def receive(content: bytes, *, file_name: str, area: Area, by: User, at: datetime) -> FigureImport:
    """`NotFigures` leaves nothing behind."""
    read_lines(content)
    clear_abandoned(at=at)
    made = FigureImport.objects.create(
        area=area, key=f"{at:%Y-%m-%d}-{token_hex(4)}", state=State.REHEARSED, file_name=shown_name(file_name),
        sha256=sha256(content).hexdigest(), size=len(content), mapping=OWN, made_at=at, made_by=by,
        is_illustrative=by.is_illustrative,
    )  # fmt: skip
    put_away(made, [content])
    return made


def worked_out(made: FigureImport, kpis: list[Kpi], *, by: User, at: datetime) -> Rehearsed:
    mine = {kpi.pk for kpi in kpis}
    tracked = Kpi.objects.in_use().filter(area=made.area_id).exclude(pk__in=mine)
    others = [words for pair in tracked.values_list("indicator__title", "indicator__code") for words in pair]
    lines = read_lines(b"".join(pieces_of(made)))
    return rehearse(lines, area=made.area, kpis=kpis, others=others, by=by, at=at, today=london_day(at))


def confirm(
    made: FigureImport, kpis: list[Kpi], *, seen: str, by: User, at: datetime, without_refused: bool, are_right: bool
) -> int:
    """How many figures were written. `seen` is the digest of the rehearsal that the person saw."""
    try:
        return _write(made, kpis, seen=seen, by=by, at=at, without_refused=without_refused, are_right=are_right)
    except (Conflict, IntegrityError):  # a figure came in just now
        raise HasChanged from None


@transaction.atomic
def _write(made: FigureImport, kpis: list[Kpi], *, seen, by, at, without_refused, are_right) -> int:
    locked = FigureImport.objects.select_for_update(of=("self",)).get(pk=made.pk)
    if locked.state != State.REHEARSED:
        raise NothingToConfirm
    list(Indicator.objects.select_for_update().filter(pk__in=[kpi.indicator_id for kpi in kpis]).order_by("pk"))
    result = worked_out(made, kpis, by=by, at=at)
    if not seen:
        raise NothingToConfirm
    if result.digest != seen or not result.to_write:
        raise HasChanged
    if (result.counts["refused"] and not without_refused) or (result.asked and not are_right):
        raise NotAnswered
    for outcome in result.to_write:
        _enter(made, outcome, by=by, at=at)
    _settle(made, result, by=by, at=at)
    return len(result.to_write)


def _enter(made: FigureImport, outcome, *, by: User, at: datetime) -> None:
    try:
        recording.enter_figure(
            outcome.kpi, by=by, at=at, seen_number=outcome.seen_number, figure_import=made,
            source_locator=f"row {outcome.row}", **outcome.said,
        )  # fmt: skip
    except ValidationError as error:
        raise NotWritten(f"Row {outcome.row}: {' '.join(error.messages)}") from None


def _settle(made: FigureImport, result: Rehearsed, *, by: User, at: datetime) -> None:
    """The file has done its work: its pieces go, what it did stays noted."""
    FilePiece.objects.filter(figure_import=made).delete()
    made.state, made.confirmed_at = State.CONFIRMED, at
    made.mapping = {**OWN, "confirmed_by": by.pk}
    made.rehearsal = {"counts": result.counts}
    made.save(update_fields=["state", "confirmed_at", "mapping", "rehearsal"])


@transaction.atomic
def abandon(made: FigureImport) -> None:
    locked = FigureImport.objects.select_for_update(of=("self",)).get(pk=made.pk)
    if locked.state != State.REHEARSED:
        raise NothingToConfirm
    FilePiece.objects.filter(figure_import=made).delete()
    made.state = State.ABANDONED
    made.save(update_fields=["state"])
