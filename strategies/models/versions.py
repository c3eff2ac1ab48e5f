"""The number of the data, which moves whenever something is written."""

from django.db import models
from django.db.models import F


class DataVersion(models.Model):
    """One row. What was made of the data is kept under its number, so that nothing made earlier is ever shown later."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def move(cls, using: str | None = None) -> None:
        """In one statement, because SQLite cannot begin a transaction while an INSERT still hands its key back."""
        if not cls.objects.using(using).filter(pk=1).update(number=F("number") + 1):
            cls(pk=1, number=1).save(using=using, force_insert=True)
