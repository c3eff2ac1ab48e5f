"""Which evidence was held at a moment, which of it counted, and of which day it is.

A piece that is withheld stays where it was given, and counts no longer from that moment on. Given out again it is a piece
made anew, so that what was counted in between stays what it was; a list shows that one alone.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q

from common.dates import in_words, london_day
from workstrands.models import Evidence, PlanFile


def known_by(moment: datetime) -> Q:
    """The evidence that this installation held by `moment`."""
    added = Q(added_at__isnull=True) | Q(added_at__lte=moment)
    return added & Q(update__recorded_at__lte=moment)


def not_withheld_at(moment: datetime) -> Q:
    return Q(withheld_at__isnull=True) | Q(withheld_at__gt=moment)


def counted_by(moment: datetime) -> Q:
    """The evidence that the rules count as at `moment`."""
    return known_by(moment) & not_withheld_at(moment)


def is_withheld_at(piece: Evidence, moment: datetime) -> bool:
    return piece.withheld_at is not None and piece.withheld_at <= moment


def is_erased(piece: Evidence) -> bool:
    """Its content is gone from the store for good: no size is kept of it, its digest stays."""
    return bool(piece.file) and piece.size is None


def withheld_in_words(piece: Evidence) -> str:
    """withheld on 3 March 2026 by an officer: it names a child."""
    by = f" by {piece.withheld_by}" if piece.withheld_by else ""
    because = piece.withheld_because
    stop = "" if because.endswith((".", "!", "?", "…")) else "."
    return f"withheld on {in_words(london_day(piece.withheld_at))}{by}: {because}{stop}"


def without_given_again(pieces: Iterable[Evidence]) -> list[Evidence]:
    """The pieces but for those that were withheld and are there anew."""
    pieces = list(pieces)
    added: dict[tuple, list[datetime]] = {}
    for piece in pieces:
        if piece.added_at:
            added.setdefault(_same(piece), []).append(piece.added_at)
    return [
        piece
        for piece in pieces
        if piece.withheld_at is None or not any(at >= piece.withheld_at for at in added.get(_same(piece), ()))
    ]


def _same(piece: Evidence) -> tuple:
    return piece.update_id, str(piece.file or ""), piece.url, piece.title, piece.kind


def is_given_out(pieces: Iterable[Evidence]) -> bool:
    """Whether a file is given out now. `pieces` are all that name it: one that is withheld withholds it for all."""
    return not any(piece.withheld_at or piece.scan == Evidence.Scan.INFECTED for piece in without_given_again(pieces))


def stated_day(
    dated_on: date | None, *, said_at: datetime, added_at: datetime | None, came: str | None, is_named_only: bool
) -> date | None:
    """The day of which evidence is: that which stands on it, or else that of its report.

    None of what a plan's file brought in without one (`came`, the kind of the file): when it was brought in says nothing of
    its age. What a person added to such a report since is of the day of the report, as everywhere.
    """
    if dated_on is None and came == PlanFile.Kind.PLAN and (is_named_only or added_at == said_at):
        return None
    return dated_on or london_day(said_at)
