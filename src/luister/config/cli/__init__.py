"""The `luister` command: every verb of running and keeping an installation."""

from luister.config.cli.root import main

__all__ = ["main"]
