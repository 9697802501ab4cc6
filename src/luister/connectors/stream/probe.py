"""Looking how a stream is doing: one short visit to its server, with a deadline.

The few lines of the NATS protocol that a visit needs are spoken here, because the address comes from a screen: what
is connected to is the address that was checked, and no password leaves before TLS stands where TLS was asked for.
Matchers, whose address comes from whoever runs them, use nats-py.

Source: NATS client protocol and JetStream API, nats-server 2.9 (checked 2026-11).
"""

import contextlib
import json
import secrets
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from luister.base.errors import ConnectorError
from luister.connectors.stream.address import StreamAddress
from luister.connectors.stream.seen import Group, Seen
from luister.http.guard import allow_hosts_from_env, resolve

DEADLINE_SECONDS: Final = 4.0
LONGEST_LINE: Final = 64 * 1024
LONGEST_ANSWER: Final = 4 * 1024 * 1024
NOT_FOUND: Final = 404
NO_RESPONDERS: Final = b" 503"


def probe(address: StreamAddress, *, deadline_seconds: float = DEADLINE_SECONDS) -> Seen:
    """Return how a stream is doing; nothing is changed there.

    Raises:
        ConnectorError: it cannot be reached or signed in to, or there is no such stream.
    """
    ends = time.monotonic() + deadline_seconds
    with _network_errors(address), _Visit(address, ends) as visit:
        visit.sign_in()
        stream = visit.ask(f"STREAM.INFO.{address.stream}")
        groups = visit.ask(f"CONSUMER.LIST.{address.stream}", {"offset": 0})
        return _seen(stream, groups, visit.ask("INFO"))


def _seen(stream: Mapping[str, Any], groups: Mapping[str, Any], account: Mapping[str, Any]) -> Seen:
    config, state = stream["config"], stream["state"]
    return Seen(
        messages=int(state["messages"]),
        size=int(state["bytes"]),
        most_size=max(int(config.get("max_bytes", -1)), 0),
        drops_old=config.get("discard", "old") == "old",
        groups=tuple(_group(one) for one in groups.get("consumers") or ()),
        storage=int(account.get("storage", 0)),
        most_storage=max(int((account.get("limits") or {}).get("max_storage", -1)), 0),
    )


def _group(found: Mapping[str, Any]) -> Group:
    config = found.get("config") or {}
    return Group(
        name=str(found["name"]),
        is_durable=bool(config.get("durable_name")),
        lag=int(found.get("num_pending") or 0),
        in_hand=int(found.get("num_ack_pending") or 0),
        redelivered=int(found.get("num_redelivered") or 0),
    )


