"""How common words are in our own posts, for the matcher: standing queries are looked up by their rarest words."""

import json
from collections import Counter
from pathlib import Path

from luister.query.plain import read_plain
from train.sets import TEXTS

TARGET = Path(__file__).parents[1] / "src/luister/query/common.txt"
MOST = 2_500
LEAST = 3  # posts that a word was seen in


def write_common() -> int:
    """Write the common words with how many of a million posts have each, and return how many there are."""
    shares: Counter[str] = Counter()
    for lang in ("nl", "en"):
        posts = [json.loads(line)["text"] for name in ("", ".more") for line in _lines(f"posts.{lang}{name}.jsonl")]
        seen = Counter(word for text in posts for word in set((read_plain(text) or ([], []))[0]) if word.isalnum())
        for word, count in seen.items():
            if count >= LEAST:
                shares[word] += count * 1_000_000 // (2 * len(posts))  # half of all posts are in either language
    commonest = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
    TARGET.write_text("".join(f"{word} {share}\n" for word, share in commonest), "utf-8")
    return len(commonest)


def _lines(name: str) -> list[str]:
    return (TEXTS / name).read_text("utf-8").splitlines()
