"""Downloads follow few redirects, each checked, keep secrets to their site, and end at their limits."""

import gzip
import zlib

import httpx
import pytest

from luister.http.client import NoAnswerError
from luister.http.download import MOST_HOPS, RedirectLoopError, download
from luister.http.guard import BlockedAddressError
from tests.raw_server import RawServer, answer, send_bytes

NONE: frozenset[str] = frozenset()


def get(answers, url="https://news.example/feed", **options):
    """Download with answers by address, and return it with the requests that were made."""
    asked = []

    def respond(request):
        asked.append(request)
        return answers(request) if callable(answers) else answers[str(request.url)]

    settings = {"allow_hosts": NONE, "deadline_seconds": 5, "max_bytes": 1000, **options}
    return download(url, transport=httpx.MockTransport(respond), **settings), asked


def to(url, status=302):
    return said(status=status, Location=url)


def said(content=b"", status=200, **headers):
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))


def test_query_is_kept_and_the_reader_says_who_it_is(monkeypatch):
    monkeypatch.setenv("LUISTER_CONTACT_URL", "https://brand.example/bot")
    found, asked = get({"https://news.example/feed?f=1&b=2": said(b"hi")}, "https://news.example/feed?f=1&b=2")

    assert (found.status, found.content, found.url) == (200, b"hi", "https://news.example/feed?f=1&b=2")
    assert asked[0].headers["User-Agent"] == "Luister (+https://brand.example/bot)"


def test_permanent_redirects_say_where_the_address_moved():
    answers = {
        "https://news.example/feed": to("/new", 301),
        "https://news.example/new": to("https://other.example/x", 308),
        "https://other.example/x": to("https://cdn.example/y", 302),
        "https://cdn.example/y": said(b"hi"),
    }

    found, _ = get(answers)

    assert (found.url, found.moved_to) == ("https://cdn.example/y", "https://other.example/x")


def test_temporary_redirect_moves_nothing():
    answers = {
        "https://news.example/feed": to("/a", 302),
        "https://news.example/a": to("/b", 301),
        "https://news.example/b": said(),
    }

    assert get(answers)[0].moved_to == ""


def test_redirect_loop_ends():
    with pytest.raises(RedirectLoopError) as caught:
        get(lambda request: to(str(request.url)))

    assert caught.value.reason.values["host"] == "news.example"


def test_as_many_redirects_as_allowed_are_followed():
    def respond(request):
        left = int(request.url.params["left"])
        return said() if left == 0 else to(f"https://news.example/?left={left - 1}")

    assert get(respond, f"https://news.example/?left={MOST_HOPS}")[0].status == 200
    with pytest.raises(RedirectLoopError):
        get(respond, f"https://news.example/?left={MOST_HOPS + 1}")


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://news.example/",
        "http://u:p@news.example/",
        "http://news.example:6379/",
        "http://0x7f.1/",
    ],
)
def test_redirect_to_what_may_not_be_asked_is_refused(target):
    with pytest.raises(BlockedAddressError):
        get(lambda request: to(target) if request.url.path == "/feed" else said())


def test_redirect_inside_this_network_is_refused_by_the_real_transport():
    with (
        RawServer(answer("200 OK", b"secret")) as inside,
        RawServer(answer("302 Found", Location=f"http://{inside.address}/")) as server,
    ):
        with pytest.raises(BlockedAddressError):
            download(
                f"http://{server.address}/",
                allow_hosts=frozenset({server.address}),
                deadline_seconds=5,
                max_bytes=1000,
            )

    assert inside.requests == []


def test_secrets_stay_with_their_site():
    answers = {
        "https://news.example/feed": to("https://news.example/b"),
        "https://news.example/b": to("https://other.example/"),
        "https://other.example/": said(),
    }

    _, asked = get(answers, secret_headers={"Authorization": "Basic x"}, headers={"If-None-Match": "1"})

    assert ["Authorization" in request.headers for request in asked] == [True, True, False]
    assert all("If-None-Match" in request.headers for request in asked)


def test_body_is_cut_at_the_limit():
    found, _ = get(lambda request: said(b"x" * 5000))

    assert (len(found.content), found.is_cut) == (1000, True)


def test_body_without_end_is_cut_at_the_limit():
    def drip(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            connection.sendall(b"<item/>" * 1000)

    with RawServer(drip) as server:
        found = download(
            f"http://{server.address}/", allow_hosts=frozenset({server.address}), deadline_seconds=5, max_bytes=50_000
        )

    assert (len(found.content), found.is_cut) == (50_000, True)


def test_packed_body_is_unpacked_up_to_the_limit():
    def packed(content):
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(content))

    assert get(lambda request: packed(gzip.compress(b"hi")))[0].content == b"hi"
    bomb, _ = get(lambda request: packed(gzip.compress(b"\0" * 50_000_000)))
    assert (len(bomb.content), bomb.is_cut) == (1000, True)
    for broken in (
        b"\x1f\x8b broken",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03"
        + zlib.compressobj(wbits=-15).flush(zlib.Z_SYNC_FLUSH)
        + b"\0\0\0\xff\xff" * 5000,
    ):
        with pytest.raises(NoAnswerError):
            get(lambda request, broken=broken: packed(broken))


def test_unknown_packing_is_refused():
    with pytest.raises(NoAnswerError):
        get(lambda request: httpx.Response(200, headers={"Content-Encoding": "br"}, stream=httpx.ByteStream(b"x")))


def test_slow_answer_ends_at_the_deadline():
    def drip(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>")
        connection.recv(1)

    with RawServer(drip) as server, pytest.raises(NoAnswerError):
        download(
            f"http://{server.address}/", allow_hosts=frozenset({server.address}), deadline_seconds=0.3, max_bytes=100
        )


def test_broken_connection_is_no_answer():
    with (
        RawServer(send_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) as server,
        pytest.raises(NoAnswerError),
    ):
        download(
            f"http://{server.address}/", allow_hosts=frozenset({server.address}), deadline_seconds=5, max_bytes=100
        )
