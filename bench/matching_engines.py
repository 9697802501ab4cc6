"""What else could hold standing queries against posts: PostgreSQL's text search and tantivy, each fed our tokens.

Each is given what suits it best. PostgreSQL has its queries in a table that fits in memory, takes one post a statement,
and only the server's own time counts. tantivy takes batches of posts, one commit each, without scores, with one thread
that writes and one that searches.
"""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

import psycopg
import tantivy

from luister.query import Document, Node, prepare
from luister.query.tokens import GAP, Kind, Piece, pieces
from luister.query.tree import And, Emoji, Hashtag, Mention, Not, Or, Phrase, Wildcard, Word

HEAP = 128_000_000  # bytes that tantivy may take before it would begin a second segment
_LAST = "\U0010ffff"


class CannotSayError(ValueError):
    """A query of a kind that an engine does not have."""


class Engine(Protocol):
    """Something that holds standing queries; `find` takes what `feed` made of posts."""

    name: str

    def stand(self, nodes: Mapping[str, Node]) -> list[str]:
        """Take the queries that it can express in place of those it had, and return their ids."""

    def feed(self, post: Document) -> Any:
        """Return our tokens of a post as the engine takes them."""

    def find(self, fed: Sequence[Any]) -> list[list[str]]:
        """Return for each post the ids of the queries that find it."""

    def clock(self) -> float:
        """Return the seconds of processor time that count."""


def _tokens(post: Document) -> list[tuple[int, Piece]]:
    """Return our tokens of a post with their positions, from 0."""
    prepared = prepare(post)
    title = list(enumerate(pieces(prepared.title)))
    start = len(title) + GAP if title else 0
    return title + list(enumerate(pieces(prepared.text), start))


def _names(mention: Piece) -> list[str]:
    """Return what finds a mention: its handle, what goes before a point in it, and the handle with its domain."""
    parts = mention.text.split(".")
    handles = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return [f"@{name}" for name in (*handles, *([f"{mention.text}@{mention.domain}"] if mention.domain else []))]


