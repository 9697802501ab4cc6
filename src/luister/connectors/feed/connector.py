"""The feed connector: RSS, Atom and JSON Feed, read politely; nothing can be sent to a feed.

Source: RSS 2.0, RSS 1.0, RFC 4287, RFC 4685, JSON Feed 1.1, RFC 9110; docs/connectors/feed.md (checked 2026-11).
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

import httpx

from luister.base.clock import utc_now
from luister.base.connector import Account, Fetched, Field, RawItem
from luister.base.errors import ConnectorError, Reason
from luister.base.listening import ListeningConnector
from luister.base.posts import InboundPost
from luister.connectors.feed import discovery, documents, scan, state
from luister.connectors.feed.documents import MOST_ENTRIES, Feed
from luister.connectors.feed.pace import LONGEST_ASKED, Asked, asked_wait, pace
from luister.connectors.feed.parse import parse_entry
from luister.http.client import UnreachableError
from luister.http.download import Download, download
from luister.http.guard import UnknownHostError, allow_hosts_from_env
from luister.http.retry import retry_after

DEADLINE_SECONDS: Final = 20.0
MAX_BYTES: Final = 5_000_000
FULL_EVERY: Final = timedelta(hours=24)  # a site that says "not modified" for ever is not believed for longer
MOVES_BELIEVED: Final = 3  # a permanent redirect counts once it has been seen so often
PREVIEW: Final = 5
_ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)


@dataclass(frozen=True, slots=True)
class Preview:
    """An item as it would come in, in a word."""

    title: str
    link: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at an address: a feed with its latest items, or a page with the addresses of `candidates`."""

    address: str
    title: str = ""
    items: tuple[Preview, ...] = ()
    total: int = 0
    candidates: tuple[str, ...] = ()
    is_feed: bool = True


