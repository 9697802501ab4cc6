"""The address of a stream: nats://[user:password@]host[:port]/STREAM, also with tls://."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import unquote

from luister.base.connector import Account
from luister.base.errors import ConnectorError
from luister.http.guard import normal_host

PORT: Final = 4222
LONGEST_NAME: Final = 200
SCHEMES: Final = ("nats", "tls")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_PORT: Final = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """A stream on a NATS server, and who signs in there; a password without a user is a token.

    Two addresses lead to the same stream when their `name` is the same, however the connection is made.
    """

    scheme: str
    host: str  # as it is looked up: lower case, ASCII, IPv6 without brackets
    port: int
    stream: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> "StreamAddress":
        """Read an address as a person types it.

        Raises:
            ConnectorError: with what is wrong with it; never with what can be a password.
        """
        scheme, separator, rest = text.strip().partition("://")
        if not text.strip():
            raise _refusal("stream.empty")
        if not separator or scheme.lower() not in SCHEMES:
            raise _refusal("stream.scheme")
        place, _, name = rest.partition("/")
        sign_in, _, server = place.rpartition("@")
        if "@" in name or set(place) & set("?#"):
            raise _refusal("stream.encode")
        host, port = _server(server)
        user, colon, password = sign_in.partition(":")
        if not colon:
            user, password = "", user
        found = cls(scheme.lower(), host, port, name.removesuffix("/"), unquote(user), unquote(password))
        if not found.stream:
            raise _refusal("stream.no_name", server=found.server)
        if not _NAME.fullmatch(found.stream):
            raise _refusal("stream.bad_name", name=found.stream[:100])
        return found

    @classmethod
    def of(cls, account: Account) -> "StreamAddress":
        """Return the address of a channel, with who signs in.

        Raises:
            ConnectorError: as `parse`.
        """
        found = cls.parse(str(account.settings.get("address") or ""))
        user = str(account.settings.get("user") or "")
        return replace(found, user=user, password=account.secrets.get("password", ""))

    @property
    def server(self) -> str:
        """The server to connect to, without the stream and without who signs in."""
        return f"{self.scheme}://{self._place}"

    @property
    def text(self) -> str:
        """The address as it is shown and kept: the port spelled out, and without who signs in."""
        return f"{self.server}/{self.stream}"

    @property
    def name(self) -> str:
        """What tells streams apart, and what their channels are known by (`Channel.handle`): host:port/STREAM."""
        whole = f"{self._place}/{self.stream}"
        if len(whole) <= LONGEST_NAME:
            return whole
        digest = hashlib.sha256(whole.encode()).hexdigest()[:16]
        return f"{whole[: LONGEST_NAME - 17]}#{digest}"

    @property
    def sign_in(self) -> dict[str, str]:
        """Who signs in, in the words of nats-py's `connect`."""
        if self.user:
            return {"user": self.user, "password": self.password}
        return {"token": self.password} if self.password else {}

    @property
    def _place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _server(text: str) -> tuple[str, int]:
    if "," in text:
        raise _refusal("stream.one_server")
    bracketed, closing, after = text.partition("]")
    host, colon, port = (bracketed + closing, after[:1], after[1:]) if closing else text.partition(":")
    if not host.strip("[]"):
        raise _refusal("stream.no_host")
    normal = normal_host(host)
    if not (colon or port):
        return normal, PORT
    if colon != ":" or not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
        raise _refusal("stream.port", host=normal)
    return normal, int(port)


def _refusal(code: str, **values: Any) -> ConnectorError:
    return ConnectorError(code, needs_attention=True, **values)
