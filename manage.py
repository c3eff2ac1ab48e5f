#!/usr/bin/env python
"""Runs the project's commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
    from django.core.management import execute_from_command_line

    from send_tracker.environment import BadEnvironment

    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
