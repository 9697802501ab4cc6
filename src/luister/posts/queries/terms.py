"""Terms of a query as PostgreSQL asks for them: words, hashtags, mentions, emoji, phrases and what stands near."""

from collections.abc import Sequence
from itertools import pairwise

from luister.posts.index import lexemes
from luister.posts.index.lexemes import quoted
from luister.posts.queries.conditions import NONE, Condition, Cost, Sql, Tokens, every
from luister.query.tree import And, Emoji, Hashtag, In, Mention, Near, Node, Or, Phrase, Token, Wildcard

NEAR_SPELT_OUT = 10  # positions; farther apart two words of a post are near each other more often than not
SHORT = 4  # characters; too many words start or go on with fewer


def term(term: Token | Phrase, *, over: bool, weight: str = "") -> Condition:
    """Return the condition of a term, in the title (weight A) or text (D) alone where that is asked for.

    It is true of all posts with that term and of few others (`over`), or of posts with that term only.
    """
    tokens = term.tokens if isinstance(term, Phrase) else (term,)
    if any(len(_text(token)) >= lexemes.MOST_CHARACTERS for token in tokens):
        return NONE  # the index marks a post with such a word, and keeps nothing of it
    written = [lexeme_of(token, weight) for token in tokens]
    parts = [_containing(token) for token, lexeme in zip(tokens, written, strict=True) if lexeme is None]
    if parts and not over:
        return NONE
    places = [(place, lexeme) for place, lexeme in enumerate(written) if lexeme is not None]
    if not places:
        return every(parts)
    plain = [one for token in tokens if (one := lexeme_of(token)) is not None]
    cost = min(_cost(token) for token, lexeme in zip(tokens, written, strict=True) if lexeme is not None)
    if len(places) == 1 and not weight:
        return every([Tokens(plain[0], cost), *parts])
    spelt = places[0][1]
    for (before, _), (place, lexeme) in pairwise(places):
        spelt += f" <{place - before}> {lexeme}"
    return every([placed(f"({spelt})", plain, over=over, cost=cost), *parts])


def two_beside(near: Near) -> tuple[str, list[str]] | None:
    """Return two words at each distance that counts as near, and each alone; None for more than two, and far ones."""
    plain = [
        lexeme_of(operand)
        for operand in near.operands
        if isinstance(operand, Token) and len(_text(operand)) < lexemes.MOST_CHARACTERS
    ]
    left, right = (plain[0], plain[1]) if len(plain) == len(near.operands) == 2 else (None, None)
    if left is None or right is None or near.distances[0] > NEAR_SPELT_OUT:
        return None
    steps = range(1, near.distances[0] + 2)
    spelt = " | ".join(f"{left} <{step}> {right} | {right} <{step}> {left}" for step in steps)
    return f"({spelt})", [left, right]


def said_in(node: Node) -> list[str]:
    """Return the terms of a query as tsquery asks for them, but those it excludes and the ends and middles of words."""
    if isinstance(node, And | Or):
        return [lexeme for part in node.parts for lexeme in said_in(part)]
    if isinstance(node, Near):
        return [lexeme for operand in node.operands for lexeme in said_in(operand)]
    if isinstance(node, Phrase):
        return [lexeme for token in node.tokens for lexeme in said_in(token)]
    if isinstance(node, In):
        return said_in(node.term)
    if isinstance(node, Token) and len(_text(node)) < lexemes.MOST_CHARACTERS:
        lexeme = lexeme_of(node)
        return [] if lexeme is None else [lexeme]
    return []


def placed(tsquery: str, plain: Sequence[str], *, over: bool, cost: Cost = Cost.FEW) -> Condition:
    """Return a condition on positions, which are not kept of all that a long post says."""
    long = quoted(lexemes.LONG)
    if over:
        return Tokens(f"{tsquery} | ({' & '.join(plain)} & {long})", cost)
    return Tokens(f"{tsquery} & !{long}", cost)


def escaped(text: str) -> str:
    """Return text that LIKE takes as it is."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _cost(token: Token) -> Cost:
    if isinstance(token, Emoji) or token.wildcard is Wildcard.NONE:
        return Cost.FEW
    return Cost.SOME if len(_text(token)) > SHORT else Cost.MANY


def _text(token: Token) -> str:
    return f"{token.handle}@{token.domain}" if isinstance(token, Mention) else token.text


def lexeme_of(token: Token, weight: str = "") -> str | None:
    """Return how a tsquery asks for a token; None where it cannot, for the ends and middles of words."""
    if isinstance(token, Emoji):
        return quoted(token.text) + (f":{weight}" if weight else "")
    if token.wildcard in (Wildcard.SUFFIX, Wildcard.INFIX):
        return None
    star = "*" if token.wildcard is Wildcard.PREFIX else ""
    options = f":{star}{weight}" if star or weight else ""
    if isinstance(token, Mention):
        domain = f"@{token.domain}" if token.domain else ""
        return quoted(lexemes.mention(f"{token.handle}{domain}")) + options
    return quoted(lexemes.hashtag(token.text) if isinstance(token, Hashtag) else token.text) + options


def _containing(token: Token) -> Condition:
    """Return the condition that some lexeme ends in a text or contains it; others than words are not told apart."""
    assert not isinstance(token, Emoji)
    text = token.handle if isinstance(token, Mention) else token.text
    end = "'" if token.wildcard is Wildcard.SUFFIX and not isinstance(token, Mention) else ""
    test = "strip(tokens)::text LIKE %s"
    cost = Cost.SOME if len(text) > SHORT else Cost.MANY
    return Sql(f"({test}) IS TRUE", (f"%{escaped(text)}{end}%",), test, cost)
