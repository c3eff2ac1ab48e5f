"""A production process really started: with a bad environment it says all of what is wrong and ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as own

ROOT = Path(own.BASE_DIR)
BIN = Path(sys.executable).parent
BAD = {
    "SEND_TRACKER_ENVIRONMENT": "production",
    "SECRET_KEY": "hunter2",
    "EVIDENCE_MAX_BYTES": "lots",
    "WEB_THREADS": "four",
}
GOOD = {
    "SEND_TRACKER_ENVIRONMENT": "production",
    "SECRET_KEY": "kV0xY7-uQ2mTz9rLw4cNb8pJd6sHf1gAe3iOo5UyRtEqWlKjxx",
    "ALLOWED_HOSTS": "tracker.example",
    "TRUSTED_PROXY": "127.0.0.1",
    "DATABASE_URL": "postgres://app:pw@localhost/send_tracker",
    "EMAIL_URL": "console:",
    "FILES_ROOT": "/var/lib/send-tracker/files",
}
SERVER = [str(BIN / "gunicorn"), "-c", "deploy/gunicorn.conf.py"]
MANAGE = [sys.executable, "manage.py"]


def start(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess:
    found = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        command, cwd=ROOT, env=found, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "command", [SERVER, [*MANAGE, "migrate"], [*MANAGE, "check"]], ids=["gunicorn", "migrate", "check"]
)
def test_a_bad_environment_is_told_at_once_and_nothing_starts(command):
    ended = start(command, BAD)
    lines = [line for line in ended.stderr.splitlines() if line.startswith("  - ")]

    assert ended.returncode not in (0, None)
    assert "things in the environment must be put right" in ended.stderr
    assert {line.split()[1] for line in lines} >= {
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "EMAIL_URL",
        "FILES_ROOT",
        "EVIDENCE_MAX_BYTES",
    }
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout


def test_a_misspelt_environment_is_not_taken_for_development():
    ended = start([*MANAGE, "check"], {"SEND_TRACKER_ENVIRONMENT": "prod"})

    assert ended.returncode == 1
    assert "SEND_TRACKER_ENVIRONMENT is neither production nor development" in ended.stderr


def test_a_good_environment_passes_django_s_own_check_for_deployment():
    ended = start([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], GOOD)

    assert ended.returncode == 0, ended.stderr


def test_gunicorn_takes_its_settings_in_production():
    ended = start([*SERVER, "--print-config"], GOOD | {"WEB_CONCURRENCY": "3", "BIND": "127.0.0.1:0"})
    said = dict(line.split("=", 1) for line in ended.stdout.splitlines() if "=" in line)
    said = {name.strip(): value.strip() for name, value in said.items()}

    assert ended.returncode == 0, ended.stderr
    assert (said["workers"], said["threads"], said["worker_class"]) == ("3", "4", "gthread")
    assert said["control_socket_disable"] == "True"
    assert int(said["max_requests"]) > int(said["max_requests_jitter"]) > 0
    assert said["forwarder_headers"] == "[]"
    assert said["accesslog"] == "None"


PRINTS = """
import django
django.setup()
from django.conf import settings
from django.test import Client
ask = {"HTTP_HOST": "tracker.example", "REMOTE_ADDR": "127.0.0.1"}
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)
plain = Client().get("/csp-report", **ask)
print(plain.status_code, plain.headers.get("Location"))
proxied = Client().get("/csp-report", HTTP_X_FORWARDED_PROTO="https", **ask)
print(proxied.status_code, proxied.headers["Strict-Transport-Security"])
spoofed = Client().get("/csp-report", HTTP_X_FORWARDED_PROTO="https", **(ask | {"REMOTE_ADDR": "198.51.100.9"}))
print(spoofed.status_code)
"""


def test_production_wants_https_of_a_proxy_that_it_knows_and_names_cookies_for_its_host():
    ended = start([sys.executable, "-c", PRINTS], GOOD | {"DJANGO_SETTINGS_MODULE": "send_tracker.settings"})
    said = ended.stdout.splitlines()

    assert said[0] == "__Host-sessionid __Host-csrftoken True True", ended.stderr
    assert said[1] == "301 https://tracker.example/csp-report"
    assert said[2] == "405 max-age=31536000; includeSubDomains; preload"
    assert said[3] == "301"
