"""From fitted models to tables of weights that the product adds up to the same."""

from types import ModuleType

import numpy as np
import pytest

from luister.text.model import UNIT

FOUND = [
    {"goed": 0.5, "%good": 1.0},
    {"goed": 0.5, "heel": 0.5, "%good": 2.0},
    {"slecht": 0.5, "=fault": 1.0},
    {"slecht": 0.5, "heel": 0.5},
] * 5
ANSWERS = [True, True, False, False] * 5


@pytest.fixture(scope="module")
def spaces() -> ModuleType:
    # Not above: it brings scikit-learn, which every worker that reads this file would take seconds for.
    from train import space  # noqa: PLC0415

    return space


def test_space_keeps_what_stands_in_enough_texts(spaces: ModuleType) -> None:
    space = spaces.Space([{"a": 1.0, "b": 1.0}, {"a": 1.0}], least=2)

    assert space.names == ["a"]
    assert space.matrix([{"a": 0.5, "b": 1.0}, {}]).toarray().tolist() == [[0.5], [0.0]]


def test_cues_and_shape_are_scaled(spaces: ModuleType) -> None:
    space = spaces.Space([{"=ask": 1.0}], least=1)

    assert space.matrix([{"=ask": 1.0}]).toarray().tolist() == [[spaces.CUE_SCALE]]


def test_a_table_adds_up_to_what_the_model_says(spaces: ModuleType) -> None:
    space = spaces.Space(FOUND, least=1)
    one = spaces.fit(space.matrix(FOUND), ANSWERS, strength=1.0)
    three = spaces.fit(space.matrix(FOUND), ["x", "y", "z", "z"] * 5, strength=1.0)
    table = spaces.Table()
    table.add(["one"], one, space)
    table.add(["x", "y", "z"], three, space)
    names, weights = table.packed()

    for values in FOUND[:4]:
        logits = np.array(table.bias)
        for name, value in values.items():
            if name in names:
                logits = logits + value * weights[names.index(name)] / UNIT
        expected = [
            *one.decision_function(space.matrix([values])),
            *three.decision_function(space.matrix([values]))[0],
        ]
        assert np.allclose(logits, expected, atol=0.05)
