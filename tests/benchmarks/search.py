"""What a search costs among 100,000 records of one area, and what keeping them findable adds to writes.

    python -m tests.benchmarks.search [--records 100000] [--searches 50] [--areas 10] [--records-beside 10000]
    python scripts/with_postgres.py python -m tests.benchmarks.search

Without DATABASE_URL it makes an SQLite database in a temporary folder; with one it fills that database, which must be empty.
The area holds records of every kind; a second area holds some too. The words come from a made-up vocabulary whose
frequencies fall as those of real texts do, so that some searches match tens of thousands of records and some match one.
Everything is searched as it was written, once more after `keeping.tidy`, and again after `--areas` further areas were added
(none with 0): what they hold should cost nothing.

Prints, of whole page views, the server's time on the processor (of this process, and of the database's own where there is
one, as Linux accounts for it), which other work on the machine hardly changes; and the time that passed, which it does.
Each view is measured three times, of which the least counts. Then queries and bytes; and the time of writes with the
triggers that keep the index and without them. Nothing here is asserted.
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
from pathlib import Path

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
    parser.add_argument("--areas", type=int, default=10)
    parser.add_argument("--records-beside", type=int, default=10_000)
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
    fill("southmoor", options.records_beside, words)
    said = words.asked(options.searches)
    print(f"{engine()}: {options.records:,} records of an area written in bulk in {took:.1f} s")
    view_all(near, said, "as written")
    tidy()
    view_all(near, said, "tidied, as each night")
    for n in range(options.areas):
        fill(f"westmere-{n + 1}", options.records_beside, words)
    if options.areas:
        tidy()
        view_all(near, said, f"tidied, with {options.areas} further areas")
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
    """An area with so many records: some of every kind, and two thirds of them progress updates."""
    from people.models import Membership, User
    from strategies.models import Area, Strategy

    area = Area.objects.create(name=slug.capitalize(), slug=slug)
    user = User.objects.create(email=f"board@{slug}.example")
    Membership.objects.create(user=user, area=area, role="board")
    plan = Strategy.objects.create(
        area=area, title="SEND Strategy", slug="send-strategy", starts_on=date(2025, 1, 1), ends_on=date(2030, 12, 31)
    )
    add_plan(plan, records // 100, words)
    add_around(area, words)
    add_meetings(area, records // 100, words)
    add_updates(area, records - held(area), words)
    return area, user


def held(area) -> int:
    from board.models import SearchEntry

    return SearchEntry.objects.filter(area=area).count()


def add_plan(plan, one: int, words: Words) -> None:
    """Of a hundred: eight actions with six steps and as many pieces of evidence, four objectives, two risks."""
    from board.models import Risk
    from people.models import Lead
    from priorities.models import CurrentPractice, Priority, SuccessMeasure
    from workstrands.models import Action, Evidence, Milestone, Objective, ProgressUpdate, WorkStrand

    area = plan.area
    bulk(Lead, 40, lambda n: {"area": area, "name": f"Lead {n}", "initials": f"L{n}", "role": words.text(3)})
    of_plan = {"strategy": plan}
    bulk(
        WorkStrand,
        6,
        lambda n: {**of_plan, "slug": f"s{n}", "name": words.text(2), "alias": words.text(4), "position": n},
    )
    priorities = bulk(
        Priority,
        9,
        lambda n: {**of_plan, "ref": str(n + 1), "title": words.text(6), "statement": words.text(15), "position": n},
    )
    bulk(
        SuccessMeasure, 90, lambda n: {"priority": priorities[n % 9], "ref": f"{n % 9 + 1}.{n}", "text": words.text(12)}
    )
    bulk(CurrentPractice, 90, lambda n: {"priority": priorities[n % 9], "text": words.text(12)})
    bulk(Objective, 4 * one, lambda n: {
        **of_plan, "priority": priorities[n % 9], "key": f"o{n}", "ref": f"O{n}", "text": words.text(20)
    })  # fmt: skip
    actions = bulk(Action, 8 * one, lambda n: {
        **of_plan, "area": area, "key": f"a{n}", "ref": f"{n % 9 + 1}.{n // 9}", "title": words.text(20), "position": n,
        "intended_impact": words.text(12),
    })  # fmt: skip
    bulk(Milestone, 6 * one, lambda n: {"action": actions[n % len(actions)], "text": words.text(10)})
    bulk(Risk, 2 * one, lambda n: {
        **of_plan, "ref": f"R{n}", "title": words.text(6), "cause": words.text(10), "event": words.text(10),
        "effect": words.text(10), "raised_on": date(2025, 2, 1),
    })  # fmt: skip
    add_updates(area, len(actions), words)
    updates = list(ProgressUpdate.objects.filter(area=area))
    bulk(Evidence, 6 * one, lambda n: {"update": updates[n % len(updates)], "title": words.text(6), "kind": "data"})


def add_around(area, words: Words) -> None:
    """A few of the kinds of which there are never many."""
    from board.models import FlagReply, ForwardItem, PriorityAssessment
    from kpis.models import Commentary, Indicator, Kpi
    from people.models import Partner
    from priorities.models import Finding, Inspection, Priority
    from strategies.models import GlossaryTerm, SourceDocument, YouSaidWeDid
    from workstrands.models import Action

    of_area = {"area": area}
    said = {"recorded_at": STARTS}
    indicators = bulk(Indicator, 30, lambda n: {
        "code": f"{area.slug}-{n}", "title": words.text(6), "definition": words.text(20), "unit": "percent", "decimals": 1,
        "polarity": "higher", "frequency": "annual",
    })  # fmt: skip
    kpis = bulk(Kpi, 30, lambda n: {**of_area, "indicator": indicators[n]})
    bulk(Commentary, 300, lambda n: {
        **said, "kpi": kpis[n % 30], "period_end": date(2025, 12, 31), "text": words.text(25), "number": n // 30 + 1
    })  # fmt: skip
    bulk(Partner, 20, lambda n: {**of_area, "name": f"{words.text(2)} {n}", "sector": Partner.Sector.COUNCIL})
    bulk(GlossaryTerm, 50, lambda n: {**of_area, "abbreviation": f"T{n}", "meaning": words.text(6)})
    bulk(YouSaidWeDid, 50, lambda n: {**of_area, "said": words.text(12), "did": words.text(12)})
    bulk(ForwardItem, 20, lambda n: {**of_area, "title": words.text(6)})
    bulk(SourceDocument, 20, lambda n: {
        **of_area, "slug": f"d{n}", "title": words.text(5), "note": words.text(10), "published_on": date(2025, 1, 1)
    })  # fmt: skip
    inspections = bulk(Inspection, 4, lambda n: {
        **of_area, "inspected_from": date(2020 + n, 9, 23), "inspected_to": date(2020 + n, 9, 27), "inspectorates": "Ofsted",
        "outcome": words.text(20),
    })  # fmt: skip
    bulk(Finding, 60, lambda n: {
        "inspection": inspections[n % 4], "kind": Finding.Kind.STRENGTH, "ref": f"S{n}", "text": words.text(20)
    })  # fmt: skip
    actions, priorities = (
        list(Action.objects.filter(area=area)[:50]),
        list(Priority.objects.filter(strategy__area=area)),
    )
    bulk(
        FlagReply, 50, lambda n: {**said, "action": actions[n], "number": 1, "flag": "overdue", "text": words.text(20)}
    )
    bulk(PriorityAssessment, 90, lambda n: {
        **said, "priority": priorities[n % 9], "number": n // 9 + 1, "status": "G", "reason": words.text(20)
    })  # fmt: skip


def add_meetings(area, one: int, words: Words) -> None:
    """Of a hundred: a decision, a challenge, an entry of the log, what a family says, and a passage."""
    from board.models import Challenge, Decision, FamilyView, MeetingAction
    from priorities.models import Priority
    from strategies.models import Meeting, Passage, SourceDocument

    meetings = bulk(Meeting, 24, lambda n: {"area": area, "held_on": date(2025 + n // 12, n % 12 + 1, 18)})
    priorities = list(Priority.objects.filter(strategy__area=area))
    document = SourceDocument.objects.filter(area=area).first()

    def of_meeting(n: int) -> dict:
        return {
            "meeting": meetings[n % 24], "number": n // 24 + 1, "recorded_at": STARTS + timedelta(hours=n), "text": words.text(15)
        }  # fmt: skip

    bulk(Decision, one, lambda n: {**of_meeting(n), "reason": words.text(15)})
    bulk(Challenge, one, lambda n: {**of_meeting(n), "answer": words.text(20)})
    bulk(MeetingAction, one, of_meeting)
    bulk(FamilyView, one, lambda n: {
        "area": area, "priority": priorities[n % 9], "number": n + 1, "recorded_at": STARTS + timedelta(hours=n), "felt": "yes",
        "words": words.text(25), "body": "Forum", "said_on": date(2025, 2, 1),
    })  # fmt: skip
    bulk(Passage, one, lambda n: {"document": document, "source": document, "kind": "context", "text": words.text(60)})


def bulk(model, count: int, said) -> list:
    return model.objects.bulk_create([model(**said(n)) for n in range(count)], batch_size=500)


def add_updates(area, count: int, words: Words) -> None:
    from django.db.models import Max

    from workstrands.models import Action, ProgressUpdate

    actions = list(Action.objects.filter(area=area))
    last = ProgressUpdate.objects.filter(area=area).aggregate(last=Max("number"))["last"] or 0
    bulk(ProgressUpdate, count, lambda n: {
        "area": area, "action": actions[n % len(actions)], "number": last + 1 + n // len(actions), "status": "G",
        "recorded_at": STARTS + timedelta(minutes=n), "narrative": words.text(25), "next_steps": words.text(12),
    })  # fmt: skip


def view_all(near, searches: list[str], state: str) -> None:
    from django.conf import settings
    from django.test import Client

    area, user = near
    analyse()
    print(f"  {state}: {entries():,} records findable, {held(area):,} of them of the area that is searched", flush=True)
    if "testserver" not in settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    for said in ("warm", "up"):
        client.get(f"/{area.slug}/search/", {"q": said})
    report("all kinds", [view(client, area, {"q": said}) for said in searches])
    report("one kind", [view(client, area, {"q": said, "kind": "update", "page": 1}) for said in searches])


def view(client, area, query: dict) -> "Row":
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    address = f"/{area.slug}/search/"
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, query)
        queries = len(captured)
    assert response.status_code == 200, (query, response.status_code)
    spent, took = best_of(lambda: client.get(address, query))
    return Row(query["q"], spent, took, queries, response.content)


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
    for what, attribute in (("on the processor", "spent"), ("passed", "took")):
        worst = max(rows, key=lambda row: getattr(row, attribute))
        times = [getattr(row, attribute) for row in rows]
        print(
            f"    {name}, {len(rows)} searches, ms {what}: median {statistics.median(times):.1f}, "
            f"95th {statistics.quantiles(times, n=20)[-1]:.1f}, worst {max(times):.1f} ({worst.said!r}: {worst.counted})"
        )
    print(
        f"      queries at most {max(row.queries for row in rows)}; bytes at most {max(len(row.body) for row in rows):,}, "
        f"{max(len(gzip.compress(row.body, 6)) for row in rows):,} gzipped",
        flush=True,
    )


def best_of(does, times: int = 3) -> tuple[float, float]:
    """(milliseconds on the processor, milliseconds that passed), the least of a few, since others use the machine too."""
    spent, took = [], []
    for _ in range(times):
        began, clock = on_the_processor(), time.perf_counter()
        does()
        took.append((time.perf_counter() - clock) * 1000)
        spent.append((on_the_processor() - began) * 1000)
    return min(spent), min(took)


def on_the_processor() -> float:
    """Seconds of this process and, where there is one, of the database's process that serves it."""
    process = database_process()
    if process is None:
        return time.process_time()
    return time.process_time() + int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def database_process() -> int | None:
    """PostgreSQL's, when it runs on this machine and this machine tells."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    connection.ensure_connection()
    process = connection.connection.info.backend_pid
    if not Path(f"/proc/{process}/schedstat").exists():
        raise SystemExit("The database must run on this machine, under Linux, for its time to be known.")
    return process


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


def tidy() -> None:
    from board.search import keeping

    keeping.tidy()


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
