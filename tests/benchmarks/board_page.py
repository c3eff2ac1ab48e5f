"""What one view of the board page costs, and what ten times the history adds.

    python -m tests.benchmarks.board_page [--actions 1500] [--months 12] [--kpi-months 48] [--history 10] [--views 20]

Makes two databases in a temporary folder through the product's own write functions (`report_progress`, `place_action`,
`set_deadline`, `record_measurement`, `set_target`): one of `--months` reports an action, one with `--history` times as many
months before them, so that the present is the same in both. Prints server CPU a view (process time, medians), queries,
bytes and gzipped bytes, and the ratio, once for the first view after a write (everything made anew) and once for the views
until the next (kept as made: `board/views/remembering.py`). Nothing here is asserted.
"""

import argparse
import gzip
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

TODAY = date(2026, 11, 26)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, default=1500)
    parser.add_argument("--kpis", type=int, default=60)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--kpi-months", type=int, default=48)
    parser.add_argument("--history", type=int, default=10)
    parser.add_argument("--views", type=int, default=20)
    parser.add_argument("--child", choices=["base", "long"])
    parser.add_argument("--database")
    options = parser.parse_args()
    if options.child:
        return measure(options)
    with tempfile.TemporaryDirectory() as folder:
        medians = {}
        for child in ("base", "long"):
            medians[child] = run_child(child, Path(folder) / f"{child}.sqlite3")
        print(
            f"ratio of server CPU, first view after a write, long to base history: {medians['long'] / medians['base']:.2f}"
        )


def run_child(child: str, database: Path) -> float:
    """Each database is measured in a process of its own, by the same code."""
    import subprocess

    env = dict(os.environ, DATABASE_URL=f"sqlite:///{database}")
    command = [sys.executable, "-m", "tests.benchmarks.board_page", "--child", child, *sys.argv[1:]]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="")
    return float(done.stdout.split("median ", 1)[1].split()[0])


def measure(options) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    times = options.history if options.child == "long" else 1
    began = time.perf_counter()
    user, address = fill(options, times)
    took = time.perf_counter() - began
    show(options, user, address, times, took)


def fill(options, times: int):
    """One plan of `actions` and `kpis`, with `months * times` reports an action and `kpi_months * times` figures a KPI."""
    from django.db import transaction

    from people.models import Lead, Membership, User
    from priorities.models import Priority
    from strategies.models import Area, Meeting, ReportingRound, Strategy

    area = Area.objects.create(name="Northvale", slug="northvale")
    user = User.objects.create(email="board@northvale.example")
    Membership.objects.create(user=user, area=area, role="board")
    starts_on = TODAY - timedelta(days=31 * options.months * times)
    strategy = Strategy.objects.create(
        area=area, title="SEND Strategy", slug="send-strategy", starts_on=starts_on, ends_on=date(2030, 12, 31),
        baselined_on=starts_on, kpis_shown=24,
    )  # fmt: skip
    priorities = [
        Priority.objects.create(strategy=strategy, ref=str(n), title=f"Priority {n}", position=n) for n in range(1, 16)
    ]
    leads = [Lead.objects.create(area=area, name=f"Lead {n}") for n in range(20)]
    for back in range(1, 4):
        held_on = TODAY - timedelta(days=90 * back - 30)
        meeting = Meeting.objects.create(area=area, held_on=held_on)
        opened, closed = moment(held_on - timedelta(days=30)), moment(held_on - timedelta(days=7))
        ReportingRound.objects.create(
            meeting=meeting, opens_on=opened.date(), closes_on=closed.date(), opened_at=opened, closed_at=closed
        )
    with transaction.atomic():
        fill_actions(options, times, area, strategy, priorities, leads, user)
        fill_kpis(options, times, area, user)
    return user, strategy.get_absolute_url()


def moment(day: date) -> datetime:
    from common.dates import noon

    return noon(day)


def fill_actions(options, times, area, strategy, priorities, leads, user) -> None:
    from workstrands.models import Action
    from workstrands.planning import place_action, set_deadline
    from workstrands.reporting import report_progress

    draw = random.Random(7)
    months = options.months * times
    for n in range(options.actions):
        action = Action.objects.create(
            area=area, strategy=strategy, key=f"a-{n}", ref=f"1.{n}", title=f"Agree and publish pathway {n}", position=n
        )
        start = moment(strategy.starts_on)
        place_action(action, by=user, at=start, priority=priorities[n % 15], lead=leads[n % 20])
        due_on = TODAY + timedelta(days=draw.randrange(-200, 500))
        set_deadline(action, due_on=max(due_on, strategy.starts_on), by=user, at=start)
        letters = draw.choices("GGGGAARN", k=months)
        for number in range(months):
            said_on = TODAY - timedelta(days=30 * (months - number) - 20)
            report_progress(
                action, status=letters[number], by=user, at=moment(said_on), seen_number=number,
                narrative=f"Report {number} of action {n}.", next_steps="Go on as planned.", cause="workforce",
                escalate_to="sro",
            )  # fmt: skip


def fill_kpis(options, times, area, user) -> None:
    from common.dates import last_day_of_month, months_before
    from kpis.models import Indicator, Kpi
    from kpis.recording import record_measurement
    from workstrands.planning import set_target

    draw = random.Random(11)
    months = options.kpi_months * times
    for n in range(options.kpis):
        indicator = Indicator.objects.create(
            code=f"indicator-{n}", title=f"Plans issued in time, series {n}", unit="percent", decimals=1, polarity="higher",
            frequency="monthly",
        )  # fmt: skip
        kpi = Kpi.objects.create(area=area, indicator=indicator, is_headline=n < 24, position=n)
        first = months_before(TODAY.replace(day=1), months)
        set_target(kpi, value=Decimal(80), period_start=first, by=user, at=moment(first))
        value = 60.0
        for back in range(months, 0, -1):
            start = months_before(TODAY.replace(day=1), back)
            value = min(100.0, max(0.0, value + draw.uniform(-3, 3.2)))
            end = last_day_of_month(start)
            record_measurement(
                indicator, area, period_start=start, period_end=end, value=Decimal(f"{value:.1f}"), by=user,
                at=moment(end + timedelta(days=10)),
            )  # fmt: skip


def show(options, user, address, times, took) -> None:
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(user, backend="people.backends.MemberBackend")
    for _ in range(3):
        assert client.get(address).status_code == 200
    with override_settings(CACHES=NOTHING_KEPT):
        with CaptureQueriesContext(connection) as captured:
            body = client.get(address).content
        queries = len(captured)
        anew = spent(client, address, options.views)
    kept = spent(client, address, options.views)
    updates = options.actions * options.months * times
    print(
        f"{options.actions:,} actions, {updates:,} updates, {options.kpis} KPIs of {options.kpi_months * times} months "
        f"(made in {took:.0f} s): {queries} queries, {len(body):,} bytes, {len(gzip.compress(body, 6)):,} gzipped\n"
        f"  server CPU a view, the first after a write, in ms: {in_words(anew)}\n"
        f"  server CPU a view, until the next write, in ms:    {in_words(kept)}",
        flush=True,
    )


NOTHING_KEPT = {name: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"} for name in ("default", "pages")}


def spent(client, address, views: int) -> list[float]:
    """Milliseconds of this process for each view."""
    found = []
    for _ in range(views):
        began = time.process_time()
        client.get(address)
        found.append((time.process_time() - began) * 1000)
    return found


def in_words(times: list[float]) -> str:
    return f"min {min(times):.1f} median {statistics.median(times):.1f} max {max(times):.1f}"


if __name__ == "__main__":
    main()
