"""Whether this process answers, and whether it can serve: for supervisors, whatever Host they ask for."""

import json
import time

from asgiref.sync import sync_to_async
from django.db import Error, connection
from starlette.types import Send

from luister.config.migrating import pending

KEEP_SECONDS = 2.0  # however often somebody asks

_last: tuple[float, str] | None = None


async def answer(path: str, send: Send) -> None:
    """Answer /health/live (no database: an outage of it must not get web processes killed) and /health/ready."""
    if path == "/health/live":
        await _send(send, 200, "live")
    elif path == "/health/ready":
        problem = await _recent_problem()
        await _send(send, 503 if problem else 200, problem or "ready")
    else:
        await _send(send, 404, "unknown")


async def _recent_problem() -> str:
    global _last
    if _last is None or time.monotonic() - _last[0] > KEEP_SECONDS:
        _last = (time.monotonic(), await sync_to_async(_problem)())
    return _last[1]


def _problem() -> str:
    """Return a code for what keeps us from serving, or nothing."""
    try:
        return "migrations_pending" if pending() else ""
    except Error:
        return "database_unreachable"
    finally:
        connection.close()


async def _send(send: Send, status: int, word: str) -> None:
    body = json.dumps({"status": word}).encode()
    length = str(len(body)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
