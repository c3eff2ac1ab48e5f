"""The numbers of the data, which move whenever something is written."""

from collections.abc import Iterable

from django.db import IntegrityError, models
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

ALL_AREAS = 0


class DataVersion(models.Model):
    """How often was written: what concerns one area alone under its own number, all else under that of all areas.

    What was made of the data of an area is kept under the two added up. Neither ever falls, so the sum stays the same only
    while both do, and nothing made earlier is ever shown later.
    """

    # No foreign key: the number of an area that is gone must not begin anew, and its row is never waited for.
    area = models.PositiveBigIntegerField(unique=True, default=ALL_AREAS)
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def move(cls, area: int = ALL_AREAS, *, using: str | None = None) -> None:
        """In one statement, because SQLite cannot begin a transaction while an INSERT still hands its key back."""
        rows = cls.objects.using(using).filter(area=area)
        if rows.update(number=F("number") + 1):
            return
        # From a backup no number comes back. The seconds of today are beyond any that was given out before.
        first = int(timezone.now().timestamp()) if area == ALL_AREAS else 1
        try:
            cls(area=area, number=first).save(using=using, force_insert=True)
        except IntegrityError:  # somebody else's first write came in between
            if not rows.update(number=F("number") + 1):
                raise

    @classmethod
    def beside(cls, area: str) -> Coalesce:
        """The number that holds for the area that the rows of a query name in the column `area`, read along with them."""
        return cls._one(ALL_AREAS) + cls._one(OuterRef(area))

    @classmethod
    def _one(cls, area) -> Coalesce:
        return Coalesce(Subquery(cls.objects.filter(area=area).values("number")), 0)

    @classmethod
    def of(cls, areas: Iterable[int], *, using: str | None = None) -> dict[int, int]:
        """The number that holds for each area; one query."""
        areas = list(areas)
        held = cls.objects.using(using).filter(area__in=[ALL_AREAS, *areas])
        numbers = dict(held.values_list("area", "number"))
        return {area: numbers.get(ALL_AREAS, 0) + numbers.get(area, 0) for area in areas}
