"""One installation of real servers for all that is played here: PostgreSQL with two roles, and a web process."""

import os
import tempfile
from pathlib import Path

import pytest
from django.db import connection

from tests.failures.installed import FILL, Installed, told
from tests.replicas.servers import Postgres, Web


@pytest.fixture(scope="session")
def an_installation(django_db_setup):
    if connection.vendor != "postgresql":
        pytest.skip("Stops a PostgreSQL server: this runs with scripts/with_postgres.py")
    # Of nobody's but the server's, which runs as a user of its own; pytest's folders are closed to that.
    with tempfile.TemporaryDirectory(prefix="send-tracker-failures-") as folder:
        os.chmod(folder, 0o777)
        server = Postgres(Path(folder) / "data").make()
        try:
            at_work = told(server.install(FILL))
            web = Web({"DATABASE_URL": server.url}).start()
            try:
                yield Installed(server, web, at_work)
            finally:
                web.stop()
        finally:
            server.stop()


@pytest.fixture
def installed(an_installation, db):
    """`db`, so that the tests' own database is made, whose tables it was given."""
    return an_installation
