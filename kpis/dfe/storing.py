"""The file between its rehearsal and its confirmation: compressed pieces in the database, read one at a time."""

import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction

from kpis.models import FigureImport, FilePiece

PIECE = 1024 * 1024
QUICKLY = 1  # of zlib's levels: a CSV shrinks to a tenth even so
FOUND_AT = 1_000_000  # the place of what the rehearsal found: no piece of a file comes so far
KEPT_FOR = timedelta(days=1)


def in_pieces(chunks: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The same bytes in pieces of one size, whatever size they arrive in."""
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk
        while len(gathered) >= size:
            yield bytes(gathered[:size])
            del gathered[:size]
    if gathered:
        yield bytes(gathered)


@transaction.atomic
def put_away(figure_import: FigureImport, chunks: Iterable[bytes]) -> None:
    for position, piece in enumerate(in_pieces(chunks)):
        content = zlib.compress(piece, QUICKLY)
        FilePiece.objects.create(figure_import=figure_import, position=position, content=content)


def pieces_of(figure_import: FigureImport) -> Iterator[bytes]:
    rows = FilePiece.objects.filter(figure_import=figure_import, position__lt=FOUND_AT)
    for position in range(rows.count()):
        content = rows.values_list("content", flat=True).get(position=position)
        yield zlib.decompress(content)


@transaction.atomic
def clear_abandoned(*, at: datetime) -> int:
    """Files that nobody confirmed within a day are thrown away; that they were there stays noted."""
    waiting = FigureImport.objects.filter(
        state__in=[FigureImport.State.UPLOADED, FigureImport.State.REHEARSED], made_at__lt=at - KEPT_FOR
    )
    FilePiece.objects.filter(figure_import__in=waiting.values("pk")).delete()
    return waiting.update(state=FigureImport.State.ABANDONED, contents={}, rehearsal={})
