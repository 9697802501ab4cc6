"""How long a search may take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


class TooBroadError(Exception):
    """Time is up; what was found until then counts."""


def ends_in(seconds: float) -> float:
    """Return when time is up, on the clock that only goes forward."""
    return time.monotonic() + seconds


def left_ms(ends: float) -> int:
    """Return the milliseconds that are left.

    Raises:
        TooBroadError: none are.
    """
    left = int((ends - time.monotonic()) * 1000)
    if left <= 0:
        raise TooBroadError
    return left


@contextmanager
def limited(ends: float) -> Iterator[None]:
    """Have the database stop a statement when time is up.

    Raises:
        TooBroadError: it did.
    """
    within = connection.in_atomic_block
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {left_ms(ends)}; SET LOCAL jit = off")
            yield
            if within:  # a transaction around this one goes on, and would keep what is set in it
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL statement_timeout TO DEFAULT; SET LOCAL jit TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooBroadError from error
        raise
