"""Where terms stand in a post."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from luister.query.matching.bits import number_of, places_of
from luister.query.prepared import Prepared
from luister.query.tree import Emoji, Hashtag, Mention, Or, Phrase, Token, Wildcard, Word

# Whether a word fits one with a wildcard.
FITS: Final[Mapping[Wildcard, Callable[[str, str], bool]]] = {
    Wildcard.PREFIX: str.startswith,
    Wildcard.SUFFIX: str.endswith,
    Wildcard.INFIX: str.__contains__,
}


class Span(NamedTuple):
    """The positions from `start` up to and including `end`."""

    start: int
    end: int


def token_positions(token: Token, prepared: Prepared) -> Sequence[int]:
    """Return where a token stands; not in order where several words fit it."""
    if isinstance(token, Mention):
        return _mention_positions(token, prepared)
    if isinstance(token, Emoji):
        return prepared.emoji.get(token.text, ())
    index = prepared.words if isinstance(token, Word) else prepared.hashtags
    if token.wildcard is Wildcard.NONE:
        return index.get(token.text, ())
    fits = FITS[token.wildcard]
    return [place for word, places in index.items() if fits(word, token.text) for place in places]


def _mention_positions(mention: Mention, prepared: Prepared) -> Sequence[int]:
    if mention.domain:
        return prepared.mentions.get(f"{mention.handle}@{mention.domain}", ())
    return [
        place
        for name, places in prepared.mentions.items()
        if mention_fits(mention, name.partition("@")[0])
        for place in places
    ]


def mention_fits(mention: Mention, handle: str) -> bool:
    """Return whether a mention without a domain finds a handle."""
    if mention.wildcard is Wildcard.PREFIX:
        return handle.startswith(mention.handle)
    return handle == mention.handle or handle.startswith(f"{mention.handle}.")


def term_spans(term: Token | Phrase, prepared: Prepared) -> list[Span]:
    """Return where a term stands."""
    if not isinstance(term, Phrase):
        return [Span(place, place) for place in token_positions(term, prepared)]
    return [Span(start, start + len(term.tokens) - 1) for start in _phrase_starts(term, prepared)]


def _phrase_starts(phrase: Phrase, prepared: Prepared) -> Iterable[int]:
    """Return where a phrase starts: where its first token stands, one further its second, and so on."""
    found: dict[Token, int] = {}
    starts = -1  # everywhere
    for distance, token in enumerate(phrase.tokens):
        if token not in found:
            found[token] = number_of(token_positions(token, prepared))
        starts &= found[token] >> distance
        if not starts:
            return ()
    return places_of(starts)


def operand_spans(operand: Token | Phrase | Or, prepared: Prepared) -> set[Span]:
    """Return where an operand of NEAR stands, each place once."""
    return {span for term in terms_of(operand) for span in term_spans(term, prepared)}


def terms_of(operand: Token | Phrase | Or) -> Iterable[Token | Phrase]:
    """Return the terms of an operand of NEAR."""
    waiting: list[object] = [operand]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Or):
            waiting += one.parts
        elif isinstance(one, Word | Hashtag | Mention | Emoji | Phrase):
            yield one
