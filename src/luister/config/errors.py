"""Errors of starting and running Luister; each message is one sentence that says what to do."""

from luister.base.errors import LuisterError


class GroundError(LuisterError):
    """Something on this machine stands in the way; the command ends with exit code 1."""

    exit_code = 1


class LockedError(GroundError):
    """Going on would be unsafe, or someone else is at it; the command ends with exit code 3."""

    exit_code = 3
