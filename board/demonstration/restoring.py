"""Giving real records back what illustrative sign-ins changed of them.

A statement is edited in place, and its history says by whom. Read from the first line on, each field keeps what the
last real person made of it, and the lines that illustrative sign-ins added go with them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import models

from strategies.models import Illustrative


@dataclass
class Replayed:
    """What a record is to hold, by field, and whether a real person wrote after an illustrative one."""

    values: dict[str, object] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    is_edited_since: bool = False
    has_base: bool = False


def replay(lines: list[tuple[bool, dict[str, object]]]) -> Replayed:
    """Each line: whether an illustrative sign-in wrote it, and what the record then held; links as sets of ids.

    A real line counts for what it changed, so that what was made up before it does not slip in through it.
    """
    found, before = Replayed(), {}
    for is_illustrative, held in lines:
        changed = {name: value for name, value in held.items() if name not in before or before[name] != value}
        if is_illustrative:
            found.touched |= changed.keys()
        else:
            found.has_base = True
            found.is_edited_since |= bool(found.touched)
            for name, value in changed.items():
                found.values[name] = _with_changes(found.values.get(name), before.get(name), value)
        before = held
    return found


def _with_changes(kept, before, now):
    """A value as it is now; of a set of links, only the links that were really added or taken off."""
    if not isinstance(now, frozenset):
        return now
    kept, before = kept or frozenset(), before or frozenset()
    return (kept | (now - before)) - (before - now)


def restore(kept_models) -> None:
    """Before anything illustrative goes: a real record may still name it."""
    for model in kept_models:
        for record, lines in _edited(model):
            found = replay([(is_illustrative, held) for _, is_illustrative, held in lines])
            if found.has_base:
                _put_back(record, {name: found.values[name] for name in found.touched if name in found.values})
            made_up = [pk for pk, is_illustrative, _ in lines if is_illustrative]
            forget(model, model.history.filter(history_id__in=made_up))


def edited_since(kept_models) -> list[str]:
    """Real records that a real person changed after an illustrative sign-in had, as sentences."""
    return [
        f"{record._meta.verbose_name} {record}: a real person changed it since; what they wrote is kept."
        for model in kept_models
        for record, lines in _edited(model)
        if replay([(is_illustrative, held) for _, is_illustrative, held in lines]).is_edited_since
    ]


def with_history(found: Iterator[type[models.Model]]) -> list[type[models.Model]]:
    return [model for model in found if hasattr(model, "history")]


def _edited(model: type[models.Model]) -> Iterator[tuple[models.Model, list[tuple[int, bool, dict]]]]:
    """Real records that illustrative sign-ins changed, each with its history in the order in which it was written."""
    signed = model.history.filter(history_user__is_illustrative=True).values(model._meta.pk.attname)
    records = model._base_manager.filter(pk__in=signed)
    if issubclass(model, Illustrative):
        records = records.filter(is_illustrative=False)
    for record in records.order_by("pk"):
        lines = model.history.filter(**{model._meta.pk.attname: record.pk}).select_related("history_user")
        yield record, [_line(model, line) for line in lines.order_by("history_id")]


def _line(model: type[models.Model], line) -> tuple[int, bool, dict[str, object]]:
    held = {each.attname: getattr(line, each.attname) for each in model._meta.concrete_fields if not each.primary_key}
    for links in line._history_m2m_fields:
        there = getattr(line, links.name).values_list(links.m2m_reverse_field_name(), flat=True)
        held[links.name] = frozenset(there)
    return line.history_id, bool(line.history_user and line.history_user.is_illustrative), held


def forget(model: type[models.Model], lines: models.QuerySet) -> None:
    """Lines of its history, after the links that were kept with them."""
    for links in model.history.model._history_m2m_fields:
        getattr(model.history.model, links.name).filter(history__in=lines.values("history_id")).delete()
    lines.delete()


def _put_back(record: models.Model, values: dict[str, object]) -> None:
    """Without a further line of history: afterwards it is as if nobody had been there."""
    links = {name: value for name, value in values.items() if isinstance(value, frozenset)}
    fields = {name: value for name, value in values.items() if name not in links}
    if fields:
        type(record)._base_manager.filter(pk=record.pk).update(**fields)
    record.skip_history_when_saving = True
    for name, ids in links.items():
        there = getattr(record, name).model._base_manager.filter(pk__in=ids)
        getattr(record, name).set(there)
