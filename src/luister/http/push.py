"""Handing something to an address that a person gave: once, no redirect followed, time and answer bounded."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from luister.http.client import GuardedTransport, NoAnswerError, UnreachableError, checked_url


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was answered, whatever its status; `content` as it came, cut off where `is_cut`."""

    status: int
    headers: Mapping[str, str]  # names in any case
    content: bytes
    is_cut: bool = False


def push(  # noqa: PLR0913 - keyword-only, each by itself simple
    url: str,
    *,
    content: bytes,
    headers: Mapping[str, str],
    allow_hosts: frozenset[str],
    deadline_seconds: float,
    max_bytes: int,
    transport: httpx.BaseTransport | None = None,
) -> Pushed:
    """POST the content once and read the start of the answer; its status counts even if the rest never comes.

    Args:
        deadline_seconds: for all of it together.
        max_bytes: of the answer, no more than which is read.
        transport: answers instead of the network, in tests.

    Raises:
        BlockedAddressError: an address that may not be connected to.
        UnknownHostError: the host has no address.
        UnreachableError: no connection; nothing was handed over.
        NoAnswerError: it may have been handed over, but no status came back in time.
    """
    at = checked_url(url, allow_hosts=allow_hosts)
    sent = {"User-Agent": "Luister", "Accept-Encoding": "identity", **headers}
    with httpx.Client(
        transport=transport or GuardedTransport(allow_hosts=allow_hosts), follow_redirects=False, trust_env=False
    ) as client:
        try:
            with client.stream("POST", at, content=content, headers=sent, timeout=deadline_seconds) as response:
                return _answer(response, max_bytes=max_bytes)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError):
            raise UnreachableError("http.unreachable", host=at.host) from None
        except (httpx.HTTPError, httpx.StreamError):
            raise NoAnswerError("http.no_answer", host=at.host) from None


def _answer(response: httpx.Response, *, max_bytes: int) -> Pushed:
    body = bytearray()
    is_cut = False
    try:
        for piece in response.iter_raw():
            body += piece
            if len(body) > max_bytes:
                is_cut = True
                break
    except (httpx.HTTPError, httpx.StreamError):
        is_cut = True
    return Pushed(response.status_code, response.headers, bytes(body[:max_bytes]), is_cut)
