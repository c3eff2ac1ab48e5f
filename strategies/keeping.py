"""Keeping the statements of a plan: added, changed in place, retired, taken back; each with who, when and what it was.

What a statement said before stands in its history, which is never read by pages as at a past day: what would change one of
their counts is appended or made anew instead (a placement, an objective that moves). A form carries the version that it
saw, the number of the last line of the record's history; where somebody wrote in between, nothing is written and
`Overtaken` says what changed. Everything below a plan is written with the plan's row held, so that two officers who move
and merge at once come one after the other, and the second is told.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.db import models, transaction

from common.dates import in_words
from common.text import tidy
from strategies.models import Retirable, Strategy

MOST_CHANGES = 30
LINES_A_WRITE = 6
HIDDEN = {"id", "seed_key", "seeded_hash", "source", "source_locator", "source_text", "source_note", "is_illustrative"}


class Overtaken(Exception):
    """Somebody changed the record in the meantime. `changes` says what, the newest first."""

    def __init__(self, changes: list["Change"]):
        super().__init__("Somebody else changed this in the meantime.")
        self.changes = changes


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a record's history. `differences` are (what, before, now) in words; of the first line there are none."""

    version: int
    at: datetime
    by: str
    differences: list[tuple[str, str, str]]
    reason: str = ""
    is_first: bool = False

    @property
    def sentences(self) -> list[str]:
        return [f"{what}: {before} before, {now} now." for what, before, now in self.differences]


# Reading


def version_of(record: models.Model) -> int:
    """What a form carries to say which state of the record it saw; 0 where it has no history."""
    last = record.history.order_by("-history_id").values_list("history_id", flat=True).first()
    return last or 0


def changes_of(
    record: models.Model, *, since: int = 0, until: datetime | None = None, most: int = MOST_CHANGES
) -> list[Change]:
    """The lines of its history after a version, newest first; what else they name is read once a kind of record.

    `until` leaves out what was written after a moment.
    """
    rows = _steps(record, most=most + 1, until=until)
    names = _Names(rows)
    found = [_change(after, names.differences(before, after)) for after, before in pairwise(rows)]
    if rows and len(rows) <= most:
        found.append(_change(rows[-1], [], is_first=True))
    return [change for change in found if change.version > since]


def _steps(record: models.Model, *, most: int, until: datetime | None = None) -> list:
    """How the record stood after each write, newest first. One write leaves a line for its fields and one for each link."""
    lines = record.history.select_related("history_user").order_by("-history_id")
    if until is not None:
        lines = lines.filter(history_date__lte=until)
    lines = lines[: most * LINES_A_WRITE]
    steps: list = []
    for line in lines:
        if not steps or (line.history_date, line.history_user_id) != (
            steps[-1].history_date,
            steps[-1].history_user_id,
        ):
            steps.append(line)
    return steps[:most]


def _change(row, differences, *, is_first: bool = False) -> Change:
    by = str(row.history_user) if row.history_user else ""
    return Change(row.history_id, row.history_date, by, differences, row.history_change_reason or "", is_first)


class _Names:
    """What the lines of a history say, in words: other records by their own."""

    def __init__(self, rows: list):
        self.rows = rows
        self.fields = [f for f in (rows[0].instance_type._meta.fields if rows else ()) if f.name not in HIDDEN]
        self.many = list(rows[0]._history_m2m_fields) if rows else []
        self.others = {field.name: self._others(field) for field in self.fields if field.is_relation}
        self.links = {key: words for each in self.many for key, words in self._links(each).items()}

    def _others(self, field) -> dict[object, str]:
        ids = {getattr(row, field.attname) for row in self.rows} - {None}
        return {other.pk: str(other) for other in field.related_model._base_manager.filter(pk__in=ids)} if ids else {}

    def _links(self, many) -> dict[tuple[int, str], str]:
        """What each line was linked to, in words; one query a kind of link."""
        name = many.m2m_reverse_field_name()
        links = getattr(type(self.rows[0]), many.name).filter(history__in=[row.pk for row in self.rows])
        found = defaultdict(list)
        for link in links.select_related(name):
            found[link.history_id].append(str(getattr(link, name)))
        return {(row.pk, many.name): ", ".join(sorted(found[row.pk])) for row in self.rows}

    def differences(self, before, after) -> list[tuple[str, str, str]]:
        said = [(_label(field), self._shown(before, field), self._shown(after, field)) for field in self.fields]
        said += [
            (_label(each), self.links[before.pk, each.name] or "none", self.links[after.pk, each.name] or "none")
            for each in self.many
        ]
        return [each for each in said if each[1] != each[2]]

    def _shown(self, row, field) -> str:
        value = getattr(row, field.attname)
        if value in (None, "", [], {}):
            return "none"
        if field.is_relation:
            return self.others[field.name].get(value, "a record that is gone")
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return in_words(value if not isinstance(value, datetime) else value.date())
        if isinstance(value, Decimal):
            return f"{value.normalize():,f}"
        return f"“{value}”" if isinstance(field, models.CharField | models.TextField) else str(value)


