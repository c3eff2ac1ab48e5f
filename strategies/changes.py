"""Notices every write to the product's tables, whoever makes it (a page, a command, a shell), and moves the number of the data.

Model signals would miss `bulk_create` and `update`, so the statements themselves are watched. The number moves right
after the transaction is committed, once a transaction: inside it, all writers would wait for the one row.

There is a number of each area, and one of all areas. That of all areas moves unless both are sure: the write is made in
one area (`in_area`: on a page below its address, where each record was looked up in that area), and the table is one of
those of which no page of another area shows a row (`OF_ONE_AREA`). A table or a way of writing that is forgotten here
therefore throws away too much, never too little.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import DatabaseError, connections, transaction

from strategies.models import DataVersion
from strategies.models.versions import ALL_AREAS

WRITE = re.compile(r'(?:INSERT\b.*?INTO|UPDATE|DELETE\s+FROM)\s+"(?P<table>\w+)"(?P<rest>.{0,25})', re.DOTALL)
APPS = ("strategies_", "people_", "priorities_", "kpis_", "workstrands_", "board_")
APART = "strategies_dataversion"
SHOWN_NOWHERE_ELSE = (APART, "people_auditentry")  # on no page but its own, which is always made anew

# Their rows hang under one area, and only pages of that area show them. Histories and links of many to many go with them.
# Not here: areas and their neighbours, indicators, releases and published figures (compared everywhere), documents (an
# indicator may quote another area's), people and where they belong, and files of figures that wait (they bring in many areas').
OF_ONE_AREA = {
    "strategies": {"strategy", "meeting", "reportinground", "governancebody", "glossaryterm", "yousaidwedid"},
    "people": {"lead", "partner"},
    "priorities": {"priority", "successmeasure", "currentpractice", "outcomearea", "inspection", "finding"},
    "kpis": {"kpi", "target", "rebase", "commentary"},
    "workstrands": {
        "workstrand", "objective", "action", "placement", "milestone", "deadline", "progressupdate", "evidence",
        "impactconfirmation", "planfile",
    },
    "board": {
        "attendance", "decision", "decisionoutcome", "challenge", "meetingaction", "meetingactionoutcome", "forwarditem",
        "pack", "packfile", "reminder", "roundlink", "updatereview", "flagreply", "risk", "riskscore", "succession",
        "familyview", "priorityassessment", "publicpage",
    },
}  # fmt: skip


@dataclass(frozen=True)
class _Within:
    """Where what is written now belongs: an area, and tables of `also` that hold its own rows alone this time."""

    area: int
    also: frozenset[str] = frozenset()


_within: ContextVar[_Within | None] = ContextVar("within", default=None)


@contextmanager
def in_area(area: int, *, also: tuple[str, ...] = ()) -> Iterator[None]:
    """For a block that writes records of this area alone, as far as their tables are of one area, or among `also`."""
    token = _within.set(_Within(area, frozenset(also)))
    try:
        yield
    finally:
        _within.reset(token)


def watch(connection, **kwargs) -> None:
    """For the signal `connection_created`."""
    if notice_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(notice_writes)


def notice_writes(execute, sql, params, many, context):
    result = execute(sql, params, many, context)
    table = changed_table(sql)
    if table:
        move_after_commit(context["connection"], area_of(table))
    return result


def changed_table(sql: str) -> str:
    """Empty where nothing changes that the Board's pages show: signing in writes too, and so does a token that is used."""
    found = None if sql.startswith("SELECT") else WRITE.match(sql)
    if found is None or not found["table"].startswith(APPS) or found["table"] in SHOWN_NOWHERE_ELSE:
        return ""
    is_use = found["rest"].lstrip().startswith(('SET "last_login"', 'SET "last_used_at"'))
    return "" if is_use else found["table"]


def area_of(table: str) -> int:
    within = _within.get()
    return within.area if within and (table in within.also or is_of_one_area(table)) else ALL_AREAS


def is_of_one_area(table: str) -> bool:
    app, _, name = table.partition("_")
    record = name.removeprefix("historical").partition("_")[0]
    return record in OF_ONE_AREA.get(app, ())


def move_after_commit(connection, area: int) -> None:
    move = _Move(connection.alias, area)
    if not any(waiting[1] == move for waiting in connection.run_on_commit):
        transaction.on_commit(move, using=connection.alias)


@dataclass(frozen=True)
class _Move:
    alias: str
    area: int

    def __call__(self) -> None:
        try:
            DataVersion.move(self.area, using=self.alias)
        except DatabaseError:
            if holds_numbers(connections[self.alias]):
                raise
            # Earlier migrations write before there are numbers to move; the one that makes them moves what it finds.


def holds_numbers(connection) -> bool:
    """Whether migrations have come so far."""
    with connection.cursor() as cursor:
        if APART not in connection.introspection.table_names(cursor):
            return False
        return "area" in {column.name for column in connection.introspection.get_table_description(cursor, APART)}
