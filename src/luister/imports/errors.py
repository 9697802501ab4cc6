"""What goes wrong with imports beside files that cannot be read."""

from luister.base.errors import SentenceError


class RefusedError(SentenceError):
    """An action that the state of the import, or the rights of who asks, do not allow."""
