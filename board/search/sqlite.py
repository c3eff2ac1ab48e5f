"""SQLite: a full text table (FTS5) over the entries, and triggers that write both."""

from board.search.asking import Asked
from board.search.sources import SOURCES, Source

WORDS = "board_searchwords"
COLUMNS = "scope, ref, heading, body"
OLD, NEW = (", ".join(f"{row}.{column}" for column in COLUMNS.split(", ")) for row in ("OLD", "NEW"))

FULL_TEXT = (
    f"CREATE VIRTUAL TABLE {WORDS} USING fts5({COLUMNS}, content='board_searchentry', content_rowid='id', "
    "tokenize='porter unicode61 remove_diacritics 2')"
)
ENTER = f"INSERT INTO {WORDS}(rowid, {COLUMNS}) VALUES (NEW.id, {NEW});"
TAKE_OUT = f"INSERT INTO {WORDS}({WORDS}, rowid, {COLUMNS}) VALUES ('delete', OLD.id, {OLD});"


def trigger(name: str, event: str, table: str, does: str, *, when: str = "") -> tuple[str, str]:
    condition = f"WHEN {when} " if when else ""
    return name, f"CREATE TRIGGER {name} AFTER {event} ON {table} {condition}BEGIN {does} END"


def changed(columns) -> str:
    return " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)


def triggers_of(source: Source, upsert):
    kind, table = source.kind, source.table
    one = f"{upsert(source, 's.id = NEW.id')};"
    yield trigger(f"search_{kind}_added", "INSERT", table, one)
    yield trigger(f"search_{kind}_changed", "UPDATE", table, one, when=changed(source.watched))
    gone = f"DELETE FROM board_searchentry WHERE kind = '{kind}' AND \"row\" = OLD.id;"
    yield trigger(f"search_{kind}_gone", "DELETE", table, gone)
    if source.follows:
        followed, by, columns = source.follows
        all_of_it = f"{upsert(source, f's.{by} = NEW.id')};"
        yield trigger(f"search_{kind}_followed", "UPDATE", followed, all_of_it, when=changed(columns))


def wanted(upsert) -> dict[str, str]:
    triggers = dict(pair for source in SOURCES for pair in triggers_of(source, upsert))
    entries = "board_searchentry"
    triggers.update([
        trigger("search_entry_added", "INSERT", entries, ENTER),
        trigger("search_entry_changed", "UPDATE", entries, f"{TAKE_OUT} {ENTER}"),
        trigger("search_entry_gone", "DELETE", entries, TAKE_OUT),
    ])  # fmt: skip
    return triggers


def present(cursor) -> dict[str, str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'search_*'")
    return dict(cursor.fetchall())


def is_in_step(cursor, upsert) -> bool:
    return present(cursor) == wanted(upsert)


def take_down(cursor) -> None:
    for name in present(cursor):
        cursor.execute(f"DROP TRIGGER {name}")
    cursor.execute(f"DROP TABLE IF EXISTS {WORDS}")


def set_up(cursor, upsert, fill) -> None:
    """The words are read from the entries in one go, before the triggers stand."""
    fill(cursor)
    cursor.execute(FULL_TEXT)
    cursor.execute(f"INSERT INTO {WORDS}({WORDS}) VALUES ('rebuild')")
    for statement in wanted(upsert).values():
        cursor.execute(statement)


# Looking up


def expression(asked: Asked, kind: str, *, columns: str = "heading body") -> str:
    """What FTS5 takes: every word quoted, so that none of its own syntax is ever read in what somebody typed."""
    return without_plans(asked, f'scope : "{asked.scope(kind)}" AND ({words(asked, columns)})')


def words(asked: Asked, columns: str) -> str:
    said = (" OR " if asked.any_of else " AND ").join(quoted(term) for term in asked.terms)
    by_words = f"{{{columns}}} : ({said})" if said else ""
    by_ref = f"ref : ^{quoted(asked.ref)} *" if asked.ref else ""
    return " OR ".join(part for part in (by_words, by_ref) if part)


def without_plans(asked: Asked, said: str) -> str:
    hidden = " OR ".join(f'"{plan}"' for plan in asked.hidden_plans)
    return f"({said}) NOT scope : ({hidden})" if hidden else said


def quoted(term: str) -> str:
    return '"{}"'.format(term.replace('"', " "))


class Lookup:
    marks = ("\ue000", "\ue001")

    def matches(self, asked: Asked, kind: str, *, titles: bool = False) -> tuple[str, list]:
        """(SQL for the ids of the entries of a kind that match, its parameters)."""
        return self.by_then(asked, expression(asked, kind, columns="heading" if titles else "heading body"))

    def exact(self, asked: Asked, kind: str) -> tuple[str, list]:
        said = without_plans(asked, f'scope : "{asked.scope(kind)}" AND ref : ^{quoted(asked.ref)}')
        sql, values = self.by_then(asked, said, join_always=True)
        return f"{sql} AND lower(e.ref) = %s", [*values, asked.ref]

    def by_then(self, asked: Asked, said: str, *, join_always: bool = False) -> tuple[str, list]:
        """The entries themselves are only read where the index alone does not say enough."""
        if asked.moment is None and not join_always:
            return f"SELECT rowid AS id FROM {WORDS} WHERE {WORDS} MATCH %s", [said]
        sql = (
            f"SELECT {WORDS}.rowid AS id FROM {WORDS} CROSS JOIN board_searchentry e ON e.id = {WORDS}.rowid "
            f"WHERE {WORDS} MATCH %s"
        )
        if asked.moment is None:
            return sql, [said]
        return f"{sql} AND (e.known_at IS NULL OR e.known_at <= %s)", [said, asked.moment]

    def newest(self, kind: str, *, is_frequent: bool) -> str:
        return "ORDER BY id DESC"

    def shown(self, asked: Asked, picked: str, values: list) -> tuple[str, list]:
        """The picked entries of the area with the found words marked. CROSS JOIN keeps the order: the few first."""
        start, end = self.marks
        sql = (
            f"SELECT p.tier, p.id, e.kind, e.\"row\", e.ref, highlight({WORDS}, 2, '{start}', '{end}'), "
            f"snippet({WORDS}, 3, '{start}', '{end}', '…', 32) FROM ({picked}) p "
            f"CROSS JOIN board_searchentry e ON e.id = p.id CROSS JOIN {WORDS} ON {WORDS}.rowid = p.id "
            f"WHERE e.area_id = %s AND {WORDS} MATCH %s"
        )
        return sql, [*values, asked.area, words(asked, "heading body")]
