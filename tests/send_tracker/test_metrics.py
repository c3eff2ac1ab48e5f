"""Figures for Prometheus, and who may read them."""

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as own
from django.db import OperationalError

from board.models import Reminder
from send_tracker import metrics
from strategies.models import Meeting, ReportingRound
from tests.world import BACKEND, at, build_world

TOKEN = "0123456789-0123456789-0123456789"


def figure(page: str, name: str) -> float | None:
    found = re.search(rf"^{re.escape(name)} (\S+)$", page, re.MULTILINE)
    return float(found[1]) if found else None


@pytest.mark.parametrize(
    ("token", "is_production", "asking", "given", "status"),
    [
        ("", False, "127.0.0.1", "", 200),
        ("", False, "::1", "", 200),
        ("", False, "198.51.100.9", "", 404),
        ("", False, "", "", 404),
        ("", True, "127.0.0.1", "", 404),
        ("", True, "127.0.0.1", "Bearer ", 404),
        (TOKEN, True, "127.0.0.1", "", 404),
        (TOKEN, True, "198.51.100.9", f"Bearer {TOKEN}", 200),
        (TOKEN, True, "198.51.100.9", f"Bearer {TOKEN}x", 404),
        (TOKEN, True, "198.51.100.9", TOKEN, 404),
        (TOKEN, True, "198.51.100.9", "Bearer é", 404),
        (TOKEN, False, "127.0.0.1", "", 404),
    ],
)
def test_who_may_read_the_figures(client, db, settings, token, is_production, asking, given, status):
    settings.METRICS_TOKEN, settings.IS_PRODUCTION = token, is_production

    assert client.get("/metrics", REMOTE_ADDR=asking, HTTP_AUTHORIZATION=given).status_code == status


def test_requests_are_counted_by_the_name_of_their_address_and_how_they_ended(client, db):
    world = build_world()
    client.force_login(world.people["board"], backend=BACKEND)
    name = 'send_tracker_requests_total{method="GET",route="board:people",status="2xx"}'
    before = figure(client.get("/metrics").text, name) or 0
    for _ in range(3):
        client.get(world.address("board:people"))
    client.generic("BREW", "/no/such/thing/")
    page = client.get("/metrics").text

    assert figure(page, name) == before + 3
    assert figure(page, 'send_tracker_request_seconds_count{route="board:people"}') >= 3
    assert 'method="other",route="none",status="4xx"' in page
    assert world.area.slug not in page


def test_how_the_installation_stands_is_asked_of_the_database(client, db, settings, tmp_path):
    world = build_world()
    before = figure(client.get("/metrics").text, "send_tracker_open_rounds")
    meeting = Meeting.objects.create(area=world.area, held_on=date(2026, 12, 9))
    days = {"opens_on": date(2026, 11, 5), "closes_on": date(2026, 11, 25)}
    opened = ReportingRound.objects.create(meeting=meeting, opened_at=at(2026, 11, 5), **days)
    Reminder.objects.create(
        round=opened, lead=world.lead, stage="opened", address="l@example.test", claimed_at=at(2026, 11, 5)
    )
    settings.BACKUP_ROOT = str(tmp_path)
    (tmp_path / "last.json").write_text(
        json.dumps({"at": "2026-11-05T02:15:00+00:00", "size": 4096, "sha256": "0" * 64})
    )
    page = client.get("/metrics").text

    assert figure(page, "send_tracker_database_up") == 1
    assert figure(page, "send_tracker_open_rounds") == before + 1
    assert figure(page, "send_tracker_letters_waiting") == 1
    assert figure(page, "send_tracker_last_backup_timestamp_seconds") == at(2026, 11, 5).timestamp() - 9.75 * 3600
    assert figure(page, "send_tracker_last_backup_bytes") == 4096
    assert figure(page, "send_tracker_pages_kept") is not None


@pytest.mark.parametrize(
    "content", [None, "", "{", "[]", "null", '{"at": "soon", "size": 1}', '{"at": "2026-11-05T02:15:00+00:00"}']
)
def test_a_backup_that_cannot_be_read_of_is_no_figure(client, db, settings, tmp_path, content):
    settings.BACKUP_ROOT = str(tmp_path)
    if content is not None:
        (tmp_path / "last.json").write_text(content)
    page = client.get("/metrics").text

    assert "send_tracker_last_backup" not in page
    assert figure(page, "send_tracker_database_up") == 1


def test_a_database_that_is_down_is_a_figure_and_no_error(client, db, monkeypatch):
    def down(*args):
        raise OperationalError("no")

    monkeypatch.setattr(metrics.Standing, "of_database", down)
    page = client.get("/metrics").text

    assert figure(page, "send_tracker_database_up") == 0
    assert figure(page, "send_tracker_open_rounds") is None


COUNTS = """
import django, sys
django.setup()
from send_tracker import metrics
for _ in range(int(sys.argv[1])):
    metrics.count(route="board:area", method="GET", status=200, seconds=0.1)
"""
READS = """
import django
django.setup()
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from send_tracker import metrics
registry = CollectorRegistry()
MultiProcessCollector(registry, path=metrics.FOLDER)
print(generate_latest(registry).decode())
"""


def test_processes_are_counted_together_and_a_replaced_one_goes_on_where_the_last_stopped(tmp_path):
    """Places 1 and 2 count; the process at place 1 ends, and another takes its place."""

    def run(program: str, place: str, *arguments: str) -> str:
        environment = {
            "DJANGO_SETTINGS_MODULE": "send_tracker.settings", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
            "WORKER_PLACE": place, "PATH": "/usr/bin:/bin",
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=own.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    for place, times in (("1", 3), ("2", 4), ("1", 5)):
        run(COUNTS, place, str(times))
    page = run(READS, "9")

    assert figure(page, 'send_tracker_requests_total{method="GET",route="board:area",status="2xx"}') == 12
    assert len(list(Path(tmp_path).glob("counter_*.db"))) == 2
