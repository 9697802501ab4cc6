"""Storing posts, once each."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction

from luister.accounts.models import User
from luister.base.posts import Author, InboundPost, Kind
from luister.channels.models import Channel
from luister.people.actions import meet, meet_all
from luister.people.models import Identity
from luister.posts.enums import Direction
from luister.posts.files import clean_name, is_dangerous, store
from luister.posts.index.store import index_post, index_posts
from luister.posts.models import Attachment, Post, PostVersion

MAX_TEXT = 200_000  # characters; the raw payload keeps the rest
MAX_LINKS = 100
MAX_VERSIONS = 20  # earlier words of a post that are kept; a page that changes all day is no history


def record(inbound: InboundPost, *, channel: Channel, now: datetime) -> tuple[Post, bool]:
    """Store a post that came in and return it with whether it is new.

    The same post again, from a redelivery, an overlapping poll or a second worker, changes nothing. An echo of
    what we sent joins the post that sending stored.
    """
    inbound = _told_apart(inbound, channel=channel)
    known = Post.objects.filter(channel=channel, external_id=_clean(inbound.external_id, 1000)).first()
    if known is not None:
        return known, False
    with transaction.atomic():
        post, is_new = Post.objects.get_or_create(
            channel=channel,
            external_id=_clean(inbound.external_id, 1000),
            defaults=_new_fields(inbound, channel=channel, now=now),
        )
        if is_new:
            _store_attachments(inbound, post=post)
            index_post(post)
    return post, is_new


@transaction.atomic
def record_all(
    inbounds: Sequence[InboundPost], *, channel: Channel, now: datetime, indexes: bool = True, renames: bool = False
) -> list[tuple[Post, bool]]:
    """Store many posts of one channel, as `record` does for one, in a handful of queries; the order is kept.

    A post of ours that another account than the channel's wrote keeps that account as its author. Without `indexes`
    searches find the new ones only once the caller, who has more to say of them, indexes them. With `renames` authors
    are called from now on what they call themselves here.
    """
    inbounds = [_told_apart(inbound, channel=channel) for inbound in inbounds]
    keys = [_clean(inbound.external_id, 1000) for inbound in inbounds]
    references = {reference for inbound in inbounds for reference in _references(inbound)}
    stored = _stored(channel, {*keys, *references})
    people = meet_all(
        (_clean_author(inbound.author) for inbound in inbounds if _has_author(inbound, channel)),
        workspace=channel.workspace,
        kind=channel.network,
        at=now,
        renames=renames,
    )
    new: dict[str, Post] = {}
    for key, inbound in zip(keys, inbounds, strict=True):
        if key not in stored:
            author = people[_clean(inbound.author.external_id, 320)] if _has_author(inbound, channel) else None
            fields = _fields(inbound, channel=channel, author=author, parent=_nearest(inbound, stored), now=now)
            stored[key] = new[key] = Post(channel=channel, external_id=key, **fields)
    Post.objects.bulk_create(new.values())
    _adopt(inbounds, new, stored)
    fresh = list(new.values())
    answer = []
    for key, inbound in zip(keys, inbounds, strict=True):
        post = new.pop(key, None)
        if post is not None:
            _store_attachments(inbound, post=post)
        answer.append((stored[key], post is not None))
    if indexes:
        index_posts(fresh)
    return answer


def _has_author(inbound: InboundPost, channel: Channel) -> bool:
    return not inbound.ours or inbound.author.external_id.lower() not in {"", channel.handle.lower()}


def _adopt(inbounds: Sequence[InboundPost], new: Mapping[str, Post], stored: Mapping[str, Post]) -> None:
    """Give new posts the parents that were stored with them."""
    changed = []
    for inbound in inbounds:
        post, parent = new.get(_clean(inbound.external_id, 1000)), _nearest(inbound, stored)
        if post is not None and parent is not None and post.parent_id != parent.pk != post.pk:
            post.parent = parent
            changed.append(post)
    Post.objects.bulk_update(changed, ["parent"])


@transaction.atomic
def revise(inbound: InboundPost, *, post: Post, now: datetime) -> bool:
    """Take over what a post says since it was edited on its network, and keep what it said; False when it is the same.

    From the twentieth version on only the newest words change.
    """
    post = Post.objects.select_for_update().get(pk=post.pk)
    said = {
        "subject": _clean(inbound.subject, 500),
        "text": _clean(inbound.text, MAX_TEXT),
        "html": _clean(inbound.html, 5 * MAX_TEXT),
        "links": [_clean(link, 2000) for link in inbound.links[:MAX_LINKS]],
    }
    if (post.subject, post.text) == (said["subject"], said["text"]):
        return False
    if PostVersion.objects.filter(post=post).count() < MAX_VERSIONS:
        PostVersion.objects.create(post=post, subject=post.subject, text=post.text, replaced_at=now)
    for name, value in said.items():
        setattr(post, name, value)
    post.edited_at = now
    post.save(update_fields=[*said, "edited_at"])
    index_post(post)
    return True


@transaction.atomic
def record_sent(  # noqa: PLR0913 - keyword-only, each a column of the post
    *,
    channel: Channel,
    external_id: str,
    url: str,
    text: str,
    subject: str,
    is_public: bool,
    kind: str,
    parent: Post | None,
    thread_external_id: str,
    sent_by: User | None,
    at: datetime,
) -> Post:
    """Store a post that we sent; if the network's echo was faster, that post is completed."""
    post, is_new = Post.objects.get_or_create(
        channel=channel,
        external_id=external_id,
        defaults={
            "workspace_id": channel.workspace_id,
            "direction": Direction.OUT,
            "kind": kind,
            "is_public": is_public,
            "sent_by": sent_by,
            "subject": subject,
            "text": text,
            "url": url,
            "parent": parent,
            "references": [parent.external_id] if parent else [],
            "thread_external_id": thread_external_id,
            "posted_at": at,
            "received_at": at,
        },
    )
    if not is_new and post.sent_by_id is None:
        post.direction, post.sent_by, post.parent = (
            Direction.OUT,
            sent_by,
            post.parent or parent,
        )
        post.save(update_fields=["direction", "sent_by", "parent"])
    index_post(post)
    return post


