"""What a request, and all that is done for it, is known by: in its answer, in log lines and on error pages."""

import re
from contextvars import ContextVar
from typing import Final
from uuid import uuid4

_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id_of(given: str) -> str:
    """Return the id that somebody before us gave a request, where it can be trusted in a log; else a new one."""
    return given if _WELL_FORMED.fullmatch(given) else uuid4().hex
