"""PostgreSQL: generated columns of the entries with what is looked up (tsvector), and triggers that write the entries.

New and lost rows are taken a statement at a time, so that a bulk load costs one INSERT. No extension is needed: letters
with accents and marks between words are replaced before the English dictionary sees them.
"""

import unicodedata
from hashlib import sha256

from board.search.asking import Asked
from board.search.sources import SOURCES, Source

ENTRIES = "board_searchentry"
BETWEEN = "./@_:-<>"  # what PostgreSQL would read as a number, an address, a file or a tag, FTS5 reads as words apart


def plain_letters() -> tuple[str, str]:
    """(letters with accents, the same without), as many of each."""
    pairs = [(chr(n), unicodedata.normalize("NFD", chr(n))[0]) for n in range(0xC0, 0x250)]
    pairs = [(accented, bare) for accented, bare in pairs if accented != bare]
    return "".join(a for a, _ in pairs), "".join(b for _, b in pairs)


ACCENTED, BARE = plain_letters()
APART = str.maketrans(ACCENTED + BETWEEN, BARE + " " * len(BETWEEN))


def lexemes(column: str) -> str:
    return f"to_tsvector('english', translate({column}, '{ACCENTED}{BETWEEN}', '{BARE}{' ' * len(BETWEEN)}'))"


EXACT = (
    "array_to_tsvector(string_to_array(scope, ' ')) || "
    "CASE WHEN ref = '' THEN ''::tsvector ELSE array_to_tsvector(ARRAY['ref:' || lower(ref)]) END"
)
COLUMNS = {
    "words": f"{EXACT} || {lexemes('heading')} || {lexemes('body')}",
    "titles": f"{EXACT} || {lexemes('heading')}",
}


def column(name: str) -> str:
    return f"ALTER TABLE {ENTRIES} ADD COLUMN {name} tsvector GENERATED ALWAYS AS ({COLUMNS[name]}) STORED"


def index(name: str) -> str:
    return f"CREATE INDEX search_{name} ON {ENTRIES} USING gin ({name})"


def function(name: str, does: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$search$ BEGIN {does}; RETURN NULL; END $search$"
    )


def changed(columns) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def statements_of(source: Source, upsert):
    """Each trigger of a table with the function that it calls."""
    kind, table = source.kind, source.table
    run = f"EXECUTE FUNCTION search_{kind}"
    yield function(f"search_{kind}_added", upsert(source, "s.id IN (SELECT id FROM fresh)"))
    yield (
        f"CREATE TRIGGER search_{kind}_added AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
        f"FOR EACH STATEMENT {run}_added()"
    )
    yield function(f"search_{kind}_changed", upsert(source, "s.id = NEW.id"))
    yield (
        f"CREATE TRIGGER search_{kind}_changed AFTER UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({changed(source.watched)}) {run}_changed()"
    )
    gone = f"DELETE FROM {ENTRIES} WHERE kind = '{kind}' AND \"row\" IN (SELECT id FROM gone)"
    yield function(f"search_{kind}_gone", gone)
    yield (
        f"CREATE TRIGGER search_{kind}_gone AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone "
        f"FOR EACH STATEMENT {run}_gone()"
    )
    if source.follows:
        followed, by, columns = source.follows
        yield function(f"search_{kind}_followed", upsert(source, f"s.{by} = NEW.id"))
        yield (
            f"CREATE TRIGGER search_{kind}_followed AFTER UPDATE ON {followed} FOR EACH ROW "
            f"WHEN ({changed(columns)}) {run}_followed()"
        )


def wanted(upsert) -> list[str]:
    return [statement for source in SOURCES for statement in statements_of(source, upsert)]


def digest(upsert) -> str:
    said = "\n".join([*map(column, COLUMNS), *map(index, COLUMNS), *wanted(upsert)])
    return f"search {sha256(said.encode()).hexdigest()[:16]}"


def present(cursor) -> list[tuple[str, str]]:
    """(trigger, table) of each."""
    cursor.execute(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'search\\_%%' "
        "AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)",
        [],
    )
    return cursor.fetchall()


