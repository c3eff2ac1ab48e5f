"""Carries out docs/installation.md in a clean Debian root, from the document itself, and looks at what came of it.

    python scripts/try_installation.py            as root; needs debootstrap, unshare, nsenter and Debian's mirror
    python scripts/try_installation.py --keep     leaves the root for somebody to look into

The fenced bash blocks are run in order, by chroot, in a mount and a process namespace of their own. Those that fetch packages have the
machine's network and its own settings for apt, pip and npm; all others have a network of their own with nothing in it but loopback, so that
no port of the machine is taken. What this cannot show is systemd itself: a stand-in starts what the units say (stand_in_systemctl.py), and
`systemd-analyze` reads the units; that their fences let the program work is seen on a machine alone.
"""

import ctypes
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

CHECKOUT = Path(__file__).resolve().parent.parent
DOCUMENT = CHECKOUT / "docs" / "installation.md"
STAND_IN = CHECKOUT / "scripts" / "stand_in_systemctl.py"
HOST = "tracker.example"
RELEASE = "bookworm"
FETCHES = re.compile(r"apt-get|pip install|scripts/assets\.py")
CLONE_NEWNET = 0x40000000
PASSED_ON = re.compile(r"(?:PIP|NPM_CONFIG|SSL_CERT|NODE_EXTRA|REQUESTS_CA|CURL_CA)|_proxy$", re.IGNORECASE)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Block:
    section: str
    text: str


def blocks_of(document: str) -> list[Block]:
    """The fenced bash blocks in order, each with the heading that it stands under."""
    found, section, lines = [], "", None
    for line in document.splitlines():
        if lines is not None and line.startswith("```"):
            found.append(Block(section, "\n".join(lines)))
            lines = None
        elif lines is not None:
            lines.append(line)
        elif line.startswith("```bash"):
            lines = []
        elif line.startswith("## "):
            section = line[3:].strip()
    return found


class Failed(Exception):
    pass


class Steps:
    """Prints each step with the seconds that it took."""

    def __init__(self):
        self.began = time.monotonic()

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        started = time.monotonic()
        print(f"== {words} ...", end="", flush=True)
        try:
            yield
        except BaseException:
            print(f" failed after {time.monotonic() - started:.1f} s", flush=True)
            raise
        print(f" {time.monotonic() - started:.1f} s", flush=True)

    def total(self) -> float:
        return time.monotonic() - self.began


# The clean root


def mirror() -> str:
    """Debian's mirror as this machine's apt knows it."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    for line in subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines():
        site, release, component = line.split()[:3]
        if (release, component) == (RELEASE, "main"):
            return site
    raise Failed(f"This machine's apt names no mirror of Debian {RELEASE}.")


def make_root(root: Path) -> None:
    command = [
        "debootstrap",
        "--variant=minbase",
        "--include=systemd,ca-certificates,procps",
        RELEASE,
        str(root),
        mirror(),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise Failed(finished.stdout[-3000:] + finished.stderr[-3000:])


def fit_out(root: Path) -> None:
    """The machine's ways to packages, and the stand-in. Nothing starts by being installed: no systemd would start it here."""
    acquire = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True).stdout
    write(root / "etc/apt/apt.conf.d/00machine", acquire)
    write(root / "etc/dpkg/dpkg.cfg.d/quick", "force-unsafe-io\n")
    write(root / "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", mode=0o755)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    write(root / "etc/hosts", f"127.0.0.1 localhost {HOST}\n::1 localhost\n")
    shutil.copy(STAND_IN, root / "usr/local/sbin/systemctl")
    (root / "usr/local/sbin/systemctl").chmod(0o755)
    for name in ("etc/pip.conf", "etc/xdg/pip", "root/.npmrc", "root/.config/pip", "root/.pip"):
        copy_where_there(Path("/", name), root / name)
    shutil.copy(CERTIFICATES, root / CERTIFICATES.relative_to("/"))


def write(file: Path, text: str, *, mode: int = 0o644) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)


def copy_where_there(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, dirs_exist_ok=True)
    elif source.exists():
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, to)


def local_folders() -> list[Path]:
    """Folders of this machine that pip takes packages from: they are lent to the root, to be read."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    named = re.findall(r"(?<![\w/])(?:file://)?(/[\w./+-]+)", said.stdout)
    tops = {
        Path(*Path(name).parts[:3]) for name in named if Path(name).is_dir() and not name.startswith(("/etc", "/root"))
    }
    return sorted(tops)


def archive_of_checkout(to: Path) -> None:
    """What the checkout holds, with what is not committed yet: `git archive` of it once it is."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    ).stdout
    listed = b"\0".join(name for name in names.split(b"\0") if name and (CHECKOUT / os.fsdecode(name)).exists())
    command = ["tar", "-czf", str(to), "--null", "--files-from=-"]
    subprocess.run(command, cwd=CHECKOUT, input=listed, check=True)


