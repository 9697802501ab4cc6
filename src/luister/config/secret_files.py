"""Secrets that are given as files: NAME_FILE holds the path of what NAME would hold."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from luister.config.errors import GroundError

NAMES: Final = (
    "DATABASE_URL", "EMAIL_URL", "LUISTER_SECRET_KEY", "LUISTER_CHANNEL_KEYS", "LUISTER_HEALTH_TOKEN",
    "LUISTER_METRICS_TOKEN", "LUISTER_ADMIN_PASSWORD", "LUISTER_FROM", "LUISTER_TO", "LUISTER_MOVE_TO",
    "LUISTER_DATABASE_DIRECT",
)  # fmt: skip


def take_in(environment: MutableMapping[str, str]) -> None:
    """Read the files that are named, and set what they hold.

    Raises:
        GroundError: a file cannot be read or is empty, or a secret is given in both ways.
    """
    for name in NAMES:
        path = environment.get(f"{name}_FILE", "")
        if not path:
            continue
        if environment.get(name):
            message = f"Both {name} and {name}_FILE are set: leave one out."
            raise GroundError(message)
        try:
            value = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            message = f"The file that {name}_FILE names cannot be read ({path}: {reason})."
            raise GroundError(message) from error
        if not value:
            message = f"The file that {name}_FILE names is empty: {path}."
            raise GroundError(message)
        environment[name] = value
        del environment[f"{name}_FILE"]
