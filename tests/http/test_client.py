"""The client connects to the checked address, ends in time, reads no more than allowed, and tells what is certain."""

import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from luister.http.client import Answer, HttpClient, NoAnswerError, UnreachableError
from luister.http.guard import BlockedAddressError, UnknownHostError
from tests.raw_server import Handler, RawServer, answer, closed_port, reset, send_bytes

NONE: frozenset[str] = frozenset()


def client(server: RawServer, **options: object) -> HttpClient:
    return HttpClient(
        f"http://{server.address}/base/",
        allow_hosts=frozenset({server.address}),
        **options,  # type: ignore[arg-type] - tests name the constructor's own options
    )


def get(server: RawServer, *, deadline_seconds: float = 5, **options: object) -> Answer:
    with client(server, **options) as open_client:
        return open_client.request("GET", "/path", deadline_seconds=deadline_seconds)


def test_request_is_sent_as_asked() -> None:
    with (
        RawServer(answer("201 Created", b'{"id": "1"}', X_Extra="yes")) as server,
        client(server, headers={"Authorization": "Bearer t"}) as open_client,
    ):
        got = open_client.request(
            "POST",
            "/posts",
            deadline_seconds=5,
            params={"a": "é&"},
            json={"text": "héé"},
            headers={"Idempotency-Key": "k"},
        )

    assert (got.status, got.json(), got.headers["x-extra"]) == (201, {"id": "1"}, "yes")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /base/posts?a=%C3%A9%26 HTTP/1.1"
    assert {
        f"Host: {server.address}",
        "Authorization: Bearer t",
        "Idempotency-Key: k",
    } <= set(lines)
    assert "Accept-Encoding: identity" in lines
    assert body.decode() == '{"text":"héé"}'


def test_request_to_an_address_inside_never_connects() -> None:
    with (
        RawServer(answer("200 OK")) as server,
        HttpClient(f"http://{server.address}", allow_hosts=NONE) as open_client,
        pytest.raises(BlockedAddressError),
    ):
        open_client.request("GET", "/", deadline_seconds=5)

    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.org/",
        "ftp://example.org/",
        "example.org",
        "//example.org",
        "http://",
        "http:///path",
        "http://user@example.org/",
        "https://user:secret@example.org/",
        "http://example.org:22/",
        "http://example.org:25/",
        "http://example.org:5432/",
        "http://example.org:6379/",
        "http://[::1/",
        "http://exa mple.org/",
        "http://example.org:99999/",
        "javascript:alert(1)",
        "",
    ],
)
def test_client_refuses_what_is_no_web_address(url: str) -> None:
    with pytest.raises(BlockedAddressError):
        HttpClient(url, allow_hosts=NONE)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "localhost",
    ],
)
def test_request_blocked_whatever_the_spelling(host: str) -> None:
    with (
        pytest.raises(BlockedAddressError),
        HttpClient(f"http://{host}:8080/", allow_hosts=NONE) as open_client,
    ):
        open_client.request("GET", "/", deadline_seconds=5)


def test_request_unknown_host() -> None:
    with (
        HttpClient("http://nowhere.invalid/", allow_hosts=NONE) as open_client,
        pytest.raises(UnknownHostError),
    ):
        open_client.request("GET", "/", deadline_seconds=20)


def test_request_refused_is_unreachable() -> None:
    with (
        closed_port() as port,
        HttpClient(f"http://127.0.0.1:{port}", allow_hosts=frozenset({"127.0.0.1"})) as open_client,
    ):
        with pytest.raises(UnreachableError) as caught:
            open_client.request("GET", "/", deadline_seconds=5)

    assert caught.value.reason.values == {"host": "127.0.0.1"}


def test_request_tls_to_a_plain_server_is_unreachable() -> None:
    with RawServer(send_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n"), reads_first=False) as server:
        with (
            HttpClient(f"https://{server.address}", allow_hosts=frozenset({server.address})) as open_client,
            pytest.raises(UnreachableError),
        ):
            open_client.request("GET", "/", deadline_seconds=5)


def test_redirect_is_not_followed() -> None:
    with RawServer(answer("302 Found", Location="http://169.254.169.254/")) as server:
        got = get(server)

    assert (got.status, got.headers["location"]) == (302, "http://169.254.169.254/")


def test_proxies_of_the_environment_are_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closed_port() as port, RawServer(answer("200 OK", b"direct")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        got = get(server)

    assert got.content == b"direct"


@pytest.mark.parametrize(
    "handler",
    [
        reset,
        send_bytes(b""),
        send_bytes(b"HTTP/1.1 200 OK\r\n"),
        send_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
        send_bytes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        send_bytes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"),
        send_bytes(b"HTTP/9.9 whatever\r\n\r\n"),
        send_bytes(b"SSH-2.0-OpenSSH_9.2\r\n"),
        send_bytes(b"HTTP/1.1 100 Continue\r\n\r\n"),
        answer("200 OK", b"\x1f\x8b", Content_Encoding="gzip"),
    ],
    ids=lambda handler: getattr(handler, "__name__", "handler"),
)
def test_request_without_complete_answer(handler: Handler) -> None:
    with RawServer(handler) as server, pytest.raises(NoAnswerError):
        get(server)


def test_answer_larger_than_the_cap_is_cut_off() -> None:
    sent = []

    def endless(connection: socket.socket, request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)
            sent.append(65536)

    with RawServer(endless) as server, pytest.raises(NoAnswerError) as caught:
        get(server, max_bytes=100_000)

    assert caught.value.reason.code == "http.too_large"
    assert sum(sent) < 20_000_000


def dripping(data: bytes) -> Callable[[threading.Event], Handler]:
    def make(over: threading.Event) -> Handler:
        def handle(connection: socket.socket, request: bytes) -> None:
            connection.sendall(data)
            while not over.wait(0.05):
                connection.sendall(b"x")

        return handle

    return make


@pytest.mark.parametrize(
    "make",
    [
        dripping(b""),
        dripping(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
    ],
    ids=["status line", "header", "body"],
)
def test_slow_drip_ends_at_the_deadline(
    make: Callable[[threading.Event], Handler],
) -> None:
    over = threading.Event()
    started = time.monotonic()

    with RawServer(make(over)) as server:
        with pytest.raises(NoAnswerError):
            get(server, deadline_seconds=0.5)
        took = time.monotonic() - started
        over.set()

    assert took < 5


def test_transport_can_be_injected() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"path": request.url.path}))

    with HttpClient("https://example.org/api", allow_hosts=NONE, transport=transport) as open_client:
        assert open_client.request("GET", "/me", deadline_seconds=1).json() == {"path": "/api/me"}


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff", b"[" * 100_000, b'{"a": 1} x'])
def test_answer_that_is_no_json_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        Answer(200, {}, content).json()