@transaction.atomic
def name_sent(post: Post, *, external_id: str, url: str) -> None:
    """Give a post that was stored as sent without the network's name for it that name, once it is known."""
    named = Post.objects.filter(channel=post.channel_id, external_id=external_id)
    if not named.exists():
        Post.objects.filter(pk=post.pk).update(external_id=external_id, url=url)
        index_post(Post.objects.select_related("author", "channel").get(pk=post.pk))


def _told_apart(inbound: InboundPost, *, channel: Channel) -> InboundPost:
    """Give a mail that uses another mail's Message-ID an id of its own: senders choose that id, and reuse it."""
    if inbound.kind != Kind.MAIL or inbound.ours:
        return inbound
    known = Post.objects.filter(channel=channel, external_id=_clean(inbound.external_id, 1000), kind=Kind.MAIL)
    post = known.select_related("author").first()
    if post is None or post.author is None or _says_the_same(post, inbound):
        return inbound
    digest = hashlib.sha256(repr(_said(inbound)).encode()).hexdigest()[:16]
    return replace(inbound, external_id=f"{_clean(inbound.external_id, 980)}#{digest}")


def _says_the_same(post: Post, inbound: InboundPost) -> bool:
    sizes = Attachment.objects.filter(post=post).values_list("size_bytes", flat=True)
    author = post.author.external_id if post.author else ""
    stored = (author, post.subject, post.text, post.quoted_text, post.html, post.posted_at, sorted(sizes))
    return stored == _said(inbound)


