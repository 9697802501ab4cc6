"""Telling a database that cannot be reached, which passes by itself, from a mistake of ours."""

from typing import Final

from django.db import Error, InterfaceError, OperationalError

# What PostgreSQL calls it: a connection that broke, a server that stops or starts, no connection left, a standby.
AWAY: Final = ("08", "57P", "53300", "25006")


def is_away(error: BaseException | None) -> bool:
    """Return whether this says that the database could not be reached; without its word for it nobody was there."""
    if not isinstance(error, Error):
        return False
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state.startswith(AWAY) if state else isinstance(error, OperationalError | InterfaceError)
