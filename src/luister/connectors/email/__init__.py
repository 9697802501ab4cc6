"""E-mail: read over IMAP, answered over SMTP. How each kind of mail is treated is in docs/connectors/email.md."""

from luister.connectors.email.connector import EmailConnector
from luister.connectors.email.reasons import REASONS

__all__ = ["CONNECTOR", "REASONS", "EmailConnector"]

CONNECTOR = EmailConnector()
