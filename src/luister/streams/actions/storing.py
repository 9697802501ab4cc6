"""Storing what monitors found in a stream: the posts once, their mentions once, however often they are delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from django.db import IntegrityError, connection, transaction

from luister.accounts.actions import write_audit
from luister.base.errors import LuisterError
from luister.channels.models import Channel
from luister.delivery.queries import PART_OF, STREAM
from luister.events import live
from luister.fence.scope import in_workspace
from luister.listening.actions.storing import still_stand, store
from luister.listening.queries.found import Hit, hits, moment_of
from luister.listening.queries.standing import Standing
from luister.posts.actions import record_all
from luister.posts.models import Post, Topic
from luister.query import Document
from luister.query.prepared import normalize_name
from luister.streams.mapping import inbound_post, network_of
from luister.streams.queries.listening import Listener, parts_of
from luister.understanding.actions import understand_posts
from luister.understanding.actions.topics import give_from_file

LONGEST_HANDLE: Final = 200
# A matcher that is stopped in the midst of a transaction must not hold up the others.
IDLE_MS: Final = 5_000
LOCK_MS: Final = 15_000


class ChangedError(LuisterError):
    """A monitor was changed since the posts were matched: they are to be matched again."""


@dataclass(frozen=True, slots=True)
class Found:
    """A post that monitors of a workspace found; `came_at` is when it came into the stream."""

    document: Document
    came_at: datetime
    monitors: Sequence[Standing]


def prepare_connection() -> None:
    """Have the database end a transaction that stands still, and give up waiting for one that does."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}")
        cursor.execute(f"SET lock_timeout = {LOCK_MS}")


def store_found(found: Mapping[int, Sequence[Found]], *, listeners: Mapping[int, Listener], now: datetime) -> int:
    """Store what was found, by workspace, all or nothing; return how many mentions were new.

    Raises:
        ChangedError: a monitor was changed meanwhile, and nothing is stored.
    """
    channels = {
        workspace_id: _channels(listeners[workspace_id].channel, rows, now=now) for workspace_id, rows in found.items()
    }
    versions = {one.monitor_id: one.version for rows in found.values() for row in rows for one in row.monitors}
    versions |= {one.monitor_id: one.version for pk in found for one in _topical(listeners[pk])}
    new = 0
    with transaction.atomic():
        if not still_stand(versions):
            raise ChangedError
        for workspace_id in sorted(found):
            with in_workspace(workspace_id):
                new += _store(found[workspace_id], channels[workspace_id], listener=listeners[workspace_id], now=now)
    return new


def _store(found: Sequence[Found], channels: Mapping[str, Channel], *, listener: Listener, now: datetime) -> int:
    new = 0
    last: Post | None = None
    by_network = sorted(found, key=lambda row: _network(row, listener))
    for network, rows in groupby(by_network, key=lambda row: _network(row, listener)):
        stored = _posts(list(rows), channel=channels[network], now=now)
        mentions = [Hit(monitor, post, row.document) for row, post, _ in stored for monitor in row.monitors]
        topical = _topical(listener)
        fresh = [post for _, post, is_new in stored if is_new]
        if topical and fresh:  # rules and what was learned give topics only to what is stored
            mentions += hits(fresh, topical, moment=moment_of(listener.channel.workspace, now=now))
        once = {(hit.standing.monitor_id, hit.post.pk): hit for hit in mentions}
        new += sum(one.is_new for one in store(once.values(), is_live=True, now=now))
        last = stored[-1][1]
    if new and last is not None:
        live.publish(live.listening_topic(last.workspace_id), "mentions-changed", post=last.pk)
    return new


def _topical(listener: Listener) -> Sequence[Standing]:
    return [one for one in listener.monitors if one.asks_for_topics]


def _posts(rows: Sequence[Found], *, channel: Channel, now: datetime) -> list[tuple[Found, Post, bool]]:
    """Store posts of one channel and understand the new ones.

    In an order that is the same for everyone: two matchers that store the same posts, or posts of the same authors,
    wait for each other and never in a circle.
    """
    posts = [(row, inbound_post(row.document, came_at=row.came_at)) for row in rows]
    posts.sort(key=lambda pair: (pair[1].author.external_id, pair[1].external_id))
    stored = record_all([inbound for _, inbound in posts], channel=channel, now=now, indexes=False)
    fresh = [post for post, is_new in stored if is_new]
    understand_posts(fresh, now=now)
    given = {
        post.pk: row.document.topics
        for (row, _), (post, is_new) in zip(posts, stored, strict=True)
        if is_new and row.document.topics
    }
    if given:
        _give_topics(given, fresh, now=now)
    return [(row, post, is_new) for (row, _), (post, is_new) in zip(posts, stored, strict=True)]


def _give_topics(given: Mapping[int, Sequence[str]], posts: Sequence[Post], *, now: datetime) -> None:
    """Give posts the topics that their lines name, of those the workspace has: strangers make none here."""
    names = {normalize_name(name) for every in given.values() for name in every}
    known = set(Topic.objects.filter(workspace_id=posts[0].workspace_id, key__in=names).values_list("key", flat=True))
    kept = {pk: [name for name in every if normalize_name(name) in known] for pk, every in given.items()}
    if any(kept.values()):
        give_from_file(kept, posts=[post for post in posts if kept.get(post.pk)], now=now)


def _network(row: Found, listener: Listener) -> str:
    return network_of(row.document, default=listener.channel.network)


def _channels(channel: Channel, rows: Sequence[Found], *, now: datetime) -> Mapping[str, Channel]:
    """Return the channel for each network of what was found, made where it is new.

    A post is on its channel's network, everywhere in the product; so what a stream brings of X is kept in a channel
    of X that is part of the stream's.
    """
    parts = dict(parts_of(channel))
    for network in sorted({network_of(row.document, default=channel.network) for row in rows} - set(parts)):
        parts[network] = _new_part(channel, network, now=now)
    return parts


def _new_part(channel: Channel, network: str, *, now: datetime) -> Channel:
    handle = f"{network}@{channel.handle}"[:LONGEST_HANDLE]
    try:
        with transaction.atomic():
            part = Channel.objects.create(
                workspace_id=channel.workspace_id,
                kind=STREAM,
                network=network,
                handle=handle,
                name=channel.name,
                publicness=channel.publicness,
                purpose=channel.purpose,
                owner=channel.owner,
                team_id=channel.team_id,
                settings={PART_OF: channel.pk},
                state_since=now,
            )
            detail = {"kind": STREAM, "handle": handle}
            write_audit("channel.connected", workspace=channel.workspace, by=None, target=part, now=now, detail=detail)
    except IntegrityError:  # another matcher made it at this moment
        part = Channel.objects.get(workspace_id=channel.workspace_id, kind=STREAM, network=network, handle=handle)
    part.workspace = channel.workspace
    return part
