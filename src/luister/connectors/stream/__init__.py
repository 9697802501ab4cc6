"""Streams: posts by the million that matchers read from NATS JetStream. See docs/connectors/stream.md."""

from luister.connectors.stream.address import StreamAddress
from luister.connectors.stream.connector import StreamConnector
from luister.connectors.stream.probe import probe
from luister.connectors.stream.reasons import REASONS
from luister.connectors.stream.seen import Group, Seen

__all__ = ["CONNECTOR", "REASONS", "Group", "Seen", "StreamAddress", "StreamConnector", "probe"]

CONNECTOR = StreamConnector()
