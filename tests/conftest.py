"""What every test stands on: the product's own settings, with passwords hashed quickly."""

import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A hasher made for tests: the real one takes most of a second for each sign-in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
