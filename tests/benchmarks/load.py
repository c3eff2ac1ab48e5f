"""Fifty signed-in people at once, two web processes, one PostgreSQL: errors, waits, lost updates, memory.

    python -m tests.benchmarks.load [--people 50] [--seconds 60] [--pause 0] [--actions 150]

Starts a PostgreSQL and two gunicorn processes on two ports (tests/replicas/servers.py), each of four threads. The area has one
plan of 150 actions with 12 reports each, three actions a lead, and 30 KPIs of 36 months. Each person goes on for so many
seconds: of ten visits six read the board page, two the page of one of their actions, and two report on one (the form, then the
report), through either process in turn. `--pause` is how long each thinks between two visits; with 0 they never do. Every
report moves the number of the data, so that most board pages are made anew.

Prints the number, errors and waits by kind, requests a second, the memory of the web processes, and how the reports that were
answered with success compare to the rows in the database. The people are threads of this process, which takes its share of
the same machine: its CPU is told too. Nothing here is asserted.
"""

import argparse
import http.client
import itertools
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings

from tests.benchmarks import scale

BOARD = "/area-77/send-strategy/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
SEEN = re.compile(r'name="seen_number"[^>]* value="(\d+)"')
COOKIE = re.compile(r"csrftoken=(\w+)")
REST = dict.fromkeys(["next_steps", "cause", "escalate_to", "ask", "impact"], "")
VISITS = ["board"] * 6 + ["action"] * 2 + ["report"] * 2
TIMEOUT = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=0)
    parser.add_argument("--actions", type=int, default=150)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return make(options)
    with tempfile.TemporaryDirectory(prefix="send-tracker-load-") as folder:
        os.chmod(folder, 0o777)
        serve(options, Path(folder))


