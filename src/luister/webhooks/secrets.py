"""Secrets of endpoints: made here, sealed as those of channels are, and what is signed with them.

The ciphertext names the endpoint it belongs to: a sealed row copied to another endpoint does not open there.
"""

import base64
import json
import secrets as randomness
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.fernet import InvalidToken
from standardwebhooks import Webhook

from luister.accounts.secrets import keys
from luister.base.errors import SentenceError

BOTH_VALID: Final = timedelta(hours=24)  # how long the secret before the present one signs as well


class CannotOpenError(SentenceError):
    """The secrets of an endpoint were sealed with another key, or for another endpoint."""


def new_secret() -> str:
    """Return a new secret: whsec_ and 256 random bits in base64."""
    return "whsec_" + base64.b64encode(randomness.token_bytes(32)).decode()


def seal(secrets: Sequence[str], *, endpoint_id: int) -> bytes:
    """Return secrets, the newest first, encrypted with the installation's newest key."""
    return keys().encrypt(json.dumps({"endpoint": endpoint_id, "secrets": list(secrets)}).encode())


def unseal(sealed: bytes | memoryview, *, endpoint_id: int) -> list[str]:
    """Return the secrets of an endpoint, the newest first.

    Raises:
        CannotOpenError: wrong key, changed bytes, or another endpoint's secrets.
    """
    try:
        content = json.loads(keys().decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise CannotOpenError("webhook.secret_unreadable") from error
    if content["endpoint"] != endpoint_id:
        raise CannotOpenError("webhook.secret_unreadable")
    found: list[str] = content["secrets"]
    return found


def headers(payload: str, *, message_id: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows that it was us, with a signature of each secret.

    Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    signatures = [Webhook(secret).sign(message_id, now, payload) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
