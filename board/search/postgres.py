"""PostgreSQL: generated columns of the entries with what is looked up (tsvector), and triggers that write the entries.

New and lost rows are taken a statement at a time, so that a bulk load costs one INSERT. No extension is needed: letters
with accents and marks between words are replaced before the English dictionary sees them.
"""

import unicodedata
from contextlib import contextmanager
from hashlib import sha256

from django.db import connection, transaction

from board.search.asking import Asked
from board.search.running import run
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
NEWEST = f"CREATE INDEX search_newest ON {ENTRIES} (area_id, kind, id)"
AT_FIRST = 1_000  # so many of the newest entries of a kind are counted before all are
WINDOW = 10_000  # so many of the newest entries of a kind are read through for a frequent word
CANDIDATES = 5_000  # of so many that have it the newest are sought where those do not hold enough
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
    said = "\n".join([*map(column, COLUMNS), *map(index, COLUMNS), NEWEST, *wanted(upsert)])
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
    cursor.execute("DROP INDEX IF EXISTS search_newest")
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
    cursor.execute(NEWEST)
    cursor.execute(f"COMMENT ON TABLE {ENTRIES} IS '{digest(upsert)}'")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def tidy(cursor) -> None:
    """PostgreSQL does so by itself, whenever it vacuums."""


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


def words_apart(asked: Asked) -> list[str]:
    return " ".join(term.translate(APART) for term in asked.terms).split()


def lexeme(word: str) -> str:
    return "'{}'".format(word.replace("\\", "\\\\").replace("'", "''"))


def untagged(text: str) -> str:
    """`ts_headline` leaves out what looks like a tag; `finding.safely_marked` puts the signs back."""
    return f"translate({text}, '<>', '\ue002\ue003')"


def known(asked: Asked) -> str:
    return "" if asked.moment is None else " AND (known_at IS NULL OR known_at <= %s)"


def moments(asked: Asked) -> list:
    return [] if asked.moment is None else [asked.moment]


def scoped(asked: Asked, kind: str) -> str:
    """The tsquery's text of a kind of the area, without hidden plans."""
    return " & ".join([lexeme(asked.scope(kind)), *(f"!{lexeme(plan)}" for plan in asked.hidden_plans)])


def query(asked: Asked, kind: str) -> tuple[str, list]:
    """(tsquery of what was typed within a kind of the area, its parameters)."""
    said, values = words(asked)
    return f"(%s::tsquery && {said})", [scoped(asked, kind), *values]


def latest(kind: str, window: int) -> str:
    """So many of the newest entries of a kind of the area, the newest first."""
    return f"(SELECT * FROM {ENTRIES} WHERE area_id = %s AND kind = {kind} ORDER BY id DESC LIMIT {window}) AS latest"


def how_many(entries: str) -> str:
    return f"(SELECT count(*) FROM ({entries}) AS x)"


class Lookup:
    marks = ("\ue000", "\ue001")

    @contextmanager
    def bounded(self):
        """The planner takes hits to be spread evenly, and would rather read through the table than use its index: an area's
        records stand together, so that it might read through all other areas' first."""
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1")
            yield

    def counts(self, asked: Asked, sources: list[Source], most: int) -> dict[str, tuple[int, int]]:
        """{kind: (how many match, how many by their title)}, neither more than `most`.

        One plan serves all kinds: planning for each would take longer than counting. What is very frequent is counted
        among the newest, without gathering all of it from the index.
        """
        entries = ((latest("k.kind", AT_FIRST), "words"), (ENTRIES, "words"), (ENTRIES, "titles"))
        near, found, titled = (
            how_many(f"SELECT 1 FROM {table} WHERE {column} @@ k.query{known(asked)} LIMIT {most}")
            for table, column in entries
        )
        may_be_frequent = asked.any_of or len(words_apart(asked)) < 2
        if may_be_frequent:
            found = f"CASE WHEN {near} = {most} THEN {most} ELSE {found} END"
        of_near = [asked.area, *moments(asked)] if may_be_frequent else []
        queries = [query(asked, source.kind) for source in sources]
        kinds = ", ".join(
            f"('{source.kind}', {sql}, {source.has_titles})" for source, (sql, _) in zip(sources, queries, strict=True)
        )
        sql = (
            f"SELECT k.kind, {found}, CASE WHEN k.has_titles THEN {titled} ELSE 0 END "
            f"FROM (VALUES {kinds}) AS k (kind, query, has_titles)"
        )
        found = run(sql, [*of_near, *moments(asked) * 2, *(value for _, values in queries for value in values)])
        return {kind: (count, titled) for kind, count, titled in found}

    def is_in_vain(self, asked: Asked) -> bool:
        """Whether nothing in the area has all of the words: one look, instead of one for each kind."""
        said, values = words(asked)
        sql = f"SELECT 1 FROM {ENTRIES} WHERE words @@ (%s::tsquery && {said}) LIMIT 1"
        return not run(sql, [lexeme(asked.everywhere), *values])

    def newest(self, asked: Asked, kind: str, most: int, *, titles: bool, is_frequent: bool) -> tuple[str, list]:
        """What is rare is sorted. What is frequent is met soon by going back from the newest; where it is old, it is
        the newest of a bounded number."""
        said, of_query = query(asked, kind)
        values = [*of_query, *moments(asked)]
        matches = f"{'titles' if titles else 'words'} @@ {said}{known(asked)}"
        candidates = f"SELECT id FROM (SELECT id FROM {ENTRIES} WHERE {matches} LIMIT {CANDIDATES}) AS candidates"
        newest = f"ORDER BY id DESC LIMIT {most}"
        if not is_frequent:
            return f"{candidates} {newest}", values
        of_kind = latest(f"'{kind}'", WINDOW)
        near = f"SELECT id FROM {of_kind} WHERE {matches} {newest}"
        sql = (
            f"WITH near AS MATERIALIZED ({near}), "
            f"far AS MATERIALIZED ({candidates} WHERE (SELECT count(*) FROM near) < {most}) "
            f"SELECT id FROM near UNION SELECT id FROM far {newest}"
        )
        return sql, [asked.area, *values, *values]

    def exact(self, asked: Asked, kind: str) -> tuple[str, list]:
        said = f"{scoped(asked, kind)} & {lexeme(f'ref:{asked.ref}')}"
        return f"SELECT id FROM {ENTRIES} WHERE titles @@ %s::tsquery{known(asked)}", [said, *moments(asked)]

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
