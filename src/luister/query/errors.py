"""What is wrong with a query."""

from luister.base.errors import SentenceError


class QueryError(SentenceError):
    """A query that does not parse, with the place of the mistake.

    `offset` and `length` count code points of the query as it was written; a length of 0 means a place between
    two characters, such as the end where something is missing.
    """

    def __init__(self, code: str, *, offset: int, length: int, **values: str) -> None:
        super().__init__(code, **values)
        self.offset = offset
        self.length = length
