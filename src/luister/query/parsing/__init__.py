"""From the text of a query to its tree, or to one error with its place."""

from luister.query.parsing.parser import parse

__all__ = ["parse"]
