"""An ordinary day on the desk, filled once for all tests of a module that only read it or undo what they do."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def workspace(django_db_setup, django_db_blocker):
    """The desk; each test runs in a transaction within the one that is undone at the end of the module."""
    from luister.demo import actions  # noqa: PLC0415 - Django is set up only after this file was read

    with django_db_blocker.unblock(), transaction.atomic():
        yield actions.load(stage="busy", now=NOW)
        transaction.set_rollback(True)
