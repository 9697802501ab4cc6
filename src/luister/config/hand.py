"""Commands that need the database for a moment: the one that runs, or one started for as long as they take."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django

from luister.config.children import wait_until
from luister.config.embedded import EmbeddedPostgres
from luister.config.errors import LockedError
from luister.config.home import home

WAIT_SECONDS = 30.0


@contextmanager
def database_at_hand() -> Iterator[None]:
    """Set Django up on DATABASE_URL, else on the embedded database, found running or started for the duration.

    Raises:
        GroundError: there is no database, and none can be made.
    """
    with _address():
        set_up_django()
        yield


def set_up_django() -> None:
    """Read the settings; DATABASE_URL has to be in the environment by now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luister.config.settings")
    django.setup()


@contextmanager
def _address() -> Iterator[None]:
    if "DATABASE_URL" in os.environ:
        yield
        return
    database = EmbeddedPostgres(home())
    try:
        os.environ["DATABASE_URL"] = database.start()
    except LockedError:
        # Somebody has it started, and may still be at it.
        if not wait_until(database.serves, seconds=WAIT_SECONDS, every=0.5):
            raise
        os.environ["DATABASE_URL"] = database.dsn
    try:
        yield
    finally:
        database.stop()
