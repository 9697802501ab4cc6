"""The connector of channels that files are imported into."""

from luister.base.connector import Account, Field
from luister.base.listening import ListeningConnector


class UploadConnector(ListeningConnector):
    """Keeps to the contract, and does nothing: what is in these channels, an import put there."""

    kind = "upload"
    label = "File"
    fields: tuple[Field, ...] = ()
    publicness = "both"
    no_sending = no_reading = "upload.cannot_send"

    def check(self, account: Account) -> None:
        """There is nothing that could fail."""
