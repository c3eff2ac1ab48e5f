"""Choosing what an area tracks: a definition there is, or a new one of its own; who owns it and how it is judged.

What a demonstration sign-in writes is illustrative, hangs on illustrative leads alone, and touches nothing real; a real
KPI hangs on nothing illustrative, so that the demonstration can always be taken away.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils.text import slugify

from kpis.models import Indicator, Kpi
from kpis.models.indicators import RESERVED_CODES
from people.models import Lead, User
from strategies import keeping
from strategies.models import Area, Strategy

MOST_HEADLINES = 8
LONGEST_CODE = 70
FIELDS = ("owner", "tolerance", "floor", "is_headline", "screens_outliers")
MANY = ("priorities", "success_measures", "findings")


def why_not_edited(kpi: Kpi, by: User) -> str:
    """Why somebody may not change what a KPI is, as a sentence; empty when they may."""
    if by.is_illustrative and not kpi.is_illustrative:
        return (
            "This KPI is real and your sign-in is part of the demonstration, which changes illustrative KPIs only. "
            "Figures, targets and commentary that you add are kept as illustrative."
        )
    return ""


def untracked(area: Area, *, by: User, words: str = "") -> QuerySet[Indicator]:
    """The definitions an area could still choose, by publisher; those that hold all the words."""
    found = Indicator.objects.exclude(kpis__area=area)
    if not by.is_illustrative:
        found = found.filter(is_illustrative=False)
    for word in words.split()[:10]:
        found = found.filter(Q(title__icontains=word) | Q(definition__icontains=word) | Q(publisher__icontains=word))
    return found.order_by("publisher", "title")


def possible_owners(area: Area, *, by: User, on: date, kpi: Kpi | None = None) -> QuerySet[Lead]:
    """The leads in post that may own a KPI; whoever owns it now stays in the list."""
    is_illustrative = kpi.is_illustrative if kpi else by.is_illustrative
    in_post = Lead.objects.in_post(on).filter(area=area, is_illustrative=is_illustrative)
    return in_post | Lead.objects.filter(area=area, pk=kpi.owner_id) if kpi and kpi.owner_id else in_post


def headlines(area: Area, *, but: Kpi | None = None) -> int:
    """How many KPIs of an area are meant for the board page already."""
    return Kpi.objects.in_use().filter(area=area, is_headline=True).exclude(pk=but.pk if but else None).count()


def code_from(title: str, taken: Iterable[str] = ()) -> str:
    """The last part of a KPI's address, from its title; a number is added where that one is taken or reserved."""
    base = slugify(title)[:LONGEST_CODE].strip("-_") or "kpi"
    taken = {*taken, *RESERVED_CODES}
    code, number = base, 1
    while code in taken:
        number += 1
        code = f"{base}-{number}"
    return code


def define_indicator(*, by: User, at: datetime, title: str, **fields) -> Indicator:
    """A new definition of an area's own; every area may choose it."""
    base = slugify(title)[:LONGEST_CODE].strip("-_") or "kpi"
    taken = Indicator.objects.filter(code__startswith=base).values_list("code", flat=True)
    return keeping.add(Indicator(code=code_from(title, taken), title=title, **fields), by=by, at=at)


@transaction.atomic
def track(
    area: Area, indicator: Indicator | None, *, by: User, at: datetime, definition: dict | None = None, **fields
) -> Kpi:
    """The area tracks an indicator from now on; without one, a new one is defined first.

    Once a plan of the area is held to its dates, what is tracked later joins then: past views stay as they were.
    """
    indicator = indicator or define_indicator(by=by, at=at, **definition)
    already = "This area tracks that indicator already."
    if Kpi.objects.filter(area=area, indicator=indicator).exists():
        raise ValidationError(already)
    last = Kpi.objects.filter(area=area).aggregate(last=Max("position"))["last"]
    kpi = Kpi(area=area, indicator=indicator, position=(last or 0) + 1, is_illustrative=by.is_illustrative)
    kpi.added_at = at if is_held_to_a_plan(area) else None
    values, links = _parted(fields)
    for name, value in values.items():
        setattr(kpi, name, value)
    _refuse_what_cannot_be(kpi)
    try:
        with transaction.atomic():
            return keeping.add(kpi, links=links, by=by, at=at)
    except IntegrityError:  # somebody else tracked it at the same moment
        raise ValidationError(already) from None


def is_held_to_a_plan(area: Area) -> bool:
    return Strategy.objects.published().filter(area=area, baselined_on__isnull=False).exists()


@transaction.atomic
def edit(kpi: Kpi, *, by: User, at: datetime, seen: int | None = None, **fields) -> bool:
    """Change how a KPI is owned and judged, in place; whether anything changed. `keeping.Overtaken` where somebody was faster."""
    refusal = why_not_edited(kpi, by)
    if refusal:
        raise ValidationError(refusal)
    values, links = _parted(fields)
    kept = kpi.owner
    for name, value in values.items():
        setattr(kpi, name, value)
    _refuse_what_cannot_be(kpi, kept=kept)
    return keeping.change(kpi, values, links=links, by=by, at=at, seen=seen)


def _parted(fields: dict) -> tuple[dict, dict[str, Iterable]]:
    """The KPI's own fields, and its links."""
    return {name: fields[name] for name in FIELDS if name in fields}, {
        name: fields[name] for name in MANY if name in fields
    }


def _refuse_what_cannot_be(kpi: Kpi, *, kept: Lead | None = None) -> None:
    kpi.clean_fields(exclude=["area", "indicator", "owner"])
    problems = {}
    if kpi.tolerance is not None and kpi.tolerance < 0:
        problems["tolerance"] = "A tolerance is zero or more."
    if kpi.owner and kpi.owner.area_id != kpi.area_id:
        problems["owner"] = "Choose a lead of this area."
    elif kpi.owner and kpi.owner != kept and kpi.owner.is_illustrative != kpi.is_illustrative:
        kind = "an illustrative" if kpi.is_illustrative else "a real"
        problems["owner"] = f"Choose {kind} lead: this KPI is {kind.split()[-1]}."
    if kpi.indicator.is_illustrative and not kpi.is_illustrative:
        problems["__all__"] = "That definition is illustrative. Define your own."
    if problems:
        raise ValidationError(problems)
