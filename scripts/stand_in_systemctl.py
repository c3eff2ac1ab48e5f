#!/usr/bin/python3
"""Stands in for systemctl where no systemd runs: in the root of try_installation.py.

It starts what a unit says (ExecStart, as User, with EnvironmentFile, Environment, RuntimeDirectory and the socket of the same
name), waits until a service of Type=notify says that it is ready, and stops it. It fences nothing in: ProtectSystem and its
like are for systemd. What is not a unit of ours is started by its script in /etc/init.d. Each call is written down.
"""

import contextlib
import grp
import os
import pwd
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

UNITS = Path("/etc/systemd/system")
STATE = Path("/var/lib/stand-in-systemctl")
SECONDS = 60
FIRST_FD = 3


def main() -> int:
    STATE.mkdir(exist_ok=True)
    with (STATE / "calls").open("a") as calls:
        calls.write(f"{shlex.join(sys.argv[1:])}\n")
    verb, *given = [word for word in sys.argv[1:] if not word.startswith("-")]
    now = "--now" in sys.argv
    codes = [carry_out(verb, name if "." in name else f"{name}.service", now=now) for name in given]
    return max(codes, default=0)


def carry_out(verb: str, name: str, *, now: bool) -> int:
    if verb == "enable":
        return carry_out("start", name, now=False) if now else 0
    if not (UNITS / name).exists():
        return subprocess.run([f"/etc/init.d/{name.removesuffix('.service')}", verb], check=False).returncode
    if not name.endswith(".service"):
        return 0  # a socket is opened with its service, and a timer waits for its hour
    if verb in ("stop", "restart"):
        stop(name)
    return start(name) if verb in ("start", "restart") else 0


def settings_of(name: str) -> dict[str, list[str]]:
    """What the unit says, after what stands for all units of its prefix."""
    prefix = name.partition("-")[0] if name.count("-") < 2 else "-".join(name.split("-")[:2])
    files = [UNITS / name, *sorted((UNITS / f"{prefix}-.service.d").glob("*.conf"))]
    found: dict[str, list[str]] = {}
    for line in "\n".join(file.read_text() for file in files).splitlines():
        key, is_set, value = line.partition("=")
        if is_set and not key.startswith(("#", ";")):
            found.setdefault(key, []).append(value)
    return found


def environment_of(settings: dict[str, list[str]]) -> dict[str, str]:
    lines = [line for file in settings.get("EnvironmentFile", []) for line in Path(file).read_text().splitlines()]
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
    for line in [*settings.get("Environment", []), *lines]:
        key, is_set, value = line.partition("=")
        if is_set and not key.startswith("#"):
            environment[key] = "".join(shlex.split(value)) if value[:1] in "'\"" else value
    return environment


def start(name: str) -> int:
    settings = settings_of(name)
    user = pwd.getpwnam(settings["User"][0])
    for folder in settings.get("RuntimeDirectory", []):
        Path("/run", folder).mkdir(mode=0o700, exist_ok=True)
        os.chown(Path("/run", folder), user.pw_uid, user.pw_gid)
    if settings["Type"] == ["oneshot"]:
        return os.waitstatus_to_exitcode(os.waitpid(begin(name, settings, user, None, None), 0)[1])
    listening, ready = opened_socket(name), notified_socket(name, user)
    pid = begin(name, settings, user, listening, ready)
    (STATE / f"{name}.pid").write_text(str(pid))
    return wait_until_ready(ready, pid)


def begin(name: str, settings, user, listening, ready) -> int:
    log = os.open(STATE / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    command, environment = shlex.split(settings["ExecStart"][0]), environment_of(settings)
    pid = os.fork()
    if pid:
        os.close(log)
        return pid
    os.setsid()
    if listening is not None:
        os.dup2(listening.fileno(), FIRST_FD)
        os.set_inheritable(FIRST_FD, True)  # where it had that number already
        environment |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    if ready is not None:
        environment["NOTIFY_SOCKET"] = ready.getsockname()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.umask(int(settings.get("UMask", ["0022"])[0], 8))
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(grp.getgrnam(settings["Group"][0]).gr_gid)
    os.setuid(user.pw_uid)
    os.chdir(settings["WorkingDirectory"][0])
    os.execvpe(command[0], command, environment)


def opened_socket(name: str) -> socket.socket | None:
    unit = UNITS / name.replace(".service", ".socket")
    if not unit.exists():
        return None
    said = dict(line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line and line[0] != "#")
    path = Path(said["ListenStream"])
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    os.chown(path, pwd.getpwnam(said["SocketUser"]).pw_uid, 0)
    path.chmod(int(said["SocketMode"], 8))
    listening.listen(128)
    return listening


def notified_socket(name: str, user) -> socket.socket:
    path = Path("/run", f"{name}.notify")
    path.unlink(missing_ok=True)
    ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ready.bind(str(path))
    os.chown(path, user.pw_uid, user.pw_gid)
    ready.settimeout(1)
    return ready


def wait_until_ready(ready: socket.socket, pid: int) -> int:
    for _ in range(SECONDS):
        with contextlib.suppress(TimeoutError):
            if b"READY=1" in ready.recv(4096):
                return 0
        if os.waitpid(pid, os.WNOHANG)[0]:
            return 1
    return 1


def stop(name: str) -> None:
    file = STATE / f"{name}.pid"
    if not file.exists():
        return
    pid = int(file.read_text())
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        for _ in range(SECONDS * 10):
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "Z":
                break
            time.sleep(0.1)
    file.unlink()


if __name__ == "__main__":
    sys.exit(main())
