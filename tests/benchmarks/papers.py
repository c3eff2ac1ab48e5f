"""What it costs to make the Board's papers, and what ten times the content adds.

    python -m tests.benchmarks.papers [--actions 150] [--kpis 60] [--kpi-months 48] [--times 10] [--repeats 3]

Makes a plan through the product's own write functions (as `board_page.py` does) in a temporary database, every KPI
promised with a priority, then full papers of the whole plan in every format: once in a process of its own for each size.
Prints the seconds of reading and of each format by the clock and in CPU (the first time apart, since it also loads the
libraries and typst keeps what it has set once; then the median of the others), of all formats together, the bytes, and the
most memory that the process held until then. The ratio is of CPU, which other work on the machine disturbs less. Nothing
here is asserted; the targets are 2 s for the PDF and 6 s for all formats.
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
    return float(done.stdout.split("CPU in all ", 1)[1].split()[0])


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
    print("                first: clock   CPU    then: clock   CPU       bytes    memory by then")
    for name in ["reading", *[each.label for each in formats()]]:
        first, later = rounds[0][name], [taken[name] for taken in rounds[1:] or rounds]
        clock, cpu = (statistics.median(each[place] for each in later) for place in (0, 1))
        print(
            f"  {name:<12} {first[0]:12.2f} {first[1]:6.2f} {clock:12.2f} {cpu:6.2f} {first[2] / 1024:9,.0f} KiB"
            f" {first[3]:7,.0f} MiB"
        )
    first, last = (sum(each[0] for each in taken.values()) for taken in (rounds[0], rounds[-1]))
    cpu = sum(each[1] for each in rounds[0].values())
    print(
        f"  all formats {first:.2f} s the first time, {last:.2f} s the last, CPU in all {cpu:.2f} s the first time; "
        f"memory {memory():,.0f} MiB at most, {started:,.0f} before",
        flush=True,
    )


def once() -> dict[str, tuple[float, float, int, float]]:
    """(seconds by the clock, seconds of CPU, bytes, MiB by then) of reading and of each format."""
    from board.papers.making import Order, formats, make_file, make_paper
    from common.dates import end_of_day, noon
    from strategies.models import Strategy

    strategy = Strategy.objects.select_related("area", "source").get()
    order = Order(
        strategy=strategy, moment=end_of_day(TODAY), address="https://tracker.example", made_by="officer@northvale.example",
        made_at=noon(TODAY),
    )  # fmt: skip
    began = clocks()
    paper, report = make_paper(order)
    taken = {"reading": (*since(began), 0, memory())}
    for each in formats():
        began = clocks()
        size = make_file(order, paper, report, each).size
        taken[each.label] = (*since(began), size, memory())
    return taken


def clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(began: tuple[float, float]) -> tuple[float, float]:
    now = clocks()
    return now[0] - began[0], now[1] - began[1]


def memory() -> float:
    """The most that this process ever held, in MiB (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
