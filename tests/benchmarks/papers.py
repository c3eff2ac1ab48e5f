"""What it costs to make the Board's papers, and what ten times the content adds.

    python -m tests.benchmarks.papers [--actions 150] [--kpis 60] [--kpi-months 48] [--times 10] [--repeats 3]

Makes a plan through the product's own write functions (as `board_page.py` does) in a temporary database, every KPI
promised with a priority, then full papers of the whole plan in every format: once in a process of its own for each size.
Prints the seconds of reading and of each format (the median of the repeats; the first time is given apart, since it also
loads the libraries), of all formats together, the bytes, and the most memory that the process ever held. Nothing here is
asserted; the targets are 2 s for the PDF and 6 s for all formats.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.board_page import TODAY, fill


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actions", type=int, default=150)
    parser.add_argument("--kpis", type=int, default=60)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--kpi-months", type=int, default=48)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", type=int, default=0)
    options = parser.parse_args()
    if options.child:
        return measure(options)
    totals = {}
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, options.times):
            totals[times] = run_child(times, Path(folder) / f"{times}.sqlite3")
    ratio = totals[options.times] / totals[1]
    print(f"ratio of all formats, {options.times} times the content to once: {ratio:.1f}")


def run_child(times: int, database: Path) -> float:
    env = dict(os.environ, DATABASE_URL=f"sqlite:///{database}")
    command = [sys.executable, "-m", "tests.benchmarks.papers", "--child", str(times), *sys.argv[1:]]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="", flush=True)
    return float(done.stdout.split("together ", 1)[1].split()[0])


def measure(options) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    times = options.child
    options.actions, options.kpis = options.actions * times, options.kpis * times
    fill(options, 1)
    promise_every_kpi()
    show(options)


def promise_every_kpi() -> None:
    from kpis.models import Kpi
    from priorities.models import Priority

    priorities = list(Priority.objects.all())
    for place, kpi in enumerate(Kpi.objects.all()):
        kpi.priorities.add(priorities[place % len(priorities)])


def show(options) -> None:
    from board.papers.making import formats

    started = memory()
    rounds = [once() for _ in range(options.repeats)]
    print(f"{options.actions:,} actions, {options.kpis} KPIs of {options.kpi_months} months, full papers")
    for name in ["reading", *[each.label for each in formats()]]:
        seconds = [taken[name][0] for taken in rounds]
        size = rounds[0][name][1]
        print(
            f"  {name:<12} {statistics.median(seconds):6.2f} s   first {seconds[0]:6.2f} s"
            + (f"   {size / 1024:8,.0f} KiB" if size else "")
        )
    together = statistics.median(sum(seconds for seconds, _ in taken.values()) for taken in rounds)
    print(f"  together {together:.2f} s; memory {memory():.0f} MiB at most, {started:.0f} before", flush=True)


def once() -> dict[str, tuple[float, int]]:
    """(seconds, bytes) of reading and of each format."""
    from board.papers.making import Order, formats, make_file, make_paper
    from common.dates import end_of_day, noon
    from strategies.models import Strategy

    strategy = Strategy.objects.select_related("area", "source").get()
    order = Order(
        strategy=strategy, moment=end_of_day(TODAY), address="https://tracker.example", made_by="officer@northvale.example",
        made_at=noon(TODAY),
    )  # fmt: skip
    began = time.perf_counter()
    paper, report = make_paper(order)
    taken = {"reading": (time.perf_counter() - began, 0)}
    for each in formats():
        began = time.perf_counter()
        size = make_file(order, paper, report, each).size
        taken[each.label] = (time.perf_counter() - began, size)
    return taken


def memory() -> float:
    """The most that this process ever held, in MiB (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
