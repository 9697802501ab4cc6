"""From the tree of a query to conditions on the search index that leave out as many posts as they can, and never one
that the query finds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from luister.posts.index import lexemes
from luister.posts.index.lexemes import quoted
from luister.posts.queries.conditions import (
    ALL,
    NONE,
    Condition,
    Cost,
    Rendered,
    Sql,
    Tokens,
    every,
    negation,
    some,
)
from luister.posts.queries.terms import SHORT, escaped, placed, term, two_beside
from luister.query.matching import Moment, instant
from luister.query.tree import (
    Address,
    And,
    Author,
    CaseIs,
    In,
    Is,
    Near,
    Node,
    Not,
    Number,
    Or,
    Part,
    Phrase,
    Since,
    Site,
    Token,
    Wildcard,
)


@dataclass(frozen=True, slots=True)
class Account:
    """One of the workspace's channels, its names normalised."""

    id: int
    network: str
    handle: str
    name: str


class LabelRows(Protocol):
    """Knows which posts have a label; given by who knows cases."""

    def posts_labelled(self, name: str) -> Rendered | None:
        """Return a subquery of the ids of the posts with a label of this normalised name; None when there is none."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a query's conditions depend on besides the index."""

    workspace_id: int
    accounts: Sequence[Account]
    labels: LabelRows
    moment: Moment


@dataclass(frozen=True, slots=True)
class Bounds:
    """The time a query can find anything in: from, inclusive, and until, exclusive."""

    start: datetime | None = None
    end: datetime | None = None


def narrow(node: Node, around: Surroundings, *, over: bool = True) -> Condition:
    """Return a condition that is true of every row that the query finds, and of as few others as possible.

    With `over` false it is the other way round: true of no row that the query does not find. A negation turns one into
    the other.
    """
    if isinstance(node, And | Or):
        parts = [narrow(part, around, over=over) for part in node.parts]
        return every(parts) if isinstance(node, And) else some(parts)
    if isinstance(node, Not):
        return negation(narrow(node.part, around, over=not over))
    if isinstance(node, In):
        return term(node.term, over=over, weight="A" if node.part is Part.TITLE else "D")
    if isinstance(node, Near):
        return _near(node, around, over)
    if isinstance(node, Token | Phrase):
        return term(node, over=over)
    return _FIELDS[type(node)](node, around, over)


def bounds(node: Node, moment: Moment) -> Bounds:
    """Return the time that a query is confined to as a whole."""
    start = end = None
    for part in node.parts if isinstance(node, And) else (node,):
        if isinstance(part, Since):
            at = instant(part, moment)
            if part.is_before:
                end = at if end is None else min(end, at)
            else:
                start = at if start is None else max(start, at)
    return Bounds(start, end)


def _near(near: Near, around: Surroundings, over: bool) -> Condition:
    beside = two_beside(near)
    if beside is not None:
        return placed(*beside, over=over)
    return every(narrow(operand, around) for operand in near.operands) if over else NONE


def _author(author: Author, around: Surroundings, over: bool) -> Condition:
    if len(author.text) >= lexemes.MOST_CHARACTERS:
        return ALL if over else NONE
    column = "name" if author.is_name else "handle"
    test, parameters = f"{column} = %s", [author.text]
    if author.wildcard is Wildcard.PREFIX:
        test, parameters = f"{column} LIKE %s", [f"{escaped(author.text)}%"]
    elif not author.is_name and "@" not in author.text:
        test, parameters = f"({test} OR {column} LIKE %s)", [author.text, f"{escaped(author.text)}@%"]
    # As an array an index can be asked for it; as a subquery it is looked up in a hash table.
    ids = f"SELECT identity_id FROM posts_author WHERE workspace_id = %s AND {test}"  # noqa: S608 - our own words
    cost = Cost.FEW if author.wildcard is Wildcard.NONE else Cost.SOME
    theirs = Sql(
        f"(author_id IN ({ids})) IS TRUE",
        (around.workspace_id, *parameters),
        f"author_id = ANY(ARRAY({ids}))",
        cost,
    )
    ours = [account for account in around.accounts if _is_by(author, account)]
    return some([theirs, every([_lookup(lexemes.OURS, Cost.MOST), _in_channels(ours)])])


