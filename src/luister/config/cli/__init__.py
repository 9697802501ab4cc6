"""The `luister` command: every verb of running and keeping an installation."""

from luister.config.cli.main import main

__all__ = ["main"]
