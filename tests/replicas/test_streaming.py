"""Two web processes over a PostgreSQL and a replica that streams from it: nobody reads what is out of date, and nobody
notices when the replica goes."""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from send_tracker.replicas import LEFT_ALONE_SECONDS
from tests.replicas.cable import Cable
from tests.replicas.servers import PAGES, Postgres, Visitor, Web, wait_until

PASSWORD = "a-long-and-quiet-river"
WORLD = f"""
from tests.world import build_world
world = build_world()
person = world.people["lead"]
person.set_password({PASSWORD!r})
person.save()
print("ADDRESS", world.address("board:action"), world.address("workstrands:update"), person.email)
"""
FROZEN_SECONDS = 15  # for a few pages; it is asked anew once it has been left alone
OF_A_PAGE = 'FROM "workstrands_progressupdate"'


@dataclass
class Installation:
    primary: Postgres
    replica: Postgres
    cable: Cable
    one: Web
    other: Web
    visitor: Visitor
    action: str
    update: str

    def says(self, web: Web, words: str) -> bool:
        status, page = self.visitor.get(web.address + self.action)
        assert status == 200
        return words in page

    def report(self, web: Web, words: str) -> None:
        number = self.primary.sql("SELECT count(*) FROM workstrands_progressupdate")
        fields = dict.fromkeys(["next_steps", "cause", "escalate_to", "ask", "impact"], "")
        status, page = self.visitor.post(
            web.address + self.update, status="G", narrative=words, seen_number=number, **fields
        )
        assert status == 200
        assert words in page

    def asked_for_a_page(self) -> str:
        """Which of the two is asked when the page of an action is opened."""
        before = self.primary.asked(OF_A_PAGE), self.replica.asked(OF_A_PAGE)
        self.says(self.one, "")
        after = self.primary.asked(OF_A_PAGE), self.replica.asked(OF_A_PAGE)
        return {(True, False): "primary", (False, True): "replica"}[after[0] > before[0], after[1] > before[1]]

    def is_caught_up(self) -> bool:
        numbers = "SELECT area, number FROM strategies_dataversion ORDER BY area"
        return self.primary.sql(numbers) == self.replica.sql(numbers)


@pytest.fixture(scope="module")
def folder():
    """Of nobody's but the servers', which run as a user of their own; pytest's folders are closed to that."""
    with tempfile.TemporaryDirectory(prefix="send-tracker-replica-") as name:
        os.chmod(name, 0o777)
        yield Path(name)


@pytest.fixture(scope="module")
def installation(folder, django_db_setup):
    if connection.vendor != "postgresql":
        pytest.skip("Replicas are PostgreSQL's: this runs with scripts/with_postgres.py")
    primary = Postgres(folder / "primary").make()
    said = primary.install(WORLD)
    plain = {"DATABASE_URL": primary.url}
    _, action, update, email = next(line for line in said.splitlines() if line.startswith("ADDRESS")).split()
    replica = primary.follow(folder / "replica")
    cable = Cable(replica.port)
    through_it = f"postgres://{PAGES}@127.0.0.1:{cable.port}/postgres?connect_timeout=2&tcp_user_timeout=2000"
    webs = [Web(plain | {"DATABASE_REPLICA_URL": through_it}) for _ in range(2)]
    with ThreadPoolExecutor(len(webs)) as threads:
        list(threads.map(Web.start, webs))
    visitor = Visitor()
    visitor.sign_in(webs[0], email, PASSWORD)
    yield Installation(primary, replica, cable, *webs, visitor, action, update)
    for web in webs:
        web.stop()
    cable.close()
    replica.stop()
    primary.stop()


@pytest.mark.django_db  # so that the tests' own database is made, whose tables the two are given
def test_a_replica_through_good_and_bad_days(installation):
    """One after the other: each begins where the one before ended."""
    a_page_is_read_from_the_replica(installation)
    what_was_written_through_one_process_is_read_at_once_through_the_other(installation)
    a_replica_that_is_behind_is_not_asked_until_it_has_caught_up(installation)
    nobody_notices_that_the_replica_is_gone_and_it_is_asked_again_when_it_is_back(installation)
    pages_open_while_the_replica_stands_still(installation)
    if sys.platform == "linux":
        pages_open_while_the_replica_swallows_what_it_is_asked(installation)


def a_page_is_read_from_the_replica(installation):
    wait_until(installation.is_caught_up, what="the replica has what the primary has")

    assert installation.asked_for_a_page() == "replica"


def what_was_written_through_one_process_is_read_at_once_through_the_other(installation):
    for number in range(5):
        installation.report(installation.one, f"Said through one, number {number}.")
        assert installation.says(installation.other, f"Said through one, number {number}.")


def a_replica_that_is_behind_is_not_asked_until_it_has_caught_up(installation):
    installation.replica.sql("SELECT pg_wal_replay_pause()")
    installation.report(installation.one, "Said while the replica stood still.")

    assert installation.says(installation.other, "Said while the replica stood still.")
    assert installation.asked_for_a_page() == "primary"

    installation.replica.sql("SELECT pg_wal_replay_resume()")
    wait_until(installation.is_caught_up, what="the replica has caught up")
    assert installation.asked_for_a_page() == "replica"
    assert installation.says(installation.one, "Said while the replica stood still.")


def nobody_notices_that_the_replica_is_gone_and_it_is_asked_again_when_it_is_back(installation):
    installation.replica.stop()
    for _ in range(3):
        assert installation.says(installation.one, "Said while the replica stood still.")
    installation.report(installation.other, "Said without a replica.")
    assert installation.asked_for_a_page() == "primary"

    installation.replica.start()
    wait_until(installation.is_caught_up, what="the replica has caught up")
    time.sleep(LEFT_ALONE_SECONDS)
    assert installation.asked_for_a_page() == "replica"
    assert installation.says(installation.one, "Said without a replica.")


def pages_open_while_the_replica_stands_still(installation):
    """It takes what it is sent, and never answers."""
    with installation.replica.frozen():
        begun = time.monotonic()
        for _ in range(3):
            assert installation.says(installation.one, "Said without a replica.")
        installation.report(installation.one, "Said beside a replica that stood still.")
        assert time.monotonic() - begun < FROZEN_SECONDS

    time.sleep(LEFT_ALONE_SECONDS)
    wait_until(installation.is_caught_up, what="the replica has caught up")
    assert installation.asked_for_a_page() == "replica"
    assert installation.says(installation.one, "Said beside a replica that stood still.")


def pages_open_while_the_replica_swallows_what_it_is_asked(installation):
    """Nobody is told that it is gone. Waited for as the address of the replica says, and then left alone."""
    installation.cable.cut()
    for _ in range(3):
        assert installation.says(installation.one, "Said without a replica.")
    installation.report(installation.one, "Said beside a silent replica.")
    installation.cable.mend()

    time.sleep(LEFT_ALONE_SECONDS)
    wait_until(installation.is_caught_up, what="the replica has caught up")
    assert installation.asked_for_a_page() == "replica"
    assert installation.says(installation.one, "Said beside a silent replica.")
