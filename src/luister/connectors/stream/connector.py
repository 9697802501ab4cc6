"""The connector of streams: matchers read them and store what monitors find, so that workers have nothing to do here.

Source: NATS JetStream 2.9; docs/connectors/stream.md (checked 2026-11).
"""

from luister.base.connector import Account, Field
from luister.base.listening import ListeningConnector
from luister.connectors.stream.address import StreamAddress
from luister.connectors.stream.probe import probe


class StreamConnector(ListeningConnector):
    """Implements `luister.base.connector.Connector`."""

    kind = "stream"
    label = "Stream"
    publicness = "public"
    no_sending = "stream.no_sending"
    no_reading = "stream.by_matchers"
    fields = (
        Field("address"),
        Field("user", required=False),
        Field("password", type="password", required=False),
    )

    def check(self, account: Account) -> None:
        """Look at the stream on its server, changing nothing.

        Raises:
            ConnectorError: with the exact cause.
        """
        probe(StreamAddress.of(account))
