"""From named features to matrices, and from fitted models to layers of named weights."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from luister.text.model import UNIT

CUE_SCALE = 1.3  # cues and shape are few and meant: they are held back less than grams
_LEAST = 0.02  # a weight below it says nothing


class Space:
    """The features that stand in at least `least` of the texts, in order."""

    def __init__(self, found: Sequence[Mapping[str, float]], *, least: int) -> None:
        counts = Counter(name for values in found for name in values)
        self.names = sorted(name for name, count in counts.items() if count >= least)
        self._index = {name: place for place, name in enumerate(self.names)}

    def matrix(self, found: Sequence[Mapping[str, float]]) -> csr_matrix:
        """Return a row a text, scaled as `luister.text.model.Layer` scales them."""
        data: list[float] = []
        columns: list[int] = []
        ends = [0]
        for values in found:
            for name, value in values.items():
                place = self._index.get(name)
                if place is not None and value:
                    data.append(value * _scale(name))
                    columns.append(place)
            ends.append(len(data))
        return csr_matrix((data, columns, ends), shape=(len(found), len(self.names)))


def fit(
    matrix: csr_matrix, answers: Sequence[Any], *, strength: float, weights: Sequence[float] | None = None
) -> LogisticRegression:
    """Return a logistic regression; `strength` is the inverse of how much weights are held back."""
    is_binary = len(set(answers)) == 2
    model = LogisticRegression(
        C=strength,
        class_weight=None if weights is not None else "balanced",
        max_iter=500,
        **({"solver": "liblinear", "random_state": 0} if is_binary else {}),
    )
    return model.fit(matrix, np.asarray(answers), sample_weight=None if weights is None else np.asarray(weights))


def _scale(name: str) -> float:
    return CUE_SCALE if name[0] in "=%" else 1.0


class Table:
    """Weights of many models over the features of all of them: a row a feature, a column a head."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.bias: list[float] = []
        self._rows: dict[str, dict[int, float]] = {}

    def add(self, heads: Sequence[str], model: LogisticRegression, space: Space) -> None:
        """Take over a model; `heads` name its classes, or the one that is true."""
        for head, coefficients, intercept in zip(heads, model.coef_, model.intercept_, strict=True):
            column = len(self.heads)
            self.heads.append(head)
            self.bias.append(round(float(intercept), 4))
            for place in np.flatnonzero(np.abs(coefficients) >= _LEAST):
                name = space.names[place]
                self._rows.setdefault(name, {})[column] = float(coefficients[place]) * _scale(name)

    def packed(self) -> tuple[list[str], np.ndarray]:
        """Return the features and their weights in thousandths."""
        names = sorted(self._rows)
        weights = np.zeros((len(names), len(self.heads)), dtype=np.int16)
        for place, name in enumerate(names):
            for column, weight in self._rows[name].items():
                weights[place, column] = round(UNIT * weight)
        return names, weights
