"""A visit to the server of a stream: what is seen there, and every way in which there is nothing to see."""

import json
import time

import pytest

from luister.base.errors import ConnectorError
from luister.connectors.stream import REASONS, StreamAddress, probe
from luister.connectors.stream.probe import LONGEST_LINE
from tests.raw_server import RawServer, closed_port

INFO = b'INFO {"version":"2.9.10","headers":true,"jetstream":true}\r\n'
STREAM = {
    "config": {"name": "POSTS", "max_bytes": 1000, "discard": "old"},
    "state": {"messages": 3, "bytes": 900, "first_seq": 1, "last_seq": 3},
}
GROUPS = {
    "consumers": [
        {"name": "luister", "config": {"durable_name": "luister"}, "num_pending": 2, "num_ack_pending": 1,
         "num_redelivered": 1}
    ]
}  # fmt: skip
ACCOUNT = {"storage": 5000, "limits": {"max_storage": 6000}}


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "127.0.0.1")


def address_of(server, *, scheme="nats", sign_in=""):
    return StreamAddress.parse(f"{scheme}://{sign_in}{server.address}/POSTS")


def serving(*answers, greeting=INFO, welcome=b"PONG\r\n", said=None):
    """Serve one visit: greet, welcome, and give an answer to each request."""

    def handle(connection, _request):
        given = iter(answers)
        connection.sendall(greeting)
        with connection.makefile("rb") as lines:
            for line in lines:
                if said is not None:
                    said.append(line)
                if line.startswith(b"PING"):
                    connection.sendall(welcome)
                if line.startswith(b"PUB "):
                    answer = next(given, message({}))
                    connection.sendall(answer(line.split()[2]) if callable(answer) else answer)

    return RawServer(handle, reads_first=False)


def message(body):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda inbox: b"MSG %s 1 %d\r\n%s\r\n" % (inbox, len(data), data)


def refusal_of(address, **options):
    with pytest.raises(ConnectorError) as refused:
        probe(address, **options)
    reason = refused.value.reason
    assert REASONS[reason.code].format(**reason.values)
    return reason.code


def test_probe_tells_how_a_stream_and_its_readers_are_doing():
    with serving(message(STREAM), message(GROUPS), message(ACCOUNT)) as server:
        seen = probe(address_of(server))

    assert (seen.messages, seen.size, seen.most_size, seen.drops_old) == (3, 900, 1000, True)
    assert (seen.storage, seen.most_storage) == (5000, 6000)
    [group] = seen.groups
    assert (group.name, group.is_durable, group.lag, group.in_hand, group.redelivered) == ("luister", True, 2, 1, 1)


def test_probe_takes_no_limit_for_none():
    unlimited = {"config": {"max_bytes": -1, "discard": "new"}, "state": {"messages": 0, "bytes": 0}}
    with serving(message(unlimited), message({"consumers": None}), message({"limits": {"max_storage": -1}})) as server:
        seen = probe(address_of(server))

    assert (seen.most_size, seen.most_storage, seen.drops_old, seen.groups) == (0, 0, False, ())


def test_probe_reads_headers_pings_and_answers_in_pieces():
    body = json.dumps(STREAM).encode()
    with_headers = b"PING\r\nHMSG x 1 12 %d\r\nNATS/1.0\r\n\r\n%s\r\n" % (12 + len(body), body)
    with serving(with_headers, message(GROUPS), message(ACCOUNT)) as server:
        assert probe(address_of(server)).messages == 3


@pytest.mark.parametrize(
    ("sign_in", "expected"),
    [("pim:geheim@", {"user": "pim", "pass": "geheim"}), ("geheim@", {"auth_token": "geheim"}), ("", {})],
)
def test_probe_signs_in(sign_in, expected):
    said: list[bytes] = []
    with serving(message(STREAM), message(GROUPS), message(ACCOUNT), said=said) as server:
        probe(address_of(server, sign_in=sign_in))

    connect = json.loads(said[0].partition(b" ")[2])
    assert {name: connect[name] for name in ("user", "pass", "auth_token") if name in connect} == expected