def _in_channels(accounts: Sequence[Account]) -> Condition:
    return some(_lookup(lexemes.channel(account.id), Cost.MOST) for account in accounts)


def _is(field: Is, around: Surroundings, over: bool) -> Condition:
    if field.field == "network":
        return _in_channels([one for one in around.accounts if one.network == field.value])
    if field.field == "label":
        return _label(field.value, around)
    if field.field == "topic":
        return _topic(field.value, around)
    return _value(lexemes.value(field.field, field.value), Cost.MOST, over=over)


def _label(name: str, around: Surroundings) -> Condition:
    found = around.labels.posts_labelled(name)
    if found is None:
        return NONE
    ids, parameters = found
    return Sql(f"(post_id IN ({ids})) IS TRUE", tuple(parameters), f"post_id = ANY(ARRAY({ids}))", Cost.SOME)


def _topic(name: str, around: Surroundings) -> Condition:
    named = "SELECT id FROM posts_topic WHERE workspace_id = %s AND key = %s"
    given = (
        "SELECT post_id AS given_post FROM posts_post_topic"  # noqa: S608 - our own words, values apart
        f" WHERE topic_id = ANY(ARRAY({named})) AND NOT is_removed"
    )
    # The column of the row has another name inside, so that each row is asked for by its own.
    return Sql(
        f"(EXISTS (SELECT 1 FROM ({given}) AS of_topic WHERE given_post = post_id)) IS TRUE",  # noqa: S608
        (around.workspace_id, name),
        f"post_id = ANY(ARRAY({given}))",
        Cost.SOME,
    )


def _site(site: Site, _around: Surroundings, over: bool) -> Condition:
    lexeme = lexemes.host(site.domain)
    if len(lexeme) >= lexemes.MOST_CHARACTERS and not over:
        return NONE
    return Tokens(f"{quoted(lexeme)}:*", Cost.SOME)


def _address(address: Address, _around: Surroundings, over: bool) -> Condition:
    if "\n" in address.text and not over:
        return NONE
    test = "addresses LIKE %s"
    cost = Cost.SOME if len(address.text) > SHORT else Cost.MANY
    return Sql(f"({test}) IS TRUE", (f"%{escaped(address.text)}%",), test, cost)


def _number(number: Number, _around: Surroundings, _over: bool) -> Condition:
    tests, parameters = [], []
    if number.low is not None:
        tests.append(f"{number.field} {'>=' if number.low_counts else '>'} %s")
        parameters.append(number.low)
    if number.high is not None:
        tests.append(f"{number.field} {'<=' if number.high_counts else '<'} %s")
        parameters.append(number.high)
    test = " AND ".join(tests) or f"{number.field} IS NOT NULL"
    return Sql(f"({test}) IS TRUE", tuple(parameters), test, Cost.MANY)


def _since(since: Since, around: Surroundings, _over: bool) -> Condition:
    sign = "<" if since.is_before else ">="
    return Sql(f"(posted_at {sign} %s) IS TRUE", (instant(since, around.moment),), "", Cost.MOST)


def _case_is(_field: CaseIs, _around: Surroundings, _over: bool) -> Condition:
    return NONE


def _is_by(author: Author, account: Account) -> bool:
    found = account.name if author.is_name else account.handle
    if author.wildcard is Wildcard.PREFIX:
        return found.startswith(author.text)
    if not author.is_name and "@" not in author.text:
        found = found.partition("@")[0]
    return found == author.text


def _lookup(lexeme: str, cost: Cost) -> Tokens:
    return Tokens(quoted(lexeme), cost)


def _value(lexeme: str, cost: Cost, *, over: bool) -> Condition:
    """Return the condition of a value, which the index cuts off when it is endless."""
    return NONE if len(lexeme) >= lexemes.MOST_CHARACTERS and not over else _lookup(lexeme, cost)


_FIELDS: Mapping[type, Callable[..., Condition]] = {
    Author: _author, Is: _is, Site: _site, Address: _address, Number: _number, Since: _since, CaseIs: _case_is,
}  # fmt: skip
