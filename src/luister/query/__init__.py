"""The query language: what a query says, what a post is to it, and whether one finds the other. Pure Python."""

from luister.query.documents import Document
from luister.query.errors import QueryError
from luister.query.explain import explain
from luister.query.matching import (
    Explained,
    ExplainingMatcher,
    Mark,
    Matcher,
    Moment,
    anchor_words,
    instant,
    marks,
    matches,
    matches_case,
)
from luister.query.parsing import parse
from luister.query.prepared import Prepared, prepare
from luister.query.sentences import sentence
from luister.query.suggest import Expected, Suggestion, as_value, suggest
from luister.query.tree import Node

__all__ = [
    "Document",
    "Expected",
    "Explained",
    "ExplainingMatcher",
    "Mark",
    "Matcher",
    "Moment",
    "Node",
    "Prepared",
    "QueryError",
    "Suggestion",
    "anchor_words",
    "as_value",
    "explain",
    "instant",
    "marks",
    "matches",
    "matches_case",
    "parse",
    "prepare",
    "sentence",
    "suggest",
]
