"""A text as words, signs and emoji, read once for everything that is asked of it."""

import re
from dataclasses import dataclass
from functools import lru_cache

MOST = 5_000  # characters of a text that are looked at; a post that says it later says it too late
ADDRESS = "http"
MENTION = "@"
NUMBER = "0"

_ADDRESS = re.compile(r"https?://\S+|www\.\S+")
_TOKEN = re.compile(
    r"[^\W\d_]+(?:['’*][^\W\d_]+)*"
    r"|[@#]\w+"
    r"|\d+(?:[.,:]\d+)*"
    r"|[!?]+|\.{2,}|…|[.,;:](?=\s|$)"
    r"|(?:[:;=]['-]?[()DdPp/\\|oO3*\[\]@]|<3|\^\^)"
    r"|[\u2600-\u27bf\U0001f000-\U0001faff]"
)
_LONG = re.compile(r"(\w)\1{2,}")
_EMOTICONS = frozenset(":;=<^")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text and its tokens.

    `raw` are the tokens as written, `lower` the same made alike: lower case, letters written three times or more cut to
    two, a hashtag without its sign, `http` for an address, `@` for a mention, `0` for a number. `words` are those of
    letters.
    """

    text: str
    raw: tuple[str, ...]
    lower: tuple[str, ...]
    words: tuple[str, ...]


def read(text: str, *, title: str = "") -> Tokens:
    """Return a text as tokens, its title first; what stands past `MOST` characters is not looked at."""
    text = (f"{title}. {text}" if title else text)[:MOST]
    plain = _ADDRESS.sub(f" {ADDRESS} ", text) if "http" in text or "www." in text else text
    return _tokens(text, _TOKEN.findall(plain))


def without_words(tokens: Tokens) -> Tokens:
    """Return only the signs and emoji of a text: all that is understood of a language we do not know."""
    return _tokens(tokens.text, [token for token in tokens.raw if not token[0].isalnum()])


def _tokens(text: str, raw: list[str]) -> Tokens:
    lower = tuple(map(_alike, raw))
    return Tokens(text, tuple(raw), lower, tuple([token for token in lower if token[0].isalpha() and token != ADDRESS]))


@lru_cache(maxsize=20_000)
def _alike(token: str) -> str:
    first = token[0]
    if first == "@":
        return MENTION
    if first.isdigit():
        return NUMBER
    if first in "!?." and len(token) > 1:
        return "..." if first == "." else ("!!" if "?" not in token else ("??" if "!" not in token else "?!"))
    if first in _EMOTICONS:
        return token
    token = token.lower().replace("’", "'").removeprefix("#")
    return _LONG.sub(r"\1\1", token) if len(token) > 3 else token
