"""What a test has written, for processes of their own."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.db import connection


def as_others_see(tmp_path: Path) -> tuple[str, Callable]:
    """The test's database as another process reaches it, and a way to ask it."""
    if connection.vendor == "postgresql":
        name = connection.settings_dict["NAME"]
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

        def ask(sql):
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()

        return url, ask
    path = tmp_path / "others.sqlite3"
    with sqlite3.connect(path) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)

    def ask(sql):
        with sqlite3.connect(path) as opened:
            return opened.execute(sql).fetchall()

    return f"sqlite:///{path}", ask
