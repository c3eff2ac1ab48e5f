"""One piece of work, in a process that is killed in the middle of it: `python -m tests.failures.killed WORK POINT`.

The database is the one of DATABASE_URL, with the world of `test_killed.py` in it. POINT `none` lets the work be done.
"""

import os
import signal
import sys

import django


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def bring_figures_in() -> None:
    from django.utils import timezone

    from kpis.dfe.bringing_in import confirm
    from kpis.models import FigureImport

    waiting = FigureImport.objects.get(file_name="plans.csv")
    confirm(waiting, seen=waiting.rehearsal["digest"], by=None, at=timezone.now())


def freeze() -> None:
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


POINTS = {
    "figures": {"written": after_the_first_figures, "commit": before_the_commit},
    "papers": {"written": while_files_are_kept, "commit": before_the_commit},
}
WORK = {"figures": bring_figures_in, "papers": freeze}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
    django.setup()
    work, point = sys.argv[1:]
    if point != "none":
        POINTS[work][point]()
    WORK[work]()
