"""What goes wrong with streams, as a sentence."""

from luister.base.errors import LuisterError


class StreamError(LuisterError):
    """A stream that cannot be used; its text is a sentence for whoever typed the command."""
