"""Freezing the papers of a meeting: stored as made, every format with its digest, and never made again.

The files are made before anything is written, since that takes seconds; then all of them are kept in one transaction or
none. Whoever freezes names the number of the last papers they saw. If others were frozen in between, nothing is written
and those are shown. Frozen papers are never replaced: a correction is the next number and says what changed.

Papers name the day of their meeting. So none are frozen for one that was called off, and freezing takes its turn with
whoever moves the meeting or calls it off: the later of the two sees what the earlier did.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from board.models import Pack, PackFile
from board.papers.making import MadeFile, Order, formats, make_file, make_paper
from board.planning_rounds import alone
from common.dates import in_words, london_day
from common.text import tidy
from kpis.appending import Conflict, latest_of, number_of
from people.models import User
from strategies.models import Meeting


def freeze_papers(
    meeting: Meeting, order: Order, *, correction: str = "", by: User, at: datetime, seen_number: int
) -> Pack:
    """Every format, made and kept; `Conflict` where other papers were frozen since the number that was seen."""
    refuse_called_off(meeting, at)
    refuse_overtaken(meeting, seen_number)
    refuse_unsaid(meeting, order, correction)
    paper, report = make_paper(order)
    files = [make_file(order, paper, report, each) for each in formats()]
    return keep_papers(meeting, order, files, correction=correction, by=by, at=at, seen_number=seen_number)


def why_called_off(meeting: Meeting, at: datetime) -> str:
    """Why no papers are frozen for a meeting that was called off, as a sentence; empty for one that goes ahead."""
    if not meeting.is_called_off(at):
        return ""
    return f"This meeting was called off on {in_words(london_day(meeting.cancelled_at))}. No papers are frozen for it."


def refuse_called_off(meeting: Meeting, at: datetime) -> None:
    if why_called_off(meeting, at):
        raise ValidationError(why_called_off(meeting, at))


def refuse_overtaken(meeting: Meeting, seen_number: int) -> None:
    latest = latest_of(Pack.objects.filter(meeting=meeting))
    if number_of(latest) != seen_number:
        raise Conflict(latest)


def refuse_unsaid(meeting: Meeting, order: Order, correction: str) -> None:
    """A correction says what changed, and there is something that it corrects."""
    is_again = corrected_by(meeting, order) is not None
    if is_again and not tidy(correction):
        raise ValidationError({"correction": "Say what changed: papers of this plan and kind are frozen already."})
    if tidy(correction) and not is_again:
        raise ValidationError({"correction": "No papers of this plan and kind are frozen yet. Leave this empty."})


@transaction.atomic
def keep_papers(
    meeting: Meeting,
    order: Order,
    files: Iterable[MadeFile],
    *,
    correction: str = "",
    by: User,
    at: datetime,
    seen_number: int,
) -> Pack:
    meeting = _as_it_stands(meeting)
    refuse_called_off(meeting, at)
    _refuse_moved(meeting, order)
    refuse_overtaken(meeting, seen_number)
    refuse_unsaid(meeting, order, correction)
    pack = Pack(
        meeting=meeting,
        strategy=order.strategy,
        kind=order.kind,
        scope=order.scope.value,
        as_at=order.moment,
        corrects=corrected_by(meeting, order),
        correction=tidy(correction),
        number=seen_number + 1,
        recorded_at=at,
        recorded_by=by,
        is_illustrative=meeting.is_illustrative or by.is_illustrative,
    )
    try:
        with transaction.atomic():
            pack.save()
    except IntegrityError:
        raise Conflict(latest_of(Pack.objects.filter(meeting=meeting))) from None
    PackFile.objects.bulk_create(
        PackFile(
            pack=pack, format=each.format, name=each.name, content=each.content, sha256=each.sha256, size=each.size
        )
        for each in files
    )
    return pack


def _as_it_stands(meeting: Meeting) -> Meeting:
    """Read anew while nobody else moves it or calls it off."""
    alone(meeting.area)
    return Meeting.objects.select_related("area").get(pk=meeting.pk)


def _refuse_moved(meeting: Meeting, order: Order) -> None:
    if order.meeting is not None and order.meeting.held_on != meeting.held_on:
        raise ValidationError(
            f"The meeting was moved to {in_words(meeting.held_on)} while its papers were made. None of them is kept."
        )


def corrected_by(meeting: Meeting, order: Order) -> Pack | None:
    """The last papers of the same plan, part and kind: what comes after them corrects them."""
    alike = Pack.objects.filter(meeting=meeting, strategy=order.strategy, kind=order.kind, scope=order.scope.value)
    return latest_of(alike)


def is_intact(file: PackFile) -> bool:
    """The bytes are those that were frozen."""
    return sha256(bytes(file.content)).hexdigest() == file.sha256
