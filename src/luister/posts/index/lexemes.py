"""The lexemes of the search index: what a post is found by in PostgreSQL, and how it is written there.

A word is itself, and so is an emoji. Whatever else there is starts with a character that neither can start with:
`#` a hashtag, `@` a mention, `=` a value. A word of the title has weight A, and positions are those of the tokens, so
that PostgreSQL can tell a phrase. It keeps 255 positions of a lexeme and none after 16,383: a post with more is marked
`LONG`. What cannot be kept at all is left out, and the post marked `CUT`: only the matcher can tell what it says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from luister.query.prepared import Prepared

LONG = "=long"
CUT = "=cut"
OURS = "=ours"  # written by the channel's own account

BY_ROW = frozenset({"network", "topic", "label"})  # fields whose values are looked up in other tables

MOST_CHARACTERS = 400  # of a lexeme; values are cut off there, in queries too
MOST_HANDLE = 100  # characters of a handle, which is kept once for each of its dotted parts
MOST_BYTES = 1_000_000  # of a post; PostgreSQL takes 1,048,575
MOST_BYTES_A_CHARACTER = 4
LAST_POSITION = 16_382
MOST_POSITIONS = 255


def workspace(workspace_id: int) -> str:
    """Return the lexeme of all posts of a workspace."""
    return f"=w{workspace_id}"


def channel(channel_id: int) -> str:
    """Return the lexeme of all posts of a channel."""
    return f"=c{channel_id}"


def value(field: str, value: str) -> str:
    """Return the lexeme of a field with one of its values, normalised."""
    return f"={field}:{value}"[:MOST_CHARACTERS]


def hashtag(text: str) -> str:
    """Return the lexeme of a hashtag."""
    return f"#{text}"


def mention(text: str) -> str:
    """Return the lexeme of a handle or of its first dotted parts, or of `handle@domain`."""
    return f"@{text}"


def host(domain: str) -> str:
    """Return the lexeme of a host; those of its subdomains start with it."""
    return ("=s:" + "".join(f"{label}." for label in reversed(domain.split("."))))[:MOST_CHARACTERS]


def quoted(lexeme: str) -> str:
    """Return a lexeme as tsvector and tsquery are written."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def tsvector(prepared: Prepared, *, closed: Iterable[str]) -> str:
    """Return what a post is found by, as PostgreSQL reads a tsvector; `closed` are lexemes without a position."""
    written = [quoted(lexeme) for lexeme in [*closed, *_values(prepared)]]
    is_long = False
    is_cut = any(len(key) > MOST_HANDLE for key in prepared.mentions)
    room = MOST_BYTES
    text_start = prepared.text_start
    for lexeme, positions in _terms(prepared):
        room -= MOST_BYTES_A_CHARACTER * len(lexeme) + 8 + 2 * len(positions)
        if len(lexeme) >= MOST_CHARACTERS or room < 0:
            is_cut = True
            continue
        if len(positions) > MOST_POSITIONS or positions[-1] > LAST_POSITION:
            is_long = True
            positions = [position for position in positions[:MOST_POSITIONS] if position <= LAST_POSITION]
        places = ",".join([f"{place + 1}A" if place < text_start else str(place + 1) for place in positions])
        # Nothing in a token has to be quoted twice: it is made of letters, digits, emoji and `_#@.-`.
        written.append(f"'{lexeme}':{places}" if places else f"'{lexeme}'")
    marks = [quoted(mark) for mark, is_so in ((LONG, is_long), (CUT, is_cut)) if is_so]
    return " ".join([*marks, *written])


def _terms(prepared: Prepared) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield the lexemes of what is said, each with its positions from 0."""
    yield from prepared.words.items()
    yield from prepared.emoji.items()
    for text, positions in prepared.hashtags.items():
        yield hashtag(text), positions
    for text, places in _mentions(prepared.mentions).items():
        yield mention(text), sorted(places)


def _mentions(mentions: Mapping[str, Iterable[int]]) -> dict[str, set[int]]:
    """Return each handle's dotted beginnings and its form with a domain, with positions."""
    found: dict[str, set[int]] = {}
    for key, positions in mentions.items():
        handle, _, domain = key.partition("@")
        for text in [*_beginnings(handle), *([key] if domain else [])]:
            found.setdefault(text, set()).update(positions)
    return found


def _beginnings(handle: str) -> list[str]:
    handle = handle[: MOST_HANDLE + 1]
    ends = [place for place, character in enumerate(handle) if character == "."]
    return [handle[:end] for end in [*ends, len(handle)] if end <= MOST_HANDLE]


def _values(prepared: Prepared) -> Iterator[str]:
    for field, values in prepared.values.items():
        if field not in BY_ROW:
            yield from (value(field, found) for found in values)
    if prepared.host:
        yield host(prepared.host)
