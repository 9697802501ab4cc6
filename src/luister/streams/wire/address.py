"""The address of a stream as it is typed on a command line."""

from luister.base.errors import ConnectorError
from luister.connectors.stream import REASONS, StreamAddress
from luister.streams.wire.errors import StreamError

__all__ = ["StreamAddress", "parse_address"]


def parse_address(text: str) -> StreamAddress:
    """Return the stream that an address names.

    Raises:
        StreamError: it is no address of a stream.
    """
    try:
        return StreamAddress.parse(text)
    except ConnectorError as error:
        raise StreamError(REASONS[error.reason.code].format(**error.reason.values)) from None