def _said(inbound: InboundPost) -> tuple[object, ...]:
    """Return what tells one mail from another, as it would be stored."""
    return (
        _clean(inbound.author.external_id, 320),
        _clean(inbound.subject, 500),
        _clean(inbound.text, MAX_TEXT),
        _clean(inbound.quoted_text, MAX_TEXT),
        _clean(inbound.html, 5 * MAX_TEXT),
        inbound.posted_at,
        sorted(len(attachment.content) for attachment in inbound.attachments),
    )


def _new_fields(inbound: InboundPost, *, channel: Channel, now: datetime) -> dict[str, object]:
    author = None
    if not inbound.ours:
        author = meet(_clean_author(inbound.author), workspace=channel.workspace, kind=channel.network, at=now)
    stored = _stored(channel, _references(inbound))
    return _fields(inbound, channel=channel, author=author, parent=_nearest(inbound, stored), now=now)


def _fields(
    inbound: InboundPost, *, channel: Channel, author: Identity | None, parent: Post | None, now: datetime
) -> dict[str, object]:
    thread = _clean(inbound.thread_external_id, 1000)
    if not thread:
        thread = parent.thread_external_id if parent else _clean(inbound.external_id, 1000)
    return {
        "workspace_id": channel.workspace_id,
        "direction": Direction.OUT if inbound.ours else Direction.IN,
        "kind": inbound.kind,
        "is_public": inbound.public,
        "author": author,
        "subject": _clean(inbound.subject, 500),
        "text": _clean(inbound.text, MAX_TEXT),
        "quoted_text": _clean(inbound.quoted_text, MAX_TEXT),
        "html": _clean(inbound.html, 5 * MAX_TEXT),
        "url": _clean(inbound.url, 1000),
        "parent": parent if parent and parent.pk else None,
        "references": _references(inbound),
        "thread_external_id": thread,
        "is_addressed": inbound.addressed,
        "automatic": inbound.automatic or "",
        "bounce": asdict(inbound.bounce) if inbound.bounce else {},
        "reply_to": asdict(_clean_author(inbound.reply_to)) if inbound.reply_to else {},
        "recipients": [asdict(_clean_author(person)) for person in inbound.recipients],
        "notices": [{"code": notice.code, "values": dict(notice.values)} for notice in inbound.notices],
        "language": _clean(inbound.language, 8),
        "links": [_clean(link, 2000) for link in inbound.links[:MAX_LINKS]],
        "rating": inbound.rating,
        "reach": inbound.reach,
        "followers": inbound.followers,
        "sentiment": _clean(inbound.sentiment, 10),
        "says": [_clean(one, 20) for one in inbound.says],
        "posted_at": inbound.posted_at,
        "received_at": now,
    }


def _references(inbound: InboundPost) -> list[str]:
    return [_clean(reference, 1000) for reference in inbound.references[:100]]


def _stored(channel: Channel, external_ids: Collection[str]) -> dict[str, Post]:
    if not external_ids:
        return {}
    return {post.external_id: post for post in Post.objects.filter(channel=channel, external_id__in=external_ids)}


def _nearest(inbound: InboundPost, stored: Mapping[str, Post]) -> Post | None:
    return next((stored[reference] for reference in _references(inbound) if reference in stored), None)


def _store_attachments(inbound: InboundPost, *, post: Post) -> None:
    for attachment in inbound.attachments:
        name = clean_name(attachment.name)
        Attachment.objects.create(
            workspace_id=post.workspace_id,
            post=post,
            name=name,
            content_type=_clean(attachment.content_type, 100),
            content_id=_clean(attachment.content_id, 300),
            size_bytes=len(attachment.content),
            is_dangerous=is_dangerous(name),
            stored_as=store(attachment.content),
        )


def _clean(text: str, limit: int) -> str:
    """PostgreSQL stores no NUL, and no lone surrogate can be encoded."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]


def _clean_author(author: Author) -> Author:
    return Author(
        external_id=_clean(author.external_id, 320),
        name=_clean(author.name, 200),
        handle=_clean(author.handle, 320),
        url=_clean(author.url, 500),
    )
