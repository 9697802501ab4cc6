"""The API for brands; `luister.practice.api` says what it does."""

import time
from collections.abc import AsyncIterator

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from luister.base.clock import utc_now
from luister.practice import queries
from luister.practice.api import MAX_BODY_BYTES, Request, Response, answer
from luister.practice.faults import Dice
from luister.practice.store import DatabaseStore
from luister.practice.views.gate import practice_view

DICE = Dice()


@csrf_exempt
@practice_view("A brand's token is asked for instead of a sign-in.")
def api(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answer a request of a brand's desk, with the faults that are set."""
    asked = _asked(request, path)
    decision = DICE.roll(queries.fault_plan(), asked.fingerprint)
    _pause(decision.latency_seconds / 2)
    given = answer(asked, DatabaseStore(), decision=decision, now=utc_now())
    _pause(decision.latency_seconds / 2)
    return _sent(given) if given else _dropped()


def _asked(request: HttpRequest, path: str) -> Request:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return Request(
        method=request.method or "",
        path=path,
        site_url=request.build_absolute_uri(reverse("practice:square")).rstrip("/"),
        token=token.strip() if scheme.lower() == "bearer" else "",
        query=request.GET.dict(),
        body=request.read(MAX_BODY_BYTES + 1),
        key=request.headers.get("Idempotency-Key", ""),
    )


def _pause(seconds: float) -> None:
    if seconds > 0:
        if not connection.in_atomic_block:
            connection.close()  # whoever waits needs none, and there are few
        time.sleep(seconds)


def _sent(given: Response) -> HttpResponse:
    return HttpResponse(given.content(), status=given.status, content_type="application/json", headers=given.headers)


def _dropped() -> StreamingHttpResponse:
    """Break the connection: Django can only do so by failing in the middle of an answer."""
    return StreamingHttpResponse(_half_an_answer(), content_type="application/json", headers={"Content-Length": "1000"})


async def _half_an_answer() -> AsyncIterator[bytes]:
    yield b'{"post": '
    raise ConnectionAbortedError("The practice network drops this connection on purpose, as its faults page says.")
