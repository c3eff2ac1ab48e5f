"""Rows that many tests start from: made once in a process through the models, and put back as they lay for each test.

To save some seventy records and their histories one by one takes thirty milliseconds, and thousands of tests ask for them.
"""

import pickle
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from typing import TypeVar

from django.core.management.color import no_style
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.db.models.signals import post_save
from django.utils import timezone

Made = TypeVar("Made")


def made_once(make: Callable[[], Made]) -> Callable[[], Made]:
    """`make`, whose rows and answer are kept. The answer may hold records, each test getting copies of its own.

    Where an id has been given to a record that a test made beforehand, all are made anew.
    """
    kept: list[tuple[list[tuple[str, list]], bytes]] = []

    @wraps(make)
    def put_back() -> Made:
        if kept:
            try:
                return _put_back(*kept[0])
            except IntegrityError:
                return make()
        with _saved() as records:
            answer = make()
        statements = [_rows_of(model, ids) for model, ids in records.items()]
        # PostgreSQL counts on from the number that it gave last, also after a test has set that back.
        statements += [(each, []) for each in connection.ops.sequence_reset_sql(no_style(), list(records))]
        kept.append((statements, pickle.dumps(answer)))
        return answer

    return put_back


@contextmanager
def _saved():
    """The ids of what is saved meanwhile, by model, what others point to first."""
    records: dict[type[Model], list] = {}

    def note(sender, instance, created, **_):
        if created:
            records.setdefault(sender, []).append(instance.pk)

    post_save.connect(note, weak=False)
    try:
        yield records
    finally:
        post_save.disconnect(note)


def _rows_of(model: type[Model], ids: list) -> tuple[str, list]:
    """A statement that adds the rows as they lie now, and its parameters; `_NOW` where a row holds when it was made."""
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table, key = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(model._meta.pk.column)
    some = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} WHERE {key} IN ({some}) ORDER BY {key}", ids)
        rows = cursor.fetchall()
    moments = [field.name == "history_date" or field.default is timezone.now for field in fields]
    values = [_NOW if is_moment else value for row in rows for value, is_moment in zip(row, moments, strict=True)]
    of_row = f"({', '.join(['%s'] * len(fields))})"
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([of_row] * len(rows))}", values


_NOW = object()


def _put_back(statements: list[tuple[str, list]], answer: bytes):
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, [now if value is _NOW else value for value in values])
    return pickle.loads(answer)
