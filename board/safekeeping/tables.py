"""Which tables a backup holds, in what order, and how a value is written down so that either database reads it back.

All models of all apps are kept, their histories and links included, but for those that the product makes by itself. Keys
are kept as they are; what Django numbers by itself in each database (permissions) is named instead.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from datetime import UTC
from functools import cached_property
from graphlib import TopologicalSorter

from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models

# Why each is left out.
MADE_AGAIN = {
    "sessions.session": "people sign in again",
    "usersessions.usersession": "belongs to a session",
    "board.searchentry": "made anew from the records",
    "strategies.dataversion": "begins anew with the first write, beyond what was given out",
    "contenttypes.contenttype": "written by migrate",
    "auth.permission": "written by migrate",
}
NAMED = {
    ContentType: ("app_label", "model"),
    Permission: ("content_type__app_label", "content_type__model", "codename"),
}
AS_THEY_ARE = {
    "BooleanField": bool, "FloatField": float, "JSONField": object,
    **dict.fromkeys(["AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField"], int),
    **dict.fromkeys(["PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"], int),
}  # fmt: skip


class Names:
    """The permissions of one database, by key and by name."""

    def __init__(self, using: str):
        self.by_key, self.by_name = {}, {}
        for model, fields in NAMED.items():
            rows = model._base_manager.using(using).values_list("pk", *fields)
            self.by_key[model] = {key: list(name) for key, *name in rows}
            self.by_name[model] = {tuple(name): key for key, name in self.by_key[model].items()}


class Table:
    """One table of a backup."""

    def __init__(self, model: type[models.Model]):
        self.model, self.name = model, model._meta.label_lower
        self.fields = model._meta.concrete_fields

    @property
    def columns(self) -> list[str]:
        return [field.attname for field in self.fields]

    @cached_property
    def is_heavy(self) -> bool:
        """Whether one row can hold a whole file."""
        return any(isinstance(field, models.BinaryField) for field in self.fields)

    @property
    def counts_up(self) -> bool:
        """Whether the database numbers its rows."""
        return isinstance(self.model._meta.pk, models.AutoField)

    @property
    def file_fields(self) -> list[models.FileField]:
        return [field for field in self.fields if isinstance(field, models.FileField)]

    def rows(self, using: str) -> Iterator[tuple]:
        """In the order of their keys, read as they are needed."""
        rows = self.model._base_manager.using(using).order_by("pk").values_list(*self.columns)
        return rows.iterator(chunk_size=1 if self.is_heavy else 1000)

    def writers(self, names: Names) -> list[Callable | None]:
        """How each column is written down; none where a value is JSON as it is."""
        return [_writer(field, names) for field in self.fields]

    def readers(self, names: Names) -> list[Callable]:
        return [_reader(field, names) for field in self.fields]


def kept_tables() -> list[Table]:
    """Each after those that its rows point at."""
    kept = [model for model in apps.get_models(include_auto_created=True) if _is_kept(model)]
    targets = {model: {to for to in _points_at(model) if to in kept and to is not model} for model in kept}
    return [Table(model) for model in TopologicalSorter(targets).static_order()]


def _is_kept(model) -> bool:
    meta = model._meta
    return meta.managed and not meta.proxy and meta.label_lower not in MADE_AGAIN


def _points_at(model) -> set[type[models.Model]]:
    """Where the database itself sees to it that the row is there."""
    links = (field for field in model._meta.concrete_fields if field.remote_field and field.db_constraint)
    return {field.remote_field.model for field in links}


# Values


def _kind(field: models.Field) -> str:
    while field.remote_field:
        field = field.target_field
    return field.get_internal_type()


def _writer(field: models.Field, names: Names) -> Callable | None:
    if field.remote_field and field.remote_field.model in NAMED:
        return names.by_key[field.remote_field.model].__getitem__
    kind = _kind(field)
    if kind in AS_THEY_ARE:
        return None
    if kind == "BinaryField":
        return lambda value: base64.b64encode(bytes(value)).decode()
    if kind == "DateTimeField":
        return lambda value: value.astimezone(UTC).isoformat()
    return str


def _reader(field: models.Field, names: Names) -> Callable:
    """Raises ValueError for what cannot be a value of the field."""
    if field.remote_field and field.remote_field.model in NAMED:
        return lambda value: _found(names.by_name[field.remote_field.model], value)
    kind = _kind(field)
    wanted = AS_THEY_ARE.get(kind, str)

    def read(value):
        if value is None:
            return _nothing(field, kind)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise ValueError(f"{field.attname} holds no {wanted.__name__}")
        if kind == "BinaryField":
            return _bytes(field, value)
        try:
            return field.to_python(value)
        except ValidationError as error:
            raise ValueError(f"{field.attname}: {' '.join(error.messages)}") from None

    return read


def _found(by_name: dict, value):
    name = tuple(value) if isinstance(value, list) and all(isinstance(part, str) for part in value) else None
    if name not in by_name:
        raise ValueError(f"nothing here is called {value!r:.80}")
    return by_name[name]


def _nothing(field: models.Field, kind: str):
    if field.null:
        return None
    if kind == "JSONField":  # the null of JSON, not that of the database
        return models.Value(None, models.JSONField())
    raise ValueError(f"{field.attname} is empty")


def _bytes(field: models.Field, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError(f"{field.attname} is not base64") from None
