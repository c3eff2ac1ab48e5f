"""Figures for Prometheus at /metrics: how requests go, and how the installation stands.

Requests are counted by each process, in `PROMETHEUS_MULTIPROC_DIR` where several share one server; how the installation stands is
asked of the database when somebody looks. Labels are the names of addresses in `urls.py`, never addresses.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from board.models import Reminder
from strategies.models import ReportingRound

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if FOLDER:
    # By the place of a worker, not its process: a worker that is replaced goes on with the file of the one before, so that files do
    # not gather over the years (deploy/gunicorn.conf.py gives the places).
    values.ValueClass = values.MultiProcessValue(lambda: os.environ.get("WORKER_PLACE") or str(os.getpid()))

OURS = CollectorRegistry()
REQUESTS = Counter(
    "send_tracker_requests", "Requests answered", ["route", "method", "status"], registry=None if FOLDER else OURS
)
SECONDS = Histogram(
    "send_tracker_request_seconds",
    "How long requests took",
    ["route"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=None if FOLDER else OURS,
)
PAGES_KEPT = Gauge(
    "send_tracker_pages_kept",
    "Pages kept as made, in all processes",
    multiprocess_mode="livesum",
    registry=None if FOLDER else OURS,
)


def count(*, route: str, method: str, status: int, seconds: float) -> None:
    REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    SECONDS.labels(route).observe(seconds)
    PAGES_KEPT.set(len(getattr(caches["pages"], "_cache", ())))  # LocMemCache says it no other way


def last_backup(folder: str) -> tuple[float, int] | None:
    """When, in seconds since 1970, and how many bytes, as `manage.py backup` wrote it; None where there is none to be read."""
    try:
        said = json.loads((Path(folder) / "last.json").read_bytes()) if folder else None
        return (datetime.fromisoformat(said["at"]).timestamp(), int(said["size"])) if said else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Standing:
    """How the installation stands now. What cannot be asked of the database is left out."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            connection.ensure_connection()
            yield from self.of_database(timezone.now())
        except DatabaseError:
            yield GaugeMetricFamily("send_tracker_database_up", "Whether the database answers", value=0)
        backup = last_backup(settings.BACKUP_ROOT)
        if backup:
            at, size = backup
            yield GaugeMetricFamily(
                "send_tracker_last_backup_timestamp_seconds", "When the last backup was made", value=at
            )
            yield GaugeMetricFamily("send_tracker_last_backup_bytes", "How large the last backup is", value=size)

    def of_database(self, now: datetime) -> list[GaugeMetricFamily]:
        is_open = Q(opened_at__lte=now) & (Q(closed_at__isnull=True) | Q(closed_at__gt=now))
        figures = {
            "send_tracker_open_rounds": (
                "Reporting rounds that are open",
                ReportingRound.objects.filter(is_open).count(),
            ),
            "send_tracker_letters_waiting": (
                "Letters that were claimed and may not have gone",
                Reminder.objects.filter(sent_at__isnull=True).count(),
            ),
        }
        up = GaugeMetricFamily("send_tracker_database_up", "Whether the database answers", value=1)
        return [up, *(GaugeMetricFamily(name, help_text, value=value) for name, (help_text, value) in figures.items())]


def may_read(request: HttpRequest) -> bool:
    """By the token; without one only on the machine of somebody who develops."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return not settings.IS_PRODUCTION and is_loopback(request.META.get("REMOTE_ADDR", ""))


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        raise Http404
    counted = OURS
    if FOLDER:
        counted = CollectorRegistry()
        MultiProcessCollector(counted, path=FOLDER)
    standing = CollectorRegistry()
    standing.register(Standing())
    return HttpResponse(generate_latest(counted) + generate_latest(standing), content_type=CONTENT_TYPE_PLAIN_0_0_4)
