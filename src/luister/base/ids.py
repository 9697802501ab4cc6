"""Identifiers and tokens; the only place that makes random ones."""

import hashlib
import secrets
import uuid


def new_uuid() -> uuid.UUID:
    """Return a random UUID, for rows whose id leaves the database."""
    return uuid.uuid4()


def new_token() -> str:
    """Return 256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """Return what is stored of a token: its SHA-256, so that a leaked table opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def lock_key(space: str, name: str) -> int:
    """Return a signed 64-bit key for a PostgreSQL advisory lock, the same in every process."""
    digest = hashlib.blake2b(f"{space}:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
