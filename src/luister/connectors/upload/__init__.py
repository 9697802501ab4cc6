"""Posts that came from a file: nothing to connect, nothing to read, and nothing that can be sent."""

from luister.connectors.upload.connector import UploadConnector

__all__ = ["CONNECTOR", "REASONS"]

CONNECTOR = UploadConnector()
REASONS: dict[str, str] = {
    "upload.cannot_send": "These posts came from a file: nothing can be sent from here.",
}
