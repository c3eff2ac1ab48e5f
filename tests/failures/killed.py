"""A process that has the product loaded and does one piece of work after another, each in a child of its own that may be
killed in the middle of it.

`Loaded(url)` starts it (`python -m tests.failures.killed`), and `do` says what is to be done and where the child dies; at
POINT `none` the work is done. The database is the one of the URL.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import django
from django.conf import settings

NONE = "none"


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def dying(function: Callable, *, time: int = 1, afterwards: bool = False) -> Callable:
    """The function, in whose call number `time` the process dies: before it is done, or afterwards."""
    calls = []

    def call(*args, **kwargs):
        calls.append(1)
        if len(calls) == time and not afterwards:
            die()
        done = function(*args, **kwargs)
        return die() if len(calls) == time else done

    return call


# Work


def bring_figures_in() -> None:
    """Of the world of `test_killed.py`."""
    from django.utils import timezone

    from kpis.dfe.bringing_in import confirm
    from kpis.models import FigureImport

    waiting = FigureImport.objects.get(file_name="plans.csv")
    confirm(waiting, seen=waiting.rehearsal["digest"], by=None, at=timezone.now())


def freeze() -> None:
    """Of the world of `test_killed.py`."""
    from types import SimpleNamespace

    from board.papers import freezing
    from board.vocabulary import PackFormat
    from people.models import User
    from strategies.models import Meeting, Strategy
    from tests.board.papers.orders import order
    from tests.world import at

    freezing.formats = lambda: (PackFormat.CSV, PackFormat.PDF)
    meeting = Meeting.objects.select_related("area").get(area__slug="northvale", held_on="2026-08-05")
    plan = SimpleNamespace(strategy=Strategy.objects.get(area=meeting.area, slug="send-strategy"))
    officer = User.objects.get(email="officer@example.test")
    freezing.freeze_papers(meeting, order(plan, meeting=meeting), by=officer, at=at(2026, 7, 20), seen_number=0)


def command(*words: str) -> None:
    """Of manage.py. Tables that were made as the models stand count as migrated."""
    from django.core.management import call_command

    from tests.board.safekeeping.installations import AtOnce

    settings.MIGRATION_MODULES = AtOnce()
    call_command(*words)


WORK = {"figures": bring_figures_in, "papers": freeze, "command": command}


# Where it is killed


def after_the_first_figures() -> None:
    """Some of the rows are written."""
    from kpis.dfe import bringing_in

    bringing_in.keep_mapping = die


def while_files_are_kept() -> None:
    """The papers have their row, and no files yet."""
    from board.models import PackFile

    PackFile.objects.bulk_create = die


def before_the_commit() -> None:
    """All is written, and nothing is committed."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    BaseDatabaseWrapper._commit = die


def before_the_second_letter_is_claimed() -> None:
    from board import reminding

    reminding.claim = dying(reminding.claim, time=2)


def before_the_second_letter_is_sent() -> None:
    """It is claimed."""
    from django.core.mail import EmailMessage

    EmailMessage.send = dying(EmailMessage.send, time=2)


def before_the_second_letter_is_noted() -> None:
    """It is sent."""
    from django.core.mail import EmailMessage

    EmailMessage.send = dying(EmailMessage.send, time=2, afterwards=True)


def while_tables_are_restored() -> None:
    from board.safekeeping import restoring

    restoring._load = dying(restoring._load, time=40)


def while_a_file_is_restored() -> None:
    """Half of it is on the disk, under its name."""
    from django.core.files.base import File

    def half(file, chunk_size=None):
        yield file.read()[:200]
        die()

    File.chunks = half


POINTS = {
    "figures-written": after_the_first_figures,
    "papers-written": while_files_are_kept,
    "commit": before_the_commit,
    "letter-unclaimed": before_the_second_letter_is_claimed,
    "letter-claimed": before_the_second_letter_is_sent,
    "letter-sent": before_the_second_letter_is_noted,
    "restoring-rows": while_tables_are_restored,
    "restoring-a-file": while_a_file_is_restored,
}


# The process


@dataclass(frozen=True)
class Ended:
    code: int  # the negative number of the signal that killed it
    said: str


class Loaded:
    def __init__(self, url: str, **environ: str):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.failures.killed"], cwd=settings.BASE_DIR, text=True,
            env={**os.environ, **environ, "DATABASE_URL": url}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def __enter__(self) -> "Loaded":
        return self

    def __exit__(self, *error) -> None:
        self.process.communicate(timeout=60)  # the end of its input is the end of its work

    def do(self, *words: str, point: str = NONE) -> Ended:
        print(json.dumps([point, *words]), file=self.process.stdin, flush=True)
        return Ended(**json.loads(self.process.stdout.readline()))


def in_a_child(point: str, work: str, *words: str) -> dict:
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if not child:
            for output in (sys.stdout, sys.stderr):
                os.dup2(said.fileno(), output.fileno())
            os._exit(carried_out(point, work, *words))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return {"code": code, "said": said.read()}


def carried_out(point: str, work: str, *words: str) -> int:
    try:
        if point != NONE:
            POINTS[point]()
        WORK[work](*words)
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
    django.setup()
    import_module(settings.ROOT_URLCONF)  # and all that the pages stand on, once for all the children
    for line in sys.stdin:
        print(json.dumps(in_a_child(*json.loads(line))), flush=True)  # noqa: T201 - how the two processes talk
