"""The grammar: which signs make which tree. Tightest first: NEAR, NOT and minus, AND, OR."""

from typing import NamedTuple

from luister.query.errors import QueryError
from luister.query.parsing.fields import Field, known_field
from luister.query.parsing.scanner import Lexeme, Scanner, Sign
from luister.query.parsing.standing import requires_something
from luister.query.parsing.terms import read_term
from luister.query.tree import And, Emoji, Hashtag, Mention, Near, Node, Not, Operand, Or, Phrase, Word

MOST_CHARACTERS = 10_000
MOST_TERMS = 1_000
MOST_DEPTH = 50
_BEGIN = {Sign.OPEN, Sign.TERM, Sign.QUOTED, Sign.FIELD, Sign.MINUS, Sign.NOT}


def parse(text: str, *, standing: bool = False) -> Node:
    """Return what a query says.

    A standing query, which listens to everything that comes in, has to require something: words or a field.

    Raises:
        QueryError: it says nothing that can be searched for.
    """
    if len(text) > MOST_CHARACTERS:
        raise QueryError(
            "query.too_long", offset=MOST_CHARACTERS, length=len(text) - MOST_CHARACTERS, most=str(MOST_CHARACTERS)
        )
    if not text.strip():
        raise QueryError("query.empty", offset=0, length=len(text))
    node = _Parser(text).query()
    if standing and not requires_something(node):
        raise QueryError("query.wordless", offset=0, length=len(text))
    return node


class _Part(NamedTuple):
    """A part of the tree and where it was written."""

    node: Node
    start: int
    end: int


class _Parser:
    """Goes through the signs once. Its calls nest as deep as the query does, which is bounded."""

    def __init__(self, text: str) -> None:
        self._signs = Scanner(text)
        self._terms = 0
        self._depth = 0

    def query(self) -> Node:
        part = self._any_of()
        behind = self._signs.peek()
        if behind.sign is Sign.CLOSE:
            raise QueryError("query.unopened_parenthesis", offset=behind.start, length=1)
        return part.node

    def _any_of(self) -> _Part:
        parts = [self._all_of(None)]
        while self._signs.peek().sign is Sign.OR:
            parts.append(self._all_of(self._signs.take()))
        return _joined(Or, parts)

    def _all_of(self, operator: Lexeme | None) -> _Part:
        parts = [self._negated(operator)]
        while True:
            sign = self._signs.peek().sign
            if sign is Sign.AND:
                parts.append(self._negated(self._signs.take()))
            elif sign in _BEGIN:
                parts.append(self._negated(None))
            else:
                return _joined(And, parts)

    def _negated(self, operator: Lexeme | None) -> _Part:
        if self._signs.peek().sign not in (Sign.NOT, Sign.MINUS):
            return self._near(operator)
        negation = self._signs.take()
        self._deeper(negation)
        part = self._negated(negation)
        self._depth -= 1
        return _Part(Not(part.node), negation.start, part.end)

    def _near(self, operator: Lexeme | None) -> _Part:
        first = self._operand(operator)
        if self._signs.peek().sign is not Sign.NEAR:
            return first
        operands = [*first.node.operands] if isinstance(first.node, Near) else [_near_operand(first)]
        distances = [*first.node.distances] if isinstance(first.node, Near) else []
        end = first.end
        while self._signs.peek().sign is Sign.NEAR:
            near = self._signs.take()
            if self._signs.peek().sign in (Sign.NOT, Sign.MINUS):
                refused = self._negated(near)
                raise QueryError("query.near_operand", offset=refused.start, length=refused.end - refused.start)
            part = self._operand(near)
            operands.append(_near_operand(part))
            distances.append(near.distance)
            end = part.end
        return _Part(Near(tuple(operands), tuple(distances)), first.start, end)

    def _operand(self, operator: Lexeme | None) -> _Part:
        found = self._signs.peek()
        if found.sign is Sign.OPEN:
            return self._group()
        if found.sign in (Sign.TERM, Sign.QUOTED):
            self._count(found)
            term = read_term(found)
            self._signs.take()
            return _Part(term, found.start, found.end)
        if found.sign is Sign.FIELD:
            return self._field()
        raise _missing(operator, found)

    def _group(self) -> _Part:
        opening = self._signs.take()
        self._deeper(opening)
        if self._signs.peek().sign is Sign.CLOSE:
            raise QueryError("query.empty_group", offset=opening.start, length=self._signs.peek().end - opening.start)
        part = self._any_of() if self._signs.peek().sign is not Sign.END else None
        if part is None or self._signs.peek().sign is not Sign.CLOSE:
            raise QueryError("query.unclosed_parenthesis", offset=opening.start, length=1)
        self._depth -= 1
        return _Part(part.node, opening.start, self._signs.take().end)

    def _field(self) -> _Part:
        field = self._signs.peek()
        known = known_field(field)
        value = self._signs.take_value()
        if value is None:
            raise QueryError(
                "query.value_missing", offset=field.start, length=field.end - field.start, field=known.name
            )
        if value.sign is Sign.OPEN:
            part = self._values(known, value)
        else:
            self._count(value)
            part = _Part(known.read(known.name, value), value.start, value.end)
        return _Part(part.node, field.start, part.end)

    def _values(self, known: Field, opening: Lexeme) -> _Part:
        self._deeper(opening)
        parts: list[_Part] = []
        operator: Lexeme | None = None
        while operator or not parts:
            value = self._signs.peek()
            if value.sign not in (Sign.TERM, Sign.QUOTED):
                raise _no_value(operator, value, opening, known)
            self._count(value)
            parts.append(_Part(known.read(known.name, value), value.start, value.end))
            self._signs.take(in_list=True)
            operator = self._signs.take(in_list=True) if self._signs.peek().sign is Sign.OR else None
        if self._signs.peek().sign is not Sign.CLOSE:
            raise _no_value(None, self._signs.peek(), opening, known)
        self._depth -= 1
        return _Part(_joined(Or, parts).node, opening.start, self._signs.take().end)

    def _count(self, term: Lexeme) -> None:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise QueryError(
                "query.too_many_terms", offset=term.start, length=term.end - term.start, most=str(MOST_TERMS)
            )

    def _deeper(self, opening: Lexeme) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise QueryError(
                "query.too_deep", offset=opening.start, length=opening.end - opening.start, most=str(MOST_DEPTH)
            )