class _Visit:
    """A connection to a NATS server."""

    def __init__(self, address: StreamAddress, ends: float) -> None:
        self._address, self._ends, self._buffer = address, ends, b""
        self._inbox = f"_INBOX.{secrets.token_hex(12)}"
        host = resolve(address.host, address.port, allow_hosts=allow_hosts_from_env())
        self._socket: socket.socket = socket.create_connection((host, address.port), timeout=self._left())

    def __enter__(self) -> "_Visit":
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def sign_in(self) -> None:
        """Read the greeting, secure the connection and say who we are.

        Raises:
            ConnectorError: this is no NATS server, or it offers no TLS, does not know us or keeps no streams.
        """
        verb, _, greeting = self._line().partition(b" ")
        info = _read_json(greeting) if verb.upper() == b"INFO" else {}
        if not info:
            raise self._refusal("stream.not_nats")
        if info.get("tls_required") or self._address.scheme == "tls":
            self._secure(offered=bool(info.get("tls_required") or info.get("tls_available")))
        given = self._address.sign_in
        words = {"user": "user", "password": "pass", "token": "auth_token"}
        said = {words[name]: value for name, value in given.items()} | {
            "verbose": False, "pedantic": False, "headers": True, "no_responders": True,
            "name": "luister", "lang": "python", "version": "1", "protocol": 1,
        }  # fmt: skip
        self._send(b"CONNECT " + json.dumps(said).encode() + f"\r\nSUB {self._inbox}.* 1\r\nPING\r\n".encode())
        self._until(b"PONG")
        if not info.get("jetstream"):
            raise self._refusal("stream.no_jetstream")

    def ask(self, what: str, payload: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Return the answer of the JetStream API.

        Raises:
            ConnectorError: there is no such stream, or the server refuses.
        """
        body = json.dumps(payload).encode() if payload else b""
        request = f"PUB $JS.API.{what} {self._inbox}.{secrets.token_hex(4)} {len(body)}\r\n".encode()
        self._send(request + body + b"\r\n")
        answer = _read_json(self._answer())
        error = answer.get("error")
        if not error:
            return answer
        if error.get("code") == NOT_FOUND:
            raise self._refusal("stream.not_found", name=self._address.stream)
        raise self._refusal("stream.refused", detail=_words(error.get("description")))

    def _answer(self) -> bytes:
        line = self._until(b"MSG", b"HMSG")
        words = line.split()
        size = int(words[-1])
        if size > LONGEST_ANSWER:
            raise self._refusal("stream.not_nats")
        body = self._take(size + 2)[:size]
        if words[0].upper() == b"MSG":
            return body
        head, body = body[: int(words[-2])], body[int(words[-2]) :]
        if NO_RESPONDERS in head.splitlines()[0]:
            raise self._refusal("stream.no_jetstream")
        return body

    def _until(self, *verbs: bytes) -> bytes:
        """Return the first line that begins with one of these; the server's errors are raised."""
        while True:
            line = self._line()
            verb = line.split(maxsplit=1)[0].upper() if line else b""
            if verb in verbs:
                return line
            if verb == b"PING":
                self._send(b"PONG\r\n")
            elif verb == b"-ERR":
                said = _words(line.partition(b" ")[2].decode(errors="replace"))
                if "authoriz" in said.lower() or "authentic" in said.lower():
                    raise self._refusal("stream.sign_in")
                if "permissions" in said.lower():
                    raise self._refusal("stream.forbidden", detail=said)
                raise self._refusal("stream.refused", detail=said)

    def _secure(self, *, offered: bool) -> None:
        if not offered:
            raise self._refusal("stream.no_tls")
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._socket.settimeout(self._left())
        self._socket = context.wrap_socket(self._socket, server_hostname=self._address.host)
        self._buffer = b""  # what came before TLS is not believed

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(self._left())
        self._socket.sendall(data)

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if len(self._buffer) > LONGEST_LINE:
                raise self._refusal("stream.not_nats")
            self._receive()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._receive()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _receive(self) -> None:
        self._socket.settimeout(self._left())
        data = self._socket.recv(65536)
        if not data:
            raise self._refusal("stream.closed")
        self._buffer += data

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _refusal(self, code: str, **values: Any) -> ConnectorError:
        return ConnectorError(code, needs_attention=True, server=self._address.server, **values)


@contextlib.contextmanager
def _network_errors(address: StreamAddress) -> Iterator[None]:
    """Turn what sockets and TLS raise into a ConnectorError that names the server and the cause."""
    try:
        yield
    except ssl.SSLError as error:
        detail = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason
        raise ConnectorError("stream.tls", server=address.server, detail=_words(detail or error)) from None
    except TimeoutError:
        raise ConnectorError("stream.silent", server=address.server) from None
    except OSError as error:
        detail = _words(error.strerror or error)
        raise ConnectorError("stream.unreachable", server=address.server, detail=detail) from None
    except (ValueError, TypeError, LookupError, AttributeError):  # answers of another shape than NATS gives
        raise ConnectorError("stream.not_nats", needs_attention=True, server=address.server) from None


def _read_json(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(said: object) -> str:
    """Return what a server said as one short line."""
    printable = "".join(character if character.isprintable() else " " for character in str(said))
    return " ".join(printable.split()).strip(" .'")[:200]
