"""What docs/installation.md says holds together; scripts/try_installation.py carries it out."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings as own
from django.core.management import get_commands

from scripts.installation.next_release import MIGRATION, MODEL, last_migration
from scripts.installation.raw_requests import GROUPS
from scripts.installation.visitor import code_now, codes_of, fields_of
from scripts.try_installation import COPIES, blocks_of
from send_tracker.environment import read
from tests.send_tracker.test_starting import GOOD

ROOT = Path(own.BASE_DIR)
DOCUMENT = (ROOT / "docs/installation.md").read_text(encoding="utf-8")
UNITS = sorted(unit for unit in (ROOT / "deploy/systemd").glob("send-tracker-*.*") if unit.is_file())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


TAKE_AWAY = ("tidy-files", "sessions", "retention")


def blocks() -> list:
    return blocks_of(DOCUMENT)


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
    found = read(written, base=ROOT)
    assert found.is_production
    assert found.requires_second_factor


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


@pytest.mark.parametrize("name", TAKE_AWAY)
def test_what_takes_something_away_waits_for_the_backup(name):
    unit = (ROOT / f"deploy/systemd/send-tracker-{name}.service").read_text().splitlines()

    assert "After=send-tracker-backup.service" in unit
    assert "Persistent=false" in (ROOT / f"deploy/systemd/send-tracker-{name}.timer").read_text().splitlines()


def test_the_way_back_is_the_backup_that_was_made_before_the_upgrade():
    """Not the newest one: that may be of the release that is left."""
    of = {block.section: block.text for block in blocks()}

    assert "/var/lib/send-tracker/before-2.zip" in of["A new release"]
    assert "restore /var/lib/send-tracker/before-2.zip" in of["Moving back"]


def test_encrypted_copies_are_set_up_by_steps_that_can_be_read():
    found = [
        block.text
        for block in blocks_of((ROOT / "docs/safekeeping.md").read_text(encoding="utf-8"))
        if block.section == COPIES
    ]

    assert len(found) == 2
    assert "/opt/send-tracker/current/deploy/encrypted-copy.sh" in found[1]
    assert (ROOT / "deploy/encrypted-copy.sh").stat().st_mode & 0o111
    for text in [*found, (ROOT / "deploy/encrypted-copy.sh").read_text()]:
        assert subprocess.run(["bash", "-n", "-c", text], capture_output=True, check=False).returncode == 0


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


# What the trial itself leans on


def test_the_next_release_of_the_trial_follows_this_one():
    last = last_migration()

    assert (ROOT / f"strategies/migrations/{last}.py").exists()
    assert f'("strategies", "{last}")' in MIGRATION.format(last=last)
    ast.parse(MIGRATION.format(last=last))
    ast.parse(MODEL)


def test_the_trial_fills_in_a_form_as_a_browser_would():
    page = """<form><input name="outside" value="1"></form><main><form>
        <input type="hidden" name="seen_number" value="3"><input name="title"><input type="submit" name="go" value="Go">
        <input type="radio" name="status" value="G" checked><input type="radio" name="status" value="R">
        <input type="checkbox" name="sure"><input type="file" name="file"></form></main>"""

    assert fields_of(page) == {"seen_number": "3", "title": "", "status": "G"}


def test_the_trial_shows_the_code_that_an_app_would_show(monkeypatch):
    """The example of RFC 6238, at 59 seconds."""
    monkeypatch.setattr("scripts.installation.visitor.time.time", lambda: 59)

    assert code_now("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") == "287082"


def test_the_trial_reads_codes_as_they_are_shown():
    page = '<ul><li><code>12ab 34cd</code></li><li><code class="st-code">0123 4567</code></li></ul><code>other</code>'

    assert codes_of(page, "[0-9a-f]{8}") == ["12ab34cd", "01234567"]


def test_raw_requests_differ_from_one_another():
    sent = [raw for cases in GROUPS.values() for raw in cases.values()]

    assert len(sent) >= 80
    assert len(set(sent)) == len(sent)