def _joined(kind: type[And] | type[Or], parts: list[_Part]) -> _Part:
    """Return parts as one, and parts of the same kind among them as theirs: (a OR b) OR c is a OR b OR c."""
    if len(parts) == 1:
        return parts[0]
    nodes: list[Node] = []
    for part in parts:
        if isinstance(part.node, kind):
            nodes.extend(part.node.parts)
        else:
            nodes.append(part.node)
    return _Part(kind(tuple(nodes)), parts[0].start, parts[-1].end)


def _near_operand(part: _Part) -> Operand:
    node = part.node
    if isinstance(node, Near):
        raise QueryError("query.near_right", offset=part.start, length=part.end - part.start)
    waiting: list[Node] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Or):
            waiting += one.parts
        elif not isinstance(one, Word | Hashtag | Mention | Emoji | Phrase):
            code = "query.near_in_or" if isinstance(one, Near) else "query.near_operand"
            raise QueryError(code, offset=part.start, length=part.end - part.start)
    assert isinstance(node, Word | Hashtag | Mention | Emoji | Phrase | Or)
    return node


def _missing(operator: Lexeme | None, found: Lexeme) -> QueryError:
    """Return the error for a place where something to search for should stand: beside which operator."""
    if found.sign is Sign.CLOSE and operator is None:
        return QueryError("query.unopened_parenthesis", offset=found.start, length=1)
    lonely = operator or found
    code = "query.missing_after" if lonely.sign is Sign.NOT else "query.missing_operand"
    return QueryError(code, offset=lonely.start, length=lonely.end - lonely.start, operator=lonely.sign.value)


def _no_value(operator: Lexeme | None, found: Lexeme, opening: Lexeme, known: Field) -> QueryError:
    """Return the error for a list of values that goes on with something else than a value, OR or its end."""
    if found.sign is Sign.END:
        return QueryError("query.unclosed_parenthesis", offset=opening.start, length=1)
    if found.sign is Sign.OR or (found.sign is Sign.CLOSE and operator):
        return _missing(operator, found)
    if found.sign is Sign.CLOSE:
        return QueryError("query.empty_group", offset=opening.start, length=found.end - opening.start)
    return QueryError("query.list_or", offset=found.start, length=found.end - found.start, field=known.name)
