"""What every test stands on: the product's own settings, with passwords hashed quickly."""

import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A hasher made for tests: the real one takes most of a second for each sign-in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nothing_remembered(settings):
    """Each page is made anew: a test's writes are never committed, so the number of the data would stand still."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
