"""How fast, and at which cost of memory, a file of open data is brought in.

    python -m tests.benchmarks.import_dfe

Makes two files, of 25,000 and of 250,000 rows and 26 columns, of which one row in twenty is kept, and brings each in by the
product's own functions in a process and an SQLite database of its own: received (looked at, put away), rehearsed, confirmed.
Prints rows a second of the csv module alone, of the import (rehearsed and confirmed) and of all four steps, the ratios, and how
far the process grew above where it stood before the file. At least a quarter of csv's speed and at most 60 MB are asked for.
"""

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (25_000, 250_000)
PLACES, FIGURES = 150, 14
HEADER = [
    "time_period", "time_identifier", "geographic_level", "country_code", "country_name", "region_code", "region_name",
    "new_la_code", "old_la_code", "la_name", "breakdown_topic", "breakdown", *(f"figure_{n}" for n in range(FIGURES)),
]  # fmt: skip
KEPT_EVERY = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for rows in SIZES:
            path = Path(folder) / f"rows_{rows}.csv"
            make(path, rows)
            environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/{rows}.sqlite3"}
            command = [sys.executable, "-m", "tests.benchmarks.import_dfe", str(path)]
            subprocess.run(command, check=True, env=environment)


def make(path: Path, rows: int) -> None:
    """Weeks of many years: one row in twenty is the whole, the others are parts of it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(rows):
            group, part = divmod(number, KEPT_EVERY)
            period, place = divmod(group, PLACES)
            year, week = 1990 + period // 52, period % 52 + 1
            whole = part == 0
            writer.writerow([
                year, f"Week {week}", "Local authority", "E92000001", "England", "E12000007", "London",
                f"E09{place:06}", f"{200 + place}", f"Place {place}",
                "Total" if whole else "Age", "Total" if whole else f"Age {part}",
                *(f"{(number * 7919 + n * 104729) % 1000 / 10}" for n in range(FIGURES)),
            ])  # fmt: skip


def measure(path: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
    import django

    django.setup()
    from common.settling import settle

    settle()  # as the web process does
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    indicator = make_places()
    rows, alone = csv_alone(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    received, rehearsed, confirmed, written = bring_in(path, indicator)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    imported = rehearsed + confirmed
    print(f"{rows:,} rows, {path.stat().st_size / 2**20:.1f} MB, {written:,} figures written")
    print(f"  csv alone          {rows / alone:10,.0f} rows/s")
    print(
        f"  rehearse, confirm  {rows / imported:10,.0f} rows/s  ratio {alone / imported:.2f}  ({rehearsed:.2f} + {confirmed:.2f} s)"
    )
    whole = received + imported
    print(
        f"  with receiving     {rows / whole:10,.0f} rows/s  ratio {alone / whole:.2f}  ({received:.2f} s to receive)"
    )
    at_once = bring_in_at_once(path)
    print(
        f"  by the command     {rows / at_once:10,.0f} rows/s  ratio {alone / at_once:.2f}  ({at_once:.2f} s, read once)"
    )
    print(f"  peak memory        {grown:10.1f} MB above start")


def csv_alone(path: Path) -> tuple[int, float]:
    """The better of two readings, after the file is in the machine's own cache."""
    best, rows = float("inf"), 0
    for _ in range(2):
        start = time.perf_counter()
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = sum(1 for _ in csv.reader(file)) - 1
        best = min(best, time.perf_counter() - start)
    return rows, best


def make_places():
    from kpis.models import Indicator
    from strategies.models import Area

    Area.objects.bulk_create(
        Area(name=f"Place {n}", slug=f"place-{n}", ons_code=f"E09{n:06}", dfe_code=f"{200 + n}") for n in range(PLACES)
    )
    return Indicator.objects.create(code="benchmark", title="Benchmark", unit="percent", polarity="higher")


def bring_in(path: Path, indicator) -> tuple[float, float, float, int]:
    from datetime import date
    from functools import partial

    from django.utils import timezone

    from kpis.dfe.arriving import Origin, choose, receive
    from kpis.dfe.bringing_in import confirm, rehearse_import
    from kpis.dfe.series import Series
    from kpis.management.commands.import_dfe import chunks_of

    now, clock = timezone.now(), time.perf_counter
    start = clock()
    origin = Origin("Benchmark", "2026", date(2026, 1, 1))
    made = receive(partial(chunks_of, path), file_name=path.name, origin=origin, area=None, by=None, at=now)
    received = clock()
    choose(made, [Series(indicator.pk, "figure_3", {"breakdown_topic": "Total", "breakdown": "Total"})])
    seen = rehearse_import(made).digest
    rehearsed = clock()
    written = confirm(made, seen=seen, by=None, at=now)
    return received - start, rehearsed - received, clock() - rehearsed, written


def bring_in_at_once(path: Path) -> float:
    """As `manage.py import_dfe` does, for another indicator of the same installation."""
    from datetime import date
    from functools import partial

    from django.utils import timezone

    from kpis.dfe.arriving import Origin
    from kpis.dfe.bringing_in import confirm_at_once, rehearse_at_once
    from kpis.dfe.series import Series
    from kpis.management.commands.import_dfe import chunks_of
    from kpis.models import Indicator

    other = Indicator.objects.create(code="other", title="Other", unit="percent", polarity="higher")
    series = [Series(other.pk, "figure_5", {"breakdown_topic": "Total", "breakdown": "Total"})]
    origin, now, start = Origin("Benchmark", "2026", date(2026, 1, 1)), timezone.now(), time.perf_counter()
    made, result = rehearse_at_once(partial(chunks_of, path), series, file_name=path.name, origin=origin, at=now)
    confirm_at_once(made, result, at=now)
    return time.perf_counter() - start


if __name__ == "__main__":
    measure(Path(sys.argv[1])) if sys.argv[1:] else main()
