"""What the rehearsal found in the file, kept beside its pieces, so that confirming need not read a long file again.

It is worth as much as the file only while the same places are known: a mark of them is kept with it.
"""

import json
import zlib
from collections import Counter
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.db import transaction

from kpis.dfe.figures import FileFigure, Found, Identity, Refused
from kpis.dfe.places import Places
from kpis.dfe.series import Series
from kpis.dfe.storing import FOUND_AT, QUICKLY
from kpis.models import FigureImport, FilePiece


def mark_of(places: Places, series: list[Series]) -> str:
    told = repr([sorted(places.by_code.items()), [each.as_dict() for each in series]])
    return sha256(told.encode()).hexdigest()


@transaction.atomic
def keep_found(figure_import: FigureImport, found: Found, mark: str) -> None:
    plain = {
        "mark": mark,
        "figures": [[*map(_plain, identity), *map(_plain, figure)] for identity, figure in found.figures.items()],
        "refused": found.refused,
        "rows": found.rows,
        "fitting": found.fitting,
        "counters": [found.other_levels, found.other_places, found.less_sure],
    }
    content = zlib.compress(json.dumps(plain).encode(), QUICKLY)
    FilePiece.objects.update_or_create(figure_import=figure_import, position=FOUND_AT, defaults={"content": content})


def kept_found(figure_import: FigureImport, mark: str) -> Found | None:
    """None where nothing is kept, or what is kept was found for other places or another choice."""
    content = FilePiece.objects.filter(figure_import=figure_import, position=FOUND_AT).values_list("content", flat=True)
    kept = content.first()
    plain = json.loads(zlib.decompress(kept)) if kept is not None else {"mark": None}
    if plain["mark"] != mark:
        return None
    levels, others, less_sure = map(Counter, plain["counters"])
    return Found(
        dict(map(_figure, plain["figures"])), [Refused(*each) for each in plain["refused"]], plain["rows"],
        plain["fitting"], levels, others, less_sure,
    )  # fmt: skip


def _plain(value):
    return value if value is None or isinstance(value, int) else str(value)


def _figure(kept: list) -> tuple[Identity, FileFigure]:
    series, area, start, end, state, row, value, missing, raw, label, is_assumed, numerator, denominator = kept
    identity = Identity(series, area, date.fromisoformat(start), date.fromisoformat(end), state)
    numbers = (None if number is None else Decimal(number) for number in (value, numerator, denominator))
    value, numerator, denominator = numbers
    return identity, FileFigure(row, value, missing, raw, label, is_assumed, numerator, denominator)
