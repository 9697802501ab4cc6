"""That this process was told to stop: it ends what it does, and takes nothing new."""

import threading

_told = threading.Event()


def begin() -> None:
    """Begin: from now on balancers are told to send requests elsewhere."""
    _told.set()


def began() -> bool:
    """Return whether this process is on its way out."""
    return _told.is_set()
