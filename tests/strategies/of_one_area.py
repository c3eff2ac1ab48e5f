"""The tables whose rows hang under one area (`strategies.changes.OF_ONE_AREA`), and the way from a row up to its area."""

from functools import cache

from django.apps import apps
from django.db import models

from strategies.changes import is_of_one_area
from strategies.models import Area


def tables_of_one_area() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if is_of_one_area(model._meta.db_table)]


@cache
def sure_way(model: type[models.Model]) -> str:
    """The lookup from a row to its area by keys that are never empty; empty for none.

    Of a history, where every key may be empty, the way of what it is the history of.
    """
    ways, seen = [(getattr(model, "instance_type", model), "")], set()
    while ways:
        here, so_far = ways.pop(0)
        if here is Area:
            return so_far
        if here in seen:
            continue
        seen.add(here)
        steps = [field for field in here._meta.fields if field.is_relation and not field.null]
        ways += [(step.related_model, f"{so_far}__{step.name}" if so_far else step.name) for step in steps]
    return ""


def rows_under(model: type[models.Model], area: Area) -> models.QuerySet:
    return model._base_manager.filter(**{sure_way(model): area})


def rows_elsewhere(model: type[models.Model], area: Area) -> list[tuple]:
    """Every column of every row that does not hang under the area."""
    own = rows_under(model, area).values("pk")
    return list(model._base_manager.exclude(pk__in=own).order_by("pk").values_list())