def _label(field) -> str:
    words = str(field.verbose_name)
    return words[:1].upper() + words[1:]


# Writing


@transaction.atomic
def add(record: models.Model, *, links: dict[str, Iterable] | None = None, by, at: datetime) -> models.Model:
    """A new statement, or `ValidationError` by field. Of a plan that runs already it joins now."""
    plan = plan_of(record)
    hold(plan)
    if isinstance(record, Retirable) and plan is not None and plan.baselined_on:
        record.added_at = record.added_at or at
    if hasattr(record, "is_illustrative"):
        record.is_illustrative = bool(by and by.is_illustrative)
    _refuse_made_up(record, [field.name for field in record._meta.fields], links or {}, by)
    _clean(record)
    _save(record, by, at)
    _link(record, links or {})
    return record


@transaction.atomic
def change(
    record: models.Model, values: dict, *, links: dict[str, Iterable] | None = None, by, at: datetime, seen: int | None
) -> bool:
    """Set these fields and links; whether anything changed. `seen` is the version that the form was filled from."""
    hold(plan_of(record))
    refuse_overtaken(record, seen)
    record.refresh_from_db()
    if isinstance(record, Retirable) and record.retired_at:
        raise ValidationError("This was retired. Take that back before you change it.")
    before = {name: getattr(record, name) for name in values}
    for name, value in values.items():
        setattr(record, name, tidy(value) if isinstance(value, str) else value)
    changes = [name for name, value in before.items() if getattr(record, name) != value]
    changed = bool(changes)
    _refuse_made_up(record, changes, links or {}, by)
    if changed:
        _clean(record)
        _save(record, by, at)
    return _link(record, links or {}, by=by, at=at) or changed


@transaction.atomic
def put_after(record: models.Model, after: models.Model | None, *, among, by, at: datetime, seen: str | None) -> bool:
    """Its place among its neighbours (the queryset `among`): after one of them, or first. `seen` is their order as shown.

    Positions are counted anew from one, and only those that differ are written.
    """
    hold(plan_of(record))
    stand = list(among.order_by("position", "pk"))
    if seen is not None and seen != order_of(stand):
        raise Overtaken([])
    wanted = [each for each in stand if each.pk != record.pk]
    wanted.insert(wanted.index(after) + 1 if after is not None else 0, record)
    moved = [(place, each) for place, each in enumerate(wanted, start=1) if each.position != place]
    is_moved = [each.pk for each in wanted] != [each.pk for each in stand]
    for place, each in moved if is_moved else []:
        each.refresh_from_db()
        each.position = place
        _save(each, by, at, reason="Put in another order")
    return is_moved


def order_of(records: Iterable[models.Model]) -> str:
    """What a form carries to say in which order it showed some records."""
    return "-".join(str(record.pk) for record in records)


@transaction.atomic
def retire(
    record: Retirable, *, because: str, by, at: datetime, seen: int | None, replaced_by: Retirable | None = None
) -> None:
    """Out of the plan from now on, and kept: past views show it, and its address leads to what replaced it."""
    hold(plan_of(record))
    refuse_overtaken(record, seen)
    record.refresh_from_db()
    if record.retired_at:
        raise ValidationError("This was retired already.")
    if not tidy(because):
        raise ValidationError({"because": "Say why it is retired."})
    record.retired_at, record.retired_because, record.replaced_by = at, tidy(because), replaced_by
    _save(record, by, at, reason="Retired")


@transaction.atomic
def take_back(record: Retirable, *, by, at: datetime, seen: int | None) -> None:
    """A retirement, where nothing replaced the record: it belongs to the plan again, as if it had always been there."""
    hold(plan_of(record))
    refuse_overtaken(record, seen)
    record.refresh_from_db()
    if record.retired_at is None or record.replaced_by_id:
        raise ValidationError("Only what was retired, and replaced by nothing, can be taken back.")
    record.retired_at, record.retired_because = None, ""
    _save(record, by, at, reason="Retirement taken back")


