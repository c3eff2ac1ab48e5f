"""Many measurements at once.

`bulk_create` prepares each of some thirty fields of every row; of thousands of rows that differ in a dozen of them, that
takes longer than to read the file. Here the fields that all rows share are prepared once, and values that come again (days,
places, reasons) once each. What is written is the same: each field prepares its own values.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from django.db import connection, transaction

from kpis.models import Measurement

BATCH = 1000


@transaction.atomic
def insert_measurements(rows: Iterable[dict], *, shared: dict) -> int:
    """Each of `rows` gives the same fields by attribute name (`area_id`), `shared` those that are the same in all."""
    fields = [field for field in Measurement._meta.local_concrete_fields if not field.primary_key]
    prototype = Measurement(**shared)
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {connection.ops.quote_name(Measurement._meta.db_table)} ({names}) VALUES ({places})"
    prepared, written = _prepared(rows, fields, prototype), 0
    with connection.cursor() as cursor:
        while batch := list(islice(prepared, BATCH)):
            cursor.executemany(sql, batch)
            written += len(batch)
    return written


def _prepared(rows: Iterable[dict], fields: list, prototype: Measurement) -> Iterator[list]:
    by_name = {field.attname: field for field in fields}

    @lru_cache(maxsize=4096, typed=True)
    def prepare(name: str, value):
        return by_name[name].get_db_prep_save(value, connection)

    alike = [prepare(field.attname, getattr(prototype, field.attname)) for field in fields]
    at = {field.attname: place for place, field in enumerate(fields)}
    for row in rows:
        values = alike.copy()
        for name, value in row.items():
            values[at[name]] = prepare(name, value)
        yield values
