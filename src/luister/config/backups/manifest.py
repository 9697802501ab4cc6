"""What an archive says of itself, and the fingerprints by which it knows the keys that it does not hold."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.conf import settings

from luister.config.errors import GroundError

FORMAT: Final = 1
ROUNDS: Final = 200_000  # a key that somebody thought of must not be guessed from its fingerprint


@dataclass(frozen=True, slots=True)
class Stored:
    """One file of an archive."""

    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Fingerprints of the keys in use when a backup was made; the first channel key is the one that sealed."""

    secret: str
    channels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in an archive, and what it was made of."""

    made_at: str  # ISO 8601, of the moment that the database shows
    luister: str  # version
    postgres: int  # major version of the server
    dumped_with: int  # major version of pg_dump
    migrations: Sequence[str]  # app.name, all that were applied
    tables: Mapping[str, int]  # rows in each
    database_bytes: int
    dump: Stored
    files: Mapping[str, Stored]  # by their path in the folder of files
    keys: Keys
    format: int = FORMAT

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made_at)

    @property
    def rows(self) -> int:
        """Return how many rows there are in all tables."""
        return sum(self.tables.values())

    @property
    def file_bytes(self) -> int:
        """Return how many bytes all files have."""
        return sum(file.size for file in self.files.values())

    def as_json(self) -> str:
        """Return it as the archive keeps it."""
        return json.dumps(asdict(self), indent=1)


def read(text: str, *, name: str) -> Manifest:
    """Return the manifest of an archive.

    Raises:
        GroundError: it is none of ours, or of a newer Luister.
    """
    try:
        fields = json.loads(text)
        known = int(fields["format"])
    except (ValueError, KeyError, TypeError) as error:
        message = f"{name} is no backup of Luister: its manifest cannot be read."
        raise GroundError(message) from error
    if known != FORMAT:
        message = f"{name} was made by Luister {fields.get('luister', '?')}, in a form that this one does not know."
        raise GroundError(message)
    stored = {path: Stored(**file) for path, file in fields["files"].items()}
    return Manifest(**{**fields, "dump": Stored(**fields["dump"]), "files": stored, "keys": Keys(**fields["keys"])})


def present_keys() -> Keys:
    """Return the fingerprints of the keys in use here."""
    return Keys(fingerprint(settings.SECRET_KEY), [fingerprint(key) for key in settings.LUISTER_CHANNEL_KEYS])


def fingerprint(key: str) -> str:
    """Return by what a key can be told from others, and nothing else."""
    return hashlib.pbkdf2_hmac("sha256", key.encode(), b"luister backup", ROUNDS)[:8].hex()
