"""What a search costs among 100,000 records of one area, and what keeping them findable adds to writes.

    python -m tests.benchmarks.search [--records 100000] [--searches 50]
    python scripts/with_postgres.py python -m tests.benchmarks.search

Without DATABASE_URL it makes an SQLite database in a temporary folder; with one it fills that database, which must be empty.
A second area holds a tenth as much. The words come from a made-up vocabulary whose frequencies fall as those of real texts
do, so that some searches match tens of thousands of records and some match one. Prints the server's time of whole page
views (of this process, and as it passed, the database's included), queries and bytes; and the time of writes with the triggers
that keep the index and without them. Nothing here is asserted.
"""

import argparse
import gzip
import itertools
import os
import random
import re
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

STARTS = datetime(2025, 1, 1, 12, tzinfo=UTC)
SYLLABLES = [
    "ba",
    "co",
    "di",
    "fen",
    "gor",
    "hal",
    "im",
    "jo",
    "ket",
    "lum",
    "mer",
    "nov",
    "pra",
    "quin",
    "ros",
    "sta",
    "tol",
    "ver",
]
REAL = [
    "autism",
    "speech",
    "school",
    "inclusion",
    "transition",
    "therapy",
    "assessment",
    "nursery",
    "transport",
    "exclusion",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/search.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
        measure(options)


def measure(options) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    words = Words(random.Random(7))
    near, took = timed(lambda: fill("northvale", options.records, words))
    fill("southmoor", options.records // 10, words)
    analyse()
    print(
        f"{engine()}: {entries():,} records findable; {options.records:,} written in bulk in {took:.1f} s", flush=True
    )
    view_all(near, words, options.searches)
    writing(near, words, options.records // 5)


class Words:
    """A vocabulary of some 5,800 words; the n-th is used about 1/n times as often as the first."""

    def __init__(self, draw: random.Random):
        self.draw = draw
        made = ["".join(parts) for parts in itertools.product(SYLLABLES, repeat=3)]
        draw.shuffle(made)
        self.all = REAL + made
        self.weights = list(itertools.accumulate(1 / (n + 3) for n in range(len(self.all))))

    def text(self, count: int) -> str:
        said = self.draw.choices(self.all, cum_weights=self.weights, k=count)
        return f"{' '.join(said).capitalize()}."

    def asked(self, count: int) -> list[str]:
        """Frequent and rare words, two and three together, phrases, references, beginnings, people, and nothing at all."""
        frequent, middling, rare = self.all[:10], self.all[40:400], self.all[3000:]
        draw = self.draw
        kinds = [
            lambda: draw.choice(frequent),
            lambda: draw.choice(middling),
            lambda: draw.choice(rare),
            lambda: " ".join(draw.sample(frequent, 2)),
            lambda: f"{draw.choice(frequent)} {draw.choice(rare)}",
            lambda: " ".join(draw.sample(middling, 3)),
            lambda: f'"{draw.choice(frequent)} {draw.choice(frequent)}"',
            lambda: f"{draw.randint(1, 9)}.{draw.randint(1, 99)}",
            lambda: draw.choice(["1", "Lead 3", "L7", "southmoors", "zebra crossing"]),
            lambda: f"{' '.join(draw.sample(rare, 4))} {draw.choice(frequent)}",
        ]
        return [kinds[n % len(kinds)]() for n in range(count)]


def fill(slug: str, records: int, words: Words):
    """A plan of records: of a hundred, eight are actions, four objectives, two risks, one a passage, the rest updates."""
    from board.models import Risk
    from people.models import Lead, Membership, User
    from priorities.models import Priority
    from strategies.models import Area, Passage, SourceDocument, Strategy
    from workstrands.models import Action, Objective

    area = Area.objects.create(name=slug.capitalize(), slug=slug)
    user = User.objects.create(email=f"board@{slug}.example")
    Membership.objects.create(user=user, area=area, role="board")
    plan = Strategy.objects.create(
        area=area, title="SEND Strategy", slug="send-strategy", starts_on=date(2025, 1, 1), ends_on=date(2030, 12, 31)
    )
    Lead.objects.bulk_create(Lead(area=area, name=f"Lead {n}", initials=f"L{n}", role=words.text(3)) for n in range(40))
    priorities = Priority.objects.bulk_create(
        Priority(strategy=plan, ref=str(n), title=words.text(6), position=n) for n in range(1, 10)
    )
    one = records // 100
    Objective.objects.bulk_create(
        [Objective(strategy=plan, priority=priorities[n % 9], key=f"o{n}", ref=f"O{n}", text=words.text(20))
         for n in range(4 * one)],
        batch_size=500,
    )  # fmt: skip
    Action.objects.bulk_create(
        [Action(area=area, strategy=plan, key=f"a{n}", ref=f"{n % 9 + 1}.{n // 9}", title=words.text(20), position=n,
                intended_impact=words.text(12))
         for n in range(8 * one)],
        batch_size=500,
    )  # fmt: skip
    Risk.objects.bulk_create(
        [Risk(strategy=plan, ref=f"R{n}", title=words.text(6), cause=words.text(10), event=words.text(10),
              effect=words.text(10), raised_on=date(2025, 2, 1)) for n in range(2 * one)],
        batch_size=500,
    )  # fmt: skip
    document = SourceDocument.objects.create(area=area, slug="plan", title="The plan", published_on=date(2025, 1, 1))
    Passage.objects.bulk_create(
        [Passage(document=document, source=document, kind="context", text=words.text(60)) for _ in range(one)]
    )
    add_updates(area, records - 15 * one, words)
    return area, user


def add_updates(area, count: int, words: Words) -> None:
    from django.db.models import Max

    from workstrands.models import Action, ProgressUpdate

    actions = list(Action.objects.filter(area=area))
    last = ProgressUpdate.objects.filter(area=area).aggregate(last=Max("number"))["last"] or 0
    ProgressUpdate.objects.bulk_create(
        [
            ProgressUpdate(
                area=area, action=actions[n % len(actions)], number=last + 1 + n // len(actions), status="G",
                recorded_at=STARTS + timedelta(minutes=n), narrative=words.text(25), next_steps=words.text(12),
            )
            for n in range(count)
        ],
        batch_size=500,
    )  # fmt: skip


def view_all(near, words: Words, searches: int) -> None:
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    area, user = near
    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    address = f"/{area.slug}/search/"
    for said in ("warm", "up"):
        client.get(address, {"q": said})
    rows = []
    for said in words.asked(searches):
        for query in ({"q": said}, {"q": said, "kind": "update", "page": 1}):
            with CaptureQueriesContext(connection) as captured:
                response = client.get(address, query)
                queries = len(captured)
            assert response.status_code == 200, (said, response.status_code)
            spent, took = best_of(lambda query=query: client.get(address, query))
            rows.append(Row(said, spent, took, queries, response.content))
    report("all kinds", rows[::2])
    report("one kind, its first page", rows[1::2])


@dataclass(frozen=True)
class Row:
    said: str
    spent: float
    took: float
    queries: int
    body: bytes

    @property
    def counted(self) -> str:
        found = re.search(rb"([\w ,]+) found</h2>", self.body)
        return found[1].decode().strip() if found else "nothing"


def report(name: str, rows: list[Row]) -> None:
    """Of a page view: the time of this process (with SQLite, all of it) and the time that passed (with PostgreSQL's)."""
    for what, attribute in (("CPU", "spent"), ("passed", "took")):
        worst = max(rows, key=lambda row: getattr(row, attribute))
        times = [getattr(row, attribute) for row in rows]
        print(
            f"  {name}, {len(rows)} searches, ms {what}: median {statistics.median(times):.1f}, "
            f"worst {max(times):.1f} ({worst.said!r}: {worst.counted})"
        )
    print(
        f"    queries at most {max(row.queries for row in rows)}; bytes at most {max(len(row.body) for row in rows):,}, "
        f"{max(len(gzip.compress(row.body, 6)) for row in rows):,} gzipped",
        flush=True,
    )


def best_of(does, times: int = 3) -> tuple[float, float]:
    """(milliseconds of this process, milliseconds that passed), the least of a few, since others use the machine too."""
    spent, took = [], []
    for _ in range(times):
        began, clock = time.process_time(), time.perf_counter()
        does()
        spent.append((time.process_time() - began) * 1000)
        took.append((time.perf_counter() - clock) * 1000)
    return min(spent), min(took)


def writing(near, words: Words, count: int) -> None:
    """The same writes with the triggers and without."""
    from board.search import keeping

    area, _ = near

    def write() -> list[float]:
        return [timed(lambda: add_updates(area, count, words))[1], timed(lambda: change(area))[1]]

    with_them = write()
    with keeping.out_of_step():
        without = write()
    again = timed(keeping.set_up)[1]
    for name, slow, fast in zip(
        (f"{count:,} updates in bulk", "1,000 actions saved one by one"), with_them, without, strict=True
    ):
        print(f"  {name}: {slow:.2f} s with the triggers, {fast:.2f} s without")
    print(f"  reading {entries():,} records again, as after a migration: {again:.1f} s", flush=True)


def change(area) -> None:
    from workstrands.models import Action

    for action in Action.objects.filter(area=area)[:1000]:
        action.title += " anew"
        action.save()


def timed(does):
    began = time.perf_counter()
    result = does()
    return result, time.perf_counter() - began


def entries() -> int:
    from board.models import SearchEntry

    return SearchEntry.objects.count()


def engine() -> str:
    from django.db import connection

    return connection.display_name


def analyse() -> None:
    """What the database does by itself before long."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


if __name__ == "__main__":
    main()
