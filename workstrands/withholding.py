"""Taking back what should not have been given as evidence: withheld, given out again, or erased from the store for good.

Several rows may name one file, so what is done to a file is done to all of them.
"""

from datetime import datetime
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction

from common.dates import in_words, london_day
from common.text import text_problem, tidy
from people.models import User
from workstrands.backing import is_erased, without_given_again
from workstrands.evidence import remove_unnamed, write_piece
from workstrands.models import Evidence

LONGEST_REASON = Evidence._meta.get_field("withheld_because").max_length
TAKEN_OVER = ("title", "kind", "url", "dated_on", "file", "file_name", "content_type", "sha256", "size", "scan")

# Reading


def rows_of(piece: Evidence):
    """The piece as often as it was given out again; of a file every row that names it, whichever update it backs."""
    if piece.file:
        return Evidence.objects.filter(file=piece.file.name)
    return Evidence.objects.filter(update=piece.update_id, file="", url=piece.url, title=piece.title, kind=piece.kind)


def why_not_withheld(piece: Evidence) -> str:
    """Why it cannot be withheld, as a sentence; empty when it can."""
    if piece.withheld_at is None:
        return ""
    by = f" by {piece.withheld_by}" if piece.withheld_by else ""
    return f"It was withheld on {in_words(london_day(piece.withheld_at))}{by} already."


def why_not_given_again(piece: Evidence) -> str:
    if is_erased(piece):
        return "The file was erased, so it cannot be given out again."
    if piece not in withheld_of(piece):
        return "It is not withheld."
    return ""


def why_not_erased(piece: Evidence, *, by: User) -> str:
    if not piece.file:
        return "There is no file: only what is kept here can be erased."
    if is_erased(piece):
        return "The file was erased already."
    if by.is_illustrative and rows_of(piece).filter(is_illustrative=False).exists():
        return "An illustrative sign-in cannot erase a real file: nobody could bring it back."
    return ""


def withheld_of(piece: Evidence) -> list[Evidence]:
    return [one for one in without_given_again(rows_of(piece).order_by("pk")) if one.withheld_at]


# Writing


@transaction.atomic
def withhold(piece: Evidence, *, because: str, by: User, at: datetime, erasing: bool = False) -> None:
    """From now on it is given out to nobody and counts no more. `erasing` takes its file from the store as well."""
    rows = _held(piece)
    _refuse(why_not_withheld(piece))
    because = _reason(because)
    for one in rows:
        if one.withheld_at is None:
            one.withheld_at, one.withheld_because, one.withheld_by = at, because, by
            write_piece(one, by=by, at=at, reason="Withheld")
    if erasing:
        piece.refresh_from_db()
        erase(piece, by=by, at=at)


@transaction.atomic
def give_again(piece: Evidence, *, by: User, at: datetime) -> None:
    """Made anew: it counts from now on, and what was counted in between stays what it was."""
    _held(piece)
    _refuse(why_not_given_again(piece))
    for one in withheld_of(piece):
        taken = {name: getattr(one, name) for name in TAKEN_OVER}
        is_illustrative = one.is_illustrative or by.is_illustrative
        anew = Evidence(update_id=one.update_id, added_at=at, added_by=by, is_illustrative=is_illustrative, **taken)
        write_piece(anew, by=by, at=at, reason="Given out again")


@transaction.atomic
def erase(piece: Evidence, *, by: User, at: datetime) -> None:
    """The content of a withheld file goes for good. Its record stays, with its digest and without the file's name."""
    rows = _held(piece)
    _refuse(why_not_erased(piece, by=by))
    if piece not in withheld_of(piece):
        raise ValidationError("Withhold the file before you erase it.")
    for one in rows:
        one.size, one.file_name = None, ""
        write_piece(one, by=by, at=at, reason="File erased")
    transaction.on_commit(partial(remove_unnamed, piece.file.name))


def _held(piece: Evidence) -> list[Evidence]:
    """Its rows, one officer at a time; the piece as it stands now."""
    rows = list(rows_of(piece).select_for_update(of=("self",)).order_by("pk"))
    piece.refresh_from_db()
    return rows


def _refuse(refusal: str) -> None:
    if refusal:
        raise ValidationError(refusal)


def _reason(because: str) -> str:
    because = tidy(because)
    problem = text_problem(because, name="The reason", limit=LONGEST_REASON)
    if problem or not because:
        raise ValidationError({"because": problem or "Say why it is withheld."})
    return because
