"""What is understood has words, in both languages."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from luister import understanding
from luister.base.errors import Reason
from luister.text.contract import Personal
from luister.understanding.aspects import CHOICES, TRUTHS
from luister.understanding.enums import Aspect
from luister.understanding.sentences import ASPECTS, PERSONAL, refusal, word

SOURCES = [path.read_text() for path in sorted(Path(understanding.__file__).parent.rglob("*.py"))]
VALUES = [(aspect, value) for aspect, values in CHOICES.items() for value in values]
VALUES += [(aspect, value) for aspect in TRUTHS for value in ("yes", "no")]
SAME = {"Compliment", "Crisis", "Spam"}  # in both languages


@pytest.mark.parametrize(("aspect", "value"), VALUES)
def test_every_value_has_a_word_of_its_own(aspect, value):
    said = []
    for language in ("nl", "en"):
        with translation.override(language):
            said.append(word(aspect, value))

    assert value not in said
    assert said[0] != said[1] or said[0] in SAME


def test_every_aspect_and_kind_of_personal_data_has_a_name():
    assert set(ASPECTS) == set(Aspect)
    assert set(PERSONAL) == set(Personal)


def test_what_a_file_says_in_other_words_stays_as_it_is():
    assert word("kinds", "gezeur") == "gezeur"
    assert word("lang", "xx") == "xx"


@pytest.mark.parametrize(
    "code", sorted({code for text in SOURCES for code in re.findall(r'Error\("(\w+\.\w+)"', text)})
)
def test_every_refusal_has_a_sentence(code):
    reason = Reason(code, {"name": "Bagage", "field": "topic"})
    with translation.override("nl"):
        dutch = refusal(reason)
    with translation.override("en"):
        assert refusal(reason) != dutch
