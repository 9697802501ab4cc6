"""Whether this process answers, whether it can serve, and how everything does: for whoever watches, whatever Host."""

import hmac
import json
import time
from collections.abc import Collection
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error, connection
from django.utils import translation
from starlette.types import Scope, Send

from luister.accounts import access
from luister.accounts.enums import Permission
from luister.base.clock import utc_now
from luister.config import draining, measures, sessions
from luister.config.checks import Check, State
from luister.config.home import home
from luister.config.migrating import pending
from luister.config.vitals import vitals
from luister.fence.scope import across_workspaces

KEEP_SECONDS = 2.0  # however often somebody asks
JSON: Final = b"application/json"
WATCHED: Final = ("/health/", "/metrics")  # beginnings of what is answered here

_last: tuple[float, str] | None = None


class Refused(Exception):  # noqa: N818 - an answer, no error
    """Who asks may not know."""


async def answer(scope: Scope, send: Send) -> None:
    """Answer /health/live (no database: an outage of it must not get web processes killed) and the others."""
    path = scope["path"]
    if path == "/health/live":
        await _send(send, 200, {"status": "live"})
    elif path == "/health/ready":
        problem = "draining" if draining.began() else await _recent_problem()
        await _send(send, 503 if problem else 200, {"status": problem or "ready"})
    elif path == "/health/deep":
        await _deep(scope, send)
    elif path == "/metrics":
        await _metrics(scope, send)
    else:
        await _send(send, 404, {"status": "unknown"})


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


async def _deep(scope: Scope, send: Send) -> None:
    """Answer every check: of all workspaces to who has the token, to administrators of theirs; 503 when one fails."""
    try:
        checks = await sync_to_async(_checks)(scope)
    except Refused:
        await _send(send, 401, {"status": "unauthorized"}, (b"www-authenticate", b"Bearer"))
        return
    failed = any(check.state is State.FAIL for check in checks)
    found = {"status": "fail" if failed else "ok", "checks": [check.row() for check in checks]}
    await _send(send, 503 if failed else 200, found)


def _checks(scope: Scope) -> list[Check]:
    try:
        with translation.override("en"):
            # Without the database nobody can be known by a session, and the token still is.
            mine = None if _has_token(scope, settings.LUISTER_HEALTH_TOKEN) else _administered(scope)
            with across_workspaces("say how the installation is doing"):
                return list(vitals(home(), now=utc_now(), clock=utc_now, scope=mine))
    except Error as error:
        if not _has_token(scope, settings.LUISTER_HEALTH_TOKEN):
            raise Refused from error
        return [Check("database", State.FAIL, "The database cannot be reached", "Run “luister doctor”.")]
    finally:
        connection.close()


def _has_token(scope: Scope, wanted: str) -> bool:
    given = sessions.bearer(scope)
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _administered(scope: Scope) -> Collection[int]:
    key = sessions.session_key(scope)
    user = sessions.user_of(key) if key else None
    members = access.memberships_of(user) if user else []
    found = {member.workspace_id for member in members if member.may(Permission.MANAGE_WORKSPACE)}
    if not found:
        raise Refused
    return found


async def _metrics(scope: Scope, send: Send) -> None:
    """Answer what the database says of the installation, as Prometheus reads it, to who has the token."""
    if not settings.LUISTER_METRICS_TOKEN:
        await _send(send, 404, {"status": "unknown"})
    elif not _has_token(scope, settings.LUISTER_METRICS_TOKEN):
        await _send(send, 401, {"status": "unauthorized"}, (b"www-authenticate", b"Bearer"))
    else:
        try:
            body = await sync_to_async(_figures)()
        except Error:
            await _send(send, 503, {"status": "database_unreachable"})
            return
        await _send_bytes(send, 200, body, measures.CONTENT_TYPE.encode())


def _figures() -> bytes:
    try:
        with across_workspaces("say how the installation is doing"):
            return measures.of_installation(now=utc_now())
    finally:
        connection.close()


async def _send(send: Send, status: int, found: dict[str, Any], *headers: tuple[bytes, bytes]) -> None:
    await _send_bytes(send, status, json.dumps(found).encode(), JSON, *headers)


async def _send_bytes(send: Send, status: int, body: bytes, kind: bytes, *more: tuple[bytes, bytes]) -> None:
    length = str(len(body)).encode()
    headers = [(b"content-type", kind), (b"content-length", length), (b"cache-control", b"no-store"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
