"""What docs/installation.md says holds together; scripts/try_installation.py carries it out."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as own
from django.core.management import get_commands

from send_tracker.environment import read
from tests.send_tracker.test_starting import GOOD

ROOT = Path(own.BASE_DIR)
DOCUMENT = (ROOT / "docs/installation.md").read_text(encoding="utf-8")
UNITS = sorted(unit for unit in (ROOT / "deploy/systemd").glob("send-tracker-*.*") if unit.is_file())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


def blocks() -> list:
    described = importlib.util.spec_from_file_location("try_installation", ROOT / "scripts/try_installation.py")
    module = importlib.util.module_from_spec(described)
    sys.modules[described.name] = module
    described.loader.exec_module(module)
    return module.blocks_of(DOCUMENT)


def test_the_steps_are_bash_that_can_be_read():
    found = blocks()

    assert len(found) >= 10
    for block in found:
        read_through = subprocess.run(["bash", "-n", "-c", block.text], capture_output=True, text=True, check=False)
        assert read_through.returncode == 0, f"{block.section}: {read_through.stderr}"


def test_the_settings_that_are_written_are_ones_that_production_starts_with():
    """As the steps write them, with what the shell fills in."""
    texts = "\n".join(block.text for block in blocks() if block.section[:2] in ("3.", "4."))
    lines = re.findall(r"^([A-Z_]+)=(.+)$", texts, re.MULTILINE)
    written = {
        name: re.sub(r"\$\([^)]*\)|\$[A-Z_]+", GOOD["SECRET_KEY"], value).strip("'\"")
        for name, value in lines
        if "PASSWORD" not in name
    }

    assert set(written) >= {
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "EMAIL_URL",
        "FILES_ROOT",
        "BACKUP_ROOT",
        "TRUSTED_PROXY",
    }
    assert read(written, base=ROOT).is_production


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_every_service_runs_something_that_is_there(service):
    (command,) = re.findall(r"^ExecStart=(.+)$", service.read_text(), re.MULTILINE)
    path, *words = command.split()

    assert path.startswith("/opt/send-tracker/current/.venv/bin/")
    if words[0] == "manage.py":
        assert words[1] in get_commands()
    else:
        assert (ROOT / words[-1]).exists()


def test_every_timer_has_its_service_and_is_turned_on():
    timers = [unit.stem for unit in UNITS if unit.suffix == ".timer"]

    assert timers == [
        "send-tracker-backup",
        "send-tracker-reminders",
        "send-tracker-retention",
        "send-tracker-sessions",
        "send-tracker-tidy-files",
    ]
    assert set(timers) <= {service.stem for service in SERVICES}
    assert not [timer for timer in timers if f"{timer}.timer" not in DOCUMENT]


@pytest.mark.parametrize(
    "line",
    [
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "PrivateTmp=yes",
        "User=send-tracker",
        "EnvironmentFile=/etc/send-tracker/web.env",
    ],
)
def test_all_services_are_fenced_in_alike(line):
    assert line in (ROOT / "deploy/systemd/send-tracker-.service.d/common.conf").read_text().splitlines()


def test_commands_that_the_steps_run_are_there():
    run = re.findall(r"^send-tracker (?:--owner )?(\w+)", DOCUMENT, re.MULTILINE)

    assert {"migrate", "grant_privileges", "check", "add_person", "restore"} <= set(run)
    assert set(run) <= set(get_commands())


def test_systemd_takes_the_calendar_of_every_timer():
    if not shutil.which("systemd-analyze"):
        pytest.skip("No systemd-analyze is here")
    calendars = [line for unit in UNITS for line in re.findall(r"^OnCalendar=(.+)$", unit.read_text(), re.MULTILINE)]
    said = subprocess.run(["systemd-analyze", "calendar", *calendars], capture_output=True, text=True, check=False)

    assert len(calendars) == 5
    assert said.returncode == 0, said.stderr
