"""The made-up posts that the matcher is measured on are what is said of them."""

import json
from collections import Counter

import pytest

from bench.matching_posts import LEAST, MOST, Town, lines_of
from luister.query import prepare
from luister.query.lines import read_post

COUNT = 2_000


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


@pytest.fixture(scope="module")
def texts(town: Town) -> list[str]:
    return [post["text"] for post in town.posts(COUNT)]


def test_posts_have_ten_to_sixty_words(texts: list[str]) -> None:
    for text in texts:
        words = [word for word in text.split() if not word.startswith(("#", "@", "http")) and word[0].isalnum()]

        assert LEAST <= len(words) <= MOST


def test_posts_carry_what_is_said_of_them(town: Town) -> None:
    prepared = [prepare(read_post(line)) for line in lines_of(town.posts(COUNT))]

    def share(of: list[bool]) -> float:
        return sum(of) / COUNT

    assert share([post.has_link for post in prepared]) == pytest.approx(0.3, abs=0.02)
    assert share([bool(post.mentions or post.hashtags) for post in prepared]) == pytest.approx(0.4, abs=0.02)
    assert share([bool(post.emoji) for post in prepared]) == pytest.approx(0.1, abs=0.02)


def test_posts_have_letters_outside_ascii(texts: list[str]) -> None:
    accented = [text for text in texts if any(sign.isalpha() and not sign.isascii() for sign in text)]

    assert len(accented) / COUNT == pytest.approx(0.3, abs=0.02)


def test_posts_use_words_unevenly(town: Town, texts: list[str]) -> None:
    counts = Counter(word.strip(".,!?").lower() for text in texts for word in text.split())

    assert sum(len(language.words) for language in town.talk.languages) > 50_000
    assert counts["de"] > 1_000
    assert sum(count <= 2 for count in counts.values()) > 5_000


def test_posts_follow_from_the_seed(town: Town, texts: list[str]) -> None:
    assert [post["text"] for post in Town().posts(10)] == texts[:10]
    assert [post["text"] for post in Town(seed=2).posts(10)] != texts[:10]


def test_lines_are_posts(town: Town) -> None:
    posts = town.posts(200)

    assert [json.loads(line) for line in lines_of(posts)] == posts
    assert 0.4 < sum("author" in post for post in posts) / len(posts) < 0.6
