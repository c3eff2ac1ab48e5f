"""Taking the demonstration away: every tagged row and its history, in one transaction, or nothing at all."""

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction
from django.db.models import F

from board.demonstration import restoring
from strategies.models import DatedRow, Illustrative, Strategy

APPS = ["strategies", "people", "priorities", "kpis", "workstrands", "board"]
MOST_LISTED = 20


class UntaggedDepends(Exception):
    """Something real hangs on something made up. `listed` says what, one sentence each."""

    def __init__(self, listed: list[str]):
        super().__init__("Real records depend on the demonstration.")
        self.listed = listed


@transaction.atomic
def remove() -> int:
    """How many rows went. Raises `UntaggedDepends`, and changes nothing, where a real row points at a tagged one."""
    restoring.restore(restoring.with_history(_models()))
    in_the_way = dependants()
    if in_the_way:
        raise UntaggedDepends(in_the_way)
    for strategy in Strategy.objects.filter(is_baseline_illustrative=True):
        Strategy.objects.filter(pk=strategy.pk).update(baselined_on=None, is_baseline_illustrative=False)
    gone = sum(_delete(model) for model in pointing_first(tagged_models()))
    for model in tagged_models():
        if hasattr(model, "history"):
            restoring.forget(model, model.history.filter(is_illustrative=True))
    return gone


def edited_since() -> list[str]:
    """What removal leaves, and why, as sentences: real records that real people went on to change."""
    return restoring.edited_since(restoring.with_history(_models()))


def _delete(model: type[models.Model]) -> int:
    rows = model._base_manager.filter(is_illustrative=True)
    own = [field.name for field in model._meta.get_fields() if field.concrete and field.related_model is model]
    if own and not issubclass(model, DatedRow):
        rows.update(**dict.fromkeys(own))
    count = rows.count()
    rows.delete()
    return count


def tagged_models() -> list[type[models.Model]]:
    return [model for model in _models() if issubclass(model, Illustrative)]


def _models() -> Iterator[type[models.Model]]:
    """The product's own models, without the tables of their history."""
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            if not hasattr(model, "history_id") and not hasattr(model, "instance_type"):
                yield model


def pointing_first(found: list[type[models.Model]]) -> list[type[models.Model]]:
    """In an order in which no row is deleted before those that point at it."""
    ordered: list[type[models.Model]] = []
    while len(ordered) < len(found):
        left = [model for model in found if model not in ordered]
        free = [model for model in left if not any(_points_at(other, model) for other in left if other is not model)]
        ordered += free or left
    return ordered


def _points_at(model: type[models.Model], target: type[models.Model]) -> bool:
    return any(field.related_model is target for field in _foreign_keys(model))


def _foreign_keys(model: type[models.Model]) -> list[models.ForeignKey]:
    return [field for field in model._meta.concrete_fields if field.is_relation and field.related_model]


def dependants() -> list[str]:
    """Real rows that point at tagged ones, as sentences; through many-to-many fields too."""
    found: list[str] = []
    for model in _models():
        for field in _foreign_keys(model):
            if issubclass(field.related_model, Illustrative):
                found += _by_key(model, field)
        for field in model._meta.many_to_many:
            if issubclass(field.related_model, Illustrative):
                found += _by_many(model, field)
    return found


def _by_key(model, field) -> list[str]:
    if field.remote_field.on_delete is models.CASCADE and not issubclass(model, Illustrative):
        return []  # a part of the row that it points at (a piece of a file), and gone with it
    rows = model._base_manager.filter(**{f"{field.name}__is_illustrative": True})
    if issubclass(model, Illustrative):
        rows = rows.filter(is_illustrative=False)
    return [_sentence(row, field, getattr(row, field.name)) for row in rows.select_related(field.name)[:MOST_LISTED]]


def _by_many(model, field) -> list[str]:
    links = field.remote_field.through._base_manager.filter(
        **{f"{field.m2m_reverse_field_name()}__is_illustrative": True}
    )
    if issubclass(model, Illustrative):
        links = links.filter(**{f"{field.m2m_field_name()}__is_illustrative": False})
    pairs = links.values_list(F(field.m2m_field_name()), F(field.m2m_reverse_field_name()))[:MOST_LISTED]
    return [
        _sentence(model._base_manager.get(pk=row), field, field.related_model._base_manager.get(pk=target))
        for row, target in pairs
    ]


def _sentence(row, field, target) -> str:
    return f"{row._meta.verbose_name} {row.pk} ({row}): its {field.verbose_name} is {target}"
