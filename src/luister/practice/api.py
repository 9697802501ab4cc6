"""The practice network's API: a request in, a JSON answer out; docs/connectors/practice.md describes it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from luister.base.connector import Idempotency
from luister.practice.core import (
    PAGE,
    PRIVATE_LENGTH,
    PUBLIC_LENGTH,
    Brand,
    Draft,
    Event,
    EventKind,
    Person,
    Post,
    RefusedError,
    Repeat,
    Store,
    checked,
)
from luister.practice.faults import Decision, Fault
from luister.practice.pictures import MAX_PICTURE_BYTES, MOST_PICTURES, NewPicture, Picture, shown_name

MAX_TEXT_BYTES = 64 * 1024
# Pictures come in base64, which makes four bytes of three.
MAX_BODY_BYTES = MAX_TEXT_BYTES + MOST_PICTURES * (MAX_PICTURE_BYTES + 2) * 4 // 3
MAX_KEY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Request:
    """What came in; `path` is below the API's root, `site_url` where the pages are."""

    method: str
    path: str
    site_url: str
    token: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    key: str = ""  # the header Idempotency-Key

    @property
    def fingerprint(self) -> str:
        """What makes two requests the same to the dice."""
        query = "&".join(f"{name}={value}" for name, value in sorted(self.query.items()))
        return "\n".join((self.method, self.path, query, self.key, self.body.decode("utf-8", "replace")))


@dataclass(frozen=True, slots=True)
class Response:
    """What goes out, always JSON."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the body as it is sent."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


def answer(
    request: Request,
    store: Store,
    *,
    decision: Decision,
    now: datetime,
    listing_delay: timedelta = timedelta(0),
) -> Response | None:
    """Answer a request, with the fault that was decided; None means: drop the connection without an answer.

    Args:
        listing_delay: how long a brand's own new post stays out of the list of its posts.
    """
    match decision.fault:
        case Fault.OUTAGE:
            return error(503, "outage", "The practice network is out of order.")
        case Fault.RATE_LIMITED:
            headers = {"Retry-After": decision.retry_after} if decision.retry_after else {}
            return error(429, "rate_limited", "Too many requests.", headers=headers)
        case Fault.FAILED_BEFORE:
            return error(500, "failed", "Something went wrong.")
        case Fault.DROPPED_BEFORE:
            return None
    done = _serve(request, store, now=now, listing_delay=listing_delay)
    if decision.fault is Fault.FAILED_AFTER:
        return error(500, "failed", "Something went wrong.")
    return None if decision.fault is Fault.DROPPED_AFTER else done


def error(status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer that says what is wrong."""
    return Response(status, {"error": {"code": code, "message": message}}, headers or {})


def _serve(request: Request, store: Store, *, now: datetime, listing_delay: timedelta) -> Response:
    try:
        return _route(request, store, _brand(request, store), now=now, listing_delay=listing_delay)
    except RefusedError as refused:
        return error(refused.status, refused.code, refused.message)


def _brand(request: Request, store: Store) -> Brand:
    brand = store.brand(request.token) if request.token else None
    if brand is None:
        raise RefusedError(401, "invalid_token", "This token is not known.")
    if brand.token_expired:
        raise RefusedError(401, "expired_token", "This token has expired.")
    return brand


def _route(request: Request, store: Store, brand: Brand, *, now: datetime, listing_delay: timedelta) -> Response:
    match request.method, request.path.strip("/").split("/"):
        case "GET", ["me"]:
            return _me(request, brand)
        case "GET", ["events"]:
            return _events(request, store, brand)
        case "GET", ["posts"] if brand.idempotency is Idempotency.LOOKUP:
            return _own_posts(request, store, brand, until=now - listing_delay)
        case "POST", ["posts"] if brand.idempotency is not Idempotency.OVERWRITE:
            return _create(request, store, brand, key=request.key, now=now)
        case "PUT", ["posts", "by-key", key] if brand.idempotency is Idempotency.OVERWRITE:
            return _create(request, store, brand, key=key, now=now)
    raise RefusedError(404, "unknown_path", "There is nothing here for this account.")


def _me(request: Request, brand: Brand) -> Response:
    return Response(
        200,
        {
            **person_json(brand.person, request.site_url),
            "may_post": True,
            "idempotency": brand.idempotency.value,
            "limits": {
                "public_length": PUBLIC_LENGTH,
                "private_length": PRIVATE_LENGTH,
                "pictures": MOST_PICTURES,
                "picture_bytes": MAX_PICTURE_BYTES,
            },
        },
    )


