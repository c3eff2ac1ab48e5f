"""How gunicorn serves the SEND tracker: gunicorn -c deploy/gunicorn.conf.py

BIND             where it listens: 127.0.0.1:8000, or unix:/run/send-tracker/web.sock. A socket that systemd hands over counts first
WEB_CONCURRENCY  processes (one for each processor, and one more)
WEB_THREADS      requests at once in each process (4)
"""

import atexit
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from send_tracker.environment import BadEnvironment, Reader, read  # noqa: E402 - found by the line above
from send_tracker.json_logs import logging_of  # noqa: E402


def checked():
    """A bad environment is told once, here, and not by every process."""
    reader = Reader(os.environ)
    numbers = reader.number("WEB_CONCURRENCY", multiprocessing.cpu_count() + 1), reader.number("WEB_THREADS", 4)
    try:
        found = read(os.environ, base=ROOT)
    except BadEnvironment as problem:
        sys.exit(str(BadEnvironment([*problem.problems, *reader.problems])))
    if reader.problems:
        sys.exit(str(BadEnvironment(reader.problems)))
    return found, *numbers


_environment, workers, threads = checked()

chdir = str(ROOT)
wsgi_app = "send_tracker.wsgi:application"
bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
control_socket_disable = True

# A worker that stops answering is replaced. The papers and the largest imports take tens of seconds; they hold a thread, not the worker.
timeout = 60
graceful_timeout = 60
keepalive = 5
# Heartbeats are files: in memory, so that a slow disk never looks like a worker that hangs.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
# A process is replaced now and then, and not all of them at once.
max_requests = 10_000
max_requests_jitter = 1_000

# What a request may bring before its body: filters make the longest lines.
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# What a proxy says is judged by the SEND tracker itself (TRUSTED_PROXY); no header may set a path.
forwarder_headers = ""
secure_scheme_headers = {}

# The SEND tracker writes a line for each request, without addresses: gunicorn's own log of them stays off.
accesslog = None
logconfig_dict = logging_of(is_production=_environment.is_production)


# Figures for /metrics are counted by each process into a file of its place.

_made_here = "PROMETHEUS_MULTIPROC_DIR" not in os.environ
if _made_here:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="send-tracker-metrics-")
_metrics = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def on_starting(server):
    """Counting begins anew with the server."""
    _metrics.mkdir(parents=True, exist_ok=True)
    for counted in _metrics.glob("*.db"):
        counted.unlink()


def pre_fork(server, worker):
    taken = {other.place for other in server.WORKERS.values() if hasattr(other, "place")}
    worker.place = min(set(range(1, len(taken) + 2)) - taken)


def post_fork(server, worker):
    os.environ["WORKER_PLACE"] = str(worker.place)


def child_exit(server, worker):
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.place, path=str(_metrics))


if _made_here:
    _starter = os.getpid()
    atexit.register(lambda: os.getpid() == _starter and shutil.rmtree(_metrics, ignore_errors=True))
