"""A clean Debian, booted: debootstrap makes it, systemd-nspawn starts its own systemd as process 1, with no network but loopback."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HOST = "tracker.example"
RELEASE = "bookworm"
CLONE_NEWNET = 0x40000000
SECONDS_TO_BOOT = 180
PASSED_ON = re.compile(r"(?:PIP|NPM_CONFIG|SSL_CERT|NODE_EXTRA|REQUESTS_CA|CURL_CA)|_proxy$", re.IGNORECASE)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NEEDED = ("debootstrap", "systemd-nspawn", "nsenter")
libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    pass


# Making it


def mirror() -> str:
    """Debian's mirror as this machine's apt knows it."""
    asked = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    for line in subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines():
        site, release, component = line.split()[:3]
        if (release, component) == (RELEASE, "main"):
            return site
    raise Failed(f"This machine's apt names no mirror of Debian {RELEASE}.")


def make_root(root: Path) -> None:
    packages = "--include=systemd,systemd-sysv,ca-certificates,procps"
    command = ["debootstrap", "--variant=minbase", packages, RELEASE, str(root), mirror()]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise Failed(finished.stdout[-3000:] + finished.stderr[-3000:])


def fit_out(root: Path) -> None:
    """This machine's ways to packages: nothing else is set up that a new Debian would not have."""
    acquire = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True).stdout
    write(root / "etc/apt/apt.conf.d/00machine", acquire)
    write(root / "etc/dpkg/dpkg.cfg.d/quick", "force-unsafe-io\n")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    write(root / "etc/hostname", "tracker\n")
    write(root / "etc/hosts", f"127.0.0.1 localhost {HOST}\n::1 localhost\n")
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
    """Folders of this machine that pip takes packages from: they are lent, to be read."""
    said = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    named = re.findall(r"(?<![\w/])(?:file://)?(/[\w./+-]+)", said.stdout)
    tops = {
        Path(*Path(name).parts[:3]) for name in named if Path(name).is_dir() and not name.startswith(("/etc", "/root"))
    }
    return sorted(tops)


# Running it


class Machine:
    """Its processes, mounts and network are its own, and end with it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.boot()

    def boot(self) -> None:
        # Where this machine runs systemd, that makes the control group; elsewhere the one that this process is in is divided.
        group = [] if Path("/run/systemd/system").is_dir() else ["--keep-unit"]
        console = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the machine runs
        command = ["systemd-nspawn", "--quiet", f"--directory={self.folder}", "--boot", "--private-network"]
        command += ["--register=no", *group, "--console=pipe", "--settings=no", "--link-journal=no"]
        command += ["--resolv-conf=off", "--timezone=off", *(f"--bind-ro={path}" for path in local_folders())]
        self.holder = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        try:
            self.pid = self.first_process()
            self.wait_until_up()
        except Failed as problem:
            console.seek(0)
            raise Failed(f"{problem}\n{console.read().decode(errors='replace')[-3000:]}") from None

    def first_process(self) -> int:
        """The machine's process 1, as this one numbers it."""
        for _ in range(SECONDS_TO_BOOT * 5):
            if self.holder.poll() is not None:
                break
            for child in Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").read_text().split():
                with suppress(FileNotFoundError):  # one that prepares the machine, and has ended
                    if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                        return int(child)
            time.sleep(0.2)
        raise Failed("The machine did not boot, for which root with CAP_SYS_ADMIN is needed.")

    def wait_until_up(self) -> None:
        for _ in range(SECONDS_TO_BOOT):
            state = self.run("systemctl is-system-running --wait", check=False).stdout.strip()
            if state == "running":
                return
            if state == "degraded":
                raise Failed(self.said("systemctl --failed --no-pager; journalctl -b -p err --no-pager | tail -n 50"))
            time.sleep(1)
        raise Failed(f"systemd does not come up: {state}")

    @contextmanager
    def network(self) -> Iterator[None]:
        """This process, too, in the machine's network: nothing but loopback."""
        with open("/proc/self/ns/net") as here, open(f"/proc/{self.pid}/ns/net") as there:
            enter(there)
            try:
                yield
            finally:
                enter(here)

    def run(self, text: str, *, fetches: bool = False, check: bool = True) -> subprocess.CompletedProcess:
        """`fetches`: with the network of the machine that this one runs on, and its settings for apt, pip and npm."""
        passed = [f"{name}={value}" for name, value in os.environ.items() if fetches and PASSED_ON.search(name)]
        told = [f"PATH={PATH}", "HOME=/root", "DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8", *passed]
        spaces = ["--mount", "--uts", "--ipc", "--pid", *([] if fetches else ["--net"])]
        command = ["nsenter", "--target", str(self.pid), *spaces, "env", "-i", *told]
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

    def file(self, path: str) -> Path:
        """A file of the running machine, as this one reaches it."""
        return Path(f"/proc/{self.pid}/root{path}")

    def start_again(self) -> None:
        """Shut down in order, and booted."""
        self.run("systemctl poweroff", check=False)
        self.holder.wait(timeout=SECONDS_TO_BOOT)
        self.boot()

    def lose_power(self) -> None:
        """Every process killed at once, and booted."""
        self.end()
        self.boot()

    def end(self) -> None:
        if self.holder.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.holder.wait()


def enter(space) -> None:
    if libc.setns(space.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "The network namespace was not entered")
