"""Reading what stands at an address that a person gave: redirects followed and checked, size and time bounded."""

import os
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

from luister.base.errors import ConnectorError
from luister.http.client import GuardedTransport, NoAnswerError, UnreachableError, checked_url

MOST_HOPS: Final = 5

_PERMANENT: Final = frozenset({301, 308})
_REDIRECTS: Final = _PERMANENT | {302, 303, 307}
_PIECE: Final = 65536


class RedirectLoopError(ConnectorError):
    """More redirects than anybody means."""


@dataclass(frozen=True, slots=True)
class Download:
    """What came, whatever its status.

    `url` is where it came from after redirects; `moved_to` where the address has moved for good ("" when it has
    not). `content` is unpacked, and cut off where `is_cut`.
    """

    url: str
    status: int
    headers: Mapping[str, str]  # names in any case
    content: bytes
    is_cut: bool = False
    moved_to: str = ""


def download(  # noqa: PLR0913 - keyword-only, each by itself simple
    url: str,
    *,
    allow_hosts: frozenset[str],
    deadline_seconds: float,
    max_bytes: int,
    headers: Mapping[str, str] | None = None,
    secret_headers: Mapping[str, str] | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Download:
    """Read an address, following at most five redirects, each to an address that is checked again.

    Args:
        deadline_seconds: for all of it together.
        secret_headers: sent to the site of `url` alone, wherever that redirects to.
        transport: answers instead of the network, in tests.

    Raises:
        BlockedAddressError: an address that may not be connected to, at first or by a redirect.
        UnknownHostError: the host has no address.
        UnreachableError: no connection.
        NoAnswerError: no complete answer in time.
        RedirectLoopError: more than five redirects.
    """
    ends_at = time.monotonic() + deadline_seconds
    first = at = checked_url(url, allow_hosts=allow_hosts)
    moved_to, is_permanent = "", True
    with httpx.Client(
        transport=transport or GuardedTransport(allow_hosts=allow_hosts), follow_redirects=False, trust_env=False
    ) as client:
        for _ in range(MOST_HOPS + 1):
            secrets = secret_headers if _origin(at) == _origin(first) else None
            sent = {"User-Agent": _user_agent(), "Accept-Encoding": "gzip", **(headers or {}), **(secrets or {})}
            found = _get(client, at, sent, seconds=ends_at - time.monotonic(), max_bytes=max_bytes)
            location = found.headers.get("location", "")
            if found.status not in _REDIRECTS or not location:
                return Download(str(at), found.status, found.headers, found.content, found.is_cut, moved_to)
            at = checked_url(str(_joined(at, location)), allow_hosts=allow_hosts)
            is_permanent = is_permanent and found.status in _PERMANENT
            moved_to = str(at) if is_permanent else moved_to
    raise RedirectLoopError("http.redirects", host=first.host)


def _get(
    client: httpx.Client, url: httpx.URL, headers: Mapping[str, str], *, seconds: float, max_bytes: int
) -> Download:
    if seconds <= 0:
        raise NoAnswerError("http.no_answer", host=url.host)
    try:
        with client.stream("GET", url, headers=headers, timeout=seconds) as response:
            content = bytearray()
            for piece in _unpacked(response, max_bytes=max_bytes):
                content += piece
                if len(content) > max_bytes:
                    break
            is_cut = len(content) > max_bytes
            return Download(str(url), response.status_code, response.headers, bytes(content[:max_bytes]), is_cut)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError):
        raise UnreachableError("http.unreachable", host=url.host) from None
    except (httpx.HTTPError, httpx.StreamError, zlib.error):
        raise NoAnswerError("http.no_answer", host=url.host) from None


def _unpacked(response: httpx.Response, *, max_bytes: int) -> Iterator[bytes]:
    """Yield the body in pieces of bounded size: a small packed body can unpack to any length."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        yield from response.iter_raw()
        return
    if encoding not in {"gzip", "x-gzip"}:
        raise NoAnswerError("http.no_answer", host=response.url.host)
    unpacker, received = zlib.decompressobj(16 + zlib.MAX_WBITS), 0
    for packed in response.iter_raw():
        received += len(packed)
        while packed and not unpacker.eof:
            yield unpacker.decompress(packed, _PIECE)
            packed = unpacker.unconsumed_tail
        if received > max_bytes:  # packed emptiness without end
            raise NoAnswerError("http.too_large", host=response.url.host)


def _joined(url: httpx.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError):
        return location


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return (url.scheme, url.host, url.port)


def _user_agent() -> str:
    """Say who reads, and with LUISTER_CONTACT_URL whom to turn to about it."""
    contact = os.environ.get("LUISTER_CONTACT_URL", "").strip()
    return f"Luister (+{contact})" if contact.isascii() and contact.isprintable() and contact else "Luister"
