"""A practice network with customers who write at a steady pace: `python -m bench.flooding.network LOG`.

It prints its port. Each line on its standard input, `NUMBER SECONDS`, has customers write so many posts spread over
that time; when they have, it answers with how many they wrote in how many seconds.
"""

import json
import random
import sys
import time
from pathlib import Path

from luister.base.connector import Idempotency
from luister.practice.server import PracticeServer

HANDLE, TOKEN = "merk", "token-of-the-flood"
TEXTS = Path(__file__).parents[2] / "texts"
LONGEST = 480  # characters; the network refuses more than 500
CUSTOMERS = 20_000
ANSWERS = 0.4  # of all posts: the others begin a conversation
OWN = 0.7  # of these answers: by who began it
PRIVATE = 0.1
RECENT = 500  # posts that are still answered


class Crowd:
    """Customers who write in Dutch and in English, and answer each other."""

    def __init__(self, server: PracticeServer) -> None:
        self._server = server
        self._dice = random.Random(5)
        self._texts = [text for pair in zip(_texts("nl"), _texts("en"), strict=False) for text in pair]
        self._open: list[tuple[str, str]] = []  # id and author of recent public posts
        self._count = 0

    def write(self) -> None:
        """Write one post."""
        dice, text = self._dice, self._texts[self._count % len(self._texts)]
        self._count += 1
        handle = f"klant{int(CUSTOMERS * dice.random() ** 2)}"
        if self._open and dice.random() < ANSWERS:
            parent, author = dice.choice(self._open)
            self._server.play(text, handle=author if dice.random() < OWN else handle, parent_id=parent)
        elif dice.random() < PRIVATE:
            self._server.play(text, handle=handle, to=HANDLE)
        else:
            post = self._server.play(f"@{HANDLE} {text}", handle=handle)
            self._open = [*self._open[-RECENT:], (post.id, handle)]

    def write_many(self, count: int, *, seconds: float) -> float:
        """Write so many posts, evenly over so many seconds, and return how long it took."""
        began = time.monotonic()
        for number in range(count):
            pause = began + seconds * number / count - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self.write()
        return time.monotonic() - began


def _texts(lang: str) -> list[str]:
    lines = (TEXTS / f"posts.{lang}.more.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"][:LONGEST] for line in lines]


def main() -> None:
    """Serve until standard input ends."""
    server = PracticeServer(log=Path(sys.argv[1]))
    server.store.add_brand(HANDLE, token=TOKEN, idempotency=Idempotency.KEY)
    with server:
        _say(str(server.port))
        crowd = Crowd(server)
        for line in sys.stdin:
            count, seconds = line.split()
            took = crowd.write_many(int(count), seconds=float(seconds))
            _say(f"{count} {took:.1f}")


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
