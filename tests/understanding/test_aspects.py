"""What can be said of a post, aspect by aspect."""

import pytest

from luister.understanding.aspects import is_value, with_kind


@pytest.mark.parametrize(
    ("aspect", "value", "can_be_said"),
    [
        ("sentiment", "negative", True),
        ("sentiment", "furious", False),
        ("sentiment", True, False),
        ("kinds", ["question", "complaint"], True),
        ("kinds", [], False),
        ("kinds", "question", False),
        ("kinds", ["song"], False),
        ("neglected", True, True),
        ("neglected", "yes", False),
        ("lang", "und", True),
        ("lang", "xx", False),
        ("weather", "rain", False),
    ],
)
def test_is_value_takes_what_is_on_the_list_alone(aspect, value, can_be_said):
    assert is_value(aspect, value) is can_be_said


@pytest.mark.parametrize(
    ("kinds", "kind", "then"),
    [
        (["complaint"], "question", ["question", "complaint"]),
        (["question", "complaint"], "question", ["complaint"]),
        (["complaint"], "complaint", ["remark"]),
        (["remark"], "lead", ["lead"]),
        (["question", "complaint"], "remark", ["remark"]),
        (["remark"], "remark", ["remark"]),
    ],
)
def test_with_kind_adds_or_takes_away_and_keeps_remark_for_what_is_nothing_else(kinds, kind, then):
    assert with_kind(kinds, kind) == then
