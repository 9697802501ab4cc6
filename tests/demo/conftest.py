"""An ordinary day on the desk, filled once for all tests of a module that only read it or undo what they do."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import transaction

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """Fill the desk, and undo it at the end."""
    from luister.demo import actions  # noqa: PLC0415 - Django is set up only after this file was read

    @contextmanager
    def fill(**options):
        with django_db_blocker.unblock(), transaction.atomic():
            yield actions.load(now=NOW, **options)
            transaction.set_rollback(True)

    return fill


@pytest.fixture(scope="module")
def workspace(filled):
    """The desk; each test runs in a transaction within the one that is undone at the end of the module."""
    with filled(stage="busy") as desk:
        yield desk
