"""What a query finds, in plain words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from luister.base.errors import Reason
from luister.query.sentences import Translate, sentence
from luister.query.tree import (
    Address,
    And,
    Author,
    CaseIs,
    Emoji,
    Hashtag,
    In,
    Is,
    Mention,
    Near,
    Node,
    Not,
    Number,
    Or,
    Phrase,
    Since,
    Site,
    Token,
    Wildcard,
    Word,
)

_LETTERS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def explain(node: Node, *, translate: Translate = str) -> str:
    """Return what a query finds as a sentence, in English or as `translate` (gettext) says it."""
    return _Words(translate).whole(node)


class _Words:
    """Makes phrases that fit behind “with”, and one sentence of them."""

    def __init__(self, translate: Translate) -> None:
        self._translate = translate
        self._leaves: Mapping[type, Callable[..., str]] = {
            Word: self._word, Hashtag: self._hashtag, Mention: self._mention, Emoji: self._emoji,
            Phrase: self._phrase, Near: self._near, In: self._in, Author: self._author, Site: self._site,
            Address: self._address, Is: self._is, Number: self._number, Since: self._since, CaseIs: self._case_is,
        }  # fmt: skip

    def whole(self, node: Node) -> str:
        things = "cases" if _asks_for_cases(node) else "posts"
        parts = node.parts if isinstance(node, And) else (node,)
        wanted = [part for part in parts if not isinstance(part, Not)]
        unwanted = [part.part for part in parts if isinstance(part, Not)]
        if not wanted:
            return self._say(f"{things}_without", what=self._top(self._inner(unwanted[0]), [], unwanted[1:]))
        first = self._plain(wanted[0])
        return self._say(f"{things}_with", what=self._top(first, wanted[1:], unwanted))

    def _say(self, code: str, **values: str) -> str:
        return sentence(Reason(f"explain.{code}", values), translate=self._translate)

    def _top(self, said: str, wanted: Sequence[Node], unwanted: Sequence[Node]) -> str:
        """Return what was said with the other parts of the outermost AND, what must be absent last."""
        for part in wanted:
            said = self._say("and_with", before=said, what=self._plain(part))
        for part in unwanted:
            said = self._say("and_without", before=said, what=self._inner(part))
        return said

    def _plain(self, node: Node) -> str:
        if isinstance(node, Not):
            return self._say("not", what=self._inner(node.part))
        if not isinstance(node, And | Or):
            return self._leaves[type(node)](node)
        said = self._inner(node.parts[0])
        for part in node.parts[1:]:
            said = self._say("and" if isinstance(node, And) else "or", before=said, what=self._inner(part))
        return said

    def _inner(self, node: Node) -> str:
        """Return a part of something larger, in parentheses where it has parts itself."""
        return self._say("group", what=self._plain(node)) if isinstance(node, And | Or) else self._plain(node)

    def _word(self, word: Word) -> str:
        return self._say("word" if word.wildcard is Wildcard.NONE else f"word_{word.wildcard}", text=word.text)

    def _hashtag(self, hashtag: Hashtag) -> str:
        return self._say("hashtag" if hashtag.wildcard is Wildcard.NONE else "hashtag_prefix", text=hashtag.text)

    def _mention(self, mention: Mention) -> str:
        text = f"{mention.handle}@{mention.domain}" if mention.domain else mention.handle
        return self._say("mention" if mention.wildcard is Wildcard.NONE else "mention_prefix", text=text)

    def _emoji(self, emoji: Emoji) -> str:
        return self._say("emoji", text=emoji.text)

    def _phrase(self, phrase: Phrase) -> str:
        return self._say("phrase", text=" ".join(written(token) for token in phrase.tokens))

    def _near(self, near: Near) -> str:
        said = self._inner(near.operands[0])
        for distance, operand in zip(near.distances, near.operands[1:], strict=True):
            code = f"near_{distance}" if distance in (0, 1) else "near"
            said = self._say(code, before=said, what=self._inner(operand), distance=str(distance))
        return said

    def _in(self, confined: In) -> str:
        return self._say(confined.part, what=self._plain(confined.term))

    def _author(self, author: Author) -> str:
        code = "author_name" if author.is_name else "author"
        return self._say(code if author.wildcard is Wildcard.NONE else f"{code}_prefix", text=author.text)

    def _site(self, site: Site) -> str:
        return self._say("site", text=site.domain)

    def _address(self, address: Address) -> str:
        return self._say("url", text=address.text)

    def _is(self, field: Is) -> str:
        if field.field in ("network", "lang", "topic", "label"):
            return self._say(field.field, text=field.value)
        return self._say(f"{field.field}.{field.value}")

    def _number(self, number: Number) -> str:
        return self._say(number.field, bounds=self._bounds(number))

    def _bounds(self, number: Number) -> str:
        low, high = _digits(number.low), _digits(number.high)
        if number.low == number.high:
            return low
        if number.high is None:
            return self._say("at_least" if number.low_counts else "more_than", low=low)
        if number.low is None:
            return self._say("at_most" if number.high_counts else "less_than", high=high)
        return self._say("from_to", low=low, high=high)

    def _since(self, since: Since) -> str:
        if isinstance(since.moment, timedelta):
            return self._say("older" if since.is_before else "younger", age=self._age(since.moment))
        return self._say("before" if since.is_before else "after", moment=_moment(since.moment))

    def _age(self, age: timedelta) -> str:
        """Return an age in the largest unit of which it is several, whole ones."""
        for name, unit in (("weeks", _LETTERS["w"]), ("days", _LETTERS["d"]), ("hours", _LETTERS["h"])):
            if age >= 2 * unit and age % unit == timedelta(0):
                return self._say(name, n=str(age // unit))
        if age == _LETTERS["h"]:
            return self._say("hour")
        minutes = age // _LETTERS["m"]
        return self._say("minute") if minutes == 1 else self._say("minutes", n=str(minutes))

    def _case_is(self, field: CaseIs) -> str:
        if field.field in ("status", "kind") or (field.field, field.value) in _NAMED:
            return self._say(f"{field.field}.{field.value}")
        if field.field == "sla":
            return self._say("sla", bounds=self._limit(field.value))
        return self._say(field.field, text=field.value)

    def _limit(self, limit: str) -> str:
        sign = limit.rstrip("0123456789mhdw")
        age = self._age(int(limit[len(sign) : -1]) * _LETTERS[limit[-1]])
        code = {"<": "less_than", "<=": "at_most", ">": "more_than", ">=": "at_least"}[sign]
        return self._say(code, low=age, high=age)


_NAMED = {("assignee", "me"), ("assignee", "none"), ("team", "none"), ("sla", "breached")}
_STARS = {
    Wildcard.NONE: "{}", Wildcard.PREFIX: "{}*", Wildcard.SUFFIX: "*{}", Wildcard.INFIX: "*{}*",
}  # fmt: skip


def written(token: Token) -> str:
    """Return a token as it can be written in a query."""
    if isinstance(token, Emoji):
        return token.text
    if isinstance(token, Mention):
        at_domain = f"@{token.domain}" if token.domain else ""
        return _STARS[token.wildcard].format(f"@{token.handle}{at_domain}")
    return _STARS[token.wildcard].format(f"#{token.text}" if isinstance(token, Hashtag) else token.text)


def _asks_for_cases(node: Node) -> bool:
    if isinstance(node, And | Or):
        return any(_asks_for_cases(part) for part in node.parts)
    return _asks_for_cases(node.part) if isinstance(node, Not) else isinstance(node, CaseIs)


def _digits(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}"


def _moment(moment: datetime) -> str:
    has_time = moment.hour or moment.minute or moment.second or moment.tzinfo
    seconds = ":%S" if moment.second else ""
    zone = f" {moment:%Z}" if moment.tzinfo else ""
    return f"{moment.date().isoformat()}{moment.strftime(f' %H:%M{seconds}') if has_time else ''}{zone}"
