"""Whether a query finds a post or a case, and by which words."""

from luister.query.matching.moments import Moment, instant
from luister.query.matching.truth import matches, matches_case

__all__ = ["Moment", "instant", "matches", "matches_case"]
