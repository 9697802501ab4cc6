"""What answers beside Django: static files and health, whatever Host is asked for."""

import asyncio
import socket

import pytest
from django.db import OperationalError

from luister.config import asgi, health, web
from luister.config.asgi import application
from luister.config.errors import GroundError
from luister.config.refreshing import Turns


def get(path: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """Ask our ASGI application, as a stranger who names another host."""
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"elsewhere.example")], "scheme": "http", "http_version": "1.1",
    }  # fmt: skip
    sent: list[dict] = []
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict:
        return asked.pop() if asked else await asyncio.Future()  # the browser never goes away

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_last", None)


def test_live_needs_no_database() -> None:
    status, headers, body = get("/health/live")

    assert (status, body) == (200, b'{"status": "live"}')
    assert headers[b"cache-control"] == b"no-store"


@pytest.mark.parametrize(
    ("pending", "status", "word"), [([], 200, "ready"), (["inbox.0009_more"], 503, "migrations_pending")]
)
def test_ready_needs_its_tables(pending: list[str], status: int, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "pending", lambda: pending)

    assert get("/health/ready")[::2] == (status, f'{{"status": "{word}"}}'.encode())


def test_ready_without_a_database_is_asked_once_in_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def fail() -> list[str]:
        asked.append(True)
        raise OperationalError

    now = 1000.0
    monkeypatch.setattr(health, "pending", fail)
    monkeypatch.setattr(health.time, "monotonic", lambda: now)

    assert get("/health/ready")[::2] == (503, b'{"status": "database_unreachable"}')
    assert get("/health/ready")[0] == 503
    assert len(asked) == 1
    now += 2.1
    assert get("/health/ready")[0] == 503
    assert len(asked) == 2


def test_static_file_of_an_app() -> None:
    status, headers, body = get("/static/ui/css/base.css")

    assert status == 200
    assert (headers[b"cache-control"], headers[b"x-content-type-options"]) == (b"no-cache", b"nosniff")
    assert body


@pytest.mark.parametrize(
    "path", ["/static/", "/static/nothing.css", "/static/../settings.py", "/static/a\0b", "/health/x"]
)
def test_what_is_not_there(path: str) -> None:
    assert get(path)[0] == 404


def test_what_people_wait_for_goes_before_what_screens_draw_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    free = {name: asyncio.Event() for name in ("page", "anew 1", "anew 2")}

    async def slow(scope: dict, receive: object, send: object) -> None:
        begun.append(scope["path"])
        await free[scope["path"]].wait()

    def ask(group: asyncio.TaskGroup, path: str) -> None:
        headers = [(b"luister-refresh", b"1")] if path.startswith("anew") else []
        group.create_task(application({"type": "http", "path": path, "headers": headers}, None, None))

    async def turn() -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def pages() -> None:
        monkeypatch.setattr(asgi, "django_application", slow)
        monkeypatch.setattr(asgi, "turns", Turns(patience_seconds=60))
        async with asyncio.TaskGroup() as group:
            for path in ("page", "anew 1", "anew 2"):
                ask(group, path)
            await turn()
            assert begun == ["page"]
            free["page"].set()
            await turn()
            assert begun == ["page", "anew 1"]
            ask(group, "page")  # does not wait for the one that is being drawn
            await turn()
            assert begun == ["page", "anew 1", "page"]
            free["anew 1"].set()
            free["anew 2"].set()

    asyncio.run(pages())
    assert begun == ["page", "anew 1", "page", "anew 2"]


def test_what_screens_draw_anew_has_its_turn_where_somebody_always_waits() -> None:
    async def pages() -> bool:
        turns = Turns(patience_seconds=0.01)
        async with turns.first(), asyncio.timeout(10), turns.later():
            return True

    assert asyncio.run(pages())


def test_listening_where_somebody_else_does() -> None:
    with web.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]

        with pytest.raises(GroundError, match=f"^Port {port} on 127.0.0.1 cannot be used"):
            web.listen("127.0.0.1", port)

    with web.listen("127.0.0.1", port) as again:
        assert isinstance(again, socket.socket)
