"""Events of the practice network as posts; pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from luister.base.connector import OutboundPost
from luister.base.errors import UnprocessableError
from luister.base.posts import Author, InboundPost, Kind


def inbound_posts(content: bytes, *, me: str) -> tuple[InboundPost, ...]:
    """Make a post of an event; kinds of events that we do not know make none.

    Args:
        me: our handle.

    Raises:
        UnprocessableError: the event is not as documented.
    """
    try:
        event = json.loads(content)
        if event["type"] not in ("post", "echo"):
            return ()
        return (_inbound(event["post"], me=me, echo_key=str(event.get("key") or "")),)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise UnprocessableError("practice.unreadable") from None


def same_post(own: Mapping[str, Any], post: OutboundPost) -> bool:
    """Return whether one of our posts on the network says what we meant to send, in the same place."""
    if len(own.get("pictures") or ()) != len(post.attachments):
        return False
    if own["text"] != post.text or ((own["parent"] or {}).get("id") or "") != post.parent_external_id:
        return False
    if post.public or own["visibility"] != "private":
        return post.public and own["visibility"] == "public"
    return bool(own["to"]["id"] == post.recipient.external_id)


def moment(text: str) -> datetime:
    """Return a moment as the API writes it."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _inbound(post: Mapping[str, Any], *, me: str, echo_key: str) -> InboundPost:
    private, parent, thread = post["visibility"] == "private", post["parent"] or {}, post["thread"]
    author, ours = post["author"], post["author"]["handle"] == me
    parent_id, thread_id = str(parent.get("id") or ""), _text(thread["id"])
    post_id = _text(post["id"])
    ancestors = (parent_id, "" if private else thread_id)
    return InboundPost(
        external_id=post_id,
        kind=Kind.MESSAGE if private else Kind.REPLY if parent_id else Kind.POST,
        public=not private,
        author=_author(author),
        text=_text(post["text"]),
        posted_at=moment(post["created_at"]),
        url=_text(post["url"]),
        references=tuple(dict.fromkeys(one for one in ancestors if one and one != post_id)),
        thread_external_id=thread_id,
        addressed=not ours and (private or _addresses(post, me)),
        ours=ours,
        echo_key=echo_key,
        recipients=(_author(post["to"]),) if private and ours else (),
    )


def _addresses(post: Mapping[str, Any], me: str) -> bool:
    """Whether a public post is for us: it names us, answers us, or goes on with what its author asked us."""
    thread = post["thread"]
    goes_on = thread["author_id"] == post["author"]["id"] and me in thread["mentions"]
    answered = (post["parent"] or {}).get("author_handle")
    return bool(me in post["mentions"] or answered == me or goes_on)


def _author(person: Mapping[str, Any]) -> Author:
    return Author(
        external_id=_text(person["id"]),
        name=_text(person["name"]),
        handle=_text(person["handle"]),
        url=_text(person["url"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # half a surrogate pair cannot be stored
    if "\x00" in value:
        raise ValueError(value)
    return value
