"""Freezing the papers of a meeting: stored as made, every format with its digest, and never made again.

The files are made before anything is written, since that takes seconds; then all of them are kept in one transaction or
none. Whoever freezes names the number of the last papers they saw. If others were frozen in between, nothing is written
and those are shown. Frozen papers are never replaced: a correction is the next number and says what changed.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from board.models import Pack, PackFile
from board.papers.making import MadeFile, Order, formats, make_file, make_paper
from common.text import tidy
from kpis.appending import Conflict, latest_of, number_of
from people.models import User
from strategies.models import Meeting

FURTHER = "Nothing is corrected: these are further papers of the meeting."


def freeze_papers(
    meeting: Meeting, order: Order, *, correction: str = "", by: User, at: datetime, seen_number: int
) -> Pack:
    """Every format, made and kept; `Conflict` where other papers were frozen since the number that was seen."""
    refuse_overtaken(meeting, seen_number)
    refuse_unsaid(meeting, order, correction)
    paper, report = make_paper(order)
    files = [make_file(order, paper, report, each) for each in formats()]
    return keep_papers(meeting, order, files, correction=correction, by=by, at=at, seen_number=seen_number)


def refuse_overtaken(meeting: Meeting, seen_number: int) -> None:
    latest = latest_of(Pack.objects.filter(meeting=meeting))
    if number_of(latest) != seen_number:
        raise Conflict(latest)


def refuse_unsaid(meeting: Meeting, order: Order, correction: str) -> None:
    """A correction says what it corrects."""
    if not tidy(correction) and like(Pack.objects.filter(meeting=meeting), order).exists():
        raise ValidationError({"correction": "Say what changed: papers of this plan and kind are frozen already."})


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
    refuse_overtaken(meeting, seen_number)
    refuse_unsaid(meeting, order, correction)
    pack = Pack(
        meeting=meeting,
        strategy=order.strategy,
        kind=order.kind,
        scope=order.scope.value,
        as_at=order.moment,
        correction=tidy(correction) or (FURTHER if seen_number else ""),
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


def like(packs: QuerySet, order: Order) -> QuerySet:
    """Those of the same plan, part and kind: what comes after them corrects them."""
    return packs.filter(strategy=order.strategy, kind=order.kind, scope=order.scope.value)


def is_intact(file: PackFile) -> bool:
    """The bytes are those that were frozen."""
    return sha256(bytes(file.content)).hexdigest() == file.sha256
