"""The one way to search, over both databases.

A search is bounded however many records match: of each kind at most `MOST` are counted, and as many can be leafed
through. Shown first is whose reference it is, then what says it in its title, then the rest, the newest first.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from board.search import postgres, sqlite
from board.search.asking import Asked, ref_of, scope_of_plan, terms_of
from board.search.places import Standing, standing_of
from board.search.running import run
from board.search.sources import BY_KIND, SOURCES
from strategies.models import Area, Strategy

MOST = 200
MARKED = re.compile("\ue000([^\ue000\ue001]*)\ue001")


@dataclass(frozen=True)
class Hit:
    """One record: `heading` and `excerpt` are safe, with what was looked for in <mark>."""

    kind: str
    word: str
    ref: str
    heading: SafeString
    excerpt: SafeString
    address: str
    belongs: str
    marks: tuple[str, ...]


@dataclass(frozen=True)
class KindCount:
    """`titled` of those counted have it in their title or reference. Neither number goes beyond `MOST` by more than one."""

    kind: str
    word: str
    count: int
    titled: int = 0

    @property
    def in_words(self) -> str:
        return f"more than {MOST:,}" if self.count > MOST else f"{self.count:,}"

    @property
    def shown(self) -> int:
        """How many can be leafed through."""
        return min(self.count, MOST)


@dataclass(frozen=True)
class Group:
    count: KindCount
    hits: list[Hit]


@dataclass(frozen=True)
class Found:
    """`is_loose`: nothing has all of the words, so these have some of them."""

    counts: list[KindCount]
    groups: list[Group]
    is_loose: bool = False

    @property
    def total(self) -> int:
        return sum(count.count for count in self.counts)

    @property
    def is_more(self) -> bool:
        return any(count.count > MOST for count in self.counts)


NOTHING = Found([], [])


def find(
    area: Area,
    words: str,
    *,
    limit: int,
    at: datetime,
    kinds: tuple[str, ...] = (),
    skip: int = 0,
    known_by: datetime | None = None,
    drafts: bool = False,
) -> Found:
    """Up to `limit` records of each kind (or of `kinds`) of the area, after `skip`, and how many of every kind there are.

    `at` is the moment at which a record is retired or not. `known_by` leaves out what was recorded later; `drafts` takes
    plans in that are not published.
    """
    plans = {plan.pk: plan for plan in Strategy.objects.filter(area=area).only("title", "slug", "state", "area")}
    hidden = [] if drafts else [pk for pk, plan in plans.items() if plan.state == Strategy.State.DRAFT]
    asked = Asked(
        area.pk, terms_of(words), ref_of(words), hidden_plans=tuple(map(scope_of_plan, hidden)),
        moment=connection.ops.adapt_datetimefield_value(known_by) if known_by else None,
    )  # fmt: skip
    if asked.is_empty:
        return NOTHING
    at_hand = lookup()
    with at_hand.bounded():
        counts = count_kinds(at_hand, asked)
        if not counts and asked.has_several:
            asked = replace(asked, any_of=True)
            counts = count_kinds(at_hand, asked)
        chosen = [count for count in counts if not kinds or count.kind in kinds]
        rows = pick(at_hand, asked, chosen, limit, skip) if chosen else []
    visible = {pk: plan for pk, plan in plans.items() if pk not in hidden}
    return Found(counts, grouped(chosen, rows, area, visible, hidden, at), asked.any_of and bool(counts))


def lookup():
    return (sqlite if connection.vendor == "sqlite" else postgres).Lookup()


def count_kinds(at, asked: Asked) -> list[KindCount]:
    if asked.has_several and not asked.any_of and at.is_in_vain(asked):
        return []
    counts = at.counts(asked, SOURCES, MOST + 1)
    return [KindCount(s.kind, s.many, *counts[s.kind]) for s in SOURCES if counts.get(s.kind, (0,))[0]]


def pick(at, asked: Asked, chosen: list[KindCount], limit: int, skip: int) -> list[tuple]:
    """(place in the order, id, kind, row, reference, heading, excerpt) of what is shown, best first within each kind."""
    parts, values = [], []
    for count in chosen:
        sql, more = best_of(at, asked, count, limit, skip)
        parts.append(f"SELECT * FROM ({sql}) AS k")
        values += more
    sql, values = at.shown(asked, " UNION ALL ".join(parts), values)
    return sorted(run(sql, values), key=lambda row: (row[0], -row[1]))


def best_of(at, asked: Asked, count: KindCount, limit: int, skip: int) -> tuple[str, list]:
    """Texts are only gone through where titles are too few to fill the page."""
    most = min(skip + limit, MOST)
    steps = [(0, at.exact(asked, count.kind))] if asked.ref and count.titled else []
    if count.titled:
        steps.append((1, at.newest(asked, count.kind, most, titles=True, is_frequent=count.titled > MOST)))
    if count.titled < min(most, count.count):
        steps.append((2, at.newest(asked, count.kind, most, titles=False, is_frequent=count.count > MOST)))
    tiers = [f"SELECT id, {tier} AS tier FROM ({sql}) AS t{tier}" for tier, (sql, _) in steps]
    sql = (
        f"SELECT id, min(tier) AS tier FROM ({' UNION ALL '.join(tiers)}) AS found "
        f"GROUP BY id ORDER BY min(tier), id DESC LIMIT {limit} OFFSET {skip}"
    )
    return sql, [value for _, (_, more) in steps for value in more]


def grouped(chosen, rows, area: Area, plans: dict, hidden: list[int], at: datetime) -> list[Group]:
    ids, hits = defaultdict(list), defaultdict(list)
    for row in rows:
        ids[row[2]].append(row[3])
    stands = standing_of(area, plans, ids, at) if ids else {}
    for _, _, kind, pk, ref, heading, excerpt in rows:
        standing = stands.get((kind, pk))
        if standing is not None and standing.plan not in hidden:
            hits[kind].append(hit(kind, ref, heading, excerpt, standing))
    return [Group(count, hits[count.kind]) for count in chosen if hits[count.kind]]


def hit(kind: str, ref: str, heading: str, excerpt: str, standing: Standing) -> Hit:
    belongs = standing.belongs
    if heading and standing.about:
        belongs = " · ".join(filter(None, [standing.about, belongs]))
    return Hit(
        kind, BY_KIND[kind].one, ref, safely_marked(heading) if heading else escape(standing.about or BY_KIND[kind].one),
        safely_marked(excerpt.strip()), standing.address, belongs, standing.marks,
    )  # fmt: skip


def safely_marked(text: str) -> SafeString:
    """Escaped first; a mark without its other half is dropped."""
    whole = text.replace("\ue002", "<").replace("\ue003", ">")
    marked = MARKED.sub(r"<mark>\1</mark>", str(escape(whole)))
    return mark_safe(marked.replace("\ue000", "").replace("\ue001", ""))
