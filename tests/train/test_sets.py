"""The texts that models learn from."""

import json

import pytest

from train import sets


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_nothing_is_learned_from_what_only_measures(lang: str) -> None:
    path = sets.TEXTS / f"posts.{lang}.aside.jsonl"
    aside = {json.loads(line)["text"].lower() for line in path.read_text("utf-8").splitlines()}
    names = [
        f"posts.{lang}",
        f"posts.{lang}.more",
        *[f"{name}.{lang}" for name in ("flags", "contrasts", "needs", "sentiment")],
    ]

    assert len(aside) > 400
    assert not [text for name in names for text in sets.own(name) if text.text.lower() in aside]


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_posts_are_labelled_for_everything(lang: str) -> None:
    posts = sets.own(f"posts.{lang}")

    assert len(posts) > 400
    for post in posts:
        assert {"sentiment", "kinds", "need", "urgency", "neglected", "wants_human"} <= set(post.says)
