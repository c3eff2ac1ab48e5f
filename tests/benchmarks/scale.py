"""A whole country in one PostgreSQL: what it takes to hold, and what a board page costs among all the others.

    python -m tests.benchmarks.scale [--share 1.0] [--views 15] [--search] [--keep FOLDER]

Starts a PostgreSQL of its own and fills two databases by INSERT ... SELECT, report by report and figure by figure in the order
of time, as they would arrive: the one with 153 areas (`--share` of them), the other with one area of the same content. Each
area has one plan of 1,503 actions with 22 reports each, and 164 KPIs with 120 monthly figures each: 230,000 actions, 5 million
updates and 3 million measurements in all. Indexes are made after the rows; triggers are off meanwhile. With `--search` the
entries of the search are read in afterwards (`board/search/keeping.py`).

Prints the seconds of filling, the sizes of tables and indexes, what each page of one area costs in both databases (CPU of the
web process and of the database process, milliseconds by the clock of its statements), and the plans of the three dearest
queries of the board page. Pages are made anew each time. Nothing here is asserted; the target is at most 1.5 times.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

AREAS, ACTIONS, REPORTS, KPIS, FIGURES = 153, 1503, 22, 164, 120
PRIORITIES, LEADS, MEETINGS = 15, 20, 40
TODAY = date(2026, 11, 26)
STARTS_ON = date(2025, 1, 1)
SERVED = "area-77"  # in the middle of the country, so that nothing lies at an edge
TICKS = os.sysconf("SC_CLK_TCK")
NOTHING_KEPT = {name: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"} for name in ("default", "pages")}
PAGES = {
    "board page": "/area-77/send-strategy/", "action table": "/area-77/send-strategy/actions/", "one action": "/area-77/actions/a-7/",
    "KPIs": "/area-77/kpis/", "one KPI": "/area-77/kpis/indicator-7/", "a search": "/area-77/search/?q=pathway",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--views", type=int, default=15)
    parser.add_argument("--search", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder whose databases are made, or measured again")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return fill_and_measure(options)
    if options.keep:
        return serve(options, options.keep)
    with tempfile.TemporaryDirectory(prefix="send-tracker-scale-") as folder:
        os.chmod(folder, 0o777)
        serve(options, Path(folder))


def serve(options, folder: Path) -> None:
    from django.conf import settings

    if not settings.configured:
        settings.configure()  # for the import below: this process has no installation
    from tests.replicas.servers import Postgres

    server = Postgres(folder / "data")
    is_new = not server.folder.exists()
    (server.make if is_new else server.start)()
    try:
        tune(server)
        costs = {}
        for name, areas in (("alone", 1), ("nation", max(1, round(AREAS * options.share)))):
            if is_new:
                server.sql(f"CREATE DATABASE {name}")
            costs[name] = run_child(server.url_of("postgres").removesuffix("postgres") + name, areas)
        compare(costs)
    finally:
        server.stop("fast")


def tune(server) -> None:
    """As for a machine of this size; and no log of statements, which the tests of replicas read."""
    for said in (
        "shared_buffers = '1GB'", "maintenance_work_mem = '1GB'", "max_wal_size = '8GB'", "effective_cache_size = '8GB'",
        "work_mem = '16MB'", "random_page_cost = 1.1", "max_parallel_workers_per_gather = 0",
    ):  # fmt: skip
        server.sql(f"ALTER SYSTEM SET {said}")
    server.sql("ALTER ROLE postgres SET log_statement = 'none'")
    server.stop("fast")
    server.start()


def run_child(url: str, areas: int) -> dict[str, float]:
    """Each database is filled and measured in a process of its own, by the same code."""
    env = dict(os.environ, DATABASE_URL=url, DJANGO_SETTINGS_MODULE="send_tracker.settings")
    command = [sys.executable, "-m", "tests.benchmarks.scale", "--child", str(areas), *sys.argv[1:]]
    done = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    found = {}
    for line in done.stdout:
        print(line, end="", flush=True)
        if line.startswith("  page "):
            name, said = line.removeprefix("  page ").split(": ", 1)
            found[name] = float(said.split("in all ")[1].split()[0])
    if done.wait():
        raise SystemExit(done.returncode)
    return found


def compare(costs: dict[str, dict[str, float]]) -> None:
    for name, alone in costs["alone"].items():
        nation = costs["nation"][name]
        print(f"{name}: {nation:.1f} ms of CPU in the country, {alone:.1f} ms alone: {nation / alone:.2f} times")


def fill_and_measure(options) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from strategies.models import Area

    print(f"== {options.child} area{'s' * (options.child > 1)}; load average {os.getloadavg()[0]:.1f}", flush=True)
    call_command("migrate", verbosity=0)
    if not Area.objects.exists():
        fill(options.child)
    if options.search:
        with told("entries of the search"):
            from board.search import keeping

            keeping.set_up()
    show_sizes()
    measure(options)


# Filling


@contextmanager
def told(what: str):
    began = time.perf_counter()
    yield
    print(f"  {what}: {time.perf_counter() - began:.0f} s", flush=True)


def fill(areas: int) -> None:
    with told("areas, plans, KPIs, people"):
        make_frame(areas)
    with told("actions, updates and figures, and their indexes"), without_indexes():
        fill_actions()
        fill_figures()
    with told("analysed"):
        run("VACUUM ANALYZE")


def make_frame(areas: int) -> None:
    """What there are few of, by the models."""
    from common.dates import noon
    from kpis.models import Indicator, Kpi
    from people.models import Lead, Membership, User
    from priorities.models import Priority
    from strategies.models import Area, Meeting, ReportingRound, Strategy

    slugs = [SERVED] if areas == 1 else [f"area-{n}" for n in range(1, max(areas, 77) + 1)]
    slugs = slugs[-areas:]
    made = Area.objects.bulk_create(Area(name=slug.replace("-", " ").title(), slug=slug) for slug in slugs)
    user = User.objects.create(email="board@northvale.example")
    Membership.objects.bulk_create(
        Membership(user=user, area=area, role="board") for area in made if area.slug == SERVED
    )
    plans = Strategy.objects.bulk_create(
        Strategy(area=area, title="SEND Strategy", slug="send-strategy", starts_on=STARTS_ON, ends_on=date(2030, 12, 31),
                 baselined_on=STARTS_ON, kpis_shown=24) for area in made
    )  # fmt: skip
    Priority.objects.bulk_create(
        Priority(strategy=plan, ref=str(n), title=f"Priority {n}", position=n)
        for n in range(1, PRIORITIES + 1) for plan in plans
    )  # fmt: skip
    Lead.objects.bulk_create(Lead(area=area, name=f"Lead {n}") for n in range(1, LEADS + 1) for area in made)
    days = [TODAY - timedelta(days=90 * back - 30) for back in range(MEETINGS, 0, -1)]
    meetings = Meeting.objects.bulk_create(Meeting(area=area, held_on=day) for day in days for area in made)
    ReportingRound.objects.bulk_create(
        ReportingRound(meeting=each, opens_on=each.held_on - timedelta(days=30), opened_at=noon(each.held_on - timedelta(days=30)),
                       closes_on=each.held_on - timedelta(days=7), closed_at=noon(each.held_on - timedelta(days=7)))
        for each in meetings
    )  # fmt: skip
    indicators = Indicator.objects.bulk_create(
        Indicator(code=f"indicator-{n}", title=f"Plans issued in time, series {n}", unit="percent", decimals=1,
                  polarity="higher", frequency="monthly") for n in range(KPIS)
    )  # fmt: skip
    Kpi.objects.bulk_create(
        Kpi(area=area, indicator=each, is_headline=n < 24, position=n)
        for area in made
        for n, each in enumerate(indicators)
    )


def fill_actions() -> None:
    from workstrands.models import Action, Deadline, Placement, ProgressUpdate

    plans = f"strategies_strategy p, generate_series(1, {ACTIONS}) n"
    insert(Action, plans + " ORDER BY n, p.id", area_id="p.area_id", strategy_id="p.id", key="'a-' || n", ref="'1.' || n",
           position="n", title="'Agree and publish pathway ' || n")  # fmt: skip
    start = f"'{STARTS_ON} 12:00+00'::timestamptz"
    insert(
        Placement,
        "workstrands_action a JOIN priorities_priority o ON o.strategy_id = a.strategy_id "
        f"AND o.position = a.position %% {PRIORITIES} + 1 JOIN people_lead l ON l.area_id = a.area_id "
        f"AND l.name = 'Lead ' || (a.position %% {LEADS} + 1) ORDER BY a.id",
        action_id="a.id", number="1", recorded_at=start, priority_id="o.id", lead_id="l.id",
    )  # fmt: skip
    insert(Deadline, "workstrands_action a ORDER BY a.id", action_id="a.id", number="1", recorded_at=start,
           due_on=f"'{TODAY}'::date + (a.position * 7919 %% 700) - 200")  # fmt: skip
    said = f"('{TODAY} 12:00+00'::timestamptz - make_interval(days => 30 * ({REPORTS} - n) + 10))"
    insert(
        ProgressUpdate,
        f"generate_series(1, {REPORTS}) n, workstrands_action a ORDER BY n, a.id",
        action_id="a.id", area_id="a.area_id", number="n", recorded_at=said, narrative=NARRATIVE,
        status="substr('GGGGAARN', ((a.position * 31 + n * 17) %% 8) + 1, 1)", next_steps="'Go on as planned.'",
        cause="'workforce'", escalate_to="'sro'",
    )  # fmt: skip


NARRATIVE = (
    "'Report ' || n || ' of pathway ' || a.position || ': ' || (ARRAY['two schools have joined and the rest follow in the "
    "summer', 'the therapists are in post and see the first children', 'waiting for the board of the trust to agree the "
    "money', 'parents were asked at three meetings and want it sooner'])[(a.position + n) %% 4 + 1] || '.'"
)


def fill_figures() -> None:
    from kpis.models import Measurement, Target

    first = TODAY.replace(day=1)
    month = f"('{first}'::date - make_interval(months => {FIGURES} - n + 1))::date"
    insert(Target, "kpis_kpi k ORDER BY k.id", kpi_id="k.id", number="1", value="80", period_start=f"'{STARTS_ON}'::date",
           recorded_at=f"'{STARTS_ON} 12:00+00'::timestamptz")  # fmt: skip
    insert(
        Measurement, f"generate_series(1, {FIGURES}) n, kpis_kpi k ORDER BY n, k.id",
        indicator_id="k.indicator_id", area_id="k.area_id", number="1", period_start=month,
        period_end=f"({month} + interval '1 month - 1 day')::date", recorded_at=f"({month} + interval '40 days 12 hours')",
        value="round((70 + 20 * sin(n / 9.0 + k.id) + (k.id * 31 + n * 17) %% 7)::numeric, 1)",
    )  # fmt: skip


def insert(model, source: str, **given: str) -> None:
    """One INSERT ... SELECT; what is not given is the default of its field."""
    from django.db import connection

    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    values = [given.get(field.attname, "%s") for field in fields]
    plain = [field.get_db_prep_save(field.get_default(), connection) for field in fields if field.attname not in given]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with told(model._meta.verbose_name_plural):
        run(f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {", ".join(values)} FROM {source}', plain)


def run(statement: str, params=None) -> list:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def without_indexes():
    """No triggers (foreign keys, search), and the indexes that are no constraint are made afterwards."""
    indexes = run(
        "SELECT x.relname, pg_get_indexdef(x.oid) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid "
        "JOIN pg_class t ON t.oid = i.indrelid WHERE t.relname = ANY(%s) "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.oid)",
        [["workstrands_action", "workstrands_placement", "workstrands_deadline", "workstrands_progressupdate",
          "kpis_measurement", "kpis_target"]],
    )  # fmt: skip
    for name, _ in indexes:
        run(f'DROP INDEX "{name}"')
    run("SET session_replication_role = replica")
    yield
    run("SET session_replication_role = origin")
    with told(f"{len(indexes)} indexes"):
        for _, definition in indexes:
            run(definition)


# Measuring


def show_sizes() -> None:
    rows = run(
        "SELECT relname, c.reltuples::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 7"
    )
    for name, count, table, indexes in rows:
        print(f"  {name}: about {count:,} rows, {table / 1e6:,.0f} MB, indexes {indexes / 1e6:,.0f} MB")
    print(f"  the database: {run('SELECT pg_database_size(current_database())')[0][0] / 1e6:,.0f} MB", flush=True)


def measure(options) -> None:
    from django.conf import settings
    from django.test import Client
    from django.test.utils import override_settings

    from people.models import User

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.force_login(User.objects.get(), backend="people.backends.MemberBackend")
    with override_settings(CACHES=NOTHING_KEPT):
        for name, address in PAGES.items():
            if name != "a search" or options.search:
                cost_of(client, name, address, options.views)
        show_plans(client)


def cost_of(client, name: str, address: str, views: int) -> None:
    from django.db import connection

    backend, milliseconds = connection.connection.info.backend_pid, []

    def timed(execute, *args):
        began = time.perf_counter()
        try:
            return execute(*args)
        finally:
            milliseconds.append((time.perf_counter() - began) * 1000)

    for _ in range(3):
        assert client.get(address).status_code == 200, address
    web, database, by_clock = [], cpu_of(backend), []
    with connection.execute_wrapper(timed):
        for _ in range(views):
            milliseconds.clear()
            began = time.process_time()
            client.get(address)
            web.append((time.process_time() - began) * 1000)
            by_clock.append(sum(milliseconds))
    spent = (cpu_of(backend) - database) * 1000 / views
    print(
        f"  page {name}: in all {statistics.median(web) + spent:.1f} ms of CPU: web {statistics.median(web):.1f} "
        f"(least {min(web):.1f}), database {spent:.1f}; {len(milliseconds)} queries, by the clock "
        f"{statistics.median(by_clock):.1f} (least {min(by_clock):.1f})",
        flush=True,
    )


def cpu_of(process: int) -> float:
    """Seconds, in steps of a hundredth."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def show_plans(client, most: int = 3) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(PAGES["board page"])
    dearest = sorted(captured.captured_queries, key=lambda each: -float(each["time"]))[:most]
    for each in dearest:
        print(f"  -- {each['time']} s: {each['sql'][:300]}")
        plan = [line for (line,) in run("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) " + each["sql"])]
        for line in [*plan[:25], "...", *plan[-2:]]:
            print(f"     {line[:160]}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
