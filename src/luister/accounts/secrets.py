"""The keys that seal secrets at rest: channel passwords, and the seeds of authenticator apps."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def keys() -> MultiFernet:
    """Return what seals with the installation's newest key and opens what any of its keys sealed."""
    digests = (hashlib.sha256(key.encode()).digest() for key in settings.LUISTER_CHANNEL_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
