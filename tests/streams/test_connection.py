"""Connections of matchers: no password leaves before TLS where TLS was asked for."""

import asyncio

import pytest

from luister.streams.wire.address import parse_address
from luister.streams.wire.connection import close, connect
from luister.streams.wire.errors import StreamError
from tests.raw_server import RawServer

INFO = b'INFO {"version":"2.9.10","headers":true,"jetstream":true,"max_payload":1000000}\r\n'


def said_to_a_server_without_tls(scheme):
    """Return what a server without TLS hears, and the error that the caller gets."""
    heard = []

    def handle(wire, _request):
        wire.sendall(INFO)
        while data := wire.recv(4096):
            heard.append(data)
            if b"PING" in data:
                wire.sendall(b"PONG\r\n")

    async def sign_in(port):
        address = parse_address(f"{scheme}://pim:geheim@127.0.0.1:{port}/POSTS")
        await close(await connect(address, tell=lambda _words: None))

    error = ""
    with RawServer(handle, reads_first=False) as server:
        try:
            asyncio.run(sign_in(server.port))
        except StreamError as refused:
            error = str(refused)
    return b"".join(heard), error


def test_no_password_leaves_before_tls_where_it_was_asked_for():
    heard, error = said_to_a_server_without_tls("tls")

    assert b"geheim" not in heard
    assert "do not agree on TLS (the server offers no TLS)" in error


def test_password_goes_over_plain_connections_where_they_were_asked_for():
    heard, error = said_to_a_server_without_tls("nats")

    assert b"geheim" in heard
    assert error == ""


def test_nobody_there_is_told():
    async def sign_in():
        await connect(parse_address("nats://127.0.0.1:1/POSTS"), tell=lambda _words: None)

    with pytest.raises(StreamError, match="No NATS server answers"):
        asyncio.run(sign_in())