def is_in_step(cursor, upsert) -> bool:
    """The table says by which definition it is kept; the triggers are counted."""
    cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [ENTRIES])
    said = cursor.fetchone()[0]
    needed = sum(3 + bool(source.follows) for source in SOURCES)
    return said == digest(upsert) and len(present(cursor)) == needed


def take_down(cursor) -> None:
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come cannot be altered
    for name, table in present(cursor):
        cursor.execute(f"DROP TRIGGER {name} ON {table}")
    for name in COLUMNS:
        cursor.execute(f"ALTER TABLE IF EXISTS {ENTRIES} DROP COLUMN IF EXISTS {name}")


def set_up(cursor, upsert, fill) -> None:
    """The triggers come first: making them waits for those who write, who then wait for the rest."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in wanted(upsert):
        cursor.execute(statement)
    fill(cursor)
    for name in COLUMNS:
        cursor.execute(column(name))
        cursor.execute(index(name))
    cursor.execute(f"COMMENT ON TABLE {ENTRIES} IS '{digest(upsert)}'")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# Looking up


def words(asked: Asked) -> tuple[str, list]:
    """(tsquery of what was typed, its parameters). Every term is quoted, so that none is read as an operator.

    A reference stands beside them; without one, a lexeme that no entry has, so that words which the dictionary drops find
    nothing rather than everything.
    """
    joiner = " or " if asked.any_of else " "
    said = joiner.join('"{}"'.format(term.translate(APART).replace('"', " ")) for term in asked.terms)
    ref = f"{lexeme(f'ref:{asked.ref}')}:*" if asked.ref else "'ref:'"
    return "(websearch_to_tsquery('english', %s) || %s::tsquery)", [said, ref]


def lexeme(word: str) -> str:
    return "'{}'".format(word.replace("\\", "\\\\").replace("'", "''"))


def untagged(text: str) -> str:
    """`ts_headline` leaves out what looks like a tag; `finding.safely_marked` puts the signs back."""
    return f"translate({text}, '<>', '\ue002\ue003')"


def scoped(asked: Asked, kind: str) -> str:
    """The tsquery's text of a kind of the area, without hidden plans."""
    return " & ".join([lexeme(asked.scope(kind)), *(f"!{lexeme(plan)}" for plan in asked.hidden_plans)])


class Lookup:
    marks = ("\ue000", "\ue001")

    def matches(self, asked: Asked, kind: str, *, titles: bool = False) -> tuple[str, list]:
        said, values = words(asked)
        sql = f"SELECT id FROM {ENTRIES} WHERE {'titles' if titles else 'words'} @@ (%s::tsquery && {said})"
        return self.by_then(asked, sql, [scoped(asked, kind), *values])

    def exact(self, asked: Asked, kind: str) -> tuple[str, list]:
        query = f"{scoped(asked, kind)} & {lexeme(f'ref:{asked.ref}')}"
        return self.by_then(asked, f"SELECT id FROM {ENTRIES} WHERE titles @@ %s::tsquery", [query])

    def by_then(self, asked: Asked, sql: str, values: list) -> tuple[str, list]:
        if asked.moment is None:
            return sql, values
        return f"{sql} AND (known_at IS NULL OR known_at <= %s)", [*values, asked.moment]

    def newest(self, kind: str, *, is_frequent: bool) -> str:
        """What is frequent is met soon by going back from the newest; what is rare, by its index and then a sort."""
        return f"AND kind = '{kind}' ORDER BY \"row\" DESC" if is_frequent else 'ORDER BY "row" + 0 DESC'

    def shown(self, asked: Asked, picked: str, values: list) -> tuple[str, list]:
        """The picked entries of the area with the found words marked."""
        said, of_words = words(asked)
        marks = f"StartSel={self.marks[0]}, StopSel={self.marks[1]}"
        sql = (
            f'SELECT p.tier, p.id, e.kind, e."row", e.ref, '
            f"ts_headline('english', {untagged('e.heading')}, {said}, '{marks}, HighlightAll=true'), "
            f"ts_headline('english', {untagged('left(e.body, 20000)')}, {said}, '{marks}, MaxWords=32, MinWords=16') "
            f"FROM ({picked}) p JOIN {ENTRIES} e ON e.id = p.id WHERE e.area_id = %s"
        )
        return sql, [*of_words, *of_words, *values, asked.area]
