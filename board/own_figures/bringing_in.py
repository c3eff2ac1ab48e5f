"""A table of figures from its arrival to its confirmation: kept, rehearsed anew each time it is looked at, and written.

As a whole, or not at all.
"""

from datetime import datetime
from hashlib import sha256
from secrets import token_hex

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from board.own_figures.columns import plain
from board.own_figures.defining import Defined, aliases_of, define
from board.own_figures.reading import read_table
from board.own_figures.rehearsing import Rehearsed, rehearse
from common.dates import london_day
from common.words import sentence_case
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
FILES_REMEMBERED = 20
MOST_NAMES = 300


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
    read_table(content)
    clear_abandoned(at=at)
    made = FigureImport.objects.create(
        area=area, key=f"{at:%Y-%m-%d}-{token_hex(4)}", state=State.REHEARSED, file_name=shown_name(file_name),
        sha256=sha256(content).hexdigest(), size=len(content), mapping=OWN | {"names": remembered(area, by)}, made_at=at, made_by=by,
        is_illustrative=by.is_illustrative,
    )  # fmt: skip
    put_away(made, [content])
    return made


def remembered(area: Area, by: User) -> dict[str, str]:
    """What the latest files of the area meant by their names: next month's calls them the same."""
    told = FigureImport.objects.filter(
        area=area, mapping__own=True, state=State.CONFIRMED, is_illustrative=by.is_illustrative
    ).order_by("confirmed_at")
    found: dict[str, str] = {}
    for mapping in told.reverse().values_list("mapping", flat=True)[:FILES_REMEMBERED]:
        found = mapping.get("names", {}) | found
    return dict(list(found.items())[:MOST_NAMES])


@transaction.atomic
def say_names(made: FigureImport, said: dict[str, str]) -> None:
    """What the file means by each name: the code or the title of a KPI, or `LEFT_OUT`; empty: nobody has said."""
    locked = FigureImport.objects.select_for_update(of=("self",)).get(pk=made.pk)
    if locked.state != State.REHEARSED:
        raise NothingToConfirm
    names = locked.mapping.get("names", {}) | {plain(name): meant for name, meant in said.items()}
    locked.mapping = locked.mapping | {"names": {name: meant for name, meant in names.items() if meant}}
    locked.save(update_fields=["mapping"])


def worked_out(made: FigureImport, kpis: list[Kpi], *, by: User, at: datetime, defines: bool) -> Rehearsed:
    """`defines`: whether the person may say what is tracked."""
    mine, today = {kpi.pk for kpi in kpis}, london_day(at)
    tracked = Kpi.objects.in_use().filter(area=made.area_id).exclude(pk__in=mine)
    others = [words for pair in tracked.values_list("indicator__title", "indicator__code") for words in pair]
    table = read_table(b"".join(pieces_of(made)))
    defined = define(table.defined, area=made.area, by=by, at=at, today=today, is_allowed=defines)
    return rehearse(
        table, area=made.area, kpis=kpis, others=others, defined=defined, names=made.mapping.get("names", {}), by=by,
        at=at, today=today,
    )  # fmt: skip


def confirm(made: FigureImport, kpis: list[Kpi], *, seen: str, by: User, at: datetime, **answers: bool) -> Rehearsed:
    """What was written. `seen` is the digest of the rehearsal that the person saw.

    `answers`: `defines`, whether they may say what is tracked; `without_refused` and `are_right`, what they ticked.
    """
    try:
        return _write(made, kpis, seen=seen, by=by, at=at, **answers)
    except (Conflict, IntegrityError):  # a figure came in just now
        raise HasChanged from None


@transaction.atomic
def _write(made: FigureImport, kpis: list[Kpi], *, seen, by, at, defines, without_refused, are_right) -> Rehearsed:
    locked = FigureImport.objects.select_for_update(of=("self",)).get(pk=made.pk)
    if locked.state != State.REHEARSED:
        raise NothingToConfirm
    list(Indicator.objects.select_for_update().filter(pk__in=[kpi.indicator_id for kpi in kpis]).order_by("pk"))
    made.mapping = locked.mapping
    result = worked_out(made, kpis, by=by, at=at, defines=defines)
    if not seen:
        raise NothingToConfirm
    if result.digest != seen or not (result.to_write or result.to_define):
        raise HasChanged
    if (result.refused and not without_refused) or (result.asked and not are_right):
        raise NotAnswered
    tracked = {row.kpi.pk: _define(made, row, by=by, at=at) for row in result.to_define}
    for outcome in result.to_write:
        _enter(made, outcome, tracked.get(outcome.kpi.pk, outcome.kpi), by=by, at=at)
    _settle(made, result, tracked, by=by, at=at)
    return result


def _define(made: FigureImport, row: Defined, *, by: User, at: datetime) -> Kpi:
    try:
        return row.write(made.area, by=by, at=at)
    except ValidationError as error:
        raise NotWritten(f"{sentence_case(row.where)}: {' '.join(error.messages)}") from None


def _enter(made: FigureImport, outcome, kpi: Kpi, *, by: User, at: datetime) -> None:
    try:
        recording.enter_figure(
            kpi, by=by, at=at, seen_number=outcome.seen_number, figure_import=made, source_locator=outcome.where[:40],
            **outcome.said,
        )  # fmt: skip
    except ValidationError as error:
        raise NotWritten(f"{sentence_case(outcome.where)}: {' '.join(error.messages)}") from None


def _settle(made: FigureImport, result: Rehearsed, tracked: dict[int, Kpi], *, by: User, at: datetime) -> None:
    """The file has done its work: its pieces go; what it did, and what it means by its names, stays noted."""
    FilePiece.objects.filter(figure_import=made).delete()
    new = [tracked[row.kpi.pk].indicator for row in result.to_define if row.is_new]
    rows = [row for row in result.defined if not row.problems]
    codes = {plain(row.title): tracked.get(row.kpi.pk, row.kpi).indicator.code for row in rows}
    used = {plain(name.text): name.meant for name in result.names if name.meant}
    names = {name: codes.get(plain(meant), meant) for name, meant in (aliases_of(result.defined) | used).items()}
    made.state, made.confirmed_at = State.CONFIRMED, at
    made.mapping = {**OWN, "confirmed_by": by.pk, "names": names}
    made.rehearsal = {"counts": result.counts, "tracked": sorted(indicator.code for indicator in new)}
    made.save(update_fields=["state", "confirmed_at", "mapping", "rehearsal"])


@transaction.atomic
def abandon(made: FigureImport) -> None:
    locked = FigureImport.objects.select_for_update(of=("self",)).get(pk=made.pk)
    if locked.state != State.REHEARSED:
        raise NothingToConfirm
    FilePiece.objects.filter(figure_import=made).delete()
    made.state = State.ABANDONED
    made.save(update_fields=["state"])
