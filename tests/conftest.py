"""What every test stands on: the product's own settings, with passwords hashed quickly."""

import pytest
from django.core.cache import caches

from send_tracker import settings as own

OF_A_DATABASE = {"db", "transactional_db", "django_db_setup"}


OF_PAGES_ALONE = ("test_permissions.py", "test_id_swaps.py")


def pytest_collection_modifyitems(items):
    """What asks a database is marked, so that a second one need not be tried with what asks none, nor with the long series
    of requests (every address by every role, hostile ones), which try the pages and not the database."""
    for item in items:
        if item.path.name in OF_PAGES_ALONE or "hostile" in item.path.parts:
            item.add_marker(pytest.mark.requests)
        if OF_A_DATABASE & set(item.fixturenames) or item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="module")
def world_of_module(django_db_setup, django_db_blocker):
    """A world that is made once for a module of many short tests; what each test writes is taken back after it.

    For tests that only read it as Python: its objects are the same ones for all of them.
    """
    from django.db import transaction

    from tests.world import build_world

    with django_db_blocker.unblock(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def two_areas(django_db_setup, django_db_blocker):
    """A world with all that its addresses need, whose other area holds a record of most kinds; once for a module."""
    from django.db import transaction

    from tests.hostile.elsewhere import make_southmoor
    from tests.test_permissions import ROWS
    from tests.world import build_world

    with django_db_blocker.unblock(), transaction.atomic():
        world = build_world()
        make_southmoor(world.other_area)
        for name in ROWS:
            world.address(name)
        yield world
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A hasher made for tests: the real one takes most of a second for each sign-in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def files_apart(tmp_path, monkeypatch):
    """The files of evidence of a test lie in a folder of its own."""
    from workstrands.evidence import storage

    for name in ("base_location", "location"):
        monkeypatch.delitem(storage().__dict__, name, raising=False)
    monkeypatch.setattr(storage(), "_location", str(tmp_path / "files"))
    yield tmp_path / "files"
    for name in ("base_location", "location"):
        storage().__dict__.pop(name, None)


@pytest.fixture(autouse=True)
def no_hurry(settings):
    """The clock of a test often stands still, and then all that somebody writes falls into one minute."""
    settings.WRITES_A_MINUTE = 100_000


@pytest.fixture(autouse=True)
def nothing_remembered(settings):
    """Each page is made anew: a test's writes are never committed, so the number of the data would stand still."""
    settings.CACHES = {
        name: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"} for name in ("default", "pages")
    }


@pytest.fixture
def remembered(nothing_remembered, settings):
    """As people have it: pages that are kept, and counts that all processes share. For tests that commit, or look at neither."""
    settings.CACHES = own.CACHES
    caches["pages"].clear()
    yield caches
    caches["pages"].clear()
