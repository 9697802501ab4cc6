"""Keys: what a post and a term are looked up by. A post that a term finds has at least one of the term's keys."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from luister.query.plain import EMOJI, emoji_of, emoji_token
from luister.query.prepared import Prepared
from luister.query.tree import Author, Emoji, Is, Mention, Site, Token, Wildcard, Word

MARKS = "#@:"  # what keys begin with that are no words
_SPACE = "\x1f"  # in the place of a space within a key: where keys stand in one line, spaces part them


class Loose(NamedTuple):
    """Every key that starts with a text, ends with it or contains it."""

    wildcard: Wildcard
    text: str


# A word is its own key; a hashtag is `#tag`, a mention `@handle`, an emoji its token, and a field `:field:value`.
Key = str | Loose


def token_key(token: Token) -> Key:
    """Return what a post has that this token finds, and only such a post."""
    if isinstance(token, Word):
        return token.text if token.wildcard is Wildcard.NONE else Loose(token.wildcard, token.text)
    if isinstance(token, Emoji):
        return emoji_token(token.text)
    if isinstance(token, Mention):
        text = f"@{token.handle}@{token.domain}" if token.domain else f"@{token.handle}"
    else:
        text = f"#{token.text}"
    return text if token.wildcard is Wildcard.NONE else Loose(token.wildcard, text)


def field_key(leaf: Author | Is | Site) -> Key:
    """Return what every post has that this field finds; of authors some others have it too."""
    if isinstance(leaf, Is):
        return f":{leaf.field}:{leaf.value}"
    if isinstance(leaf, Site):
        return f":site:{leaf.domain}"
    text = f":{'name' if leaf.is_name else 'author'}:{leaf.text}".replace(" ", _SPACE)
    return text if leaf.wildcard is Wildcard.NONE else Loose(leaf.wildcard, text)


def written_key(key: Key) -> str:
    """Return a key as queries write it: `trein*`, `#ns`, `lang:nl`, or the emoji itself."""
    text = key.text if isinstance(key, Loose) else key
    text = text.removeprefix(":").replace(_SPACE, " ")
    if text.startswith(EMOJI):
        return emoji_of(text)
    left = "" if not isinstance(key, Loose) or key.wildcard is Wildcard.PREFIX else "*"
    right = "" if not isinstance(key, Loose) or key.wildcard is Wildcard.SUFFIX else "*"
    if text.startswith("name:"):
        return f'author:"{text.removeprefix("name:")}{right}"'
    return f"{left}{text}{right}"


def mark_keys(marks: Iterable[str]) -> list[str]:
    """Return the keys of what is marked: `@a.b@x.nl` is found by `@a`, `@a.b` and `@a.b@x.nl`."""
    keys = list(marks)
    for mark in marks:
        handle, _, domain = mark[1:].partition("@")
        if domain:
            keys.append(f"@{handle}")
        while "." in handle:
            handle = handle.rpartition(".")[0]
            keys.append(f"@{handle}")
    return keys


def field_keys(prepared: Prepared, fields: Collection[str]) -> Iterable[str]:
    """Return the keys of the fields named that a post has."""
    for field in fields:
        if field == "site":
            host = prepared.host
            while host:
                yield f":site:{host}"
                host = host.partition(".")[2]
        elif field == "author":
            author = prepared.author.replace(" ", _SPACE)
            yield f":author:{author}"
            yield f":author:{author.partition('@')[0]}"
        elif field == "name":
            yield f":name:{prepared.author_name}".replace(" ", _SPACE)
        else:
            for value in prepared.values[field]:
                yield f":{field}:{value}"