class Postgres:
    """`tsvector @@ tsquery`, with a table of queries; only what the server takes counts."""

    name = "PostgreSQL"

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, autocommit=True, prepare_threshold=1)
        # The clock of another process, as clock_getcpuclockid(3) names it.
        self._clock = (~self._connection.info.backend_pid << 3) | 2
        for setting in ("max_parallel_workers_per_gather = 0", "jit = off"):
            self._connection.execute(f"SET {setting}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def stand(self, nodes: Mapping[str, Node]) -> list[str]:
        """Fill the table of queries."""
        said = {}
        for ident, node in nodes.items():
            try:
                said[ident] = _tsquery(node)
            except CannotSayError:
                continue
        self._connection.execute("DROP TABLE IF EXISTS standing")
        self._connection.execute("CREATE TEMP TABLE standing (place int, id text, query tsquery)")
        with (
            self._connection.cursor() as cursor,
            cursor.copy("COPY standing FROM STDIN WITH (FORMAT text)") as copy,
        ):
            for place, (ident, query) in enumerate(said.items()):
                copy.write_row((place, ident, query))
        self._connection.execute("VACUUM ANALYZE standing")
        return list(said)

    def feed(self, post: Document) -> str:
        """Return a post as a tsvector with positions."""
        places: dict[str, list[str]] = {}
        for position, piece in _tokens(post):
            for lexeme in _lexemes(piece):
                places.setdefault(lexeme, []).append(str(position + 1))
        return " ".join(f"{_quoted(lexeme)}:{','.join(found)}" for lexeme, found in places.items())

    def find(self, fed: Sequence[str]) -> list[list[str]]:
        """Ask for the queries of one post after the other."""
        found = []
        for vector in fed:
            rows = self._connection.execute("SELECT id FROM standing WHERE %s::tsvector @@ query", (vector,)).fetchall()
            found.append([ident for (ident,) in rows])
        return found

    def clock(self) -> float:
        """Return the time of the server process that answers us."""
        return time.clock_gettime(self._clock)


def _lexemes(piece: Piece) -> list[str]:
    if piece.kind is Kind.MENTION:
        return _names(piece)
    return [piece.text, f"#{piece.text}"] if piece.kind is Kind.HASHTAG else [piece.text]


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _tsquery(node: Node) -> str:
    if isinstance(node, And | Or):
        return f"({(' & ' if isinstance(node, And) else ' | ').join(map(_tsquery, node.parts))})"
    if isinstance(node, Not):
        return f"!{_tsquery(node.part)}"
    if isinstance(node, Phrase):
        return f"({' <-> '.join(map(_tsquery, node.tokens))})"
    return _quoted(_lexeme(node)) + (":*" if getattr(node, "wildcard", Wildcard.NONE) is Wildcard.PREFIX else "")


def _lexeme(node: Node) -> str:
    if getattr(node, "wildcard", Wildcard.NONE) in (Wildcard.SUFFIX, Wildcard.INFIX):
        raise CannotSayError
    if isinstance(node, Word | Emoji):
        return node.text
    if isinstance(node, Hashtag):
        return f"#{node.text}"
    if isinstance(node, Mention):
        return f"@{node.handle}@{node.domain}" if node.domain else f"@{node.handle}"
    raise CannotSayError


class Tantivy:
    """An index in memory of each batch of posts, which all queries are put to."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.name = f"tantivy, {batch:,} at once"
        self._schema = (
            tantivy.SchemaBuilder()
            .add_text_field("words", tokenizer_name="ours", index_option="position")
            .add_text_field("names", tokenizer_name="ours", index_option="basic")
            .build()
        )
        self._at_spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._standing: list[tuple[str, tantivy.Query]] = []

    def stand(self, nodes: Mapping[str, Node]) -> list[str]:
        """Make tantivy's queries, which serve every batch."""
        self._standing = []
        for ident, node in nodes.items():
            try:
                self._standing.append((ident, tantivy.Query.const_score_query(self._query(node), 1.0)))
            except CannotSayError:
                continue
        return [ident for ident, _ in self._standing]

    def feed(self, post: Document) -> tuple[str, str]:
        """Return a post's words, with what stands between them, and its hashtags and mentions."""
        words, names = [], []
        position = 0
        for place, piece in _tokens(post):
            words += ["|"] * (place - position)
            position = place + 1
            words.append("|" if piece.kind is Kind.MENTION else piece.text)
            if piece.kind is Kind.MENTION:
                names += _names(piece)
            elif piece.kind is Kind.HASHTAG:
                names.append(f"#{piece.text}")
        return " ".join(words), " ".join(names)

    def find(self, fed: Sequence[tuple[str, str]]) -> list[list[str]]:
        """Index and search one batch after the other."""
        found: list[list[str]] = []
        for start in range(0, len(fed), self.batch):
            found += self._find(fed[start : start + self.batch])
        return found

    def _find(self, batch: Sequence[tuple[str, str]]) -> list[list[str]]:
        index = tantivy.Index(self._schema)
        index.register_tokenizer("ours", self._at_spaces)
        writer = index.writer(heap_size=HEAP, num_threads=1)
        for words, names in batch:
            writer.add_document(tantivy.Document(words=words, names=names))
        writer.commit()
        index.reload()
        searcher = index.searcher()
        found: list[list[str]] = [[] for _ in batch]
        for ident, query in self._standing:
            for _, at in searcher.search(query, len(batch), count=False).hits:
                found[at.doc].append(ident)
        if searcher.num_segments != 1:
            message = "A batch came to lie in several segments, so that its posts are not told apart."
            raise RuntimeError(message)
        writer.wait_merging_threads()
        return found

    def clock(self) -> float:
        """Return the time of this process, with the thread that writes."""
        return time.process_time()

    def _query(self, node: Node) -> tantivy.Query:
        if isinstance(node, Or):
            return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._query(part)) for part in node.parts])
        if isinstance(node, And):
            return tantivy.Query.boolean_query([self._part(part) for part in node.parts])
        if isinstance(node, Phrase):
            return tantivy.Query.phrase_query(self._schema, "words", [_plain_word(token) for token in node.tokens])
        if isinstance(node, Word) and node.wildcard is Wildcard.PREFIX:
            return tantivy.Query.regex_query(self._schema, "words", f"{node.text}.*")
        field = "names" if isinstance(node, Hashtag | Mention) else "words"
        return tantivy.Query.term_query(self._schema, field, _whole(node), "basic")

    def _part(self, part: Node) -> tuple[tantivy.Occur, tantivy.Query]:
        if isinstance(part, Not):
            return tantivy.Occur.MustNot, self._query(part.part)
        return tantivy.Occur.Must, self._query(part)


def _whole(node: Node) -> str:
    if getattr(node, "wildcard", Wildcard.NONE) is not Wildcard.NONE:
        raise CannotSayError
    return _lexeme(node)


def _plain_word(token: Node) -> str:
    if not isinstance(token, Word):
        raise CannotSayError
    return _whole(token)
