"""The tokens of normalised text, each of which takes one position: words, hashtags, mentions and emoji."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

import regex

GAP = 101  # empty positions between title and text, so that no phrase and no NEAR spans the two


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    HASHTAG = "hashtag"
    MENTION = "mention"
    EMOJI = "emoji"


class Piece(NamedTuple):
    """A token as it stands in a text: a word or hashtag, an emoji, or the handle of a mention with its domain."""

    kind: Kind
    text: str
    domain: str
    start: int
    end: int


# What is no word and not ASCII may be an emoji; another expression knows. Repetitions keep what they took, so that
# no text makes them try twice.
_PIECE = re.compile(
    r"(\w+)"
    r"|(?<!\w)@(\w+(?:\.\w+)*)(?:@(\w+(?:[.-]\w+)+))?"
    r"|(?<!\w)\#(\w+)"
    r"|([^\x00-\x7f])"
)
_WORD, _HANDLE, _DOMAIN, _HASHTAG = 1, 2, 3, 4
_PICTURE = r"(?![©®])\p{Extended_Pictographic}[\U0001F3FB-\U0001F3FF]*+"
_EMOJI = regex.compile(rf"[\U0001F1E6-\U0001F1FF]{{2}}|{_PICTURE}(?:\u200D{_PICTURE})*+")
_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")


def pieces(text: str) -> Iterator[Piece]:
    """Yield the tokens of normalised text without addresses, from left to right."""
    emoji_end = 0
    for found in _PIECE.finditer(text):
        kind = found.lastindex
        if kind == _WORD:
            yield Piece(Kind.WORD, found[_WORD], "", found.start(), found.end())
        elif kind == _HASHTAG:
            yield Piece(Kind.HASHTAG, found[_HASHTAG], "", found.start(), found.end())
        elif kind in (_HANDLE, _DOMAIN):
            yield Piece(Kind.MENTION, found[_HANDLE], found[_DOMAIN] or "", found.start(), found.end())
        elif found.start() >= emoji_end and (emoji := _EMOJI.match(text, found.start())):
            emoji_end = emoji.end()
            yield Piece(Kind.EMOJI, _TONES.sub("", emoji.group()), "", found.start(), emoji_end)
