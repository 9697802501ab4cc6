"""What is noted of every request: its id, how long it took, and how it ended."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from luister.base import metrics, tracing
from luister.base.context import request_id, request_id_of

logger = logging.getLogger("luister.http")

HEADER = "x-request-id"
MOST_HEADER_BYTES = 65_536


class Identified:
    """An ASGI application whose requests have an id: that of a proxy before us where it is well-formed, else ours."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the id in the answer's headers."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        headers = Headers(scope=scope)
        found = request_id_of(headers.get(HEADER, ""))
        application = refused(headers, version=scope.get("http_version", "1.1")) or self._application

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = found
            await send(message)

        token = request_id.set(found)
        try:
            await application(scope, receive, send_with_id)
        finally:
            request_id.reset(token)


def refused(headers: Headers, *, version: str) -> ASGIApp | None:
    """Return the answer for who sends what a proxy before us may have read differently, or far too much; else None.

    The connection ends with it: what follows on it may be the rest of another's request.
    """
    if "transfer-encoding" in headers and ("content-length" in headers or version == "1.0"):
        return _last_answer(400, "The request says in two ways how long it is.")
    if sum(len(name) + len(value) for name, value in headers.raw) > MOST_HEADER_BYTES:
        return _last_answer(431, "The headers are longer than 64 kB.")
    return None


def _last_answer(status: int, sentence: str) -> ASGIApp:
    return PlainTextResponse(f"{sentence}\n", status, {"Connection": "close", "Cache-Control": "no-store"})


class Ended(ASGIHandler):
    """Django, which otherwise does not end a request whose answer broke off, and keeps its database connection."""

    async def send_response(
        self, response: HttpResponseBase, send: Callable[[Mapping[str, Any]], Awaitable[None]]
    ) -> None:
        """Send an answer; one that breaks off ends its request as well."""
        try:
            await super().send_response(response, send)
        except Exception:
            await sync_to_async(response.close)()
            raise


class Noted:
    """Django middleware, the outermost: measures each page, and writes one line of it without its address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and note it."""
        began = time.perf_counter()
        with tracing.span(f"{request.method}", kind="server", parent=request.headers.get("traceparent", "")):
            response = self.get_response(request)
            route = request.resolver_match.route if request.resolver_match else "none"
            tracing.note({"http.route": route, "http.response.status_code": response.status_code})
        seconds = time.perf_counter() - began
        method = request.method if request.method in {"GET", "HEAD", "POST"} else "other"
        code_class = f"{response.status_code // 100}xx"
        metrics.http_requests.labels(route, method, code_class).observe(seconds)
        member = getattr(request, "member", None)
        known = {
            "route": route,
            "method": method,
            "status": response.status_code,
            "duration_ms": round(seconds * 1000, 1),
            "workspace_id": member and member.workspace_id,
            "actor_id": member and member.user_id,
        }
        logger.info("http.answered", extra=known)
        return response
