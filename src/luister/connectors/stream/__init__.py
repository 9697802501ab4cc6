"""Streams: posts by the million that matchers read from NATS JetStream. See docs/connectors/stream.md."""

from luister.connectors.stream.address import StreamAddress
from luister.connectors.stream.connector import StreamConnector
from luister.connectors.stream.reasons import REASONS

__all__ = ["CONNECTOR", "REASONS", "StreamAddress", "StreamConnector"]

CONNECTOR = StreamConnector()
