"""Learning from what people corrected."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef

from luister.posts.enums import Direction
from luister.posts.models import Post
from luister.text.lessons import Example, Lessons
from luister.text.lessons import learn as learn_from
from luister.understanding.enums import Aspect
from luister.understanding.models import Correction, LearnedModel, Understanding
from luister.understanding.queries.taught import TOPICS, spoken_of, to_learn

MOST_KEPT: Final = 300  # posts that were answered and left as they were
MOST_CORRECTED: Final = 5000


def learn(workspace_id: int, *, now: datetime) -> None:
    """Learn anew from all corrections that are in force, and keep what came of it."""
    examples = [*_corrected(workspace_id), *_left_alone(workspace_id)]
    lessons: Lessons = learn_from(examples)
    LearnedModel.objects.update_or_create(
        workspace_id=workspace_id,
        defaults={
            "data": {head: dict(shift) for head, shift in lessons.shifts.items()},
            "effects": [asdict(effect) for effect in lessons.effects],
            "learned_at": now,
        },
    )


def _corrected(workspace_id: int) -> Iterator[Example]:
    in_force = Correction.objects.filter(workspace_id=workspace_id, undone_at=None).exclude(aspect=Aspect.LANG)
    said: dict[int, dict[str, object]] = {}
    for correction in in_force.order_by("-at", "-pk")[:MOST_CORRECTED]:
        said.setdefault(correction.post_id, {})[correction.aspect] = correction.after
    spoken = spoken_of(workspace_id).order_by("-at", "-pk").values_list("post_id", flat=True)[:MOST_CORRECTED]
    topics = to_learn(set(spoken))
    for post_id, ids in topics.items():
        said.setdefault(post_id, {})[TOPICS] = ids
    posts = Post.objects.in_bulk(said)
    for post_id, says in sorted(said.items()):
        post = posts[post_id]
        yield Example(text=post.text, title=post.subject, lang=post.language, says=says)


def _left_alone(workspace_id: int) -> Iterator[Example]:
    """Yield the latest posts that colleagues answered without correcting anything."""
    answered = Exists(Post.objects.filter(parent=OuterRef("pk"), direction=Direction.OUT))
    corrected = Exists(Correction.objects.filter(post=OuterRef("pk"), undone_at=None))
    handed = Exists(spoken_of(workspace_id).filter(post=OuterRef("pk")))
    theirs = Post.objects.filter(workspace_id=workspace_id, direction=Direction.IN, automatic="")
    posts = theirs.filter(answered, ~corrected, ~handed)
    latest = {post.pk: post for post in posts.order_by("-received_at", "-pk")[:MOST_KEPT]}
    rows = Understanding.objects.in_bulk(latest)
    topics = to_learn(latest)
    for post_id, row in sorted(rows.items()):
        post = latest[post_id]
        yield Example(
            text=post.text,
            title=post.subject,
            lang=post.language,
            says={
                Aspect.SENTIMENT: post.sentiment,
                Aspect.KINDS: sorted(post.says),
                Aspect.NEED: row.need,
                Aspect.URGENCY: row.urgency,
                Aspect.NEGLECTED: row.is_neglected,
                Aspect.WANTS_HUMAN: row.wants_human,
                TOPICS: topics[post_id],
            },
            is_correction=False,
        )
