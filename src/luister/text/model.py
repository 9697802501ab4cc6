"""The trained model of a language: a plain table of weights, read once from a file beside this one.

Linear models with a shared list of features: a row a feature, a column a head (what it speaks for). Trained by
`make train`; docs/model-card.md says on what, and how good they are.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from luister.text.features import Vocabulary, vocabulary

LANGUAGES = ("nl", "en")
SENTIMENTS = slice(0, 3)  # the heads of sentiment come first
FEELINGS = ("%negative", "%positive")  # the features that sentiment itself is for all other heads
UNIT = 1000  # weights are stored in thousandths
_FOLDER = Path(__file__).parent / "models"

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """All that is known of a language. `thresholds` say from which logit on a head of its own holds."""

    vocabulary: Vocabulary
    heads: tuple[str, ...]
    column: Mapping[str, int]
    thresholds: Mapping[str, float]
    bias: Row
    rows: Mapping[str, int]  # the first is for what is not known
    weights: Row

    def look_up(self, values: Mapping[str, float]) -> tuple[Row, Row]:
        """Return what each feature of a text counts, and its weights for each head: none where it is not known."""
        get = self.rows.get
        amounts = np.fromiter(values.values(), np.float32, len(values))
        return amounts, self.weights.take([get(name, 0) for name in values], axis=0)


@cache
def model(lang: str) -> Model:
    """Return the model of a language of `LANGUAGES`."""
    with np.load(_FOLDER / f"{lang}.npz") as file:
        lists: dict[str, Any] = json.loads(file["lists"].tobytes())
        known = file["weights"].astype(np.float32) / UNIT
    heads = tuple(lists["heads"])
    return Model(
        vocabulary(lists["cues"], lists["valences"]),
        heads=heads,
        column={head: place for place, head in enumerate(heads)},
        thresholds={head: math.log(least / (1 - least)) for head, least in lists["thresholds"].items()},
        bias=np.array(lists["bias"], dtype=np.float32),
        rows={name: row for row, name in enumerate(lists["features"], 1)},
        weights=np.concatenate((np.zeros_like(known[:1]), known)),
    )


def shares(logits: Sequence[float]) -> list[float]:
    """Return logits as shares of one (softmax)."""
    top = max(logits)
    parts = [math.exp(logit - top) for logit in logits]
    whole = sum(parts)
    return [part / whole for part in parts]
