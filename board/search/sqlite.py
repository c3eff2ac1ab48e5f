"""SQLite: a full text table (FTS5) over the entries, an index of their references, and triggers that write both tables.

References are looked up by an index of their own: FTS5 would gather every word that begins as a reference does, from all
texts of all areas, for each kind anew.
"""

from contextlib import nullcontext

from board.search.asking import Asked
from board.search.running import run
from board.search.sources import SOURCES, Source

WORDS = "board_searchwords"
LONG_BODY = 20_000  # characters; as far as PostgreSQL looks for the best place too
COLUMNS = "scope, ref, heading, body"
OLD, NEW = (", ".join(f"{row}.{column}" for column in COLUMNS.split(", ")) for row in ("OLD", "NEW"))

FULL_TEXT = (
    f"CREATE VIRTUAL TABLE {WORDS} USING fts5({COLUMNS}, content='board_searchentry', content_rowid='id', "
    "tokenize='porter unicode61 remove_diacritics 2')"
)
REFERENCES = "CREATE INDEX search_refs ON board_searchentry (area_id, kind, lower(ref)) WHERE ref <> ''"
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


def present(cursor, kind: str = "trigger") -> dict[str, str]:
    cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE type = '{kind}' AND name GLOB 'search_*'")
    return dict(cursor.fetchall())


def is_in_step(cursor, upsert) -> bool:
    return present(cursor) == wanted(upsert) and list(present(cursor, "index").values()) == [REFERENCES]


def take_down(cursor) -> None:
    for name in present(cursor):
        cursor.execute(f"DROP TRIGGER {name}")
    cursor.execute("DROP INDEX IF EXISTS search_refs")
    cursor.execute(f"DROP TABLE IF EXISTS {WORDS}")


def set_up(cursor, upsert, fill) -> None:
    """The words are read from the entries in one go, before the triggers stand."""
    fill(cursor)
    cursor.execute(REFERENCES)
    cursor.execute(FULL_TEXT)
    cursor.execute(f"INSERT INTO {WORDS}({WORDS}) VALUES ('rebuild')")
    tidy(cursor)
    for statement in wanted(upsert).values():
        cursor.execute(statement)


def tidy(cursor) -> None:
    """The index in one piece again: every write adds one, and every word is sought in each."""
    cursor.execute(f"INSERT INTO {WORDS}({WORDS}) VALUES ('optimize')")


# Looking up


def words(asked: Asked, columns: str = "heading body") -> str:
    """What FTS5 takes: every word quoted, so that none of its own syntax is ever read in what somebody typed."""
    said = (" OR " if asked.any_of else " AND ").join(quoted(term) for term in asked.terms)
    return f"{{{columns}}} : ({said})"


def expression(asked: Asked, scope: str, columns: str) -> str:
    """The words within a scope, without hidden plans: FTS5 itself passes over all the rest."""
    said = f'scope : "{scope}" AND ({words(asked, columns)})'
    hidden = " OR ".join(f'"{plan}"' for plan in asked.hidden_plans)
    return f"({said}) NOT scope : ({hidden})" if hidden else said


def quoted(term: str) -> str:
    return '"{}"'.format(term.replace('"', " "))


def spellings(ref: str) -> set[str]:
    """SQLite's lower() leaves letters outside of English as they are."""
    return {ref, "".join(letter if letter.isascii() else letter.upper() for letter in ref)}


