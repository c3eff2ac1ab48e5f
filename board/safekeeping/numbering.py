"""The numbers that a database gives to new rows.

The highest one ever given is kept, not the highest in use: histories still name rows that are gone, and no other row may
come to bear their number.
"""

from django.db import connections
from django.db.models import Max

from board.safekeeping.tables import Table


def last_number(table: Table, using: str) -> int:
    if not table.counts_up:
        return 0
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.model._meta.db_table])
        else:
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {_sequence(cursor, table)}")
        found = cursor.fetchone()
    return max(found[0] if found else 0, _highest(table, using))


def go_on_after(table: Table, last: int, using: str) -> None:
    """The next row is numbered after `last`, and after every row that is there."""
    last = max(last, _highest(table, using))
    if not table.counts_up or not last:
        return
    connection = connections[using]
    name = table.model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, last])
        else:
            cursor.execute("SELECT setval(%s::regclass, %s)", [_sequence(cursor, table), last])


def _highest(table: Table, using: str) -> int:
    if not table.counts_up:
        return 0
    return table.model._base_manager.using(using).aggregate(highest=Max("pk"))["highest"] or 0


def _sequence(cursor, table: Table) -> str:
    meta = table.model._meta
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{meta.db_table}"', meta.pk.column])
    return cursor.fetchone()[0]
