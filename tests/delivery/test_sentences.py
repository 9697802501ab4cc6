"""Every reason that the code can give has a sentence, in both languages."""

import re
import string
from pathlib import Path

import pytest
from django.utils import translation

import luister
from luister import connectors
from luister.delivery.queries import sentence
from luister.delivery.reasons import REASONS
from luister.imports.sentences import SENTENCES as IMPORT_SENTENCES
from luister.listening.sentences import REFUSALS
from luister.query.reasons import REASONS as QUERY_REASONS
from luister.text.reasons import REASONS as TEXT_REASONS
from luister.understanding.sentences import REFUSALS as CORRECTION_REFUSALS

SOURCES = Path(luister.__file__).parent
CODE = r'"([a-z_]+\.[a-z_]+)"'
GIVEN = re.compile(rf'(?:Reason|\w*Error)\(\s*{CODE}|"code": {CODE}|reason_code={CODE}')
# Words of their own: the practice network's API, the terminal's, and what the inbox refuses.
ELSEWHERE = {"practice", "config", "inbox"}


def given_codes():
    for path in SOURCES.rglob("*.py"):
        if path.relative_to(SOURCES).parts[0] not in ELSEWHERE:
            for groups in GIVEN.findall(path.read_text()):
                yield next(filter(None, groups))


def blanks(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_every_code_in_the_source_has_a_sentence():
    known = {
        *REASONS,
        *connectors.reasons(),
        *QUERY_REASONS,
        *TEXT_REASONS,
        *CORRECTION_REFUSALS,
        *IMPORT_SENTENCES,
        *REFUSALS,
        "channel.secrets_unreadable",
        "webhook.secret_unreadable",  # in luister.webhooks.sentences
    }
    assert set(given_codes()) - known == set()


@pytest.mark.parametrize("code", sorted(REASONS))
def test_sentence_keeps_its_values_in_dutch(code):
    with translation.override("nl"):
        dutch = translation.gettext(REASONS[code])

    assert dutch != REASONS[code]
    assert blanks(dutch) == blanks(REASONS[code])


def test_sentence_is_filled_in():
    with translation.override("en"):
        assert sentence("http.invalid_host", {"host": "x y"}) == "x y is not a valid host name."


def test_sentence_leaves_missing_values_blank_and_takes_none_as_a_pattern():
    with translation.override("en"):
        assert sentence("http.invalid_host", {}) == " is not a valid host name."
        assert sentence("http.invalid_host", {"host": "{host.__class__}"}).startswith("{host.__class__} is not")


def test_code_without_sentence_is_not_shown_bare():
    with translation.override("en"):
        assert sentence("of.tomorrow", {}).startswith("Something went wrong")
