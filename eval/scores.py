"""Scores of classifications, as the literature computes them; shares of one."""

from collections.abc import Collection, Sequence


def f1(truth: Sequence[bool], said: Sequence[bool]) -> float:
    """Return the harmonic mean of precision and recall; 1 where there is nothing to find and nothing was found."""
    both = sum(one and other for one, other in zip(truth, said, strict=True))
    whole = sum(truth) + sum(said)
    return 2 * both / whole if whole else 1.0


def recall(truth: Sequence[bool], said: Sequence[bool]) -> float:
    """Return which share of what is there was found."""
    return sum(one and other for one, other in zip(truth, said, strict=True)) / max(1, sum(truth))


def precision(truth: Sequence[bool], said: Sequence[bool]) -> float:
    """Return which share of what was found is there."""
    return recall(said, truth)


def macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """Return the mean of the F1 of every class that is there."""
    classes = sorted(set(truth))
    return sum(f1([one == each for one in truth], [one == each for one in said]) for each in classes) / len(classes)


def macro_recall(truth: Sequence[str], said: Sequence[str]) -> float:
    """Return the mean of the recall of every class that is there."""
    classes = sorted(set(truth))
    return sum(recall([one == each for one in truth], [one == each for one in said]) for each in classes) / len(classes)


def macro_f1_of_labels(truth: Sequence[Collection[str]], said: Sequence[Collection[str]]) -> float:
    """Return the mean of the F1 of every label, where a text can have several."""
    labels = sorted({label for each in truth for label in each})
    scores = [f1([label in each for each in truth], [label in each for each in said]) for label in labels]
    return sum(scores) / len(scores)


def accuracy(truth: Sequence[str], said: Sequence[str]) -> float:
    """Return which share is right."""
    return sum(one == other for one, other in zip(truth, said, strict=True)) / len(truth)
