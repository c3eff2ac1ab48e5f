"""A process that is killed in the middle of bringing a plan in leaves nothing behind, and the same import then succeeds."""

import os
import signal
import subprocess
import sys

from django.apps import apps
from django.conf import settings

from tests.board.plan_import import files
from tests.other_processes import as_others_see
from tests.world import build_world

OPTIONS = [
    "--area=northvale", "--title=SEND improvement plan", "--starts=2026-03-01", "--ends=2029-12-31", "--new-leads",
    "--with-updates", "--confirm", "--skip-checks",
]  # fmt: skip


def bring_in(url: str, path, *, program=("manage.py",)) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *program, "import_plan", str(path), *OPTIONS], cwd=settings.BASE_DIR, capture_output=True, text=True,
        env={**os.environ, "DATABASE_URL": url}, timeout=120, check=False,
    )  # fmt: skip


def test_an_import_that_is_killed_leaves_nothing_and_then_succeeds_once(transactional_db, tmp_path):
    build_world()
    url, ask = as_others_see(tmp_path)
    path = tmp_path / "plan.xlsx"
    path.write_bytes(files.a_workbook(files.WIDE_MATRIX, merge=files.WIDE_MERGES))

    def rows() -> dict[str, int]:
        """Of every table there is."""
        tables = (model._meta.db_table for model in apps.get_models() if model._meta.managed)
        return {table: ask(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}

    before = rows()
    for point in ("third-action", "commit"):
        killed = bring_in(url, path, program=("-m", "tests.board.plan_import.killed", point))
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert rows() == before, point

    done = bring_in(url, path)
    assert done.returncode == 0, done.stderr
    assert "Brought into SEND improvement plan." in done.stdout
    after = rows()
    added = {
        "strategies_strategy": 1, "workstrands_planfile": 1, "workstrands_action": 5, "workstrands_placement": 5,
        "workstrands_deadline": 4, "workstrands_progressupdate": 4,
    }  # fmt: skip
    assert {table: after[table] - before[table] for table in added} == added