@transaction.atomic
def undo(record: models.Model, *, by, at: datetime, seen: int | None) -> Change:
    """The last change, undone by a further one; the change that was undone. Undone twice, it stands again."""
    hold(plan_of(record))
    refuse_overtaken(record, seen)
    steps = _steps(record, most=2)
    if len(steps) < 2:
        raise ValidationError("There is no change that could be undone: this is how the record was first made.")
    last, before = steps
    record.refresh_from_db()
    if getattr(record, "replaced_by_id", None) or getattr(before, "replaced_by_id", None):
        raise ValidationError("This was moved or merged. Move what hangs on it back instead.")
    undone = changes_of(record, most=1)[0]
    for field in record._meta.concrete_fields:
        if not field.primary_key:
            setattr(record, field.attname, getattr(before, field.attname))
    _clean(record)
    _save(record, by, at, reason="Undone")
    _link(record, {each.name: _linked(before, each) for each in last._history_m2m_fields}, by=by, at=at)
    return undone


def _linked(line, many) -> list:
    name = many.m2m_reverse_field_name()
    ids = getattr(line, many.name).values_list(name, flat=True)
    return list(many.related_model._base_manager.filter(pk__in=list(ids)))


def refuse_overtaken(record: models.Model, seen: int | None) -> None:
    if seen is not None and seen != version_of(record):
        raise Overtaken(changes_of(record, since=seen))


def hold(plan: Strategy | None) -> None:
    """One officer at a time below a plan, until the transaction ends. SQLite lets one write at a time anyway."""
    if plan is not None and plan.pk:
        Strategy.objects.select_for_update().filter(pk=plan.pk).values_list("pk").first()


def plan_of(record: models.Model) -> Strategy | None:
    """The plan that a record belongs to; none for what belongs to an area."""
    if isinstance(record, Strategy):
        return record
    if hasattr(record, "strategy_id"):
        return record.strategy
    if getattr(record, "priority_id", None):
        return record.priority.strategy
    return record.action.strategy if hasattr(record, "action_id") else None


def _refuse_made_up(record: models.Model, names: Iterable[str], links: dict[str, Iterable], by) -> None:
    """A real record never hangs on an illustrative one: else the demonstration could not be taken away again."""
    if (by is not None and by.is_illustrative) or getattr(record, "is_illustrative", False):
        return
    fields = [field for field in record._meta.fields if field.name in names and field.is_relation]
    named = [(field.name, getattr(record, field.name)) for field in fields if getattr(record, field.attname)]
    named += [(name, other) for name, chosen in links.items() for other in chosen]
    made_up = {name: other for name, other in named if getattr(other, "is_illustrative", False)}
    if made_up:
        raise ValidationError(
            {name: f"“{other}” is illustrative: a real record cannot hang on it." for name, other in made_up.items()}
        )


def _clean(record: models.Model) -> None:
    """With its constraints; what it points at was chosen from what there is."""
    record.clean_fields(exclude=[field.name for field in record._meta.fields if field.is_relation])
    record.clean()
    record.validate_unique()
    record.validate_constraints()


def _save(record: models.Model, by, at: datetime, *, reason: str = "") -> None:
    """With whoever did it, and when, in its history, whether or not there is a request.

    What was brought in before its history was kept gets a first line that says how it stood: only so can it be undone.
    """
    if record.pk and not record.history.exists():
        _keep_as_it_stood(record, at)
    record._history_user, record._history_date = by, at
    record._change_reason = reason or None
    record.save()


def _keep_as_it_stood(record: models.Model, at: datetime) -> None:
    stood = type(record)._base_manager.filter(pk=record.pk).first()
    if stood is not None:
        stood._history_user, stood._history_date = None, at - timedelta(microseconds=1)
        stood._change_reason = "As it stood before its history was kept"
        stood.save()


def _link(record: models.Model, links: dict[str, Iterable], *, by=None, at: datetime | None = None) -> bool:
    """Whether any link changed. The history of links is written by the same hand."""
    changed = False
    if by is not None:
        record._history_user, record._history_date = by, at
    for name, chosen in links.items():
        related, wanted = getattr(record, name), {other.pk for other in chosen}
        if set(related.values_list("pk", flat=True)) != wanted:
            related.set(wanted)
            changed = True
    return changed
