"""`manage.py`, in a process that is killed while it brings a plan in: `python -m tests.board.plan_import.killed POINT import_plan ...`.

POINT says where: at the third action that is placed, or when everything is written and nothing is committed.
"""

import os
import signal
import sys

import django


def kill(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def at_the_third_action() -> None:
    from board.plan_import.writing import Writing

    place, placed = Writing.place, []

    def place_or_die(self, action, intended):
        placed.append(action)
        return place(self, action, intended) if len(placed) < 3 else kill()

    Writing.place = place_or_die


def before_the_commit() -> None:
    from board.management.commands.import_plan import Command

    bring_in = Command.bring_in

    def bring_in_and_die(self):
        bring_in(self)
        kill()

    Command.bring_in = bring_in_and_die


POINTS = {"third-action": at_the_third_action, "commit": before_the_commit}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
    django.setup()
    POINTS[sys.argv[1]]()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *sys.argv[2:]])
