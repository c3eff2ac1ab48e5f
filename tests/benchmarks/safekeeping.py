"""What a backup and its restoring cost, and whether their memory grows with what is held.

    python -m tests.benchmarks.safekeeping [--actions 1500] [--months 12] [--times 10]
    python scripts/with_postgres.py python -m tests.benchmarks.safekeeping

Fills a database through the product's own write functions (as `board_page.py` does): an SQLite one in a temporary folder, or
that of DATABASE_URL, which must be empty. Runs the two commands in processes of their own, into an empty SQLite database and,
from PostgreSQL, into an empty one of its kind too; then once more with `--times` as many updates. Prints seconds by the clock
and of this process's CPU, the most memory of each process, and the size of the archive. Nothing here is asserted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks.board_page import fill

# VmHWM: unlike what getrusage says, it begins anew with each process.
TIMED = """
import re, runpy, sys, time
began = time.perf_counter()
sys.argv = ["manage.py", *sys.argv[1:]]
try:
    runpy.run_path("manage.py", run_name="__main__")
finally:
    took, cpu = time.perf_counter() - began, time.process_time()
    most = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
    print(f"  {sys.argv[1]}: {took:.1f} s ({cpu:.1f} s CPU), at most {most:.0f} MB of memory", flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, default=1500)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--kpis", type=int, default=60)
    parser.add_argument("--kpi-months", type=int, default=48)
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/origin.sqlite3")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
        os.environ["FILES_ROOT"] = f"{folder}/files"
        measure(options, Path(folder))


def measure(options, folder: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fill(options, 1)
    empty = folder / "empty.sqlite3"
    run(f"sqlite:///{empty}", "migrate", "--verbosity", "0")
    show(folder, empty, "once")
    multiply(options.times)
    show(folder, empty, f"{options.times} times the updates")


def multiply(times: int) -> None:
    """More updates of the same actions, written in bulk."""
    from workstrands.models import ProgressUpdate

    last = max(ProgressUpdate.objects.values_list("number", flat=True))
    for more in range(1, times):
        rows = list(ProgressUpdate.objects.filter(number__lte=last))
        for row in rows:
            row.pk, row.number, row._state.adding = None, row.number + more * last, True
        ProgressUpdate.objects.bulk_create(rows, batch_size=500)


def show(folder: Path, empty: Path, name: str) -> None:
    from workstrands.models import ProgressUpdate

    origin, archives = os.environ["DATABASE_URL"], folder / f"archives {name}"
    print(f"{name}: {ProgressUpdate.objects.count():,} updates, from {urlsplit(origin).scheme}", flush=True)
    run(origin, "backup", "--to", str(archives))
    (archive,) = archives.glob("*.zip")
    print(f"  the archive: {archive.stat().st_size / 1024 / 1024:.1f} MB", flush=True)
    copy = folder / f"{name}.sqlite3"
    copy.write_bytes(empty.read_bytes())
    run(f"sqlite:///{copy}", "restore", str(archive))
    if not origin.startswith("sqlite"):
        run(another_database(origin, name.split()[0]), "restore", str(archive))


def another_database(origin: str, name: str) -> str:
    from django.db import connection

    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "restored_{name}"')
    url = urlsplit(origin)._replace(path=f"/restored_{name}").geturl()
    run(url, "migrate", "--verbosity", "0")
    return url


def run(url: str, *command: str) -> None:
    env = dict(os.environ, DATABASE_URL=url)
    subprocess.run([sys.executable, "-c", TIMED, *command], env=env, check=True)


if __name__ == "__main__":
    main()
