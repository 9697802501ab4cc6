"""Storing one part: its posts once each, and the cases that they belong to. No rule runs and nothing is sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from luister.channels.models import Channel
from luister.imports.mapping import Item, unpack
from luister.imports.models import Import, ImportRow
from luister.imports.queries import options_of
from luister.imports.threads import mentioned
from luister.inbox.actions.history import Turn, keep
from luister.posts.actions import record_all
from luister.posts.enums import Direction
from luister.posts.models import Post
from luister.understanding.actions import understand_posts
from luister.understanding.actions.topics import give_from_file


def store_part(batch: Import, *, number: int, now: datetime) -> None:
    """Store the rows of a part, count them, and take them off those that wait."""
    waiting = ImportRow.objects.filter(batch=batch, part=number).order_by("channel_id", "posted_at", "number")
    rows = list(waiting)
    channels = Channel.objects.select_related("workspace").in_bulk({row.channel_id for row in rows})
    for channel_id, group in groupby(rows, key=lambda row: row.channel_id):
        items = [unpack(row.data, thread=row.thread) for row in group]
        _store(batch, parents_first(items), channel=channels[channel_id], now=now)
    waiting.delete()


def _store(batch: Import, items: Sequence[Item], *, channel: Channel, now: datetime) -> None:
    stored = record_all([item.post for item in items], channel=channel, now=now, indexes=False)
    understand_posts([post for post, is_new in stored if is_new], now=now)
    topics = {
        post.pk: item.topics for item, (post, is_new) in zip(items, stored, strict=True) if is_new and item.topics
    }
    if topics:
        give_from_file(topics, posts=[post for post, _ in stored if post.pk in topics], now=now)
    new = sum(is_new for _, is_new in stored)
    batch.rows_stored += new
    batch.rows_present += len(items) - new
    to = answered(items, stored=_known(items, channel))
    turns = [
        Turn(post, to=to.get(item.post.external_id, ""), labels=item.labels)
        for item, (post, _) in zip(items, stored, strict=True)
    ]
    batch.cases += keep(turns, channel=channel, as_open=options_of(batch).as_open, now=now)


def parents_first(items: Sequence[Item]) -> list[Item]:
    """Order posts by their moment, and those of the same second so that an answer follows what it answers."""
    by_id = {item.post.external_id: item for item in items}

    def depth(item: Item) -> int:
        steps, seen = 0, {item.post.external_id}
        while item.post.references and (parent := by_id.get(item.post.references[0])) is not None:
            if parent.post.external_id in seen or parent.post.posted_at != item.post.posted_at:
                break
            seen.add(parent.post.external_id)
            item, steps = parent, steps + 1
        return steps

    return sorted(items, key=lambda item: (item.post.posted_at, depth(item)))


def answered(items: Sequence[Item], *, stored: Mapping[str, str]) -> dict[str, str]:
    """Return for each post of ours the customer whom it answers.

    The one the file names, else the author of what it answers (through other posts of ours), else who is mentioned
    in it, else the only customer who has spoken in the thread before. A post of ours to everyone answers nobody.

    Args:
        stored: authors by external id, of posts that the items answer and that were stored earlier.
    """
    by_id = {item.post.external_id: item for item in items}
    spoken: dict[str, list[str]] = {}
    found: dict[str, str] = {}
    for item in items:
        thread = spoken.setdefault(item.post.thread_external_id, [])
        if not item.post.ours:
            thread.append(item.post.author.external_id)
            continue
        to = item.to or _by_chain(item, by_id, stored) or _by_mention(item, items)
        if not to and len(set(thread)) == 1:
            to = thread[0]
        found[item.post.external_id] = to
    return found


def _by_chain(item: Item, by_id: Mapping[str, Item], stored: Mapping[str, str]) -> str:
    for _ in range(100):
        reference = next((one for one in item.post.references if one in by_id or one in stored), None)
        if reference is None:
            return ""
        if reference not in by_id:
            return stored[reference]
        item = by_id[reference]
        if not item.post.ours:
            return item.post.author.external_id
    return ""


def _by_mention(item: Item, items: Sequence[Item]) -> str:
    named = mentioned(item.post.text)
    if not named and not item.post.recipients:
        return ""
    customers = {
        name.lower(): one.post.author.external_id
        for one in items
        if one.post.thread_external_id == item.post.thread_external_id and not one.post.ours
        for name in (one.post.author.handle, one.post.author.external_id)
        if name
    }
    wanted = [*(person.external_id for person in item.post.recipients), *named]
    return next((customers[name.lower()] for name in wanted if name.lower() in customers), "")


def _known(items: Sequence[Item], channel: Channel) -> dict[str, str]:
    own = {item.post.external_id for item in items}
    references = {one for item in items if item.post.ours for one in item.post.references} - own
    posts = Post.objects.filter(channel=channel, external_id__in=references, direction=Direction.IN)
    return {
        external_id: author for external_id, author in posts.values_list("external_id", "author__external_id") if author
    }