class Root:
    """A root with namespaces of its own, which end with the process that holds them."""

    def __init__(self, folder: Path):
        self.folder = folder
        lent = [f"mkdir -p {folder}{path} && mount --bind -o ro {path} {folder}{path}" for path in local_folders()]
        prepare = "\n".join(
            [
                "set -e",
                f"mount --bind {folder} {folder}",
                f"mount -t proc proc {folder}/proc",
                f"mount --rbind /dev {folder}/dev",
                f"mount -t tmpfs -o mode=0755 tmpfs {folder}/run",
                *lent,
                "echo ready",
                "exec sleep infinity",
            ]
        )
        spaces = ["--mount", "--propagation", "private", "--pid", "--net", "--fork", "--kill-child"]
        self.holder = subprocess.Popen(
            ["unshare", *spaces, "sh", "-c", prepare], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if self.holder.stdout.readline() != "ready\n":
            said = self.holder.communicate()[1]
            raise Failed(f"No namespaces of its own, for which root with CAP_SYS_ADMIN is needed: {said}")
        children = Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").read_text().split()
        self.pid = int(children[0])
        with self.network():
            subprocess.run([sys.executable, "-c", LOOPBACK_UP], check=True)

    @contextmanager
    def network(self) -> Iterator[None]:
        """This process, too, in the root's own network: nothing but loopback."""
        with open("/proc/self/ns/net") as here, open(f"/proc/{self.pid}/ns/net") as there:
            enter(there)
            try:
                yield
            finally:
                enter(here)

    def run(self, text: str, *, fetches: bool = False, check: bool = True) -> subprocess.CompletedProcess:
        passed = [f"{name}={value}" for name, value in os.environ.items() if fetches and PASSED_ON.search(name)]
        environment = [
            "env",
            "-i",
            f"PATH={PATH}",
            "HOME=/root",
            "DEBIAN_FRONTEND=noninteractive",
            "LANG=C.UTF-8",
            *passed,
        ]
        spaces = ["--mount", "--pid", *([] if fetches else ["--net"])]
        command = ["nsenter", "--target", str(self.pid), *spaces, "chroot", str(self.folder), *environment]
        finished = subprocess.run(
            [*command, "bash", "-euo", "pipefail", "-c", text],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and finished.returncode:
            raise Failed(
                f"{text}\n--- ended with {finished.returncode}\n{finished.stdout[-4000:]}{finished.stderr[-4000:]}"
            )
        return finished

    def said(self, text: str) -> str:
        return self.run(text).stdout.strip()

    def end(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.holder.wait()


LOOPBACK_UP = """
import fcntl, socket, struct
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(one, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))
"""


def enter(space) -> None:
    if libc.setns(space.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "The network namespace was not entered")


# What came of it


class Visitor:
    """A browser's worth: TLS with the installation's own certificate, cookies, no redirects."""

    def __init__(self, certificate: str):
        self.context = ssl.create_default_context(cadata=certificate)
        self.cookies: dict[str, str] = {}

    def ask(
        self, path: str, fields: dict[str, str] | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, str]:
        line = http.client.HTTPSConnection(HOST, timeout=60)
        line.sock = self.context.wrap_socket(socket.create_connection(("127.0.0.1", 443), 60), server_hostname=HOST)
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Referer": f"https://{HOST}{path}",
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        body = urlencode(fields) if fields is not None else None
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        line.request("POST" if fields is not None else "GET", path, body, sent)
        answer = line.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer, answer.read().decode("utf-8", "replace")

    def sign_in(self, address: str, password: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
        _, page = self.ask("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        fields = {"csrfmiddlewaretoken": token, "login": address, "password": password}
        return self.ask("/accounts/login/", fields, **headers)


def expect(holds: object, words: str) -> None:
    if not holds:
        raise Failed(f"This does not hold: {words}")


ADMINISTRATOR = f"administrator@{HOST}"
MODES = {
    "/opt/send-tracker/releases/1": "root:root 755",
    "/opt/send-tracker/releases/1/send_tracker/settings.py": "root:root 664|root:root 644",
    "/etc/send-tracker": "root:send-tracker 750",
    "/etc/send-tracker/web.env": "root:send-tracker 640",
    "/etc/send-tracker/owner.env": "root:root 600",
    "/etc/send-tracker/tls/key.pem": "root:root 600",
    "/var/lib/send-tracker": "send-tracker:send-tracker 750",
    "/var/lib/send-tracker/files": "send-tracker:send-tracker 700",
    "/var/lib/send-tracker/backups": "send-tracker:send-tracker 700",
    "/run/send-tracker.sock": "www-data:root 600",
}


JOBS = ("reminders", "backup", "tidy-files", "sessions", "retention")


class Inspection:
    def __init__(self, root: Root, password: str):
        self.root, self.password = root, password
        self.certificate = root.said("cat /etc/send-tracker/tls/certificate.pem")

    def visitor(self) -> Visitor:
        return Visitor(self.certificate)

    def database(self, statement: str) -> str:
        return self.root.said(f'runuser -u postgres -- psql -At -d send_tracker -c "{statement}"')

    def modes(self) -> None:
        for path, wanted in MODES.items():
            found = self.root.said(f"stat -c '%U:%G %a' {path}")
            expect(found in wanted.split("|"), f"{path} is {wanted}, not {found}")
        writable = self.root.said(
            "find /opt/send-tracker ( -user send-tracker -o -perm -o+w ) -not -type l | head".replace(
                "(", "\\("
            ).replace(")", "\\)")
        )
        expect(not writable, f"nothing of the program can be written by its user: {writable}")

    def tables(self) -> None:
        expect("[ ]" not in self.root.said("send-tracker showmigrations --plan"), "every migration is done")
        signed_in = "set -a; . /etc/send-tracker/web.env; "
        for verb in ("DELETE FROM", "TRUNCATE", "DROP TABLE"):
            refused = self.root.run(f'{signed_in} psql "$DATABASE_URL" -c "{verb} people_auditentry"', check=False)
            expect(
                re.search("must be owner|permission denied", refused.stderr),
                f"{verb} of the audit log is refused",
            )

    def pages(self) -> None:
        with self.root.network():
            line = http.client.HTTPConnection("127.0.0.1", 80, timeout=20)
            line.request("GET", "/testshire/?as_at=2026-01-01", headers={"Host": HOST})
            answer = line.getresponse()
            expect(
                answer.status == 301 and answer.headers["Location"].startswith(f"https://{HOST}/"),
                "HTTP leads to HTTPS",
            )
            answer, page = self.visitor().ask("/accounts/login/")
            style = re.search(r'href="(/static/tracker\.[0-9a-f]{12}\.css)"', page)[1]
            styles, _ = self.visitor().ask(style, Accept_Encoding="gzip")
            foreign, _ = self.visitor().ask("/accounts/login/", Host="elsewhere.example")
        said = answer.headers
        expect(answer.status == 200, "the sign-in page answers by HTTPS")
        expect("max-age=31536000" in said["Strict-Transport-Security"], "HSTS for a year")
        expect("default-src 'none'" in said["Content-Security-Policy"], "the strict content policy")
        expect("report-uri /csp-report" in said["Content-Security-Policy"], "where breaches of it are reported")
        expect("camera=()" in said["Permissions-Policy"], "the permissions policy")
        expect(
            said["Set-Cookie"].startswith("__Host-csrftoken=") and "Secure" in said["Set-Cookie"],
            "cookies for this host alone",
        )
        expect(re.fullmatch("[0-9a-f]{32}", said["X-Request-ID"]), "the web server's request id comes back")
        expect(
            styles.headers["Content-Encoding"] == "gzip" and "immutable" in styles.headers["Cache-Control"],
            "the style sheet is compressed and kept",
        )
        expect(foreign.status in (400, 421), "another host's name is refused")

    def sign_in(self) -> None:
        somebody = self.visitor()
        with self.root.network():
            refused, _ = self.visitor().sign_in(ADMINISTRATOR, "not-the-password")
            entered, _ = somebody.sign_in(ADMINISTRATOR, self.password, X_Forwarded_For="198.51.100.7")
            path = urlsplit(entered.headers.get("Location", "/accounts/login/")).path
            for _ in range(5):
                answer, _ = somebody.ask(path)
                if answer.status != 302:
                    break
                path = urlsplit(answer.headers["Location"]).path
        expect(refused.status == 200, "a wrong password is refused")
        expect(entered.status == 302, "the printed password lets in")
        expect(
            answer.status == 200 and path != "/accounts/login/", f"a page behind the sign-in: {path} {answer.status}"
        )
        expect("__Host-sessionid" in somebody.cookies, "the session's cookie is for this host alone")
        where = self.database("SELECT DISTINCT host(ip_address) FROM people_auditentry WHERE kind = 'sign_in'")
        expect(where == "127.0.0.1", f"the visitor's address is the web server's word, not the visitor's: {where}")

    def figures(self) -> None:
        token = re.search(r"METRICS_TOKEN='(\w+)'", self.root.said("cat /etc/send-tracker/web.env"))[1]
        with self.root.network():
            without, _ = self.visitor().ask("/metrics")
            _, page = self.visitor().ask("/metrics", Authorization=f"Bearer {token}")
        expect(without.status == 404, "no figures without the token")
        for name in (
            "database_up 1.0",
            'requests_total{method="POST",route="account_login"',
            "last_backup_timestamp_seconds",
        ):
            expect(f"send_tracker_{name}" in page, f"the figure {name}")

    def jobs(self) -> None:
        for name in JOBS:
            self.root.run(f"systemctl start send-tracker-{name}.service")
        held = json.loads(self.root.said("cat /var/lib/send-tracker/backups/last.json"))
        expect(held["size"] > 1000 and len(held["sha256"]) == 64, "the last backup is told")
        enabled = self.root.said("grep -- '^enable' /var/lib/stand-in-systemctl/calls")
        for name in JOBS:
            expect(f"send-tracker-{name}.timer" in enabled, f"the timer of {name} is on")

    def logs(self) -> None:
        lines = self.root.said("cat /var/lib/stand-in-systemctl/send-tracker-web.service.log").splitlines()
        read = [json.loads(line) for line in lines if line.startswith("{")]
        expect(
            len(read) == len(lines), f"each line of the log is JSON: {[line for line in lines if line[0] != '{'][:3]}"
        )
        expect(
            any(line.get("route") == "account_login" and line["status"] == 302 for line in read),
            "a sign-in has its line",
        )
        expect(
            "administrator@" not in "\n".join(lines) and "198.51.100.7" not in "\n".join(lines),
            "nobody's address is in the log",
        )

    def units(self) -> None:
        names = " ".join(f"/etc/systemd/system/send-tracker-*.{kind}" for kind in ("service", "socket", "timer"))
        verified = self.root.run(f"systemd-analyze verify --recursive-errors=no {names}", check=False)
        expect(verified.returncode == 0, f"systemd takes the units: {verified.stderr}")
        for file in self.root.said("ls /etc/systemd/system/send-tracker-*.service").split():
            self.root.run(f"systemd-analyze security --offline=true --threshold=25 {file}")


# The whole


def main() -> None:
    if os.geteuid() or not shutil.which("debootstrap"):
        sys.exit("This is run as root, on a Debian with debootstrap (apt-get install debootstrap).")
    steps, folder = Steps(), Path(tempfile.mkdtemp(prefix="send-tracker-installation-"))
    folder.chmod(0o755)
    root = None
    try:
        with steps.step("A clean Debian root"):
            make_root(folder)
            fit_out(folder)
            for release in (1, 2):
                archive_of_checkout(folder / f"usr/local/src/send-tracker-{release}.tar.gz")
            root = Root(folder)
        carry_out(root, steps)
    except Failed as problem:
        print(f"\n{problem}", flush=True)
        sys.exit(1)
    finally:
        if root:
            root.end()
        if "--keep" in sys.argv:
            print(f"The root is left in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"== All of it: {steps.total():.0f} s")


def carry_out(root: Root, steps: Steps) -> None:
    sections: dict[str, list[Block]] = {}
    for block in blocks_of(DOCUMENT.read_text(encoding="utf-8")):
        sections.setdefault(block.section, []).append(block)
    password = ""
    for section, blocks in sections.items():
        for number, block in enumerate(blocks, 1):
            with steps.step(f"{section} ({number} of {len(blocks)})"):
                said = root.run(block.text, fetches=bool(FETCHES.search(block.text))).stdout
            printed = re.search(r"Password, shown this once: (\S+)", said)
            password = printed[1] if printed else password
        if section.startswith("7."):
            inspect_all(Inspection(root, password), steps)
        elif section == "A new release":
            inspect_again(Inspection(root, password), steps, release="2", people="1")
            root.run("send-tracker add_person later@tracker.example --area Testshire --role board")
        elif section == "Moving back":
            inspect_again(Inspection(root, password), steps, release="1", people="1")


def inspect_all(found: Inspection, steps: Steps) -> None:
    for looked_at in ("pages", "sign_in", "jobs", "figures", "tables", "modes", "logs", "units"):
        with steps.step(f"   looked at: {looked_at.replace('_', ' ')}"):
            getattr(found, looked_at)()


def inspect_again(found: Inspection, steps: Steps, *, release: str, people: str) -> None:
    with steps.step(f"   looked at: release {release} answers, lets in, and has what it should"):
        expect(
            found.root.said("readlink /opt/send-tracker/current").endswith(f"/{release}"),
            f"release {release} is the current one",
        )
        found.pages()
        found.sign_in()
        expect(found.database("SELECT count(*) FROM people_user") == people, f"{people} people are there")


if __name__ == "__main__":
    main()
