"""How much an area keeps in files that people gave, and whether there is room for one more.

Counted are evidence, plans and workbooks that came in, and files of figures that wait. Papers are not: the product makes them, and
its officers freeze them once a meeting. A file that was given out again counts for each of its rows. Several people who give a
file at one moment are each told of the room that there was before: the bound can be passed by what was under way, no more.
"""

from typing import NamedTuple

from django.conf import settings
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from common.words import plural
from kpis.models import FigureImport, FilePiece
from strategies.models import Area
from workstrands.models import Evidence, PlanFile

KB, MB, GB = 1024, 1024**2, 1024**3


class Kept(NamedTuple):
    files: int
    size: int


def most() -> Kept:
    return Kept(settings.AREA_FILES_MAX, settings.AREA_FILES_MAX_BYTES)


def kept_by(area: Area) -> Kept:
    """One query."""
    rows = [
        (Evidence.objects.exclude(file="").exclude(size=None), "update__area"),
        (PlanFile.objects.exclude(state=PlanFile.State.ABANDONED), "area"),
        (FigureImport.objects.filter(Exists(FilePiece.objects.filter(figure_import=OuterRef("pk")))), "area"),
    ]
    files = sum((_total(kept, way, Count("pk")) for kept, way in rows), Value(0))
    size = sum((_total(kept, way, Sum("size")) for kept, way in rows), Value(0))
    found = Area.objects.filter(pk=area.pk).annotate(files_kept=files, bytes_kept=size)
    return Kept(*found.values_list("files_kept", "bytes_kept").get())


def _total(kept: QuerySet, way: str, figure) -> Coalesce:
    of_area = kept.filter(**{way: OuterRef("pk")}).order_by().annotate(of=F(way)).values("of")
    total = of_area.annotate(total=figure).values("total")
    return Coalesce(Subquery(total, output_field=BigIntegerField()), Value(0))


def why_no_room(area: Area, size: int, *, files: int = 1) -> str:
    """A sentence that says what to do; empty where there is room."""
    kept, bound = kept_by(area), most()
    if kept.size + size <= bound.size and kept.files + files <= bound.files:
        return ""
    return (
        f"There is no room for it: {area} keeps {in_words(kept)}, and the most is {in_words(bound)}. Give its web address"
        " instead, or ask whoever looks after the SEND tracker for more room."
    )


def in_words(kept: Kept) -> str:
    return f"{plural(kept.files, 'file')} of {size_in_words(kept.size)}"


def size_in_words(size: int) -> str:
    for least, word in ((GB, "GB"), (MB, "MB")):
        if size >= least:
            return f"{size / least:.3g} {word}"
    return f"{round(size / KB)} KB"
