"""Feeds: RSS, Atom and JSON Feed. What is done with them is in docs/connectors/feed.md."""

from luister.connectors.feed.connector import FeedConnector, Found, Preview
from luister.connectors.feed.reasons import REASONS

__all__ = ["CONNECTOR", "REASONS", "FeedConnector", "Found", "Preview"]

CONNECTOR = FeedConnector()
