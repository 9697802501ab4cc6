"""Understanding posts: what they say is written here, and read wherever posts are searched, matched and shown."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from luister.posts.index.store import index_posts
from luister.posts.models import Post
from luister.text.contract import Understanding as Found
from luister.text.lessons import Lessons
from luister.text.near import bands
from luister.text.understanding import VERSION, understand
from luister.understanding import aspects
from luister.understanding.actions.copies import find_copies, signed
from luister.understanding.actions.giving import give_topics
from luister.understanding.aspects import Value
from luister.understanding.enums import Aspect
from luister.understanding.models import Correction, Understanding
from luister.understanding.queries.guiding import language_of, lessons_of

logger = logging.getLogger("luister.understanding")

CHUNK: Final = 500
LONGEST_PHRASE: Final = 200  # characters

UNREAD: Final = ("html", "quoted_text")
FIELDS: Final = (
    "workspace", "posted_at", "score", "need", "urgency", "is_neglected", "wants_human", "personal_data", "emotions",
    "key_phrases", "why", "fingerprint", "bands", "copy_of", "inferred", "given", "version", "understood_at",
)  # fmt: skip

_WRITE: Final = """
    UPDATE posts_post SET language = said.language, sentiment = said.sentiment, says = said.says
      FROM jsonb_to_recordset(%s::jsonb) AS said(id bigint, language text, sentiment text, says text[])
     WHERE posts_post.id = said.id
"""


def understand_post(post: Post, *, now: datetime) -> None:
    """Write down what a post says; see `understand_posts`."""
    understand_posts([post], now=now)


def understand_posts(posts: Sequence[Post], *, now: datetime) -> None:
    """Write down what posts say, and let searches find them by it.

    What the network, a file or a person said stays. Of what we or machines wrote only the language is of interest. The
    posts that are passed in know afterwards what is said of them.
    """
    for start in range(0, len(posts), CHUNK):
        _understand(posts[start : start + CHUNK], now=now)


@transaction.atomic
def _understand(posts: Sequence[Post], *, now: datetime) -> None:
    # Held, so that nobody edits or corrects them meanwhile.
    chosen = Post.objects.filter(pk__in=[post.pk for post in posts]).order_by("pk").defer(*UNREAD)
    held = list(chosen.select_for_update(of=("self",)).select_related("author", "channel__workspace"))
    known = Understanding.objects.select_for_update().order_by("pk").in_bulk([post.pk for post in held])
    corrected = corrections_of(list(known)) if known else {}
    priors = {post.channel_id: post.channel for post in held}
    languages = {channel_id: language_of(channel) for channel_id, channel in priors.items()}
    lessons = {workspace_id: lessons_of(workspace_id) for workspace_id in {post.workspace_id for post in held}}
    rows: list[Understanding] = []
    topics: dict[int, tuple[str, ...]] = {}
    for post in held:
        before = known.get(post.pk)
        given = before.given if before else aspects.given_with(post)
        said = corrected.get(post.pk, {})
        lang = str(said.get(Aspect.LANG) or given.get(Aspect.LANG) or "")
        taught = lessons[post.workspace_id]
        row, topics[post.pk] = _found(post, lang=lang, prior=languages[post.channel_id], lessons=taught, now=now)
        if row is None:
            continue
        row.given = given
        if before and Aspect.LANG in said:  # what the machine was told is not what it thinks
            row.inferred[Aspect.LANG] = before.inferred.get(Aspect.LANG, row.inferred[Aspect.LANG])
        aspects.put({**row.inferred, **given, **said}, post=post, row=row)
        rows.append(row)
    Understanding.objects.bulk_create(rows, update_conflicts=True, unique_fields=["post"], update_fields=FIELDS)
    find_copies([row.post_id for row in rows if row.fingerprint])
    write_posts(held)
    for workspace_id in lessons:
        ours = [post for post in held if post.workspace_id == workspace_id]
        give_topics(ours, found=topics, now=now)
    _tell({post.pk: post for post in held}, posts)


def corrections_of(post_ids: Sequence[int]) -> Mapping[int, dict[str, Value]]:
    """Return what people said of posts and is in force."""
    found: dict[int, dict[str, Value]] = {}
    in_force = Correction.objects.filter(post_id__in=post_ids, undone_at=None)
    for post_id, aspect, after in in_force.values_list("post_id", "aspect", "after"):
        found.setdefault(post_id, {})[aspect] = after
    return found


def write_posts(posts: Sequence[Post]) -> None:
    """Save what is said of posts in the posts themselves, and in the search index."""
    said = [
        {"id": post.pk, "language": post.language, "sentiment": post.sentiment, "says": post.says} for post in posts
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [json.dumps(said)])
    index_posts(posts)


def _found(
    post: Post, *, lang: str, prior: str, lessons: Lessons | None, now: datetime
) -> tuple[Understanding | None, tuple[str, ...]]:
    """Return what the machine says, and topics; None where a text breaks it, which must keep nobody from an answer."""
    try:
        found = understand(post.text, title=post.subject, lang=lang, prior=prior, lessons=lessons)
        return _row(post, found, now=now), found.topics
    except Exception:
        logger.exception("post.not_understood", extra={"object_kind": "post", "object_id": post.pk})
        return None, ()


def _row(post: Post, found: Found, *, now: datetime) -> Understanding:
    row = Understanding(
        post_id=post.pk,
        workspace_id=post.workspace_id,
        posted_at=post.posted_at,
        version=VERSION,
        understood_at=now,
        inferred=aspects.said_by(found),
    )
    if not aspects.is_of_a_person(post):
        row.inferred = {Aspect.LANG: found.lang}
        return row
    row.score = found.score
    row.personal_data = [{"kind": one.kind, "start": one.start, "end": one.end} for one in found.personal_data]
    row.emotions = list(found.emotions)
    row.key_phrases = [phrase[:LONGEST_PHRASE] for phrase in found.key_phrases]
    row.why = {
        aspect: [{"code": one.code, "text": one.text, "weight": one.weight} for one in reasons]
        for aspect, reasons in found.why.items()
    }
    row.fingerprint = signed(found.fingerprint)
    row.bands = bands(found.fingerprint) if found.fingerprint else []
    return row


def _tell(written: Mapping[int, Post], posts: Sequence[Post]) -> None:
    """Let the posts that were passed in know what is said of them."""
    for post in posts:
        if post.pk in written:
            now = written[post.pk]
            post.language, post.sentiment, post.says = now.language, now.sentiment, now.says
