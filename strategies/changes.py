"""Notices every write to the product's tables, whoever makes it (a page, a command, a shell), and moves the number of the data.

Model signals would miss `bulk_create` and `update`, so the statements themselves are watched. The number moves right
after the transaction is committed, once a transaction: inside it, all writers would wait for the one row.
"""

import re

from django.db import DatabaseError, connections, transaction

from strategies.models import DataVersion

WRITE = re.compile(r'(?:INSERT\b.*?INTO|UPDATE|DELETE\s+FROM)\s+"(?P<table>\w+)"(?P<rest>.{0,25})', re.DOTALL)
APPS = ("strategies_", "people_", "priorities_", "kpis_", "workstrands_", "board_")
APART = "strategies_dataversion"
SHOWN_NOWHERE_ELSE = (APART, "people_auditentry")  # on no page but its own, which is always made anew


def watch(connection, **kwargs) -> None:
    """For the signal `connection_created`."""
    if notice_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(notice_writes)


def notice_writes(execute, sql, params, many, context):
    result = execute(sql, params, many, context)
    if changes_data(sql):
        move_after_commit(context["connection"])
    return result


def changes_data(sql: str) -> bool:
    """Signing in writes too, and so does a token that is used, but nothing that the Board's pages show."""
    found = None if sql.startswith("SELECT") else WRITE.match(sql)
    if found is None or not found["table"].startswith(APPS) or found["table"] in SHOWN_NOWHERE_ELSE:
        return False
    return not found["rest"].lstrip().startswith(('SET "last_login"', 'SET "last_used_at"'))


def move_after_commit(connection) -> None:
    if not any(isinstance(waiting[1], _Move) for waiting in connection.run_on_commit):
        transaction.on_commit(_Move(connection.alias), using=connection.alias)


class _Move:
    def __init__(self, alias: str):
        self.alias = alias

    def __call__(self) -> None:
        try:
            DataVersion.move(using=self.alias)
        except DatabaseError:
            if APART in connections[self.alias].introspection.table_names():
                raise
            # The first migrations write before there is a number to move.
