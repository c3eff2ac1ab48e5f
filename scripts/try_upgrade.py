"""Fills a database with an older commit of this repository, brings it up to this checkout, and looks whether all is still there.

    python scripts/with_postgres.py python scripts/try_upgrade.py COMMIT

DATABASE_URL names an empty database. The older commit runs in a folder of its own: its migrations, its seed, its demonstration (leads,
reports, figures). Then this checkout's migrations run over that, and every row and every word of the older one is looked for.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
DAY = "2026-11-26"
# Every table with how many rows it has, and of every text or figure column what all of it comes to, whatever the order.
COUNTED = """
import json
from django.db import connection
found = {}
with connection.cursor() as cursor:
    for name in sorted(connection.introspection.table_names(cursor)):
        quoted = connection.ops.quote_name(name)
        cursor.execute(f"SELECT count(*) FROM {quoted}")
        found[name] = {"rows": cursor.fetchone()[0], "columns": {}}
        for column in connection.introspection.get_table_description(cursor, name):
            column_name = connection.ops.quote_name(column.name)
            cursor.execute(f"SELECT {column_name} FROM {quoted}")
            values = sorted(repr(row[0]) for row in cursor.fetchall())
            found[name]["columns"][column.name] = __import__("hashlib").sha256("|".join(values).encode()).hexdigest()
print("COUNTED" + json.dumps(found))
"""
# Pages of each area, as somebody sees them who signs in there.
OPENED = """
from django.test import Client
from people.models import Membership
tried, wrong = 0, []
for membership in Membership.objects.select_related("user", "area").order_by("pk"):
    client = Client()
    client.force_login(membership.user, backend="people.backends.MemberBackend")
    for path in ("", "actions/", "kpis/", "my/", "meetings/", "people/"):
        answer = client.get(f"/{membership.area.slug}/{path}", follow=True)
        tried += 1
        if answer.status_code >= 500:
            wrong.append((membership.role, path, answer.status_code))
print("OPENED", tried, wrong)
"""
# What keeps no record of anybody: made anew, or only of use to the software.
MADE_ANEW = ("django_", "auth_permission", "strategies_dataversion", "board_searchentry", "board_search")


def unpacked(commit: str, folder: Path) -> None:
    archive = subprocess.run(["git", "archive", commit], cwd=CHECKOUT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(folder, filter="data")


def manage(tree: Path, *words: str, typed: str = "") -> str:
    command = [sys.executable, "manage.py", *words]
    finished = subprocess.run(command, cwd=tree, input=typed, capture_output=True, text=True, check=False)
    if finished.returncode:
        sys.exit(f"{' '.join(words)} in {tree}:\n{finished.stdout[-3000:]}{finished.stderr[-3000:]}")
    return finished.stdout


def counted(tree: Path) -> dict:
    said = manage(tree, "shell", "-c", COUNTED)
    return json.loads(said.rpartition("COUNTED")[2])


def lost(before: dict, after: dict) -> list[str]:
    """What was there before and is not the same now."""
    found = []
    for name, was in before.items():
        if name.startswith(MADE_ANEW):
            continue
        if name not in after:
            found.append(f"{name}: the table is gone ({was['rows']} rows)")
        elif after[name]["rows"] != was["rows"]:
            found.append(f"{name}: {was['rows']} rows, now {after[name]['rows']}")
        else:
            found += [
                f"{name}.{column}: {'other values' if column in after[name]['columns'] else 'the column is gone'}"
                for column, value in was["columns"].items()
                if after[name]["columns"].get(column) != value
            ]
    return found


def main() -> None:
    if len(sys.argv) != 2 or "DATABASE_URL" not in os.environ:
        sys.exit(__doc__)
    commit = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="send-tracker-upgrade-") as folder:
        older = Path(folder)
        unpacked(commit, older)
        manage(older, "migrate", "--verbosity", "0")
        manage(older, "seed", "--verbosity", "0")
        manage(older, "demo", "--today", DAY)
        before = counted(older)
    steps = manage(CHECKOUT, "migrate").count(" OK\n")
    after = counted(CHECKOUT)
    manage(CHECKOUT, "migrate", "--check")
    opened = manage(CHECKOUT, "shell", "-c", OPENED).rpartition("OPENED ")[2].strip()
    rows = sum(table["rows"] for table in before.values())
    print(f"{commit}: {rows:,} rows of {len(before)} tables; {steps} migrations; pages {opened}")
    for line in lost(before, after):
        print(f"  {line}")


if __name__ == "__main__":
    main()
