"""How the matcher is measured: in turn with finding words alone, on posts that it has not met."""

import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bench.matching_posts import lines_of
from luister.base.clock import utc_now
from luister.query import Matcher, Moment, Node, matches, prepare
from luister.query.lines import read_post

ROUNDS = 5
AT_A_TIME = 1_000  # posts, before it is the other's turn: so short that what else the machine does hits both alike
CHECKED = 500_000  # pairs of a query and a post that are decided by the plain evaluator too
_words = re.compile(r"[#@]?\w+").findall


@dataclass(frozen=True, slots=True)
class Posts:
    """The posts of a round: as lines, and the texts on them."""

    lines: Sequence[bytes]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rates:
    """What rounds came to: seconds a post, the share, and how many posts each query found of how many.

    The share is of the posts a second of finding words, the median of those of the rounds.
    """

    words: float
    matcher: float
    share: float
    found: Mapping[str, int]
    posts: int


@contextmanager
def one_processor() -> Iterator[None]:
    """Keep this process and those it starts to one processor, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def rounds_of(posts: Sequence[Mapping[str, Any]]) -> list[Posts]:
    """Deal out posts to the rounds and to the one before them, which is not counted."""
    size = len(posts) // (ROUNDS + 1)
    parts = [posts[start : start + size] for start in range(0, size * (ROUNDS + 1), size)]
    return [Posts(lines_of(part), [post["text"] for post in part]) for part in parts]


def matcher_of(nodes: Mapping[str, Node]) -> Matcher[str]:
    """Return a matcher that holds these queries."""
    matcher: Matcher[str] = Matcher()
    for ident, node in nodes.items():
        matcher.put(ident, node)
    return matcher


def find_all(matcher: Matcher[str], lines: Sequence[bytes], moment: Moment) -> tuple[float, list[list[str]]]:
    """Return the seconds of processor time that posts take, from their lines to the ids, and these."""
    start = time.process_time()
    found = [matcher.find(read_post(line), moment=moment) for line in lines]
    return time.process_time() - start, found


def measured(nodes: Mapping[str, Node], posts: Sequence[Posts]) -> Rates:
    """Take the rounds with these queries; the first warms up."""
    matcher = matcher_of(nodes)
    moment = Moment(utc_now(), UTC)
    counts: Counter[str] = Counter()
    words, ours = [], []
    for turn in posts:
        for first in range(0, len(turn.lines), AT_A_TIME):
            lines, texts = turn.lines[first : first + AT_A_TIME], turn.texts[first : first + AT_A_TIME]
            start = time.process_time()
            for text in texts:
                _words(text.lower())
            words.append((time.process_time() - start) / len(lines))
            seconds, found = find_all(matcher, lines, moment)
            ours.append(seconds / len(lines))
            for idents in found:
                counts.update(idents)
    warm_up = len(words) // len(posts)
    words, ours = words[warm_up:], ours[warm_up:]
    share = statistics.median(one / other for one, other in zip(words, ours, strict=True))
    return Rates(
        statistics.median(words), statistics.median(ours), share, counts, sum(len(turn.lines) for turn in posts)
    )


def differences(nodes: Mapping[str, Node], lines: Sequence[bytes]) -> list[str]:
    """Return the first post of which the matcher and the plain evaluator find something else."""
    matcher = matcher_of(nodes)
    moment = Moment(utc_now(), UTC)
    for line in lines[: CHECKED // len(nodes)]:
        post = read_post(line)
        prepared = prepare(post)
        right = [ident for ident, node in nodes.items() if matches(node, prepared, moment=moment)]
        if matcher.find(post, moment=moment) != right:
            return [f"match, {len(nodes):,} queries: something else is found of {post.id} than one by one"]
    return []
