"""Passwords that hash fast, and no failed attempts left over from other tests."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_earlier_attempts(request):
    """Empty the cache: it is a table that no model owns, so that tests with real transactions leave theirs behind."""
    for database in ("transactional_db", "db"):
        if database in request.fixturenames:
            request.getfixturevalue(database)
            cache.clear()
            break
