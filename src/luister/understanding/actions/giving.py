"""Giving topics to posts by rule and by model; what people gave or took off stays as they left it."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

from luister.posts.enums import GivenBy
from luister.posts.index.documents import document, media_of
from luister.posts.models import Post, PostTopic
from luister.query import Moment, matches, prepare
from luister.understanding.aspects import is_of_a_person
from luister.understanding.queries.rules import Rule, rules_of

Key = tuple[int, int]  # of a post and a topic

# A topic is locked against a change of its rule: what an old rule found is never stored after that.
_GIVE: Final = """
    INSERT INTO posts_post_topic (post_id, topic_id, posted_at, given_by, is_removed, at)
    SELECT found.post, topic.id, found.posted_at, found.given_by, false, %(now)s
      FROM jsonb_to_recordset(%(found)s::jsonb)
           AS found(post bigint, topic bigint, version int, posted_at timestamptz, given_by text)
      JOIN posts_topic topic ON topic.id = found.topic AND topic.version = found.version
     ORDER BY found.post, topic.id
       FOR KEY SHARE OF topic
        ON CONFLICT (post_id, topic_id) DO NOTHING
    RETURNING post_id
"""


def give_topics(posts: Sequence[Post], *, found: Mapping[int, Collection[str]] | None, now: datetime) -> None:
    """Give posts of one workspace the topics that its rules and the model find, and take off what they find no longer.

    Args:
        posts: with author, channel and workspace fetched along.
        found: ids of topics by post, as the model has them; None where it was not asked: what it gave stays.
    """
    theirs = [post for post in posts if is_of_a_person(post)]
    rules = rules_of(theirs[0].workspace_id) if theirs else ()
    if not rules:
        return
    wanted: dict[Key, str] = {}
    for post in theirs:
        for topic in (found or {}).get(post.pk, ()):
            wanted[post.pk, int(topic)] = GivenBy.MODEL
    wanted |= dict.fromkeys(found_by_rule(theirs, rules, now=now), GivenBy.RULE)
    givers = [GivenBy.RULE] if found is None else [GivenBy.RULE, GivenBy.MODEL]
    settle(theirs, wanted, rules=rules, givers=givers, now=now)


def found_by_rule(posts: Sequence[Post], rules: Sequence[Rule], *, now: datetime) -> list[Key]:
    """Return which rules find which posts of one workspace."""
    asked = [(rule.topic_id, rule.node) for rule in rules if rule.node is not None]
    if not asked or not posts:
        return []
    moment = Moment(now, ZoneInfo(posts[0].channel.workspace.time_zone))
    media = media_of(posts)
    hits = []
    for post in posts:
        seen = prepare(document(post, media=media.get(post.pk, 0)))
        hits += [(post.pk, topic_id) for topic_id, node in asked if matches(node, seen, moment=moment)]
    return hits


def settle(
    posts: Sequence[Post], wanted: Mapping[Key, str], *, rules: Sequence[Rule], givers: Sequence[str], now: datetime
) -> int:
    """Have posts carry what is wanted of these topics and by these givers, and no more; return to how many more."""
    versions = {rule.topic_id: rule.version for rule in rules}
    rows = PostTopic.objects.filter(post_id__in=[post.pk for post in posts], topic_id__in=versions)
    present = {
        (post_id, topic_id): (pk, given_by, is_removed)
        for pk, post_id, topic_id, given_by, is_removed in rows.values_list(
            "pk", "post_id", "topic_id", "given_by", "is_removed"
        )
    }
    stale = {
        key: pk
        for key, (pk, given_by, is_removed) in present.items()
        if given_by in givers and not is_removed and wanted.get(key) != given_by
    }
    if stale:
        PostTopic.objects.filter(pk__in=stale.values()).delete()
    posted = {post.pk: post.posted_at.isoformat() for post in posts}
    new = [
        {"post": key[0], "topic": key[1], "version": versions[key[1]], "posted_at": posted[key[0]], "given_by": by}
        for key, by in wanted.items()
        if key[1] in versions and (key not in present or key in stale)
    ]
    if not new:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, {"found": json.dumps(new), "now": now})
        return len(cursor.fetchall())
