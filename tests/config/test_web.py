"""What answers beside Django: static files and health, whatever Host is asked for."""

import asyncio
import socket

import pytest
from django.db import OperationalError

from luister.config import asgi, health, web
from luister.config.asgi import application
from luister.config.errors import GroundError


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


def test_what_people_wait_for_does_not_wait_for_what_screens_draw_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []

    async def pages() -> None:
        done = asyncio.Event()

        async def slow(scope: dict, receive: object, send: object) -> None:
            begun.append(scope["path"])
            await done.wait()

        monkeypatch.setattr(asgi, "django_application", slow)
        monkeypatch.setattr(asgi, "refreshes", asyncio.Semaphore(asgi.REFRESHES))
        anew = [(b"luister-refresh", b"1")]
        asked = [("/anew", anew)] * 5 + [("/page", [])] * 3
        async with asyncio.TaskGroup() as group:
            for path, headers in asked:
                scope = {"type": "http", "path": path, "headers": headers}
                group.create_task(application(scope, None, None))
            await asyncio.sleep(0)
            assert sorted(begun) == ["/anew"] * 2 + ["/page"] * 3
            done.set()

    asyncio.run(pages())
    assert begun.count("/anew") == 5


def test_listening_where_somebody_else_does() -> None:
    with web.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]

        with pytest.raises(GroundError, match=f"^Port {port} on 127.0.0.1 cannot be used"):
            web.listen("127.0.0.1", port)

    with web.listen("127.0.0.1", port) as again:
        assert isinstance(again, socket.socket)
