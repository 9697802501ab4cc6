"""Sealing and opening a channel's secrets.

The ciphertext names the channel it belongs to: a sealed row copied to another channel does not open there.
"""

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from luister.base.errors import SentenceError


class CannotOpenError(SentenceError):
    """The secrets of a channel were sealed with another key, or for another channel."""


def _keys() -> MultiFernet:
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.LUISTER_CHANNEL_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def seal(secrets: Mapping[str, str], *, channel_id: int) -> bytes:
    """Return the secrets encrypted with the newest key."""
    plain = json.dumps({"channel": channel_id, "secrets": dict(secrets)})
    return _keys().encrypt(plain.encode())


def unseal(sealed: bytes | memoryview, *, channel_id: int) -> dict[str, str]:
    """Return the secrets of a channel; none were stored gives {}.

    Raises:
        CannotOpenError: wrong key, changed bytes, or another channel's secrets.
    """
    if not sealed:
        return {}
    try:
        content = json.loads(_keys().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise CannotOpenError("channel.secrets_unreadable") from error
    if content["channel"] != channel_id:
        raise CannotOpenError("channel.secrets_unreadable")
    secrets: dict[str, str] = content["secrets"]
    return secrets
