"""Scores, worked out by hand."""

import pytest

from eval.scores import accuracy, f1, macro_f1, macro_f1_of_labels, macro_recall, precision, recall

TRUTH = [True, True, True, False, False]
SAID = [True, False, False, True, False]


def test_of_one_class() -> None:
    assert recall(TRUTH, SAID) == pytest.approx(1 / 3)
    assert precision(TRUTH, SAID) == pytest.approx(1 / 2)
    assert f1(TRUTH, SAID) == pytest.approx(2 / 5)
    assert f1([False], [False]) == 1.0


def test_of_several_classes() -> None:
    truth, said = ["a", "a", "b", "b"], ["a", "b", "b", "b"]

    assert accuracy(truth, said) == 0.75
    assert macro_recall(truth, said) == pytest.approx((0.5 + 1.0) / 2)
    assert macro_f1(truth, said) == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_of_texts_with_several_labels() -> None:
    assert macro_f1_of_labels([["a", "b"], ["b"]], [["a"], ["b", "a"]]) == pytest.approx((2 / 3 + 2 / 3) / 2)