class FeedConnector(ListeningConnector):
    """Implements `luister.base.connector.Connector`."""

    kind = "feed"
    label = "Feed"
    publicness = "public"
    polled = True
    no_sending = "feed.no_sending"
    fields = (
        Field("address"),
        Field("user", required=False),
        Field("password", type="password", required=False),
    )

    def __init__(
        self, *, transport: httpx.BaseTransport | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        """Make the connector; `transport` answers instead of the network, in tests."""
        self._transport = transport
        self._clock = clock

    def check(self, account: Account) -> None:
        """Read the feed once, keeping nothing.

        Raises:
            ConnectorError: with the exact cause.
        """
        self._read(_kept(account) or self._get(account, _address(account)))

    def discover(self, address: str, *, user: str = "", password: str = "") -> Found:
        """Return what stands at an address that a person typed.

        Raises:
            ConnectorError: nothing can be read there, or it is neither a feed nor a page.
        """
        found, account = self._first(address, user=user, password=password)
        try:
            feed = self._read(found, most=MOST_ENTRIES)
        except ConnectorError as error:
            if error.reason.code != "feed.no_feed":
                raise
            return Found(found.url, candidates=_candidates(found), is_feed=False)
        items = tuple(Preview(item.title, item.link, item.at) for item in feed.items[:PREVIEW])
        is_secret = bool(account.settings.get("user"))
        return Found(
            _address(account) if is_secret else found.moved_to or _address(account), feed.title, items, feed.total
        )

    def fetch(self, account: Account, cursor: Mapping[str, Any]) -> Fetched:
        """Read what is new or changed since the cursor.

        Raises:
            ConnectorError: there is no readable feed, or the site does not give it.
        """
        now = self._clock()
        address = str(cursor.get("address") or _address(account))
        is_full = now - _moment(cursor.get("full_at")) >= FULL_EVERY
        found = _kept(account) or self._get(account, address, {} if is_full else _conditions(cursor))
        after = {**cursor, **_moved(found, cursor)}
        notices = [Reason("feed.moved", {"address": after["address"]})] if after.get("address") else []
        if found.status == 304 and not is_full:
            return Fetched((), after, pace=_pace(after, now=now), notices=(*notices, *_remembered(cursor)))
        digest = hashlib.sha256(found.content).hexdigest()
        after |= {"full_at": int(now.timestamp()), **_validators(found)}
        if digest == cursor.get("document"):
            return Fetched((), after, pace=_pace(after, now=now), notices=(*notices, *_remembered(cursor)))
        feed = self._read(found)
        new, known = state.compare(feed.items, known=cursor.get("items") or {}, now=now)
        said = _notices(feed)
        after |= {
            "document": digest,
            "items": known,
            "notices": [[one.code, dict(one.values)] for one in said],
            "wait": int(asked_wait(found.headers, ttl_minutes=feed.ttl_minutes).total_seconds()),
            "skip_hours": sorted(feed.skip_hours),
            "skip_days": sorted(feed.skip_days),
        }
        items = tuple(RawItem(key, item.payload.encode("utf-8", "replace"), now) for key, item in new)
        return Fetched(items, after, pace=_pace(after, now=now), notices=(*notices, *said))

    def parse(self, account: Account, item: RawItem) -> tuple[InboundPost, ...]:
        """Make a post of an entry.

        Raises:
            UnprocessableError: it says nothing, or cannot be read.
        """
        return (parse_entry(account, item),)

    def _first(self, address: str, *, user: str, password: str) -> tuple[Download, Account]:
        """Read an address that may lack its scheme: over TLS, and without where that is not offered."""
        failure: ConnectorError | None = None
        for full in _spelled_out(address):
            account = Account(0, full, {"address": full, "user": user}, {"password": password})
            try:
                return self._get(account, full), account
            except (UnreachableError, UnknownHostError) as error:
                failure = failure or error
        raise failure or ConnectorError("feed.address", address=address[:100])

    def _get(self, account: Account, address: str, conditions: Mapping[str, str] | None = None) -> Download:
        found = download(
            address,
            allow_hosts=allow_hosts_from_env(),
            deadline_seconds=DEADLINE_SECONDS,
            max_bytes=MAX_BYTES,
            headers={"Accept": _ACCEPT, **(conditions or {})},
            secret_headers=_sign_in(account),
            transport=self._transport,
        )
        if found.status not in (200, 203, 206) and not (found.status == 304 and conditions):
            _refuse(found, now=self._clock())
        return found

    def _read(self, found: Download, *, most: int = scan.MOST_ENTRIES) -> Feed:
        host = _host(found.url)
        try:
            return documents.read(found.content, headers=found.headers, host=host, is_cut=found.is_cut, most=most)
        except ConnectorError as error:
            if error.reason.code != "feed.no_feed":
                raise
            named = "\n".join(_candidates(found))
            raise ConnectorError("feed.no_feed", host=_host(found.url), candidates=named) from None


def _kept(account: Account) -> Download | None:
    """Return the feed of the demo, which is kept with its channel and stands on no site."""
    document = str(account.settings.get("document") or "")
    return Download(_address(account), 200, {}, document.encode()) if document else None


def _candidates(found: Download) -> tuple[str, ...]:
    content_type = found.headers.get("content-type", "")
    return discovery.candidates(found.content, content_type=content_type, address=found.url)


def _spelled_out(address: str) -> Sequence[str]:
    address = "".join(address.split())
    scheme, separator, rest = address.partition("://")
    if scheme.lower() in {"feed", "rss"} and separator:
        address = rest
    elif separator:
        return (address,)
    address = address.removeprefix("feed:").removeprefix("//")
    return (address,) if address.startswith(("http:", "https:")) else (f"https://{address}", f"http://{address}")


def _address(account: Account) -> str:
    return str(account.settings.get("address") or account.handle)


def _sign_in(account: Account) -> dict[str, str]:
    user = str(account.settings.get("user") or "")
    if not user:
        return {}
    pair = f"{user}:{account.secrets.get('password', '')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _refuse(found: Download, *, now: datetime) -> NoReturn:
    host, wait = _host(found.url), retry_after(found.headers.get("retry-after"), now=now, longest=LONGEST_ASKED)
    match found.status:
        case 410:
            raise ConnectorError("feed.gone", needs_attention=True, permanent=True, host=host)
        case 404:
            raise ConnectorError("feed.not_found", host=host)
        case 401:
            raise ConnectorError("feed.sign_in", needs_attention=True, host=host)
        case 403:
            raise ConnectorError("feed.forbidden", host=host)
        case 429 | 503:
            raise ConnectorError("feed.wait", retry_after=wait, host=host)
        case status:
            raise ConnectorError("feed.refused", retry_after=wait, host=host, status=str(status))


def _conditions(cursor: Mapping[str, Any]) -> dict[str, str]:
    given = {"If-None-Match": cursor.get("etag"), "If-Modified-Since": cursor.get("modified")}
    return {name: str(value) for name, value in given.items() if value}


def _validators(found: Download) -> dict[str, str]:
    """Return what to ask with next time; what cannot stand in a header is left out."""
    given = {"etag": found.headers.get("etag", ""), "modified": found.headers.get("last-modified", "")}
    return {name: value if value.isascii() and value.isprintable() else "" for name, value in given.items()}


def _moved(found: Download, cursor: Mapping[str, Any]) -> dict[str, Any]:
    """Count how often a permanent redirect was seen; the third time its target is the feed's address."""
    if not found.moved_to:
        return {"moved_to": "", "moves": 0}
    moves = int(cursor.get("moves") or 0) + 1 if cursor.get("moved_to") == found.moved_to else 1
    if moves < MOVES_BELIEVED:
        return {"moved_to": found.moved_to, "moves": moves}
    return {"moved_to": "", "moves": 0, "address": found.moved_to}


def _notices(feed: Feed) -> list[Reason]:
    notices = []
    if feed.is_cut:
        notices.append(Reason("feed.cut", {"size": f"{MAX_BYTES / 1_000_000:.0f}"}))
    if feed.total > MOST_ENTRIES:
        notices.append(Reason("feed.newest", {"count": str(feed.total), "kept": str(MOST_ENTRIES)}))
    return notices


def _remembered(cursor: Mapping[str, Any]) -> list[Reason]:
    return [Reason(code, values) for code, values in cursor.get("notices") or ()]


def _pace(cursor: Mapping[str, Any], *, now: datetime) -> Any:
    asked = Asked(
        wait=timedelta(seconds=int(cursor.get("wait") or 0)),
        skip_hours=frozenset(cursor.get("skip_hours") or ()),
        skip_days=frozenset(cursor.get("skip_days") or ()),
    )
    return pace(state.moments(cursor.get("items") or {}), asked=asked, now=now)


def _moment(seconds: object) -> datetime:
    return datetime.fromtimestamp(seconds if isinstance(seconds, int) else 0, tz=UTC)


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:100]
