"""The query language: what a query says, what a post is to it, and whether one finds the other. Pure Python."""

from luister.query.documents import Document
from luister.query.errors import QueryError
from luister.query.matching import Moment, instant, matches, matches_case
from luister.query.parsing import parse
from luister.query.prepared import Prepared, prepare
from luister.query.tree import Node

__all__ = [
    "Document",
    "Moment",
    "Node",
    "Prepared",
    "QueryError",
    "instant",
    "matches",
    "matches_case",
    "parse",
    "prepare",
]