def make(options) -> None:
    """The area and its people; prints a session of each, so that nobody's password is reckoned with."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from people.models import Lead, Membership, User
    from strategies.models import Area

    call_command("migrate", verbosity=0)
    scale.ACTIONS, scale.REPORTS, scale.KPIS, scale.FIGURES, scale.LEADS = options.actions, 12, 30, 36, options.people
    scale.fill(1)
    area = Area.objects.get()
    settings.ALLOWED_HOSTS.append("testserver")
    for number, lead in enumerate(Lead.objects.order_by("pk")):
        lead.user = User.objects.create(email=f"lead-{number}@northvale.example")
        lead.save()
        Membership.objects.create(user=lead.user, area=area, role="lead")
        client = Client()
        client.force_login(lead.user, backend="people.backends.MemberBackend")
        keys = lead.placements.order_by("pk").values_list("action__key", flat=True)
        print("PERSON", client.cookies[settings.SESSION_COOKIE_NAME].value, *keys[:3])


def serve(options, folder: Path) -> None:
    if not settings.configured:
        settings.configure(BASE_DIR=Path(__file__).resolve().parents[2])
    from tests.replicas.servers import Postgres, Web

    server = Postgres(folder / "data").make()
    server.sql("ALTER ROLE postgres SET log_statement = 'none'")
    environ = {"DATABASE_URL": server.url_of("postgres"), "DJANGO_SETTINGS_MODULE": "send_tracker.settings"}
    webs = []
    try:
        said = run_child(environ)
        people = [line.split()[1:] for line in said.splitlines() if line.startswith("PERSON")]
        webs = [Web(environ).start() for _ in range(2)]
        crowd = Crowd(options, [web.port for web in webs], [web.process.pid for web in webs])
        crowd.let_in(people)
        crowd.show()
        crowd.compare(server.sql("SELECT narrative FROM workstrands_progressupdate WHERE number > 12").splitlines())
    finally:
        for web in webs:
            web.stop()
        server.stop("fast")


def run_child(environ: dict[str, str]) -> str:
    import subprocess

    command = [sys.executable, "-m", "tests.benchmarks.load", "--child", *sys.argv[1:]]
    done = subprocess.run(command, env={**os.environ, **environ}, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


class Crowd:
    """The people, and what they met."""

    def __init__(self, options, ports: list[int], processes: list[int]):
        self.options, self.ports, self.processes = options, ports, processes
        self.waits: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter = Counter()
        self.saved: list[str] = []  # what was reported and answered with success
        self.tried: list[str] = []
        self.memory: list[tuple[str, list[float]]] = []

    def let_in(self, people: list[list[str]]) -> None:
        self.load_before, cpu = os.getloadavg()[0], time.process_time()
        self.began = time.monotonic()
        self.until = self.began + self.options.seconds
        threads = [threading.Thread(target=self.stay, args=(n, *person)) for n, person in enumerate(people)]
        for thread in threads:
            thread.start()
        self.watch_memory()
        for thread in threads:
            thread.join()
        self.took, self.own_cpu = time.monotonic() - self.began, time.process_time() - cpu

    def watch_memory(self) -> None:
        """Ten seconds in, halfway, and at the end."""
        for seconds in (10, self.options.seconds / 2, self.options.seconds - 1):
            time.sleep(max(0.0, self.began + seconds - time.monotonic()))
            self.memory.append((f"{seconds:.0f} s", [resident(each) for each in self.processes]))

    def stay(self, number: int, session: str, *keys: str) -> None:
        draw, visitor = random.Random(number), Visitor(session, self.ports)
        for turn in itertools.count():
            if time.monotonic() >= self.until:
                return
            kind = draw.choice(VISITS)
            try:
                getattr(self, kind)(visitor, draw.choice(keys), f"Person {number}, turn {turn}: we go on as planned.")
            except (OSError, http.client.HTTPException, TypeError) as problem:
                self.errors[f"{kind}: {type(problem).__name__}"] += 1
            if self.options.pause:
                time.sleep(draw.uniform(0.5, 1.5) * self.options.pause)

    def board(self, visitor: "Visitor", key: str, words: str) -> None:
        self.timed("board page", 200, visitor.get, BOARD)

    def action(self, visitor: "Visitor", key: str, words: str) -> None:
        self.timed("action page", 200, visitor.get, f"/area-77/actions/{key}/")

    def report(self, visitor: "Visitor", key: str, words: str) -> None:
        address = f"/area-77/actions/{key}/update/"
        page = self.timed("report: the form", 200, visitor.get, address)
        token, seen = TOKEN.search(page)[1], SEEN.search(page)[1]
        self.tried.append(words)
        fields = {**REST, "status": "G", "narrative": words, "seen_number": seen, "csrfmiddlewaretoken": token}
        if self.timed("report: sent", 302, visitor.post, address, fields) is not None:
            self.saved.append(words)

    def timed(self, kind: str, wanted: int, ask, *args) -> str | None:
        began = time.perf_counter()
        status, page = ask(*args)
        self.waits[kind].append((time.perf_counter() - began) * 1000)
        if status == wanted:
            return page
        self.errors[f"{kind}: {status}"] += 1
        return None

    def show(self) -> None:
        whole = sum(map(len, self.waits.values()))
        print(
            f"{self.options.people} people, {self.took:.0f} s, pause {self.options.pause:g} s; load average "
            f"{self.load_before:.1f} before, {os.getloadavg()[0]:.1f} after\n"
            f"{whole} requests, {whole / self.took:.1f} a second; the people themselves took {self.own_cpu:.0f} s of CPU\n"
            f"{'':18}{'number':>8}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}"
        )
        for kind, waits in sorted(self.waits.items()):
            p95 = statistics.quantiles(waits, n=20)[18] if len(waits) > 1 else waits[0]
            print(f"{kind:18}{len(waits):>8}{statistics.median(waits):>9.0f}{p95:>9.0f}{max(waits):>9.0f}")
        print("errors:", dict(self.errors) or "none")
        for when, megabytes in self.memory:
            print(f"memory at {when}: {' and '.join(f'{each:.0f} MB' for each in megabytes)}")

    def compare(self, rows: list[str]) -> None:
        """What was answered with success stands once; what was not may stand or not, but never twice."""
        stands = Counter(rows)
        lost = [words for words in self.saved if words not in stands]
        twice = [words for words, count in stands.items() if count > 1]
        unasked = [words for words in stands if words not in set(self.tried)]
        print(
            f"{len(self.tried)} reports sent, {len(self.saved)} answered with success, {len(rows)} rows: {len(lost)} lost, "
            f"{len(twice)} twice, {len(unasked)} that nobody sent"
        )


class Visitor:
    """One person's cookies; each request goes to the next process."""

    def __init__(self, session: str, ports: list[int]):
        self.session, self.csrf, self.ports = session, "", itertools.cycle(ports)

    def get(self, address: str) -> tuple[int, str]:
        return self.ask("GET", address)

    def post(self, address: str, fields: dict) -> tuple[int, str]:
        return self.ask("POST", address, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def ask(self, method: str, address: str, body: str | None = None, headers=()) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", next(self.ports), timeout=TIMEOUT)
        try:
            cookies = f"sessionid={self.session}; csrftoken={self.csrf}"
            line.request(method, address, body, {"Cookie": cookies, "Accept-Encoding": "gzip", **dict(headers)})
            answer = line.getresponse()
            given = COOKIE.search(answer.headers.get("Set-Cookie", ""))
            self.csrf = given[1] if given else self.csrf
            return answer.status, text_of(answer)
        finally:
            line.close()


def text_of(answer) -> str:
    import gzip

    body = answer.read()
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(body) if packed else body).decode()


def resident(process: int) -> float:
    """Megabytes of the process that answers: the child of gunicorn's own."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    found = [re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{each}/status").read_text()) for each in children]
    return sum(int(each[1]) for each in found) / 1024


if __name__ == "__main__":
    main()