def _events(request: Request, store: Store, brand: Brand) -> Response:
    after, limit = _number(request, "after", 0), _limit(request)
    found = store.events(brand.person, after=after, limit=limit + 1)
    events = found[:limit]
    return Response(
        200,
        {
            "events": [event_json(event, request.site_url) for event in events],
            "cursor": str(events[-1].id if events else after),
            "more": len(found) > limit,
        },
    )


def _own_posts(request: Request, store: Store, brand: Brand, *, until: datetime) -> Response:
    limit = _limit(request)
    found = store.own_posts(brand.person, before=_number(request, "before", 0) or None, limit=limit + 1)
    posts = [post_json(post, request.site_url) for post in found[:limit] if post.created_at <= until]
    return Response(
        200, {"posts": posts, "before": found[limit - 1].id if len(found) > limit else "", "more": len(found) > limit}
    )


def _create(request: Request, store: Store, brand: Brand, *, key: str, now: datetime) -> Response:
    body = _body(request)
    key = key[:MAX_KEY_LENGTH]
    to_id, parent_id = _text(body, "to"), _text(body, "parent_id")
    to = store.person(to_id) if to_id else None
    if to_id and to is None:
        raise RefusedError(404, "unknown_recipient", "There is no such account.")
    parent = store.post(parent_id) if parent_id else None
    if parent_id and parent is None:
        raise RefusedError(404, "unknown_parent", "There is no such post.")
    draft = Draft(
        author=brand.person,
        text=_text(body, "text"),
        to=to,
        parent=parent,
        key=key,
        repeat=_REPEAT.get(brand.idempotency, Repeat.POST_AGAIN) if key else Repeat.POST_AGAIN,
        echo=brand.idempotency is Idempotency.ECHO,
        pictures=_pictures(body),
    )
    return Response(201, {"post": post_json(store.publish(checked(draft), now=now), request.site_url)})


_REPEAT = {Idempotency.KEY: Repeat.KEEP, Idempotency.OVERWRITE: Repeat.REPLACE}


def _body(request: Request) -> dict[str, Any]:
    # Only pictures make a request large.
    if len(request.body) > (MAX_BODY_BYTES if b'"pictures"' in request.body else MAX_TEXT_BYTES):
        raise RefusedError(413, "too_large", "The request is too large.")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise RefusedError(400, "bad_request", "The request is not JSON.") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "bad_request", "The request is not a JSON object.")
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RefusedError(400, "bad_request", f"{name} is not a text.")
    return value


def _pictures(body: Mapping[str, Any]) -> tuple[NewPicture, ...]:
    try:
        return tuple(
            NewPicture(shown_name(_text(one, "name")), base64.b64decode(one["content"], validate=True))
            for one in body.get("pictures") or ()
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        raise RefusedError(400, "bad_request", "A picture is not as documented.") from None


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise RefusedError(400, "bad_request", f"{name} is not a number.")
    return int(text)


def _limit(request: Request) -> int:
    return max(1, min(_number(request, "limit", PAGE), PAGE))


def person_json(person: Person, site_url: str) -> dict[str, Any]:
    """Return an account as the API shows it."""
    return {
        "id": person.id,
        "handle": person.handle,
        "name": person.name,
        "url": f"{site_url}/@{person.handle}/",
    }


def post_json(post: Post, site_url: str) -> dict[str, Any]:
    """Return a post as the API shows it."""
    return {
        "id": post.id,
        "url": f"{site_url}/post/{post.id}/",
        "created_at": moment(post.created_at),
        "visibility": "private" if post.to else "public",
        "author": person_json(post.author, site_url),
        "to": person_json(post.to, site_url) if post.to else None,
        "text": "" if post.is_deleted else post.text,
        "mentions": list(post.mentions),
        "pictures": [] if post.is_deleted else [_picture_json(one) for one in post.pictures],
        "parent": {"id": post.parent_id, "author_handle": post.parent_author_handle} if post.parent_id else None,
        "thread": {
            "id": post.thread.id,
            "author_id": post.thread.author_id,
            "mentions": list(post.thread.mentions),
        },
    }


def _picture_json(picture: Picture) -> dict[str, str]:
    return {"name": picture.name, "content_type": picture.content_type}


def event_json(event: Event, site_url: str) -> dict[str, Any]:
    """Return an event as the API shows it; of a deleted post only its id is left."""
    shown: dict[str, Any] = {"id": str(event.id), "type": event.kind.value, "created_at": moment(event.created_at)}
    if event.kind is EventKind.DELETED or event.post.is_deleted:
        return {**shown, "type": EventKind.DELETED.value, "post_id": event.post.id}
    if event.kind is EventKind.ECHO:
        shown["key"] = event.key
    return {**shown, "post": post_json(event.post, site_url)}


def moment(at: datetime) -> str:
    """Return a moment as the API writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
