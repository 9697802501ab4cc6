"""Whether a query finds a post or a case, and by which words."""

from luister.query.matching.anchors import anchor_words
from luister.query.matching.explaining import Explained, ExplainingMatcher
from luister.query.matching.marks import Mark, marks
from luister.query.matching.matcher import Matcher
from luister.query.matching.moments import Moment, instant
from luister.query.matching.truth import OfCase, matches, matches_case

__all__ = [
    "Explained",
    "ExplainingMatcher",
    "Mark",
    "Matcher",
    "Moment",
    "OfCase",
    "anchor_words",
    "instant",
    "marks",
    "matches",
    "matches_case",
]
