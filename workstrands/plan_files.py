"""Files that nobody confirmed. What such a file said is forgotten when it is thrown away; that it was there stays noted.

It may hold names and texts that were never meant to be kept here, and it is of no more use.
"""

from datetime import datetime, timedelta

from django.db import transaction

from strategies.models import Area
from workstrands.models import PlanFile

KEPT_FOR = timedelta(days=7)
WAITING = (PlanFile.State.UPLOADED, PlanFile.State.REHEARSED)


def throw_away(plan_file: PlanFile) -> bool:
    """Whether it was still waiting: what was brought in stays, with the file that it came from."""
    return bool(_forget(PlanFile.objects.filter(pk=plan_file.pk)))


def clear_waiting(area: Area, *, at: datetime) -> int:
    """The area's files of both kinds that have waited too long; asked for whenever another one arrives."""
    return _forget(PlanFile.objects.filter(area=area, made_at__lt=at - KEPT_FOR))


@transaction.atomic
def _forget(files) -> int:
    waiting = files.filter(state__in=WAITING)
    waiting.filter(kind=PlanFile.Kind.PLAN).update(
        mapping={}
    )  # names as they stand in the file; an update's names its lead
    return waiting.update(state=PlanFile.State.ABANDONED, content=b"", rehearsal={})