@pytest.mark.parametrize(
    ("greeting", "code"),
    [
        (b"220 mail.example ESMTP\r\n", "stream.not_nats"),
        (b"INFO {}\r\n", "stream.not_nats"),
        (b"INFO [1]\r\n", "stream.not_nats"),
        (b"INFO " + b"[" * 5000 + b"\r\n", "stream.not_nats"),
        (b"x" * (LONGEST_LINE + 2), "stream.not_nats"),
        (b'INFO {"version":"2.9","jetstream":false}\r\n', "stream.no_jetstream"),
    ],
)
def test_other_greetings_are_told_apart(greeting, code):
    with serving(greeting=greeting) as server:
        assert refusal_of(address_of(server)) == code


def test_no_password_leaves_where_tls_was_asked_for_and_is_not_offered():
    said: list[bytes] = []
    with serving(said=said) as server:
        assert refusal_of(address_of(server, scheme="tls", sign_in="pim:geheim@")) == "stream.no_tls"

    assert said == []


def test_promised_tls_that_is_none_is_told():
    def promise(connection, _request):
        connection.sendall(b'INFO {"version":"2.9","tls_required":true}\r\n')
        connection.recv(10_000)
        connection.sendall(b"PONG\r\n" * 100)

    with RawServer(promise, reads_first=False) as server:
        assert refusal_of(address_of(server)) == "stream.tls"


@pytest.mark.parametrize(
    ("welcome", "code"),
    [
        (b"-ERR 'Authorization Violation'\r\n", "stream.sign_in"),
        (b"-ERR 'Authentication Timeout'\r\n", "stream.sign_in"),
        (b"-ERR 'Permissions Violation for Subscription'\r\n", "stream.forbidden"),
        (b"-ERR 'maximum connections exceeded'\r\n", "stream.refused"),
    ],
)
def test_server_that_does_not_let_us_in_is_told(welcome, code):
    with serving(welcome=welcome) as server:
        assert refusal_of(address_of(server)) == code


NO_RESPONDERS = b"HMSG x 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (message({"error": {"code": 404, "err_code": 10059, "description": "stream not found"}}), "stream.not_found"),
        (message({"error": {"code": 503, "description": "JetStream system unavailable"}}), "stream.refused"),
        (NO_RESPONDERS, "stream.no_jetstream"),
        (message(b"no JSON"), "stream.not_nats"),
        (message({"config": None, "state": []}), "stream.not_nats"),
        (b"MSG x 1 many\r\n", "stream.not_nats"),
        (b"MSG x 1 99999999\r\n", "stream.not_nats"),
    ],
)
def test_answers_about_no_stream_are_told_apart(answer, code):
    with serving(answer) as server:
        assert refusal_of(address_of(server)) == code


def test_server_that_hangs_up_is_told():
    with RawServer(lambda connection, _: connection.sendall(INFO[:10]), reads_first=False) as server:
        assert refusal_of(address_of(server)) == "stream.closed"


def test_server_that_drips_is_left_at_the_deadline():
    def drip(connection, _request):
        for byte in b"INFO {" + b" " * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    with RawServer(drip, reads_first=False) as server:
        began = time.monotonic()
        code = refusal_of(address_of(server), deadline_seconds=0.2)
        took = time.monotonic() - began

    assert code == "stream.silent"
    assert took < 5


def test_nobody_there_and_addresses_inside_are_told(monkeypatch):
    with closed_port() as port:
        assert refusal_of(StreamAddress.parse(f"nats://127.0.0.1:{port}/POSTS")) == "stream.unreachable"
        monkeypatch.setenv("LUISTER_ALLOW_HOSTS", "")
        assert refusal_of(StreamAddress.parse(f"nats://127.0.0.1:{port}/POSTS")) == "http.blocked_address"
