"""Relevance: how much of what was asked for a post says.

A word in the title counts ten times one in the text, a second time the same word counts less than the first, and a long
post has to say more. Only the newest posts that are found are weighed: in an archive of years, what is most relevant
for a word that thousands of posts say is not an old one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from luister.posts.queries.roads import Clock, Key, fetch
from luister.posts.queries.terms import said_in
from luister.query.tree import Node

WEIGHED = 1_000  # posts
WEIGHTS = "{0.1, 0.2, 0.4, 1.0}"  # of the classes D, C, B and A: the text has D, the title A
BY_LENGTH = 1  # divide by 1 + the logarithm of the length
STEPS = 1_000_000  # a score is a whole number, so that pages can begin after one


class Place(NamedTuple):
    """Where a post stands among all others, the most relevant last."""

    score: int
    key: Key


def ranked(node: Node, keys: Sequence[Key], *, clock: Clock) -> list[Place]:
    """Return the places of posts, the most relevant first, and of equals the newest.

    Raises:
        TooBroadError: time is up.
    """
    terms = list(dict.fromkeys(said_in(node)))
    scores: dict[int, int] = {}
    if terms and keys:
        rows = fetch(
            "SELECT post_id, round(ts_rank(%s, tokens, %s::tsquery, %s) * %s)::int"
            " FROM posts_search WHERE post_id = ANY(%s)",
            [WEIGHTS, " | ".join(terms), BY_LENGTH, STEPS, [key.post_id for key in keys]],
            clock=clock,
        )
        scores = dict(rows)
    return sorted((Place(scores.get(key.post_id, 0), key) for key in keys), reverse=True)
