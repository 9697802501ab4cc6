"""The trained models that ship: whole, small, and in step with the code."""

from pathlib import Path

import numpy as np
import pytest

import luister.text
from luister.text import Kind
from luister.text.judging import EMOTION_HEADS, NEEDS, URGENCIES
from luister.text.model import FEELINGS, LANGUAGES, SENTIMENTS, model, shares
from luister.text.reasons import REASONS

MODELS = Path(luister.text.__file__).parent / "models"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_model_has_a_head_for_everything_that_is_said(lang: str) -> None:
    found = model(lang)

    assert found.heads[SENTIMENTS] == ("negative", "neutral", "positive")
    assert {*Kind, *NEEDS.values(), *URGENCIES.values(), *EMOTION_HEADS.values()} <= set(found.heads)
    assert {*Kind, "neglected", "wants_human", *EMOTION_HEADS.values()} == set(found.thresholds)
    assert set(FEELINGS) <= set(found.rows)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_cue_has_a_sentence(lang: str) -> None:
    cues = {cue for meant, _, _ in model(lang).vocabulary.values() for cue in meant}

    assert {f"cue.{cue}" for cue in cues} <= set(REASONS)
    assert len(cues) > 30


def test_models_are_small_plain_arrays() -> None:
    files = sorted(MODELS.iterdir())

    assert [file.name for file in files] == ["en.npz", "nl.npz"]
    assert sum(file.stat().st_size for file in files) < 10_000_000
    for file in files:
        with np.load(file, allow_pickle=False) as arrays:
            assert sorted(arrays) == ["lists", "weights"]


def test_what_is_not_known_counts_nothing() -> None:
    _, weights = model("nl").look_up({"qqqqq": 1.0, "%negative": 0.0, "%positive": 0.0})

    assert not weights[0].any()
    assert weights[1].any()


def test_shares_add_up_to_one() -> None:
    assert sum(shares([1.0, -2.0, 800.0])) == pytest.approx(1.0)
    assert shares([0.0, 0.0]) == [0.5, 0.5]