class Lookup:
    """One search. What was counted is kept: each look into the index has its price, whether it finds anything or not.

    Going back from the newest has three times that of going forward, so that only what is frequent is met so.
    """

    marks = ("\ue000", "\ue001")

    def __init__(self):
        self.ids: dict[tuple[str, bool], list[str]] = {}

    def bounded(self):
        return nullcontext()

    def counts(self, asked: Asked, sources: list[Source], most: int) -> dict[str, tuple[int, int]]:
        """{kind: (how many match, how many by their title)}, neither more than `most`."""
        asks = [(source.kind, titles) for source in sources for titles in (False, True)[: 1 + source.has_titles]]
        parts = [self.matches(asked, kind, f"LIMIT {most}", titles=titles) for kind, titles in asks]
        sql = " UNION ALL ".join(f"SELECT (SELECT group_concat(id) FROM ({part}))" for part, _ in parts)
        found = run(sql, [value for _, values in parts for value in values])
        self.ids = {ask: ids.split(",") if ids else [] for ask, (ids,) in zip(asks, found, strict=True)}
        return {s.kind: (len(self.ids[s.kind, False]), len(self.ids.get((s.kind, True), []))) for s in sources}

    def is_in_vain(self, asked: Asked) -> bool:
        """Whether nothing in the area has all of the words: one look, instead of one for each kind."""
        said = expression(asked, asked.everywhere, "heading body")
        return not run(f"SELECT 1 FROM {WORDS} WHERE {WORDS} MATCH %s LIMIT 1", [said])

    def newest(self, asked: Asked, kind: str, most: int, *, titles: bool, is_frequent: bool) -> tuple[str, list]:
        if is_frequent:
            return self.matches(asked, kind, f"ORDER BY id DESC LIMIT {most}", titles=titles)
        newest = sorted(map(int, self.ids[kind, titles]), reverse=True)[:most]
        return "SELECT value AS id FROM json_each(%s)", [str(newest)]

    def matches(self, asked: Asked, kind: str, limit: str, *, titles: bool) -> tuple[str, list]:
        """(SQL for the ids of entries of a kind that match, its parameters). References count as titles."""
        parts = [self.by_words(asked, kind, "heading" if titles else "heading body")] if asked.terms else []
        parts += [self.by_ref(asked, kind)] if asked.ref else []
        sql = " UNION ".join(f"SELECT id FROM ({sql} {limit})" for sql, _ in parts)
        return f"SELECT id FROM ({sql}) {limit}", [value for _, more in parts for value in more]

    def by_words(self, asked: Asked, kind: str, columns: str) -> tuple[str, list]:
        """The entries themselves are only read where the index alone does not say enough."""
        said = expression(asked, asked.scope(kind), columns)
        if asked.moment is None:
            return f"SELECT rowid AS id FROM {WORDS} WHERE {WORDS} MATCH %s", [said]
        sql = (
            f"SELECT {WORDS}.rowid AS id FROM {WORDS} CROSS JOIN board_searchentry e ON e.id = {WORDS}.rowid "
            f"WHERE {WORDS} MATCH %s AND (e.known_at IS NULL OR e.known_at <= %s)"
        )
        return sql, [said, asked.moment]

    def by_ref(self, asked: Asked, kind: str) -> tuple[str, list]:
        """References that begin so: between this one and this one with the last of all letters behind it."""
        spelt = sorted(spellings(asked.ref))
        begins = " OR ".join("(lower(ref) >= %s AND lower(ref) < %s)" for _ in spelt)
        return self.of_ref(asked, kind, begins, [value for ref in spelt for value in (ref, f"{ref}\U0010ffff")])

    def exact(self, asked: Asked, kind: str) -> tuple[str, list]:
        spelt = sorted(spellings(asked.ref))
        return self.of_ref(asked, kind, f"lower(ref) IN ({', '.join('%s' for _ in spelt)})", spelt)

    def of_ref(self, asked: Asked, kind: str, condition: str, values: list) -> tuple[str, list]:
        hidden = [f"{asked.scope(kind)} {asked.everywhere} {plan}" for plan in asked.hidden_plans]
        sql = f"SELECT id FROM board_searchentry WHERE area_id = %s AND kind = %s AND ref <> '' AND ({condition})"
        if hidden:
            sql += f" AND scope NOT IN ({', '.join('%s' for _ in hidden)})"
        if asked.moment is not None:
            sql += " AND (known_at IS NULL OR known_at <= %s)"
        return sql, [asked.area, kind, *values, *hidden, *([asked.moment] if asked.moment is not None else [])]

    def excerpt(self) -> str:
        """The best place of a body. Of a long one the first: SQLite compares all places with each other, for seconds."""
        start, end = self.marks
        whole = f"highlight({WORDS}, 3, '{start}', '{end}')"
        first = f"substr({whole}, max(1, instr({whole}, '{start}') - 80), 280)"
        best = f"snippet({WORDS}, 3, '{start}', '{end}', '…', 32)"
        return f"CASE WHEN length(e.body) > {LONG_BODY} THEN '…' || {first} || '…' ELSE {best} END"

    def shown(self, asked: Asked, picked: str, values: list) -> tuple[str, list]:
        """The picked entries of the area with the found words marked. The few come first, whatever SQLite would rather.

        What was found by its reference alone has none of the words, and begins as it does.
        """
        start, end = self.marks
        plain = "e.heading", "substr(e.body, 1, 200) || CASE WHEN length(e.body) > 200 THEN '…' ELSE '' END"
        marked = f"highlight({WORDS}, 2, '{start}', '{end}')", self.excerpt()
        if not asked.terms:
            return (
                f'SELECT p.tier, p.id, e.kind, e."row", e.ref, {", ".join(plain)} FROM ({picked}) p '
                "CROSS JOIN board_searchentry e ON e.id = p.id WHERE e.area_id = %s"
            ), [*values, asked.area]
        heading, excerpt = (
            f"CASE WHEN {WORDS}.rowid IS NULL THEN {bare} ELSE {full} END"
            for bare, full in zip(plain, marked, strict=True)
        )
        sql = (
            f'SELECT p.tier, p.id, e.kind, e."row", e.ref, {heading}, {excerpt} FROM ({picked}) p '
            f"CROSS JOIN board_searchentry e ON e.id = p.id "
            f"LEFT JOIN {WORDS} ON {WORDS}.rowid = p.id AND {WORDS} MATCH %s WHERE e.area_id = %s"
        )
        return sql, [*values, words(asked), asked.area]
