"""A restore that is killed (-9) leaves an empty database; what it left of files is told, and the next one brings everything."""

import os
import signal
from urllib.parse import urlsplit

from django.db import connection, connections

from board.safekeeping.restoring import occupied
from board.search import keeping as search
from tests.board.safekeeping.installations import files_in
from tests.board.safekeeping.test_restoring import assert_same, contents
from tests.failures.killed import Loaded


def as_others_reach(alias: str) -> str:
    name = connections[alias].settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def test_a_restore_that_is_killed_leaves_an_empty_database_and_the_next_one_brings_everything(
    moved, world, archive, tmp_path
):
    (evidence,) = world.action.updates.get(number=1).evidence.all()
    stored = evidence.file.name
    whole, folder = contents([stored])[stored], tmp_path / "restored"

    def is_empty() -> bool:
        return not occupied(moved) and search.is_in_step(moved)

    with Loaded(as_others_reach(moved), FILES_ROOT=str(folder)) as loaded:

        def restore(point: str = "none"):
            ended = loaded.do("command", "restore", str(archive), point=point)
            assert point == "none" or ended.code == -signal.SIGKILL, ended.said
            return ended

        restore("restoring-rows")
        assert is_empty()
        assert not (folder / stored).exists()

        restore("restoring-a-file")
        assert is_empty()
        assert (folder / stored).read_bytes() != whole
        refused = restore()
        assert refused.code == 1
        assert f"Another file named {stored} is there already. Give FILES_ROOT an empty folder." in refused.said
        assert is_empty()

        (folder / stored).unlink()
        restore("commit")
        assert is_empty()
        assert (folder / stored).read_bytes() == whole  # as good as its own for the next one

        done = restore()
        assert done.code == 0, done.said
        again = restore()
    assert_same("default", moved)
    with files_in(folder):
        assert contents([stored]) == {stored: whole}
    assert again.code == 1
    assert "This installation is not empty" in again.said
