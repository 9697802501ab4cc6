"""The fast road to a text's tokens, for what nearly all posts are made of: ASCII, Latin letters with accents, emoji.

A character of Latin-1 is one byte, and bytes are folded, cut and split at the speed of memory. Characters beyond it
that stand for themselves (curly quotes, š, emoji) are replaced by what normalising makes of them, as remembered for
each run of them. Whatever else there is in a text sends it along the slow road: `normalize` and `pieces`, which this
one always agrees with.
"""

import re
from codecs import register_error
from unicodedata import category

from luister.query.normalize import normalize
from luister.query.tokens import Kind, pieces

MENTION = "\x02"  # stands in the place of a mention
EMOJI = "\x01"  # begins what stands in the place of an emoji
NO_WORD = MENTION + EMOJI  # what begins a token that is no word
_AS_PICTURE = "\ufe0f"  # a variation selector
_MOST_RUNS = 50_000


# The tokens of a text: words, and among them MENTION for a mention and for an emoji what `emoji_token` gives; and apart
# its hashtags as `#tag`, and then its mentions as `@handle` or `@handle@domain`.
Plain = tuple[list[str], list[str]]
NO_TOKENS: Plain = ([], [])


def emoji_token(emoji: str) -> str:
    """Return what stands for an emoji among words."""
    return EMOJI + "_".join(f"{ord(character):x}" for character in emoji)


def emoji_of(token: str) -> str:
    """Return the emoji that a token stands for."""
    return "".join(chr(int(code, 16)) for code in token.removeprefix(EMOJI).split("_"))


def _folded(code: int) -> int:
    """Return the byte that a byte becomes: a lower-case letter, a sign that matters, or a space."""
    if chr(code) == EMOJI:
        return code  # no text that has it of its own is folded
    made = normalize(chr(code))
    if made.isspace() or code < ord(" "):
        return ord(" ")
    if len(made) > 1 or ord(made) > 0xFF:
        return _STRANGE  # ß, ¼ and their like
    return ord(made) if made.isalnum() or made.isascii() else ord(" ")


_STRANGE = 0
_FOLD = bytes(map(_folded, range(256)))
_WORD_BYTES = bytes(sorted({code for code in _FOLD if chr(code).isalnum() or chr(code) == "_"}))
_KEPT = {*_WORD_BYTES, ord(MENTION), ord(EMOJI)}
_WORDS = bytes(code if code in _KEPT else ord(" ") for code in range(256))

_W = b"[" + re.escape(_WORD_BYTES) + b"]"
_HASHTAG = re.compile(rb"#(?<!W#)W+".replace(b"W", _W))
_MENTION = re.compile(rb"(@(?<!W@)W+(?:\.W+)*(?:@W+(?:[.-]W+)+)?)".replace(b"W", _W))
_BEYOND = "luister.query.plain"  # our name, with the encoder, for what to do with characters beyond Latin-1
_runs: dict[str, bytes | None] = {}


def read_tokens(text: str) -> Plain:
    """Return the tokens of a text without addresses."""
    return read_plain(text) or read_slowly(text)


def read_slowly(text: str) -> Plain:
    """Return the tokens of a text without addresses, along the road that every text can take."""
    tokens: list[str] = []
    hashtags: list[str] = []
    mentions: list[str] = []
    for piece in pieces(normalize(text)):
        if piece.kind is Kind.MENTION:
            tokens.append(MENTION)
            mentions.append(f"@{piece.text}@{piece.domain}" if piece.domain else f"@{piece.text}")
            continue
        tokens.append(emoji_token(piece.text) if piece.kind is Kind.EMOJI else piece.text)
        if piece.kind is Kind.HASHTAG:
            hashtags.append(f"#{piece.text}")
    return tokens, hashtags + mentions


def read_plain(text: str) -> Plain | None:
    """Return the tokens of a text without addresses, or None for one that has to take the slow road."""
    if EMOJI in text:
        return None
    try:
        folded = text.encode("latin-1", _BEYOND).translate(_FOLD)
    except UnicodeEncodeError:
        return None
    if _STRANGE in folded:
        return read_plain(text.replace("ß", "ss")) if "ß" in text else None
    marks: list[str] = []
    if b"#" in folded:
        marks += [found.decode("latin-1") for found in _HASHTAG.findall(folded)]
    if b"@" in folded:
        parts = _MENTION.split(folded)
        marks += [found.decode("latin-1") for found in parts[1::2]]
        folded = b" \x02 ".join(parts[::2])
    return folded.translate(_WORDS).decode("latin-1").split(), marks


def _replaced(error: UnicodeError) -> tuple[bytes, int]:
    """Give the encoder what becomes of a run of characters beyond Latin-1, where that is known."""
    assert isinstance(error, UnicodeEncodeError)
    run = error.object[error.start : error.end]
    if run not in _runs:
        if len(_runs) >= _MOST_RUNS:
            _runs.clear()
        _runs[run] = _made_of(run)
    made = _runs[run]
    if made is None:
        raise error
    return made, error.end


register_error(_BEYOND, _replaced)


def _made_of(run: str) -> bytes | None:
    """Return what becomes of a run; None where that may depend on what stands beside it, or is not of Latin-1."""
    if any(category(character).startswith("M") and character != _AS_PICTURE for character in run):
        return None
    text = normalize(run)
    made = ""
    end_before = 0
    for piece in pieces(text):
        if piece.kind is Kind.EMOJI:
            made += f"{text[end_before : piece.start]} {emoji_token(piece.text)} "
            end_before = piece.end
    made += text[end_before:]
    try:
        return "".join(one if one.isascii() or one.isalnum() else " " for one in made).encode("latin-1")
    except UnicodeEncodeError:
        return None
