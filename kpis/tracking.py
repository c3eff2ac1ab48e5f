"""Choosing what an area tracks: a definition there is, or a new one of its own; who owns it and how it is judged.

What a demonstration sign-in writes is illustrative, hangs on illustrative leads alone, and touches nothing real; a real
KPI hangs on nothing illustrative, so that the demonstration can always be taken away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet
from django.utils.text import slugify

from kpis.models import Indicator, Kpi
from kpis.models.indicators import RESERVED_CODES
from kpis.rating import show_trimmed
from people.models import Lead, User
from strategies.models import Area

MOST_HEADLINES = 8
LONGEST_CODE = 70
FIELDS = ("owner", "tolerance", "floor", "is_headline", "screens_outliers")
MANY = ("priorities", "success_measures")


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
    indicator = Indicator(code=code_from(title, taken), title=title, is_illustrative=by.is_illustrative, **fields)
    indicator.full_clean()
    _save(indicator, by, at)
    return indicator


@transaction.atomic
def track(
    area: Area, indicator: Indicator | None, *, by: User, at: datetime, definition: dict | None = None, **fields
) -> Kpi:
    """The area tracks an indicator from now on; without one, a new one is defined first."""
    indicator = indicator or define_indicator(by=by, at=at, **definition)
    last = Kpi.objects.filter(area=area).aggregate(last=Max("position"))["last"]
    kpi = Kpi(area=area, indicator=indicator, position=(last or 0) + 1, is_illustrative=by.is_illustrative)
    many = _state(kpi, fields)
    _refuse_what_cannot_be(kpi)
    try:
        with transaction.atomic():
            _save(kpi, by, at)
    except IntegrityError:
        raise ValidationError("This area tracks that indicator already.") from None
    _relate(kpi, many)
    return kpi


@transaction.atomic
def edit(kpi: Kpi, *, by: User, at: datetime, **fields) -> bool:
    """Change how a KPI is owned and judged, in place; whether anything changed."""
    refusal = why_not_edited(kpi, by)
    if refusal:
        raise ValidationError(refusal)
    before = {name: getattr(kpi, name) for name in FIELDS}
    many = _state(kpi, fields)
    _refuse_what_cannot_be(kpi, kept=before["owner"])
    changed = any(getattr(kpi, name) != value for name, value in before.items())
    if changed:
        _save(kpi, by, at)
    return _relate(kpi, many) or changed


def _state(kpi: Kpi, fields: dict) -> dict:
    """Set the fields; returns the many-to-many ones, which wait until the KPI is saved."""
    for name in FIELDS:
        if name in fields:
            setattr(kpi, name, fields[name])
    return {name: fields[name] for name in MANY if name in fields}


def _relate(kpi: Kpi, many: dict[str, Sequence]) -> bool:
    changed = False
    for name, chosen in many.items():
        related = getattr(kpi, name)
        if set(related.values_list("pk", flat=True)) != {record.pk for record in chosen}:
            related.set(chosen)
            changed = True
    return changed


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


def _save(record, by: User, at: datetime) -> None:
    """With whoever did it, and when, in its history, whether or not there is a request."""
    record._history_user = by
    record._history_date = at
    record.save()


def digest_of(values: dict) -> str:
    """How a form says what it showed of a KPI."""
    shown = {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else str(value) for name, value in values.items()
    }
    return sha256(repr(sorted(shown.items())).encode()).hexdigest()[:32]


# What was changed


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed what of a KPI, and when; `sentences` are empty for its first line."""

    at: datetime
    by: User | None
    sentences: list[str]


def changes_of(kpi: Kpi, *, most: int = 30) -> list[Change]:
    """The latest changes, newest first: of the KPI's own fields, three queries however many there are."""
    rows = list(kpi.history.select_related("history_user").order_by("-history_id")[: most + 1])
    leads = dict(Lead.objects.filter(pk__in={row.owner_id for row in rows if row.owner_id}).values_list("pk", "name"))
    found = [
        Change(after.history_date, after.history_user, _differences(before, after, kpi.indicator.unit, leads))
        for after, before in pairwise(rows)
    ]
    if rows and len(rows) <= most:
        found.append(Change(rows[-1].history_date, rows[-1].history_user, []))
    return [change for change in found if change.sentences or change is found[-1]]


def _differences(before, after, unit: str, leads: dict[int, str]) -> list[str]:
    said = [
        ("Owner", leads.get(before.owner_id, "nobody"), leads.get(after.owner_id, "nobody")),
        ("Tolerance", _shown(before.tolerance, unit), _shown(after.tolerance, unit)),
        ("Never below", _shown(before.floor, unit), _shown(after.floor, unit)),
        ("On the board page", _yes(before.is_headline), _yes(after.is_headline)),
        ("Outlying moving ranges left out", _yes(before.screens_outliers), _yes(after.screens_outliers)),
    ]
    return [f"{name}: {old} before, {new} now." for name, old, new in said if old != new]


def _shown(value, unit: str) -> str:
    return "none" if value is None else show_trimmed(value, unit)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
