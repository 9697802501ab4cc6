"""Sealing and opening a channel's secrets.

The ciphertext names the channel it belongs to: a sealed row copied to another channel does not open there.
"""

import json
from collections.abc import Mapping

from cryptography.fernet import InvalidToken

from luister.accounts.secrets import keys
from luister.base.errors import SentenceError


class CannotOpenError(SentenceError):
    """The secrets of a channel were sealed with another key, or for another channel."""


def seal(secrets: Mapping[str, str], *, channel_id: int) -> bytes:
    """Return the secrets encrypted with the newest key."""
    plain = json.dumps({"channel": channel_id, "secrets": dict(secrets)})
    return keys().encrypt(plain.encode())


def unseal(sealed: bytes | memoryview, *, channel_id: int) -> dict[str, str]:
    """Return the secrets of a channel; none were stored gives {}.

    Raises:
        CannotOpenError: wrong key, changed bytes, or another channel's secrets.
    """
    if not sealed:
        return {}
    try:
        content = json.loads(keys().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise CannotOpenError("channel.secrets_unreadable") from error
    if content["channel"] != channel_id:
        raise CannotOpenError("channel.secrets_unreadable")
    secrets: dict[str, str] = content["secrets"]
    return secrets
