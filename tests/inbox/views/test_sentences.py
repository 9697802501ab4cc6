"""Everything that the inbox refuses or remarks has a sentence, in both languages."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from luister import inbox
from luister.base.errors import Reason
from luister.delivery.reasons import REASONS
from luister.inbox.sentences import refusal

CODE = r'"([a-z_]+\.[a-z_]+)"'
REFUSED = re.compile(rf"\w*Error\(\s*{CODE}")
REMARKED = re.compile(rf'"code": {CODE}')
SOURCES = [path.read_text() for path in sorted(Path(inbox.__file__).parent.rglob("*.py"))]


class Values(dict[str, str]):
    """Has every value."""

    def __missing__(self, name):
        return f"<{name}>"


@pytest.mark.parametrize("code", sorted({code for source in SOURCES for code in REFUSED.findall(source)}))
def test_refusal_has_a_sentence(code):
    said = set()
    for language in ("nl", "en"):
        with translation.override(language):
            said.add(refusal(Reason(code, Values())))

    assert len(said) == 2
    assert not any(words.startswith(("Something went wrong", "Er ging iets mis")) for words in said)


def test_remark_beside_a_post_has_a_sentence():
    assert {code for source in SOURCES for code in REMARKED.findall(source)} - set(REASONS) == set()
