"""Every answer that a network can give to a send is sent, certainly not sent, or unknown; never a false "sent"."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from luister.base.connector import Receipt
from luister.base.errors import NotSentError, UnknownOutcomeError
from luister.connectors.practice import CONNECTOR, REASONS
from tests.connectors.practice.accounts import account, outbound
from tests.raw_server import Handler, RawServer, answer, closed_port, reset, send_bytes

POST = {"id": "12", "url": "http://x/practice/post/12/"}
SENT = json.dumps({"post": POST}).encode()
HTML = b"<!doctype html><title>Welcome</title><p>Please sign in.</p>"


@pytest.fixture(autouse=True)
def _allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")


def send(handler: Handler, *, deadline_seconds: float = 5, **values: object) -> Receipt:
    with RawServer(handler) as server:
        return CONNECTOR.send(
            account(f"http://{server.address}/practice/api"), outbound(**values), deadline_seconds=deadline_seconds
        )


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def refusal(code: object) -> bytes:
    return body({"error": {"code": code, "message": "words"}})


def hang(connection: socket.socket, request: bytes) -> None:
    connection.recv(1)  # until the client gives up


def head_then_hang(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
    connection.recv(1)


def half_then_reset(connection: socket.socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n" + SENT)
    reset(connection)


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "299 Something"])
def test_send_success_with_an_id_is_sent(status: str) -> None:
    assert send(answer(status, SENT)) == Receipt("12", "http://x/practice/post/12/")


def test_send_success_over_chunks_is_sent() -> None:
    chunked = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(SENT), SENT)

    assert send(send_bytes(chunked)).external_id == "12"


UNKNOWN: dict[str, Handler] = {
    "reset before an answer": reset,
    "closed before an answer": send_bytes(b""),
    "no answer in time": hang,
    "head but no body in time": head_then_hang,
    "half body, then reset": half_then_reset,
    "half body, then closed": send_bytes(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n" + SENT),
    "half head": send_bytes(b"HTTP/1.1 201 Created\r\nContent-Le"),
    "chunks cut off": send_bytes(b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"po'),
    "no HTTP": send_bytes(b"220 mail.example.org ESMTP\r\n"),
    "HTTP 0.9": send_bytes(SENT),
    "only 100 Continue": send_bytes(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "too large": answer("201 Created", b"x" * 11_000_000),
    "compressed": answer("201 Created", SENT, Content_Encoding="gzip"),
    "204 without content": answer("204 No Content"),
    "205": answer("205 Reset Content"),
    "200 empty": answer("200 OK"),
    "200 HTML": answer("200 OK", HTML, Content_Type="text/html"),
    "200 text": answer("200 OK", b"OK"),
    "200 not UTF-8": answer("200 OK", SENT.replace(b"12", b"\xff")),
    "200 half JSON": answer("200 OK", SENT[:-3]),
    "200 two answers": answer("200 OK", SENT + SENT),
    "200 list": answer("200 OK", b"[" + SENT + b"]"),
    "200 null": answer("200 OK", b"null"),
    "200 deep": answer("200 OK", b"[" * 100_000),
    "200 error body": answer("200 OK", refusal("text_too_long")),
    "200 error beside a post": answer("200 OK", body({"post": POST, "error": {"code": "x"}})),
    "200 null error beside a post": answer("200 OK", body({"post": POST, "error": None})),
    "201 without post": answer("201 Created", b"{}"),
    "201 post is a text": answer("201 Created", body({"post": "12"})),
    "201 without id": answer("201 Created", body({"post": {"url": ""}})),
    "201 id null": answer("201 Created", body({"post": {"id": None}})),
    "201 id empty": answer("201 Created", body({"post": {"id": " "}})),
    "201 id a number": answer("201 Created", body({"post": {"id": 12}})),
    "201 url a number": answer("201 Created", body({"post": {"id": "12", "url": 3}})),
    "202 without id": answer("202 Accepted", body({"queued": True})),
    "301": answer("301 Moved Permanently", SENT, Location="http://127.0.0.1/elsewhere"),
    "302 to a login": answer("302 Found", HTML, Location="/login/"),
    "303": answer("303 See Other", SENT, Location="/login/"),
    "307": answer("307 Temporary Redirect", SENT, Location="http://127.0.0.1/elsewhere"),
    "304": answer("304 Not Modified"),
    "400 HTML": answer("400 Bad Request", HTML),
    "400 unknown code": answer("400 Bad Request", refusal("new_code")),
    "400 code of another status": answer("400 Bad Request", refusal("text_too_long")),
    "400 code is a list": answer("400 Bad Request", refusal(["bad_request"])),
    "402": answer("402 Payment Required", refusal("bad_request")),
    "403 HTML of a firewall": answer("403 Forbidden", HTML),
    "404 HTML": answer("404 Not Found", HTML),
    "405": answer("405 Method Not Allowed"),
    "407 of a proxy": answer("407 Proxy Authentication Required", HTML),
    "408": answer("408 Request Timeout"),
    "409": answer("409 Conflict", SENT),
    "418": answer("418 I'm a teapot", SENT),
    "425": answer("425 Too Early"),
    "500": answer("500 Internal Server Error", refusal("failed")),
    "500 with a post": answer("500 Internal Server Error", SENT),
    "500 with a documented refusal": answer("500 Internal Server Error", refusal("empty_text")),
    "502 HTML": answer("502 Bad Gateway", HTML),
    "503 with Retry-After": answer("503 Service Unavailable", refusal("outage"), Retry_After="5"),
    "504": answer("504 Gateway Timeout"),
    "599": answer("599 Whatever", SENT),
    "600": answer("600 Whatever", SENT),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_send_anything_else_is_unknown(name: str) -> None:
    with pytest.raises(UnknownOutcomeError):
        send(UNKNOWN[name], deadline_seconds=0.5 if "in time" in name else 5)


REFUSED = [
    ("400 Bad Request", "bad_request"),
    ("403 Forbidden", "parent_is_private"),
    ("404 Not Found", "unknown_parent"),
    ("404 Not Found", "unknown_path"),
    ("404 Not Found", "unknown_recipient"),
    ("410 Gone", "deleted"),
    ("410 Gone", "parent_deleted"),
    ("413 Content Too Large", "picture_too_large"),
    ("413 Content Too Large", "too_large"),
    ("415 Unsupported Media Type", "not_a_picture"),
    ("422 Unprocessable Content", "empty_text"),
    ("422 Unprocessable Content", "text_too_long"),
    ("422 Unprocessable Content", "too_many_pictures"),
    ("422 Unprocessable Content", "unknown_recipient"),
]


@pytest.mark.parametrize(("status", "code"), REFUSED)
def test_send_documented_refusal_is_not_sent_for_good(status: str, code: str) -> None:
    with pytest.raises(NotSentError) as caught:
        send(answer(status, refusal(code)))

    assert caught.value.reason.code == f"practice.{code}"
    assert caught.value.reason.code in REASONS
    assert (caught.value.permanent, caught.value.needs_attention) == (True, False)


@pytest.mark.parametrize("content", [refusal("invalid_token"), refusal("expired_token"), HTML, b""])
def test_send_401_needs_attention(content: bytes) -> None:
    with pytest.raises(NotSentError) as caught:
        send(answer("401 Unauthorized", content))

    assert caught.value.reason.code == "practice.token_refused"
    assert (caught.value.permanent, caught.value.needs_attention) == (False, True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("30", timedelta(seconds=30)),
        ("315360000", timedelta(hours=1)),
        ("Sat, 21 Nov 2136 12:00:00 GMT", timedelta(hours=1)),
        ("Sat, 21 Nov 2020 12:00:00 GMT", None),
        ("0", None),
        ("-5", None),
        ("garbage", None),
        ("", None),
        (None, None),
    ],
)
def test_send_429_is_not_sent_and_says_when(value: str | None, expected: timedelta | None) -> None:
    headers = {} if value is None else {"Retry_After": value}
    with pytest.raises(NotSentError) as caught:
        send(answer("429 Too Many Requests", refusal("rate_limited"), **headers))

    assert caught.value.reason.code == "practice.rate_limited"
    assert caught.value.retry_after == expected
    assert (caught.value.permanent, caught.value.needs_attention) == (False, False)


@pytest.fixture
def refusing_port() -> Iterator[int]:
    with closed_port() as port:
        yield port


def test_send_connection_refused_is_not_sent(refusing_port: int) -> None:
    with pytest.raises(NotSentError) as caught:
        CONNECTOR.send(account(f"http://127.0.0.1:{refusing_port}"), outbound(), deadline_seconds=5)

    assert caught.value.reason.code == "http.unreachable"
    assert caught.value.reason.values == {"host": "127.0.0.1"}
    assert (caught.value.permanent, caught.value.needs_attention) == (False, False)


def test_send_unknown_host_is_not_sent() -> None:
    with pytest.raises(NotSentError) as caught:
        CONNECTOR.send(account("http://nowhere.invalid"), outbound(), deadline_seconds=20)

    assert caught.value.reason.code == "http.unknown_host"


def test_send_failed_tls_is_not_sent() -> None:
    with RawServer(send_bytes(b"no TLS here"), reads_first=False) as server, pytest.raises(NotSentError) as caught:
        CONNECTOR.send(account(f"https://{server.address}"), outbound(), deadline_seconds=5)

    assert caught.value.reason.code == "http.unreachable"


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "http://user@127.0.0.1", "http://[::1]:8000", "nonsense"])
def test_send_to_a_wrong_or_forbidden_address_is_not_sent(url: str) -> None:
    with pytest.raises(NotSentError) as caught:
        CONNECTOR.send(account(url), outbound(), deadline_seconds=5)

    assert caught.value.needs_attention


def test_send_token_with_a_line_break_adds_no_header() -> None:
    with RawServer(answer("401 Unauthorized")) as server:
        broken = account(f"http://{server.address}", token="a\r\nX-Extra: 1")
        with pytest.raises(NotSentError):
            CONNECTOR.send(broken, outbound(), deadline_seconds=5)

    assert b"\r\nAuthorization: Bearer aX-Extra:1\r\n" in server.requests[0]


def test_send_what_the_network_would_take_for_something_else_never_leaves() -> None:
    with RawServer(answer("201 Created", SENT)) as server, pytest.raises(NotSentError) as caught:
        CONNECTOR.send(account(f"http://{server.address}"), outbound(public=False), deadline_seconds=5)

    assert (caught.value.reason.code, caught.value.permanent) == ("practice.unknown_recipient", True)
    assert server.requests == []
